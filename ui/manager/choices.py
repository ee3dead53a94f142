"""Choices that several pages offer: a closed list of codes, each with its word."""

from collections.abc import Iterable

from ui.manager.blocks import Field, Option
from ui.manager.page import Words


def choice(name: str, table: str, codes: Iterable[str], value: str, words: Words, note: str = "") -> Field:
    """Return a choice among `codes`, whose words are `manager.TABLE.CODE`, and its label `manager.TABLE.label`."""
    options = tuple(Option(str(code), words[f"manager.{table}.{code}"]) for code in codes)
    return Field(name, words[f"manager.{table}.label"], "choice", value, note=note, options=options)
