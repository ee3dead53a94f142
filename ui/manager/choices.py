"""Choices that several pages offer: a closed list of codes, each with its word."""

from collections.abc import Iterable

from ui.manager.blocks import Button, Buttons, Field, Option
from ui.manager.page import Words


def choice(name: str, table: str, codes: Iterable[str], value: str, words: Words, note: str = "") -> Field:
    """Return a choice among `codes`, whose words are `manager.TABLE.CODE`, and its label `manager.TABLE.label`."""
    options = tuple(Option(str(code), words[f"manager.{table}.{code}"]) for code in codes)
    return Field(name, words[f"manager.{table}.label"], "choice", value, note=note, options=options)


def reasons(table: str, codes: Iterable[str], words: Words) -> Buttons:
    """Return a button for each reason, which acts by its code: why something is done is the first thing asked."""
    buttons = tuple(Button(str(code), words[f"manager.{table}.{code}"]) for code in codes)
    return Buttons(buttons, words[f"manager.{table}.label"])
