"""Qt's side of the screen: the application, the QML engine, the font and the one window."""

import os
import sys
from pathlib import Path
from typing import Literal, TypeVar

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow, QSGRendererInterface

import ui.keyboard_backend
import ui.typography
from kiosk.screen_section import ScreenSection
from ui.appearance import Appearance
from ui.backend import Visitor
from ui.forms_backend import Forms
from ui.icons import IconProvider
from ui.logo import LogoError, LogoProvider, read_logo
from ui.manager_backend import Manager
from ui.previewitem import SOURCE, Camera

QML = Path(__file__).parent / "qml"
_FRAMEBUFFER = Path("/dev/fb0")
_NO_OPENGL = 'nothing can be drawn with OpenGL here; write renderer = "software" in [screen]'


_Singleton = TypeVar("_Singleton", bound=QObject)


class StageError(RuntimeError):
    """The screen cannot be set up; the text is one sentence."""


def choose_platform(renderer: Literal["software", "opengl"] = "software") -> None:
    """Set what Qt draws with and on, where nobody has: as the settings say; on a display, a framebuffer, or nothing."""
    if renderer == "opengl":
        os.environ.setdefault("QSG_RHI_BACKEND", "opengl")
    else:
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
            fonts = ui.typography.load_fonts()
        except ui.typography.FontError as error:
            raise StageError(str(error)) from error
        self.cap_ratio = fonts.cap_ratio
        self.font_trouble = fonts.trouble
        app.setFont(QFont(ui.typography.FAMILY))
        self._engine = QQmlApplicationEngine()
        self._logos = LogoProvider()
        self._engine.addImageProvider("icon", IconProvider())
        self._engine.addImageProvider("logo", self._logos)
        self._engine.addImportPath(str(QML))
        self.visitor = self._singleton(Visitor)
        self.appearance = self._singleton(Appearance)
        self.manager = self._singleton(Manager)
        self.forms = self._singleton(Forms)
        self.camera = self._singleton(Camera)
        self._engine.loadFromModule("Kiosk.Visitor", "Main")
        roots = self._engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise StageError("the screen's drawings cannot be loaded; install the program again")
        self.window: QQuickWindow = roots[0]
        self.window.sceneGraphError.connect(_cannot_draw)

    def _singleton(self, kind: type[_Singleton]) -> _Singleton:
        """Return the one object of a type that Python brings into QML. Raises StageError."""
        found = self._engine.singletonInstance("Kiosk.Backend", kind.__name__)
        if not isinstance(found, kind):
            raise StageError("the screen's own types are missing; install the program again")
        return found

    @property
    def engine(self) -> QQmlApplicationEngine:
        """The engine, for tests that look into the theme."""
        return self._engine

    def set_surface(self, width: int, height: int, pixels_per_mm: float) -> None:
        """Say how large and how dense the glass is."""
        self.visitor.set_surface(pixels_per_mm, min(width, height) / pixels_per_mm, self.cap_ratio)
        self.window.resize(width, height)

    def require(self, renderer: Literal["software", "opengl"]) -> None:
        """Raise StageError where Qt would draw in software though OpenGL is asked for: it falls back in silence."""
        software = self.window.rendererInterface().graphicsApi() is QSGRendererInterface.GraphicsApi.Software
        if renderer == "opengl" and software:
            raise StageError(_NO_OPENGL)

    def dress(self, screen: ScreenSection) -> list[str]:
        """Take on the venue's name, logo and colour, and turn as the glass is mounted.

        Returns what could not be used, one sentence each.
        """
        troubles = [self.font_trouble] if self.font_trouble else []
        self._logos.logo = None
        if screen.logo:
            try:
                self._logos.logo = read_logo(screen.logo)
            except LogoError as error:
                troubles.append(str(error))
        ratio = self._logos.logo.ratio if self._logos.logo else 0.0
        self.appearance.set_venue(screen.venue, screen.accent, ratio)
        self.appearance.set_rotation(screen.rotation)
        return troubles

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
        SOURCE.close()
        self._engine.deleteLater()
        QGuiApplication.processEvents()


def _cannot_draw(_error: QQuickWindow.SceneGraphError, _text: str) -> None:
    """End the process with a sentence: Qt's own text names what it tried, not what to do."""
    print(f"kiosk-ui: {_NO_OPENGL}", file=sys.stderr)
    QGuiApplication.exit(3)
