"""The real screen in a window of the test's own, before a real gate process: what fingers do, and what is seen."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QGuiApplication, QPointingDevice
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.demo.supervisor import Supervisor
from ui.stage import Stage

WAIT_S = 15.0


@dataclass(slots=True)
class TouchedScreen:
    """A finger on the glass, and eyes before it. Waiting lets both the screen and the other processes go on."""

    stage: Stage
    supervisor: Supervisor
    finger: QPointingDevice

    def wait(self, done: Callable[[], object], what: str, seconds: float = WAIT_S) -> None:
        """Go on until `done`. Raises AssertionError that says what did not happen."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"did not happen: {what}; the screen says {self.words()}")
            self.rest(0)

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        while True:
            QGuiApplication.processEvents()
            self.supervisor.poll()
            if time.monotonic() >= end:
                return

    def words(self) -> list[str]:
        """Return all that can be read."""
        return [str(item.property("text")) for item in self._items() if item.property("text")]

    def find(self, name: str) -> QQuickItem | None:
        """Return the visible item with that object name."""
        return next((item for item in self._items() if item.objectName() == name), None)

    def tap(self, name: str) -> None:
        """Touch a control for a moment, once it is there."""
        self.press(name)
        self.release(name)

    def hold(self, name: str, seconds: float) -> None:
        """Keep a finger on a control."""
        self.press(name)
        self.rest(seconds)
        self.release(name)

    def press(self, name: str) -> None:
        """Put the finger down in the middle of a control."""
        self.wait(lambda: self.find(name) is not None, f"{name} is there")
        self.rest(0.05)
        QTest.touchEvent(self.stage.window, self.finger).press(0, self._middle(name), self.stage.window).commit()
        QGuiApplication.processEvents()

    def release(self, name: str) -> None:
        """Lift the finger."""
        place = self._middle(name) if self.find(name) else QPoint(1, 1)
        QTest.touchEvent(self.stage.window, self.finger).release(0, place, self.stage.window).commit()
        QGuiApplication.processEvents()

    def _middle(self, name: str) -> QPoint:
        item = self.find(name)
        assert item is not None, name  # noqa: S101 - waited for
        return item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()

    def _items(self) -> Iterator[QQuickItem]:
        yield from _visible(self.stage.window.contentItem())


def _visible(item: QQuickItem) -> Iterator[QQuickItem]:
    if item.isVisible():
        yield item
        for child in item.childItems():
            yield from _visible(child)
