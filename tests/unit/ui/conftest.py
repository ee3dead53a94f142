import os

os.environ.update(QT_QPA_PLATFORM="offscreen", QT_QUICK_BACKEND="software", QT_SCALE_FACTOR="1")

import pytest
from PySide6.QtGui import QGuiApplication

from ui.stage import Stage


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
