"""Every page as it is drawn: nothing clipped, nothing on top of anything, everything named and legible."""

import itertools

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem

from kiosk.api.messages import Page, Snapshot
from kiosk.api.sentences import catalogue, languages
from kiosk.domain.door_io import Alarm
from kiosk.domain.reasons import Reason
from kiosk.testing.drawn_screen import contrast_faults, geometry_faults, look_at, name_faults
from ui.choices import RESTING, Choices
from ui.shots import GLASSES, NOW_NS, POSES, STYLES, Shot, every, pose, take, telling
from ui.viewmodel import look

glasses = pytest.mark.parametrize("glass", GLASSES, ids=str)
LEAST_CONTRAST = {False: 7, True: 10}


def place(stage, glass):
    stage.set_surface(glass.width, glass.height, glass.pixels_per_mm)
    QGuiApplication.processEvents()


def seen(stage, glass):
    stage.grab()  # lays out what is still to be laid out
    return look_at(stage.window, glass.pixels_per_mm, stage.cap_ratio)


@glasses
def test_every_page_in_every_style_fits_is_legible_and_is_named(stage, glass):
    faults = {}
    for shot, picture in take(stage, telling(glass)):
        screen = look_at(stage.window, glass.pixels_per_mm, stage.cap_ratio)
        assert screen.texts, shot
        assert screen.controls, shot
        found = geometry_faults(screen) + name_faults(screen, stage.window)
        found += contrast_faults(screen, picture, LEAST_CONTRAST[shot.style.high_contrast])
        if found:
            faults[str(shot)] = found
    assert faults == {}


# By 90 and by 270 degrees everything lies the same way, by 180 as it does unturned: there a style is enough.
MOUNTED = ((GLASSES[2], 90, STYLES[:2]), (GLASSES[0], 270, STYLES[:1]), (GLASSES[2], 180, STYLES[:1]))


@pytest.mark.parametrize(("glass", "degrees", "styles"), MOUNTED, ids=[f"{one[0]}-{one[1]}" for one in MOUNTED])
def test_every_page_fits_on_a_glass_that_is_mounted_another_way(stage, glass, degrees, styles):
    faults = {}
    stage.appearance.set_rotation(degrees)
    try:
        for shot, _ in take(stage, every([glass], styles)):
            found = geometry_faults(look_at(stage.window, shot.glass.pixels_per_mm, stage.cap_ratio))
            if found:
                faults[str(shot)] = found
    finally:
        stage.appearance.set_rotation(0)
    assert faults == {}


@glasses
@pytest.mark.parametrize("language", languages())
def test_every_reason_fits(stage, glass, language):
    place(stage, glass)
    for reason, large in itertools.product(Reason, (False, True)):
        snapshot = Snapshot(page=Page.REFUSED, reasons=(reason,), since_ns=1, until_ns=2 * NOW_NS)
        stage.visitor.show(look(snapshot, Choices(language, large=large), NOW_NS))
        assert geometry_faults(seen(stage, glass)) == [], reason


@glasses
@pytest.mark.parametrize("language", languages())
def test_every_alarm_fits_over_every_page_that_it_stands_on(stage, glass, language):
    place(stage, glass)
    said = [alarm for alarm in Alarm if f"alarm.{alarm}" in catalogue(language)]
    for page, alarm, level, large in itertools.product(RESTING, said, (1, 2), (False, True)):
        snapshot = Snapshot(page=page, alarm=alarm, alarm_level=level, camera="ok", reasons=("camera_unavailable",))
        stage.visitor.show(look(snapshot, Choices(language, large=large), NOW_NS))
        assert geometry_faults(seen(stage, glass)) == [], (page, alarm)


@glasses
def test_the_status_line_fits_beside_the_clock_in_a_demonstration(stage, glass):
    place(stage, glass)
    stage.visitor.set_rules(demo=True, preview=True)
    stage.visitor.set_clock("08:30")
    try:
        for camera, language in itertools.product(("ok", "starting", "lost", "dark", "frozen"), languages()):
            snapshot = Snapshot(page=Page.IDLE, camera=camera, link="down")
            stage.visitor.show(look(snapshot, Choices(language), NOW_NS))
            assert geometry_faults(seen(stage, glass)) == [], camera
    finally:
        stage.visitor.set_rules(demo=False, preview=True)


def test_a_page_is_drawn_the_same_each_time(stage):
    pose(stage, "refused", Choices("vi"))
    first = stage.grab()
    pose(stage, "idle", Choices("en", large=True))
    pose(stage, "refused", Choices("vi"))
    assert stage.grab() == first


# That these tests can fail: each kind of fault, made on purpose.


@pytest.fixture
def refused(stage):
    """A page without a fault on the smallest glass; asks for the faults that it has now."""
    glass = GLASSES[0]
    for _ in take(stage, [Shot(glass, POSES["refused"], "en", STYLES[0])]):
        QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert geometry_faults(seen(stage, glass)) == []

    def faults():
        return {fault.split(":")[0].split(",")[0] for fault in geometry_faults(seen(stage, glass))}

    return faults


def control(stage, name):
    return stage.window.findChild(QQuickItem, name)


def test_a_glass_that_is_denser_than_it_was_said_to_be_has_too_small_letters_and_controls(stage, refused):
    screen = look_at(stage.window, 2 * GLASSES[0].pixels_per_mm, stage.cap_ratio)
    found = {fault.split(",")[0].split(":")[0] for fault in geometry_faults(screen)}
    assert {"too small to touch", "capitals of 2.4 mm", "controls too near to each other"} <= found


def test_a_control_that_grows_over_others_is_a_fault(stage, refused):
    item = control(stage, "help")
    item.setScale(3)
    try:
        assert "controls too near to each other" in refused()
        assert "too near to the edge to touch" in refused()
    finally:
        item.setScale(1)


def test_words_on_words_and_off_the_glass_are_faults(stage, refused):
    item = control(stage, "page")
    item.setScale(2)
    try:
        assert {"words on a control", "off the glass"} <= refused()
    finally:
        item.setScale(1)
    item.setRotation(20)
    try:
        assert "words on words" in refused()
    finally:
        item.setRotation(0)


def test_words_in_a_colour_near_their_ground_are_a_fault(stage, refused):
    picture = stage.grab()
    screen = seen(stage, GLASSES[0])
    assert contrast_faults(screen, picture, 7) == []
    picture.fill("#a05050")
    assert any("#ffffff on #a05050" in fault for fault in contrast_faults(screen, picture, 7))


def test_words_that_are_not_said_are_a_fault(stage, refused):
    screen = seen(stage, GLASSES[0])
    assert name_faults(screen, stage.window) == []
    pose(stage, "admitted", Choices("vi"))
    stage.grab()
    assert any(fault.startswith("not said") for fault in name_faults(screen, stage.window))
