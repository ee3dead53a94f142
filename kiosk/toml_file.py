"""TOML in, checked tables out: what all files of settings have in common.

Everything is checked once, here, with a sentence that a person can act on.
"""

import difflib
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_FILE = 1 << 20
_MAX_SHOWN = 100
"""Characters of a key that an error repeats."""
_MAX_POINTS = 1_000_000
"""Sum over all lines of the square of their points: what `tomllib` needs for the keys `a.b.c` of a line, in memory and
time, grows with the square of their length, and one of 1 MB would take the whole machine."""


class ConfigError(ValueError):
    """A settings file that cannot be used. The text is one sentence for the person who edits it."""


class Section(BaseModel):
    """A table of a file: no key that nobody knows, nothing that changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_Model = TypeVar("_Model", bound=BaseModel)


def _keys(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _inner(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return the tables that stand in a table, by their keys."""
    found: dict[str, type[BaseModel]] = {}
    for name, field in model.model_fields.items():
        for outer in (field.annotation, *getattr(field.annotation, "__args__", ())):
            for part in (outer, *getattr(outer, "__args__", ())):
                if isinstance(part, type) and issubclass(part, BaseModel):
                    found[field.alias or name] = part
    return found


def _keys_anywhere(model: type[BaseModel]) -> set[str]:
    return _keys(model).union(*map(_keys_anywhere, _inner(model).values()))


def _hint(model: type[BaseModel], where: tuple[int | str, ...]) -> str:
    """Return which key may have been meant: one of the same table rather than one of another."""
    wrong, own = str(where[-1]), model
    for name in where[:-1]:
        own = _inner(own).get(str(name), own)
    for known in (_keys(own), _keys_anywhere(model)):
        if near := difflib.get_close_matches(wrong, sorted(known - {wrong}), n=1):
            return f"; did you mean '{near[0]}'?"
    return ""


def _explain(error: ValidationError, model: type[BaseModel]) -> str:
    errors = error.errors(include_url=False)
    # A misspelt key is missing as well; what was written is the better hint.
    first = next((e for e in errors if e["type"] == "extra_forbidden"), errors[0])
    where = ".".join(str(part) for part in first["loc"])[:_MAX_SHOWN]
    match first["type"]:
        case "extra_forbidden":
            return f"unknown key '{where}'{_hint(model, first['loc'])}"
        case "missing":
            return f"the key '{where}' is missing"
        case "tuple_type" | "frozen_set_type":
            return f"'{where}': input should be a list, [\"like\", \"this\"]"
        case "value_error" if not where:  # of the file as a whole
            return str(first["ctx"]["error"])
        case _:
            return f"'{where}': {first['msg'][0].lower()}{first['msg'][1:]}"


def read_toml(path: Path, model: type[_Model]) -> _Model:
    """Read `path` as `model`. Raises ConfigError with one sentence that names the file and the key."""
    return model_of(read_tables(path), path, model)


def read_tables(path: Path) -> dict[str, Any]:
    """Return what a TOML file holds. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    return tables_of(data, path)


def tables_of(data: bytes, where: Path | str) -> dict[str, Any]:
    """Return what TOML says that came from `where`. Raises ConfigError."""
    if len(data) > MAX_FILE:
        raise ConfigError(f"{where}: larger than 1 MB, so it is no settings file")
    if sum(line.count(b".") ** 2 for line in data.splitlines()) > _MAX_POINTS:
        raise ConfigError(f"{where}: no settings file, as its keys have too many points")
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"{where}: not a text file in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not valid TOML: {str(error)[:120].lower()}") from None
    except RecursionError:
        raise ConfigError(f"{where}: not valid TOML: nested too deep") from None
    except ValueError:  # of Python itself: thousands of digits
        raise ConfigError(f"{where}: not valid TOML: a number in it is too long") from None


def model_of(tables: dict[str, Any], where: Path | str, model: type[_Model]) -> _Model:
    """Check tables that came from `where`. Raises ConfigError."""
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(error, model)}") from None


def absolute(section: _Model, base: Path) -> _Model:
    """Return a table whose relative paths start at the folder `base`."""
    changed = {
        name: base / value
        for name in type(section).model_fields
        if isinstance(value := getattr(section, name), Path) and not value.is_absolute()
    }
    return section.model_copy(update=changed)
