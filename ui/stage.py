"""Qt's side of the screen: the application, the QML engine, the font and the one window."""

import os
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

import ui.previewitem
import ui.typography
from ui.backend import Visitor
from ui.icons import IconProvider
from ui.manager_backend import Manager

QML = Path(__file__).parent / "qml"
_FRAMEBUFFER = Path("/dev/fb0")


class StageError(RuntimeError):
    """The screen cannot be set up; the text is one sentence."""


def choose_platform() -> None:
    """Set what Qt draws with and on, where nobody has: in software; on a display, a framebuffer, or nothing."""
    os.environ.setdefault("QT_QUICK_BACKEND", "software")
    if any(map(os.environ.get, ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))):  # one that is empty names none
        return
    own = os.access(_FRAMEBUFFER, os.R_OK | os.W_OK)
    os.environ["QT_QPA_PLATFORM"] = "linuxfb" if own else "offscreen"


class Stage:
    """The window and the object behind it. Use only in the thread of the application."""

    def __init__(self, app: QGuiApplication) -> None:
        """Load fonts and QML into `app`. Raises StageError."""
        try:
            self.cap_ratio = ui.typography.load_fonts()
        except OSError as error:
            raise StageError(f"{error}; install the program again") from error
        app.setFont(QFont(ui.typography.FAMILY))
        self._engine = QQmlApplicationEngine()
        self._engine.addImageProvider("icon", IconProvider())
        self._engine.addImportPath(str(QML))
        visitor = self._engine.singletonInstance("Kiosk.Backend", "Visitor")
        manager = self._engine.singletonInstance("Kiosk.Backend", "Manager")
        if not isinstance(visitor, Visitor) or not isinstance(manager, Manager):
            raise StageError("the screen's own types are missing; install the program again")
        self.visitor = visitor
        self.manager = manager
        self._engine.loadFromModule("Kiosk.Visitor", "Main")
        roots = self._engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise StageError("the screen's drawings cannot be loaded; install the program again")
        self.window: QQuickWindow = roots[0]

    @property
    def engine(self) -> QQmlApplicationEngine:
        """The engine, for tests that look into the theme."""
        return self._engine

    def set_surface(self, width: int, height: int, pixels_per_mm: float) -> None:
        """Say how large and how dense the glass is."""
        self.visitor.set_surface(pixels_per_mm, min(width, height) / pixels_per_mm, self.cap_ratio)
        self.window.resize(width, height)

    def show(self, *, fullscreen: bool) -> None:
        """Show the window; on a real screen, all over it."""
        if fullscreen and QGuiApplication.platformName() != "offscreen":
            self.window.setCursor(Qt.CursorShape.BlankCursor)
            self.window.showFullScreen()
        else:
            self.window.show()

    def grab(self) -> QImage:
        """Return a picture of the window as it is drawn now, without an alpha channel."""
        return self.window.grabWindow().convertToFormat(QImage.Format.Format_RGB32)

    def close(self) -> None:
        """Take everything down, in the order that Qt needs."""
        self.window.close()
        ui.previewitem.SOURCE.close()
        self._engine.deleteLater()
        QGuiApplication.processEvents()
