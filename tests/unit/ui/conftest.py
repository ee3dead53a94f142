import os

os.environ.update(QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_SCALE_FACTOR="1")

import pytest
from PySide6.QtGui import QGuiApplication

from ui.immortal import make_singletons_immortal
from ui.stage import Stage

make_singletons_immortal()


@pytest.fixture(scope="session")
def qapp_cls():
    return QGuiApplication


@pytest.fixture(scope="session")
def stage(qapp):
    stage = Stage(qapp)
    stage.set_surface(800, 480, 5.19)
    stage.window.show()
    yield stage
    stage.close()
