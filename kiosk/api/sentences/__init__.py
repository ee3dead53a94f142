"""Sentences for people, one text file a language, shared by the screen, the voice and the command line.

A language is added by adding a file beside this one. Every file has the same keys (a test compares them).
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

DEFAULT = "en"


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of the languages there are, in alphabetical order."""
    return tuple(sorted(f.name[:-5] for f in files(__package__).iterdir() if f.name.endswith(".toml")))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return all sentences of a language by dotted key, e.g. `reason.expired`; English for an unknown one."""
    name = language if language in languages() else DEFAULT
    tables = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
    return {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}


def sentence(key: str, language: str = DEFAULT) -> str:
    """Return one sentence, in English where the language lacks it, or the key itself as a last resort."""
    return catalogue(language).get(key) or catalogue(DEFAULT).get(key, key)
