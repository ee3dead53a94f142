"""What QML sees of the on-screen keyboard: one KeyboardState for each Keyboard."""

from PySide6.QtCore import Property, QObject, Signal, Slot
from PySide6.QtQml import QmlElement

from kiosk.api.sentences import sentence
from ui.keyboard.layouts import Does, Key
from ui.keyboard.state import MAX_LENGTH, Typing

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1

_NAMED = {" ": "space"}
"""Characters that have a word of their own for those who listen."""


def described(key: Key, language: str) -> dict[str, object]:
    """Return a key as QML draws it; `name` is what it is called in the accessibility tree."""
    word = _NAMED.get(key.types, "") if key.does is Does.TYPE else str(key.does)
    named = key.does is not Does.NOTHING and word
    return {
        "does": str(key.does), "types": key.types, "units": key.units,
        "name": sentence(f"keyboard.{word}", language) if named else key.types,
    }  # fmt: skip


@QmlElement
class KeyboardState(QObject):
    """The state of one keyboard, and what its keys do. Of a secret nothing is kept once it is closed."""

    changed = Signal()
    keys_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._typing = Typing()
        self._language = "vi"

    @Slot(str, str, bool, int, str)
    def begin(self, layout: str, text: str, narrow: bool, max_length: int, language: str) -> None:
        """Open the keyboard of `layout` with `text` in it; `max_length` 0: as long as any text may be."""
        self._typing = Typing.begin(layout, text, narrow=narrow, max_length=max_length or MAX_LENGTH)
        self._language = language
        self.keys_changed.emit()
        self.changed.emit()

    @Slot()
    def wipe(self) -> None:
        """Forget what was typed."""
        self._set(Typing.begin(self._typing.layout, narrow=self._typing.narrow))

    @Slot(str, str)
    def press(self, does: str, types: str) -> None:
        """Press a key on the glass."""
        self._set(self._typing.press(Does(does), types))

    @Slot(str, result=bool)
    def type(self, character: str) -> bool:
        """Take a character of a real keyboard; False: this layout has no such character."""
        self._set(self._typing.type(character))
        return self._typing.takes(character)

    @Slot()
    def eraseAfter(self) -> None:  # noqa: N802, QML calls it
        """Take away the character after the cursor, as the Delete key of a real keyboard does."""
        self._set(self._typing.erase_after())

    @Slot(int)
    def moveTo(self, cursor: int) -> None:  # noqa: N802, QML calls it
        """Put the cursor before the character `cursor`."""
        self._set(self._typing.move_to(cursor))

    def _set(self, typing: Typing) -> None:
        board, self._typing = self._typing.board, typing
        if typing.board is not board:
            self.keys_changed.emit()
        self.changed.emit()

    @Property("QVariantList", notify=keys_changed)  # type: ignore[arg-type]
    def rows(self) -> list[list[dict[str, object]]]:
        """Return the keys, row by row."""
        return [[described(key, self._language) for key in row] for row in self._typing.board.rows]

    @Property(int, notify=keys_changed)
    def columns(self) -> int:
        """Return how many keys of one unit a row is wide."""
        return self._typing.board.columns

    @Property(str, notify=changed)
    def shown(self) -> str:
        """Return what has been typed as it is shown."""
        return self._typing.shown

    @Property(int, notify=changed)
    def shownCursor(self) -> int:  # noqa: N802, a QML property
        """Return how many characters of what is shown stand before the cursor."""
        return self._typing.shown_cursor

    @Property(str, notify=changed)
    def text(self) -> str:
        """Return what has been typed."""
        return self._typing.entry.text

    @Property(int, notify=changed)
    def cursor(self) -> int:
        """Return how many characters stand before the cursor."""
        return self._typing.entry.cursor

    @Property(int, notify=changed)
    def shift(self) -> int:
        """Return 0 for small letters, 1 for one capital, 2 for capitals until it is pressed again."""
        return int(self._typing.shift)

    @Property(str, notify=keys_changed)
    def cancelName(self) -> str:  # noqa: N802, a QML property
        """Return what the key that closes the keyboard is called."""
        return sentence("keyboard.cancel", self._language)

    @Property(bool, notify=changed)
    def telex(self) -> bool:
        """Whether letters are typed by Telex."""
        return self._typing.telex
