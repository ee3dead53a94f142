"""Every page as a picture, compared with the one that somebody looked at and kept."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem

from kiosk.testing.gallery import save_picture
from kiosk.testing.kept_pictures import NOTICED, beside, difference, read_kept, thumb
from kiosk.testing.screen_pixels import pixels
from ui.choices import Choices
from ui.shots import GLASSES, POSES, STYLES, Shot, pose, take, telling

KEPT = Path(__file__).parent / "kept"
DIFFERENCES = Path(__file__).parents[3] / "out" / "screens-differ"
RENEW = "look at them; where it is meant so, renew what is kept: scripts/screens --keep"

glasses = pytest.mark.parametrize("glass", GLASSES, ids=str)


@glasses
def test_every_page_looks_as_it_was_kept(stage, glass):
    kept = read_kept(KEPT / f"{glass}.xz")
    shots = list(telling(glass))
    assert {str(shot) for shot in shots} == set(kept), RENEW
    differ = []
    for shot, picture in take(stage, shots):
        now = pixels(picture)
        if difference(kept[str(shot)], thumb(now)) >= NOTICED:
            DIFFERENCES.mkdir(parents=True, exist_ok=True)
            save_picture(DIFFERENCES / f"{shot}.png", beside(kept[str(shot)], now))
            differ.append(str(shot))
    assert differ == [], f"see {DIFFERENCES}; {RENEW}"


@pytest.fixture
def one(stage):
    """A page on the smallest glass, and how much its picture differs from the kept one."""
    shot = Shot(GLASSES[0], POSES["refused"], "vi", STYLES[0])
    kept = read_kept(KEPT / f"{shot.glass}.xz")[str(shot)]
    for _ in take(stage, [shot]):
        QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    return lambda: difference(kept, thumb(pixels(stage.grab())))


@glasses
def test_another_page_language_or_style_is_noticed(glass):
    kept = read_kept(KEPT / f"{glass}.xz")
    page = kept[f"{glass}-refused-vi-normal"]
    for other in ("refused-mismatch-vi-normal", "refused-en-normal", "refused-vi-large", "admitted-vi-normal"):
        assert difference(page, kept[f"{glass}-{other}"]) >= NOTICED, other


def test_a_page_that_is_as_it_was_is_not_noticed(one):
    assert one() < NOTICED


@pytest.mark.parametrize("name", ["help", "language", "textSize", "contrast", "moreTime"])
def test_a_control_that_is_missing_is_noticed(stage, one, name):
    control = stage.window.findChild(QQuickItem, name)
    control.setVisible(False)
    try:
        assert one() >= NOTICED
    finally:
        control.setVisible(True)


def test_what_moved_by_two_millimetres_is_noticed(stage, one):
    stage.appearance.set_drift(0, round(2 * GLASSES[0].pixels_per_mm))
    try:
        assert one() >= NOTICED
    finally:
        stage.appearance.set_drift(0, 0)


def test_what_became_smaller_by_a_tenth_is_noticed(stage, one):
    control = stage.window.findChild(QQuickItem, "help")
    control.setScale(0.9)
    try:
        assert one() >= NOTICED
    finally:
        control.setScale(1)


def test_a_page_of_the_same_brightness_in_another_colour_is_noticed(stage, one):
    stage.window.setColor("#0a5c33")
    try:
        assert one() >= NOTICED
    finally:
        pose(stage, "idle", Choices("vi"))
