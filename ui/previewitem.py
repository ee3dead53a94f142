"""The camera picture on the screen: newest frame only, mirrored for people, at most 15 a second while shown."""

import os
import time

from PySide6.QtCore import Property, QObject, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QPainter, QPainterPath
from PySide6.QtQml import QmlElement, QmlSingleton
from PySide6.QtQuick import QQuickItem, QQuickPaintedItem

from kiosk.api.preview import Picture, PreviewError, PreviewReader

QML_IMPORT_NAME = "Kiosk.Backend"
QML_IMPORT_MAJOR_VERSION = 1

FRAME_MS = 67
STALE_NS = 1_000_000_000
"""A picture older than this is taken away: a frozen picture would lie about where the phone is."""


class PreviewSource:
    """The memory file that vision writes into, or none. One for the whole process."""

    def __init__(self) -> None:
        self._reader: PreviewReader | None = None

    def offer(self, fd: int) -> None:
        """Read from `fd` from now on; the descriptor is closed here (the map holds its own)."""
        self.close()
        try:
            self._reader = PreviewReader(fd)
        except PreviewError:
            self._reader = None
        finally:
            os.close(fd)

    def newer(self, than_ns: int) -> Picture | None:
        """Return the newest picture if it is newer than `than_ns`."""
        return self._reader.read(than_ns) if self._reader else None

    def close(self) -> None:
        """Forget the memory file."""
        if self._reader:
            self._reader.close()
        self._reader = None


SOURCE = PreviewSource()


class PreviewItem(QQuickPaintedItem):
    """Draws the newest picture, filling itself, with round corners. There is one; Preview in QML lends it to a page."""

    live_changed = Signal()

    def __init__(self, parent: QQuickItem | None = None) -> None:
        super().__init__(parent)
        self._picture: Picture | None = None
        self._radius = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.refresh)
        self.visibleChanged.connect(self._follow)
        self._follow()

    @property
    def live(self) -> bool:
        """Whether there is a picture to draw."""
        return self._picture is not None

    def set_radius(self, radius: float) -> None:
        """Round the corners by so many pixels."""
        self._radius = radius
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Draw the picture; called by Qt when the item needs it."""
        if self._picture is None:
            return
        shape = QPainterPath()
        shape.addRoundedRect(self.boundingRect(), self._radius, self._radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(shape)
        picture = self._picture
        image = QImage(picture.luma, picture.width, picture.height, picture.width, QImage.Format.Format_Grayscale8)
        target = self.boundingRect()
        scale = max(target.width() / picture.width, target.height() / picture.height)
        wide, high = target.width() / scale, target.height() / scale
        part = QRectF((picture.width - wide) / 2, (picture.height - high) / 2, wide, high)
        painter.translate(target.width(), 0)
        painter.scale(-1, 1)  # people expect a mirror
        painter.drawImage(target, image, part)

    def _follow(self) -> None:
        if self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
            self._show(None)

    def refresh(self) -> None:
        """Take the newest picture, or take an old one away."""
        shown = self._picture.at_ns if self._picture else 0
        picture = SOURCE.newer(shown)
        if picture is not None:
            self._show(picture)
        elif self._picture and time.monotonic_ns() - shown > STALE_NS:
            self._show(None)

    def _show(self, picture: Picture | None) -> None:
        changed = (picture is None) != (self._picture is None)
        if picture is None and not changed:
            return
        self._picture = picture
        self.update()
        if changed:
            self.live_changed.emit()


@QmlElement
@QmlSingleton
class Camera(QObject):
    """The one drawing of the camera picture.

    Objects of Python that QML makes are never given back whole (9 kB each with PySide 6.11): a page that made its own
    at each visit would fill the memory within a week.
    """

    live_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.drawing = PreviewItem()
        self.drawing.setParent(self)
        self.drawing.setVisible(False)
        self.drawing.live_changed.connect(self.live_changed)

    @Property(QQuickItem, constant=True)
    def item(self) -> PreviewItem:
        """Return the drawing, for QML to lay somewhere."""
        return self.drawing

    @Property(bool, notify=live_changed)
    def live(self) -> bool:
        """Whether there is a picture to draw."""
        return self.drawing.live

    @Slot(float)
    def round(self, radius: float) -> None:
        """Round its corners by so many pixels."""
        self.drawing.set_radius(radius)
