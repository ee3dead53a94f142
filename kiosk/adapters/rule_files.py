"""Country rules and value sets from files, in the layouts in which they are published."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from kiosk.domain.business_rules import RuleSet
from kiosk.domain.rule_documents import RuleError, value_sets_of

MAX_FILE = 16 << 20
MAX_FILES = 50_000
RULE_FILE = "rule.json"
"""The file of a rule's own folder, beside its `tests/`."""


class RuleFileError(ValueError):
    """A file that cannot be used. The text is one sentence that names it."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def parse_json(data: bytes) -> Any:
    """Return the JSON value that `data` holds. Raises ValueError for anything else, however deeply nested."""
    try:
        return json.loads(data, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_json(path: Path) -> Any:
    """Return the JSON value in a file of at most 16 MB. Raises RuleFileError."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise RuleFileError(f"{path}: too large; rules and value sets have at most {MAX_FILE >> 20} MB")
        return parse_json(path.read_bytes())
    except OSError as error:
        raise RuleFileError(f"{path}: cannot be read ({(error.strerror or 'error').lower()})") from error
    except ValueError as error:
        raise error if isinstance(error, RuleFileError) else RuleFileError(f"{path}: not JSON") from error


def files_below(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files called `name` (a pattern) below a folder, in a stable order. Raises RuleFileError."""
    found = sorted(path for path in folder.rglob(name) if path.is_file())
    if len(found) > MAX_FILES:
        raise RuleFileError(f"{folder}: more than {MAX_FILES} files")
    yield from found


def rule_files(path: Path) -> list[Path]:
    """Return the files that `read_rules` reads of a file or a folder. Raises RuleFileError.

    In a folder the files called `rule.json` count, wherever they are below it; where there is none, every `.json`
    file that lies directly in it.
    """
    return (list(files_below(path, RULE_FILE)) or value_set_files(path)) if path.is_dir() else [path]


def value_set_files(path: Path) -> list[Path]:
    """Return the files that `read_value_sets` reads: a file itself, or all `.json` files directly in a folder."""
    return sorted(p for p in path.glob("*.json") if p.is_file()) if path.is_dir() else [path]


def read_rules(path: Path) -> list[Any]:
    """Return the rule documents of a file (one rule, or a list of them) or a folder. Raises RuleFileError."""
    if path.is_dir():
        files = rule_files(path)
        if not files:
            raise RuleFileError(f"{path}: there is no rule in this folder; put in .json files")
        return [rule for file in files for rule in read_rules(file)]
    document = read_json(path)
    return document if isinstance(document, list) else [document]


def read_value_sets(path: Path) -> dict[str, list[str]]:
    """Return the value sets of a file, or of all `.json` files directly in a folder. Raises RuleFileError."""
    files = value_set_files(path)
    found: dict[str, list[str]] = {}
    for file in files:
        try:
            found |= value_sets_of(read_json(file))
        except RuleError as error:
            raise RuleFileError(f"{file}: {error}") from error
    return found


def load(rules: Path, value_sets: Path | None, *, country: str, region: str = "") -> RuleSet:
    """Load the rules of a venue in `country` (two letters). Raises RuleFileError."""
    try:
        documents = read_rules(rules)
        return RuleSet.of(documents, read_value_sets(value_sets) if value_sets else {}, country=country, region=region)
    except RuleError as error:
        raise RuleFileError(f"{rules}: {error}") from error
    except OSError as error:
        raise RuleFileError(f"{rules}: cannot be looked at ({(error.strerror or 'error').lower()})") from error
