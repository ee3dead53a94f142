"""The text that is being typed, with its cursor. Frozen: every key makes a new one."""

from dataclasses import dataclass, field, replace

from ui.keyboard.telex import Word


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands before the cursor, and after it; `word` is the end of the former that keys still change."""

    head: str = ""
    word: Word = field(default_factory=Word)
    tail: str = ""

    @classmethod
    def of(cls, text: str) -> "Entry":
        """Return an entry that holds `text`, the cursor at its end."""
        return cls(head=text)

    @property
    def text(self) -> str:
        """The whole text."""
        return self.before + self.tail

    @property
    def before(self) -> str:
        """What stands before the cursor."""
        return self.head + self.word.text

    @property
    def cursor(self) -> int:
        """How many characters stand before the cursor."""
        return len(self.before)

    def type(self, key: str, *, telex: bool, most: int) -> "Entry":
        """Type one character; as a key of Telex where that is on and it is a letter.

        With more than `most` characters nothing happens. A letter that only marks another needs no room.
        """
        typed = self._press(key) if telex and key.isascii() and key.isalpha() else self._append(key)
        return typed if len(typed.text) <= max(most, len(self.text)) else self

    def erase(self) -> "Entry":
        """Take away the character before the cursor."""
        return replace(self._settled(), head=self.before[:-1])

    def erase_after(self) -> "Entry":
        """Take away the character after the cursor."""
        return replace(self, tail=self.tail[1:])

    def move(self, by: int) -> "Entry":
        """Move the cursor by so many characters, to the right where that is more than 0, as far as the text goes."""
        at = min(max(0, self.cursor + by), len(self.text))
        return Entry(self.text[:at], Word(), self.text[at:])

    def _press(self, key: str) -> "Entry":
        if self.word.text:
            return replace(self, word=self.word.press(key))
        # The cursor has come back to a word: keys change it as if it had just been typed.
        at = len(self.head)
        while at and self.head[at - 1].isalpha():
            at -= 1
        return replace(self, head=self.head[:at], word=Word.of(self.head[at:]).press(key))

    def _append(self, text: str) -> "Entry":
        return replace(self._settled(), head=self.before + text)

    def _settled(self) -> "Entry":
        return Entry(self.before, Word(), self.tail)
