"""One use of the keyboard: what is typed, shift, Telex, and which keys are shown. Frozen and pure."""

from dataclasses import dataclass, field, replace
from enum import IntEnum

from ui.keyboard.entry import Entry
from ui.keyboard.layouts import LETTERS, PAD_EXTRAS, TELEX, Board, Does, board

MAX_LENGTH = 200
DATE_DIGITS = 8
_ENDS = (".", "!", "?")


class Shift(IntEnum):
    """Capitals: none, for the next letter, until it is pressed again."""

    OFF = 0
    ONCE = 1
    LOCKED = 2


@dataclass(frozen=True, slots=True)
class Typing:
    """The keyboard while a person types."""

    layout: str = "text"
    narrow: bool = False
    max_length: int = MAX_LENGTH
    entry: Entry = field(default_factory=Entry)
    shift: Shift = Shift.OFF
    telex: bool = False
    symbols: bool = False

    @classmethod
    def begin(cls, layout: str, text: str = "", *, narrow: bool = False, max_length: int = MAX_LENGTH) -> "Typing":
        """Return the keyboard as it opens. An unknown layout is `text`."""
        layout = layout if layout in LETTERS | PAD_EXTRAS.keys() else "text"
        if layout == "date":
            max_length = DATE_DIGITS
        return _with_capital(cls(layout, narrow, max_length, Entry.of(text), telex=layout in TELEX))

    @property
    def board(self) -> Board:
        """The keys that are shown."""
        return board(self.layout, symbols=self.symbols, narrow=self.narrow)

    @property
    def shown(self) -> str:
        """The text as it is shown: a date with strokes between day, month and year."""
        text = self.entry.text
        if self.layout != "date":
            return text
        return "/".join(filter(None, (text[:2], text[2:4], text[4:])))

    @property
    def shown_cursor(self) -> int:
        """How many characters of what is shown stand before the cursor."""
        cursor = self.entry.cursor
        strokes = (cursor > 2) + (cursor > 4) if self.layout == "date" else 0
        return cursor + strokes

    def press(self, does: Does, types: str = "") -> "Typing":
        """Press a key; `types` is the character of one that types."""
        match does:
            case Does.TYPE:
                return self._type(types.upper() if self.shift else types)
            case Does.ERASE:
                return _with_capital(replace(self, entry=self.entry.erase()))
            case Does.LEFT | Does.RIGHT:
                return replace(self, entry=self.entry.move(1 if does is Does.RIGHT else -1))
            case Does.SHIFT:
                return replace(self, shift=Shift((self.shift + 1) % len(Shift)))
            case Does.SYMBOLS | Does.LETTERS:
                return replace(self, symbols=does is Does.SYMBOLS)
            case Does.TELEX:
                return replace(self, telex=not self.telex)
            case _:
                return self

    def type(self, character: str) -> "Typing":
        """Take a character from a real keyboard, which has its own shift."""
        return self._type(character) if self.takes(character) else self

    def erase_after(self) -> "Typing":
        """Take away the character after the cursor."""
        return replace(self, entry=self.entry.erase_after())

    def move_to(self, cursor: int) -> "Typing":
        """Put the cursor before the character `cursor`."""
        return replace(self, entry=self.entry.move(cursor - self.entry.cursor))

    def takes(self, character: str) -> bool:
        """Tell whether `character` may stand in a text of this layout."""
        if self.layout in LETTERS:
            return len(character) == 1 and character.isprintable()
        return len(character) == 1 and character in "0123456789" + PAD_EXTRAS[self.layout]

    def _type(self, character: str) -> "Typing":
        entry = self.entry.type(character, telex=self.telex, most=self.max_length)
        shift = self.shift if self.shift is Shift.LOCKED else Shift.OFF
        # After a space letters are wanted again.
        symbols = self.symbols and character != " "
        return _with_capital(replace(self, entry=entry, shift=shift, symbols=symbols))


def _with_capital(typing: Typing) -> Typing:
    """Return the keyboard with a capital next, where a name or a sentence begins."""
    if typing.shift is Shift.LOCKED or typing.layout not in TELEX:
        return typing
    before = typing.entry.before
    if typing.layout == "name":
        begins = not before or before.endswith((" ", "-"))
    else:
        begins = not before or (before.endswith(" ") and before.rstrip().endswith(_ENDS))
    return replace(typing, shift=Shift.ONCE if begins else Shift.OFF)
