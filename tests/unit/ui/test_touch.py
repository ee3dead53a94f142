"""Fingers on the glass."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.messages import Intent
from ui.choices import Choices
from ui.shots import pose


@pytest.fixture
def glass(stage):
    stage.set_surface(800, 480, 5.19)
    QGuiApplication.processEvents()
    return stage


@pytest.fixture(scope="module")
def finger(qapp):
    return QTest.createTouchDevice()


def middle(stage, name):
    item = stage.window.findChild(QQuickItem, name)
    return item.mapToScene(QPoint(0, 0)).toPoint() + QPoint(int(item.width() / 2), int(item.height() / 2))


def clear_away():
    """Let what earlier pages have left behind go."""
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def tap(stage, finger, point):
    QTest.touchEvent(stage.window, finger).press(0, point, stage.window).commit()
    QTest.touchEvent(stage.window, finger).release(0, point, stage.window).commit()


def heard(signal, act):
    said = []

    def listen(what):
        said.append(what)

    signal.connect(listen)
    try:
        act()
    finally:
        signal.disconnect(listen)
    return said


def test_help_is_one_touch_away_on_every_page(glass, finger):
    for page in ("idle", "refused", "staff-issuer", "out_of_order", "lockdown", "free_passage", "fire"):
        pose(glass, page, Choices("vi"))
        glass.grab()
        said = heard(glass.visitor.asked, lambda: tap(glass, finger, middle(glass, "help")))
        assert said == [Intent(intent="help")], page


def test_who_called_staff_finds_in_the_same_place_how_to_say_that_it_is_over(glass, finger):
    pose(glass, "staff", Choices("vi"))
    glass.grab()
    said = heard(glass.visitor.asked, lambda: tap(glass, finger, middle(glass, "help")))
    assert said == [Intent(intent="help_over")]


def test_any_touch_on_a_refusal_asks_for_more_time(glass, finger):
    pose(glass, "refused", Choices("vi"))
    glass.grab()
    assert heard(glass.visitor.asked, lambda: tap(glass, finger, QPoint(600, 40))) == [Intent(intent="touch")]
    said = heard(glass.visitor.asked, lambda: tap(glass, finger, middle(glass, "moreTime")))
    assert said == [Intent(intent="touch")]


def test_a_touch_elsewhere_says_nothing(glass, finger):
    pose(glass, "idle", Choices("vi"))
    glass.grab()
    assert heard(glass.visitor.asked, lambda: tap(glass, finger, QPoint(100, 100))) == []


def test_choices_are_toggled(glass, finger):
    pose(glass, "idle", Choices("vi"))
    glass.grab()
    for name, chosen in (
        ("language", Choices("en")),
        ("textSize", Choices("vi", large=True)),
        ("contrast", Choices("vi", high_contrast=True)),
    ):
        said = heard(glass.visitor.chosen, lambda name=name: tap(glass, finger, middle(glass, name)))
        assert said == [chosen]


def test_whoever_needs_longer_says_so_while_the_gate_is_open(glass, finger):
    pose(glass, "admitted-more-time", Choices("vi"))
    glass.grab()
    clear_away()
    said = heard(glass.visitor.asked, lambda: tap(glass, finger, middle(glass, "longer")))
    assert said == [Intent(intent="longer")]
    pose(glass, "admitted-longer", Choices("vi"))
    clear_away()
    assert glass.window.findChild(QQuickItem, "longer") is None


@pytest.mark.parametrize(
    ("page", "control", "intent"),
    [("staff", "staffDone", "staff_done"), ("idle-door_held", "alarmsSeen", "alarms_seen")],
)
def test_what_is_for_staff_is_done_only_by_holding(glass, finger, qtbot, page, control, intent):
    pose(glass, page, Choices("vi"))
    glass.grab()
    point = middle(glass, control)
    assert heard(glass.visitor.asked, lambda: tap(glass, finger, point)) == []

    def hold():
        with qtbot.waitSignal(glass.visitor.asked, timeout=4000):
            QTest.mousePress(glass.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        QTest.mouseRelease(glass.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)

    assert heard(glass.visitor.asked, hold) == [Intent(intent=intent)]
