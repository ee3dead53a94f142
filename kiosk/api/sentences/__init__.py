"""Every sentence that the kiosk says, one file a language; shared by the screen, the voice and the command line.

A language is added by adding a file beside this one. It has all tables that visitors meet (VISITORS); what is for those
who run the kiosk may be left out, a table at a time, and is then said in English. A test compares the keys.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from kiosk.language_files import languages

__all__ = ["DEFAULT", "VISITORS", "catalogue", "full_languages", "languages", "sentence"]

DEFAULT = "en"
VISITORS = ("page", "hint", "align", "alarm", "keyboard", "form", "reason", "next")
"""Tables that each language has."""


@cache
def full_languages() -> tuple[str, ...]:
    """Return those of them that have every table: the command line speaks these."""
    return tuple(name for name in languages() if set(_tables(name)) == set(_tables(DEFAULT)))


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return all sentences of a language by dotted key, e.g. `reason.expired`; English for what it has not."""
    return {**_flat(DEFAULT), **_flat(language if language in languages() else DEFAULT)}


@cache
def _tables(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def _flat(language: str) -> dict[str, str]:
    return {f"{table}.{key}": text for table, entries in _tables(language).items() for key, text in entries.items()}


def sentence(key: str, language: str = DEFAULT) -> str:
    """Return one sentence, in English where the language lacks it, or the key itself as a last resort."""
    return catalogue(language).get(key) or catalogue(DEFAULT).get(key, key)
