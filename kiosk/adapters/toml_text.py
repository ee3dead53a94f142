"""Tables as TOML: strings, whole numbers, switches, lists of these, and lists of tables."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Tables = Mapping[str, Mapping[str, Any]]


def toml_text(tables: Tables) -> str:
    """Return the text. Raises ValueError for what has no place in it: control characters, floats, dates."""
    return "".join(f"{line}\n" for name, table in tables.items() if table for line in _table(name, table))


def _table(name: str, table: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    inner = {key: value for key, value in table.items() if _is_tables(value)}
    for key, value in table.items():
        if key not in inner:
            yield f"{key} = {_value(value)}"
    for key, rows in inner.items():
        for row in rows:
            yield f"[[{name}.{key}]]"
            for column, value in row.items():
                yield f"{column} = {_value(value)}"


def _is_tables(value: Any) -> bool:
    return isinstance(value, Sequence) and bool(value) and all(isinstance(row, Mapping) for row in value)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str() if value.isprintable():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            raise ValueError("this has no place in a settings file")
