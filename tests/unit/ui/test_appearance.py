"""How the screen looks at this door: mounted in any way, by day and night, with the venue's name, dark when alone."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QGuiApplication, QImage, QTransform
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.messages import Intent
from kiosk.screen_section import ScreenSection
from ui.choices import Choices
from ui.shots import GLASSES, POSES, STYLES, Shot, pose, take
from ui.typography import load_fonts

PLAIN = ScreenSection()


@pytest.fixture
def glass(stage):
    stage.set_surface(800, 480, 5.19)
    pose(stage, "idle", Choices("en"))
    yield stage
    stage.dress(PLAIN)
    stage.appearance.set_night(False)
    stage.appearance.set_dimmed(False)
    stage.appearance.set_drift(0, 0)


def settle(stage):
    QGuiApplication.processEvents()
    return stage.grab()


def place(stage, name):
    item = stage.window.findChild(QQuickItem, name)
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def alike(one, other):
    """The share of pixels that are the same but for the softness of edges."""
    assert one.size() == other.size()
    step, same, seen = 7, 0, 0
    for x in range(0, one.width(), step):
        for y in range(0, one.height(), step):
            a, b = QColor(one.pixel(x, y)), QColor(other.pixel(x, y))
            same += abs(a.lightness() - b.lightness()) < 40
            seen += 1
    return same / seen


def test_upside_down_it_is_the_same_picture_upside_down(glass):
    upright = settle(glass)
    assert glass.dress(ScreenSection(rotation=180)) == []
    turned = settle(glass).transformed(QTransform().rotate(180))
    assert alike(turned, upright) > 0.98
    assert alike(settle(glass), upright) < 0.98  # the comparison can tell


def test_on_its_side_it_is_laid_out_for_the_shape_that_people_see(glass):
    glass.set_surface(480, 800, 5.19)
    tall = settle(glass)
    glass.set_surface(800, 480, 5.19)
    for degrees in (90, 270):
        glass.dress(ScreenSection(rotation=degrees))
        assert alike(settle(glass).transformed(QTransform().rotate(-degrees)), tall) > 0.98


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_touch_turns_with_the_picture(glass, degrees):
    finger = QTest.createTouchDevice()
    glass.dress(ScreenSection(rotation=degrees))
    settle(glass)
    point = place(glass, "help").center().toPoint()
    said = []
    glass.visitor.asked.connect(said.append)
    try:
        QTest.touchEvent(glass.window, finger).press(0, point, glass.window).commit()
        QTest.touchEvent(glass.window, finger).release(0, point, glass.window).commit()
    finally:
        glass.visitor.asked.disconnect(said.append)
    assert said == [Intent(intent="help")]
    edge = {0: point.y() > 400, 90: point.x() < 200, 180: point.y() < 80, 270: point.x() > 600}
    assert edge[degrees]


def test_everything_drifts_together(glass):
    settle(glass)
    before = place(glass, "help").topLeft()
    glass.appearance.set_drift(2, -2)
    settle(glass)
    assert place(glass, "help").topLeft() - before == QPointF(2, -2)


def test_night_is_dark_and_a_dimmed_screen_darker_and_both_end_at_once(glass):
    day = settle(glass).pixelColor(2, 200).lightness()
    glass.appearance.set_night(True)
    night = settle(glass).pixelColor(2, 200).lightness()
    glass.appearance.set_night(False)
    glass.appearance.set_dimmed(True)
    dimmed = settle(glass).pixelColor(2, 200).lightness()
    assert day > 240
    assert night < 40
    assert dimmed < 60
    glass.appearance.set_dimmed(False)
    assert settle(glass).pixelColor(2, 200).lightness() == day


def test_the_first_touch_on_a_dimmed_screen_counts(glass):
    finger = QTest.createTouchDevice()
    glass.appearance.set_dimmed(True)
    settle(glass)
    said = []
    point = place(glass, "help").center().toPoint()
    glass.visitor.asked.connect(said.append)
    try:
        QTest.touchEvent(glass.window, finger).press(0, point, glass.window).commit()
        QTest.touchEvent(glass.window, finger).release(0, point, glass.window).commit()
    finally:
        glass.visitor.asked.disconnect(said.append)
    assert said == [Intent(intent="help")]


def reddest(picture, box):
    part = picture.copy(box.toRect())
    colours = [QColor(part.pixel(x, y)) for x in range(part.width()) for y in range(part.height())]
    return max(colour.red() - colour.green() for colour in colours)


def test_the_venues_name_and_logo_stand_above_the_page(glass, tmp_path):
    logo = QImage(60, 30, QImage.Format.Format_RGB32)
    logo.fill(QColor("#c8102e"))
    logo.save(str(tmp_path / "logo.png"))
    corner = QRectF(18, 9, 60, 28)
    assert reddest(settle(glass), corner) < 100
    assert glass.dress(ScreenSection(venue="Chợ Đồng Xuân", logo=tmp_path / "logo.png")) == []
    assert reddest(settle(glass), corner) > 150
    words = {item.property("text") for item in glass.window.findChildren(QQuickItem) if item.isVisible()}
    assert "Chợ Đồng Xuân" in words


def test_a_logo_that_is_no_image_is_a_sentence_and_no_logo(glass, tmp_path):
    (tmp_path / "logo.png").write_text("my holiday")
    (trouble,) = glass.dress(ScreenSection(venue="Mine", logo=tmp_path / "logo.png"))
    assert trouble.endswith("neither a PNG nor an SVG")
    assert glass.appearance.property("logo") == ""


def test_without_its_own_font_it_writes_with_the_systems_and_says_so(qapp, tmp_path):
    whole = load_fonts()
    assert whole.trouble == ""
    (tmp_path / "BeVietnamPro-Bold.ttf").write_text("torn")
    torn = load_fonts(tmp_path)
    assert "install the program again" in torn.trouble
    assert 0.5 < torn.cap_ratio < 1


@pytest.mark.parametrize(("allowed", "drawn"), [(True, True), (False, False)])
def test_the_camera_is_not_drawn_on_a_managers_page_either_where_pictures_are_kept(glass, allowed, drawn):
    glass.visitor.set_rules(demo=False, preview=allowed)
    try:
        ((_, picture),) = take(glass, [Shot(GLASSES[0], POSES["manager-camera_aim"], "en", STYLES[0])])
    finally:
        glass.visitor.set_rules(demo=False, preview=True)
        glass.manager.show(None, 0, {})
    middle = [picture.pixelColor(x, 320).lightness() for x in range(300, 500)]
    assert (sum(60 < light < 200 for light in middle) > 50) is drawn
