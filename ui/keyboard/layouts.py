"""Which keys there are, and where. Pure.

A key is 12.7 mm wide and high, with 2.54 mm between keys. Ten of them beside each other take 150 mm, so they fit on
every glass that lies; on a tall one that is narrower, each row of letters is broken into two of five, in the order that
everybody knows (docs/adr/0023-forms.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

KEY_MM = 12.7
GAP_MM = 2.54
WIDE_COLUMNS, NARROW_COLUMNS, PAD_COLUMNS = 10, 5, 3
WIDE_MM = WIDE_COLUMNS * (KEY_MM + GAP_MM) - GAP_MM
"""How wide a glass must be, margins included, for ten keys beside each other."""


class Does(StrEnum):
    """What a key does."""

    TYPE = "type"
    SHIFT = "shift"
    ERASE = "erase"
    LEFT = "left"
    RIGHT = "right"
    SYMBOLS = "symbols"
    LETTERS = "letters"
    TELEX = "telex"
    ACCEPT = "accept"
    NOTHING = "nothing"
    """A place without a key."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key; `units` is its width in keys, gaps included."""

    does: Does
    types: str = ""
    units: float = 1


@dataclass(frozen=True, slots=True)
class Board:
    """Rows of keys, all as wide as `columns` keys together."""

    columns: int
    rows: tuple[tuple[Key, ...], ...]


LETTERS = frozenset({"text", "name", "email", "plain"})
"""Layouts of letters; the others are pads of digits."""
PAD_EXTRAS: Mapping[str, str] = {"phone": "+", "number": "", "decimal": ",", "pin": "", "date": ""}
"""Pads of digits, and what each has beside them."""
TELEX = frozenset({"text", "name"})
"""Layouts in which letters are typed by Telex until somebody turns that off."""
_MARKS: Mapping[str, str] = {"text": ",.", "name": "'-", "email": "@.", "plain": "-."}
"""The two characters that are wanted most beside letters."""
_SYMBOLS = ("1234567890", "@#%&*-+=_", "()/:;!?\"'~")


def _typing(text: str) -> tuple[Key, ...]:
    return tuple(Key(Does.TYPE, one) for one in text)


@cache
def board(layout: str, *, symbols: bool = False, narrow: bool = False) -> Board:
    """Return the keys of `layout`: one of LETTERS or of PAD_EXTRAS."""
    if layout not in LETTERS:
        return _pad(PAD_EXTRAS[layout])
    return (_narrow if narrow else _wide)(layout, symbols=symbols)


def _wide(layout: str, *, symbols: bool) -> Board:
    if symbols:
        first, second, third = _SYMBOLS
        last = _typing(third)
        turn = Key(Does.LETTERS, units=1.5)
    else:
        first, second = "qwertyuiop", "asdfghjkl"
        last = (Key(Does.SHIFT), *_typing("zxcvbnm" + _MARKS[layout]))
        turn = Key(Does.SYMBOLS, units=1.5)
    bottom = (*_switches(layout, turn), Key(Does.LEFT), _space(layout, 3), Key(Does.RIGHT), Key(Does.ACCEPT, units=2))
    return Board(WIDE_COLUMNS, (_typing(first), (*_typing(second), Key(Does.ERASE)), last, bottom))


def _narrow(layout: str, *, symbols: bool) -> Board:
    turn = Key(Does.LETTERS if symbols else Does.SYMBOLS, units=1.5)
    bottom = (*_switches(layout, turn), Key(Does.ACCEPT, units=2))
    if symbols:
        digits, marks = ("12345", "67890"), ("@#%&*", "-+=_~", "()/:;")
        rows = (*map(_typing, (*digits, *marks)), (*_typing("!?\"'"), Key(Does.ERASE)))
    else:
        last = (Key(Does.SHIFT), *_typing("nm" + _MARKS[layout]))
        middle = (*_typing("hjkl"), Key(Does.ERASE))
        rows = (*map(_typing, ("qwert", "yuiop", "asdfg")), middle, _typing("zxcvb"), last)
    return Board(NARROW_COLUMNS, (*rows, (Key(Does.LEFT), _space(layout, 3), Key(Does.RIGHT)), bottom))


def _switches(layout: str, turn: Key) -> tuple[Key, ...]:
    """Return the keys before the space bar; where nothing is switched, passwords get one more sign."""
    if layout == "plain":
        return (turn, Key(Does.TYPE, "$", 1.5))
    return (turn, Key(Does.TELEX, units=1.5) if layout in TELEX else Key(Does.NOTHING, units=1.5))


def _space(layout: str, units: float) -> Key:
    """Return the space bar; an address has none, and there the dash and the underscore are wanted."""
    return Key(Does.TYPE, "-", units) if layout == "email" else Key(Does.TYPE, " ", units)


def _pad(extra: str) -> Board:
    left = Key(Does.TYPE, extra) if extra else Key(Does.NOTHING)
    last = (left, Key(Does.TYPE, "0"), Key(Does.ERASE))
    return Board(PAD_COLUMNS, (*map(_typing, ("123", "456", "789")), last, (Key(Does.ACCEPT, units=3),)))
