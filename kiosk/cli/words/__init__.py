"""Words in which the command line explains a policy, one text file a language, of any length.

What stands on the screen is in `kiosk.api.sentences`; a language is added by adding a file here as well. Every file
has the same keys with the same gaps (a test compares them).
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, in alphabetical order."""
    return tuple(sorted(f.name[:-5] for f in files(__package__).iterdir() if f.name.endswith(".toml")))


@cache
def words(language: str) -> Mapping[str, str]:
    """Return all words of a language by dotted key, e.g. `kind.visit`. Raises KeyError for an unknown language."""
    if language not in languages():
        raise KeyError(language)
    tables = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}
