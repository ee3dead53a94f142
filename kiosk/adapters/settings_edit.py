"""Changing values in a settings file that a person has written: only those, and everything else stays as it is.

The text is changed line by line, and the result is read back: unless it says exactly what the file said before and the
new values, nothing is changed.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?")
_ANY_HEADER = re.compile(r"\s*\[")
Value = str | int | None
"""None: the key goes."""


class SettingsEditError(ValueError):
    """The text is laid out in a way that this cannot change. The text is one sentence."""


def changed(text: str, tables: Mapping[str, Mapping[str, Value]]) -> str:
    """Return the text with these values in these tables. Raises SettingsEditError, tomllib.TOMLDecodeError."""
    expected: dict[str, Any] = tomllib.loads(text)
    for table, values in tables.items():
        text = _with_table(text, table, values)
        place = expected.setdefault(table, {})
        if not isinstance(place, dict):
            raise _layout(tables)
        for key, value in values.items():
            place.pop(key, None)
            if value is not None:
                place[key] = value
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        found = {}
    if found != expected:
        raise _layout(tables)
    return text


def _layout(tables: Iterable[str]) -> SettingsEditError:
    names = " and ".join(f"[{table}]" for table in tables)
    return SettingsEditError(f"{names} have a layout of their own; write each as [table] and key = value lines")


def _with_table(text: str, table: str, values: Mapping[str, Value]) -> str:
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if _is_header(line, table)), None)
    if start is None:
        return "\n".join([*lines, *([""] if lines else []), f"[{table}]", *_lines(values)]) + "\n"
    rest = range(start + 1, len(lines))
    end = next((n for n in rest if _ANY_HEADER.match(lines[n]) and _at_top(lines[n])), len(lines))
    body = lines[start + 1 : end]
    missing = dict(values)
    kept: list[str] = []
    for line in body:
        match = re.match(r"\s*([A-Za-z0-9_-]+)\s*=\s*", line)
        if match is None or match[1] not in values:
            kept.append(line)
            continue
        value = missing.pop(match[1], None)
        if value is not None:
            kept.append(f"{match[0]}{_literal(value)}{_comment(line[match.end() :])}")
    return "\n".join([*lines[: start + 1], *_lines(missing), *kept, *lines[end:]]) + "\n"


def _is_header(line: str, table: str) -> bool:
    match = _HEADER.fullmatch(line)
    return match is not None and match[1] == table


def _at_top(line: str) -> bool:
    """Tell whether a line that begins with a bracket is a table's header, not a part of a list."""
    return re.fullmatch(r"\s*\[{1,2}[^\[\]]+\]{1,2}\s*(#.*)?", line) is not None


def _comment(rest: str) -> str:
    """Return the comment behind a plain value, with its distance."""
    match = re.fullmatch(r"""(?:"[^"\\]*"|'[^']*'|[A-Za-z0-9_+.-]+)(\s*#.*)?\s*""", rest)
    return (match[1] or "") if match else ""


def _lines(values: Mapping[str, Value]) -> list[str]:
    return [f"{key} = {_literal(value)}" for key, value in values.items() if value is not None]


def _literal(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    if re.search(r'[\x00-\x1f\x7f"\\]', value):
        raise SettingsEditError("a value holds signs that no setting here has")
    return f'"{value}"'
