"""What QML sees of the manager's screen: its frame as properties, its blocks as a list, what a person does as slots."""

from dataclasses import asdict

from PySide6.QtCore import (
    Property,
    QAbstractListModel,
    QByteArray,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtQml import QmlElement, QmlSingleton

from ui.manager.blocks import Block
from ui.manager.frame import Frame
from ui.manager.page import Act, Words

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1

_KIND, _BLOCK = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class BlockModel(QAbstractListModel):
    """The blocks of a page. A new view of the same page changes only those that differ: a finger may be on another."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._blocks: tuple[Block, ...] = ()

    def show(self, blocks: tuple[Block, ...], *, anew: bool) -> bool:
        """Show `blocks`; `anew`: they are of another page. Returns whether there are others than before."""
        before = () if anew else self._blocks
        if anew:
            self.beginResetModel()
            self._blocks = ()
            self.endResetModel()
        head = _alike(before, blocks)
        tail = _alike(before[head:][::-1], blocks[head:][::-1])
        if gone := len(before) - head - tail:
            self.beginRemoveRows(QModelIndex(), head, head + gone - 1)
            self._blocks = before[:head] + before[head + gone :]
            self.endRemoveRows()
        if come := len(blocks) - head - tail:
            self.beginInsertRows(QModelIndex(), head, head + come - 1)
            self._blocks = self._blocks[:head] + blocks[head : head + come] + self._blocks[head:]
            self.endInsertRows()
        changed = [row for row, (old, new) in enumerate(zip(self._blocks, blocks, strict=True)) if old != new]
        self._blocks = blocks
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row), [_BLOCK])
        return anew or bool(gone or come)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802, Qt's
        """Count the blocks."""
        return 0 if parent.isValid() else len(self._blocks)

    def roleNames(self) -> dict[int, QByteArray]:  # noqa: N802, Qt's name
        """Name what a drawing asks for."""
        return {_KIND: QByteArray(b"kind"), _BLOCK: QByteArray(b"block")}

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = _BLOCK) -> object:
        """Return the kind of a block (the name of its class) or what it holds, by name."""
        block = self._blocks[index.row()]
        return type(block).__name__ if role == _KIND else _plain(asdict(block))


def _alike(one: tuple[Block, ...], other: tuple[Block, ...]) -> int:
    """Count the blocks of the same kinds at the beginning of both."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (a, b) in pairs if type(a) is not type(b)), min(len(one), len(other)))


def _plain(value: object) -> object:
    """Return what Qt can hand to QML: lists, not tuples."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


@QmlElement
@QmlSingleton
class Manager(QObject):
    """The manager's screen. `show` is Python's way in; the signals below it are the ways out."""

    shown_changed = Signal()
    frame_changed = Signal()
    page_changed = Signal()
    """Another page than before: it begins at its top."""
    page_turned = Signal()
    """What somebody did has made something else of the page: that begins at its top, too."""
    seconds_changed = Signal()
    entered = Signal()
    touched = Signal()
    acted = Signal(object)
    """A person used a control: an Act."""
    backed = Signal()
    left = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._page = 0
        self._used = False
        self._words: dict[str, str] = {}
        self._blocks = BlockModel(self)

    def show(self, frame: Frame | None, page: int, words: Words) -> None:
        """Show `frame` of the page with the serial number `page`; None: the visitors have the screen."""
        before, self._frame = self._frame, frame
        anew, self._page = page != self._page, page
        own = _own(words)
        worded, self._words = own != self._words, own
        if frame != before or anew:
            remade = self._blocks.show(frame.view.blocks if frame else (), anew=anew)
            if remade and self._used and not anew:
                self._used = False
                self.page_turned.emit()
        if frame != before or worded:
            self.frame_changed.emit()
            self.seconds_changed.emit()
        if anew:
            self.page_changed.emit()
        if (frame is None) != (before is None):
            self.shown_changed.emit()

    # what a person can do

    @Slot()
    def enter(self) -> None:
        """Somebody has held the corner."""
        self.entered.emit()

    @Slot()
    def touch(self) -> None:
        """Somebody is there."""
        self.touched.emit()

    @Slot(str)
    @Slot(str, str)
    def act(self, name: str, value: str = "") -> None:
        """Somebody used a control of the page."""
        self._used = True
        self.acted.emit(Act(name, value))

    @Slot()
    def back(self) -> None:
        """Leave the page."""
        self.backed.emit()

    @Slot()
    def leave(self) -> None:
        """Sign out."""
        self.left.emit()

    # the frame

    @Property(bool, notify=shown_changed)
    def shown(self) -> bool:
        """Whether the manager's screen is up."""
        return self._frame is not None

    @Property(str, notify=frame_changed)
    def page(self) -> str:
        """Name of the page."""
        return self._frame.page if self._frame else ""

    @Property(str, notify=frame_changed)
    def title(self) -> str:
        """Return the title of the page."""
        return self._frame.view.title if self._frame else ""

    @Property(QObject, constant=True)
    def blocks(self) -> QObject:
        """Return what the page is made of: `kind`, and `block` with the fields of `ui.manager.blocks`."""
        return self._blocks

    @Property(str, notify=frame_changed)
    def who(self) -> str:
        """Return the role of whoever is signed in."""
        return self._frame.who if self._frame else ""

    @Property(str, notify=frame_changed)
    def backText(self) -> str:  # noqa: N802, a QML property
        """Label of the way back; empty where there is none."""
        return self._frame.back if self._frame else ""

    @Property(str, notify=frame_changed)
    def said(self) -> str:
        """Return the sentence about what was done, or why not."""
        return self._frame.said if self._frame else ""

    @Property(bool, notify=frame_changed)
    def saidGood(self) -> bool:  # noqa: N802, a QML property
        """Whether what it says is good news."""
        return self._frame is not None and self._frame.said_good

    @Property(bool, notify=frame_changed)
    def busy(self) -> bool:
        """Whether an answer is being waited for."""
        return self._frame is not None and self._frame.busy

    @Property(int, notify=seconds_changed)
    def secondsLeft(self) -> int:  # noqa: N802, a QML property
        """Until the screen signs out by itself; 0: not soon."""
        return self._frame.seconds_left if self._frame else 0

    @Property("QVariantMap", notify=frame_changed)  # type: ignore[arg-type]
    def labels(self) -> dict[str, str]:
        """Texts of the frame's own controls (`manager.frame` of the words)."""
        return self._words


def _own(words: Words) -> dict[str, str]:
    head = "manager.frame."
    return {key.removeprefix(head): text for key, text in words.items() if key.startswith(head)}
