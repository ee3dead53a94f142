"""The screen drawn with OpenGL on a display: the same pages as in software, and a sentence where there is no OpenGL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
PAGES = ("idle", "refused", "admitted", "idle-forced")
DRAW = """
import sys
from pathlib import Path
from ui.stage import Stage, choose_platform

renderer, folder = sys.argv[1], Path(sys.argv[2])
choose_platform(renderer)
from PySide6.QtGui import QGuiApplication
from ui.choices import Choices
from ui.shots import pose

app = QGuiApplication(["test"])
stage = Stage(app)
stage.set_surface(800, 480, 5.19)
stage.show(fullscreen=False)
for page in sys.argv[3:]:
    pose(stage, page, Choices("vi"))
    assert stage.grab().save(str(folder / f"{renderer}-{page}.png"))
print(stage.window.rendererInterface().graphicsApi().name)
stage.close()
"""


@pytest.fixture
def display():
    """A display of its own; returns the environment of a program on it."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=[theirs], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(ours) as told:
        number = told.readline().strip()
    assert number, "Xvfb did not start"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("QT_", "QSG_", "WAYLAND"))}
    yield {**kept, "DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "QT_SCALE_FACTOR": "1"}
    server.terminate()
    server.wait(10)


def draw(renderer, folder, environment):
    command = [sys.executable, "-c", DRAW, renderer, str(folder), *PAGES]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout.strip(), done.stderr


def difference(one, other):
    """The mean difference of brightness, 0 to 255, over a grid of pixels."""
    assert one.size() == other.size()
    both = [
        (QColor(one.pixel(x, y)).lightness(), QColor(other.pixel(x, y)).lightness())
        for x in range(0, one.width(), 5)
        for y in range(0, one.height(), 5)
    ]
    return sum(abs(a - b) for a, b in both) / len(both)


def test_with_opengl_the_pages_are_the_same(display, tmp_path):
    assert draw("software", tmp_path, display)[:2] == (0, "Software")
    assert draw("opengl", tmp_path, display)[:2] == (0, "OpenGL")
    pictures = {path.stem: QImage(str(path)) for path in tmp_path.glob("*.png")}
    for page in PAGES:
        assert difference(pictures[f"software-{page}"], pictures[f"opengl-{page}"]) < 3, page
    assert difference(pictures["software-idle"], pictures["opengl-admitted"]) > 30  # it can tell


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "kiosk.toml"
    path.write_text(
        f'[kiosk]\nid = "door-1"\n[paths]\nrun = "{tmp_path}"\nstate = "state"\npolicy = "p"\ntrust = "t"\n'
        '[gate]\nboard = "b"\npins = "mock"\n[screen]\nrenderer = "opengl"\n'
    )
    return path


@pytest.mark.parametrize("lacking", [{"QT_QPA_PLATFORM": "offscreen"}, {"QT_XCB_GL_INTEGRATION": "none"}])
def test_where_there_is_no_opengl_it_ends_with_a_sentence(display, settings, lacking):
    command = [sys.executable, "-m", "ui", "--config", settings]
    done = subprocess.run(
        command, env={**display, **lacking}, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 3
    assert 'write renderer = "software"' in done.stderr
