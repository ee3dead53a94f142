"""Words of the manager's screen: one file a language in `ui/i18n`, beside the sentences that all parts share."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kiosk.api.sentences import DEFAULT, catalogue

FOLDER = Path(__file__).parent.parent / "i18n"


@cache
def manager_words(language: str) -> Mapping[str, str]:
    """Return all words by dotted key, e.g. `manager.dashboard.title` and `reason.expired`.

    A language that has no file in `ui/i18n`, or lacks a sentence there, has the English one.
    """
    return {**_own(DEFAULT), **_own(language), **catalogue(language)}


def _own(language: str) -> dict[str, str]:
    path = FOLDER / f"{language}.toml"
    if not path.is_file():
        return {}
    tables = tomllib.loads(path.read_text("utf-8"))
    return {f"manager.{page}.{key}": text for page, words in tables.items() for key, text in words.items()}
