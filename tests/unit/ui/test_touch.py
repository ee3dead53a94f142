"""Fingers on the glass."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.messages import Intent, Page, Snapshot
from ui.choices import Choices
from ui.shots import NOW_NS, pose, settle
from ui.viewmodel import Offer, look


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


def below(item):
    for child in item.childItems():
        yield child
        yield from below(child)


def controls(stage):
    """Return every visible button."""
    kinds = ("TouchButton", "HoldButton")
    found = below(stage.window.contentItem())
    return [item for item in found if item.isVisible() and item.metaObject().className().startswith(kinds)]


def rings(control):
    """Return whether each ring around a control is seen."""
    return [item.isVisible() for item in control.childItems() if item.metaObject().className().startswith("FocusRing")]


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


def test_a_slow_touch_counts_as_well(glass, finger):
    pose(glass, "idle", Choices("vi"))
    glass.grab()
    point = middle(glass, "help")

    def press_for_long():
        QTest.touchEvent(glass.window, finger).press(0, point, glass.window).commit()
        QTest.qWait(QGuiApplication.styleHints().mousePressAndHoldInterval() + 100)
        QTest.touchEvent(glass.window, finger).release(0, point, glass.window).commit()

    assert heard(glass.visitor.asked, press_for_long) == [Intent(intent="help")]


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


THREE = ("vi", "en", "fr")


@pytest.fixture
def polyglot(glass):
    """A screen that offers three languages and a voice."""
    glass.visitor.set_languages(THREE)
    yield glass
    glass.visitor.set_languages(("vi", "en"))


def offer(stage, *, choosing):
    idle = Snapshot(page=Page.IDLE, camera="ok")
    settle(stage, look(idle, Choices("vi"), NOW_NS, Offer(THREE, voice=True), choosing=choosing))
    stage.grab()
    clear_away()


def test_with_three_languages_each_is_chosen_by_its_own_name(polyglot, finger):
    offer(polyglot, choosing=False)
    asked = []
    polyglot.visitor.languages_asked.connect(lambda: asked.append(True))
    assert heard(polyglot.visitor.chosen, lambda: tap(polyglot, finger, middle(polyglot, "language"))) == []
    assert asked == [True]
    offer(polyglot, choosing=True)
    french = next(item for item in controls(polyglot) if item.property("text") == "Français")
    point = french.mapToScene(QPointF(french.width() / 2, french.height() / 2)).toPoint()
    assert heard(polyglot.visitor.chosen, lambda: tap(polyglot, finger, point)) == [Choices("fr")]


def test_the_screen_is_read_out_to_whoever_asks(polyglot, finger):
    offer(polyglot, choosing=False)
    said = heard(polyglot.visitor.chosen, lambda: tap(polyglot, finger, middle(polyglot, "readAloud")))
    assert said == [Choices("vi", spoken=True)]


def test_keys_reach_every_control_and_show_where_they_are(polyglot):
    offer(polyglot, choosing=True)
    reached = []
    for _ in range(20):
        QTest.keyClick(polyglot.window, Qt.Key.Key_Tab)
        item = polyglot.window.activeFocusItem()
        if item in reached:
            break
        reached.append(item)
    assert set(controls(polyglot)) <= set(reached)
    assert all(rings(item) == [item is polyglot.window.activeFocusItem()] for item in controls(polyglot))


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_a_key_does_what_a_finger_does(glass, key):
    pose(glass, "idle", Choices("vi"))
    glass.grab()
    glass.window.findChild(QQuickItem, "help").forceActiveFocus()
    assert heard(glass.visitor.asked, lambda: QTest.keyClick(glass.window, key)) == [Intent(intent="help")]


def test_whoever_comes_to_a_dark_screen_begins_anew_with_the_keys(glass):
    pose(glass, "idle", Choices("vi"))
    help_button = glass.window.findChild(QQuickItem, "help")
    help_button.forceActiveFocus()
    glass.appearance.set_dimmed(True)
    try:
        assert not help_button.hasActiveFocus()
    finally:
        glass.appearance.set_dimmed(False)


def test_a_key_has_to_be_held_where_a_finger_has_to(glass, qtbot):
    pose(glass, "staff", Choices("vi"))
    glass.grab()
    clear_away()
    glass.window.findChild(QQuickItem, "staffDone").forceActiveFocus()
    assert heard(glass.visitor.asked, lambda: QTest.keyClick(glass.window, Qt.Key.Key_Return)) == []

    def hold():
        with qtbot.waitSignal(glass.visitor.asked, timeout=4000):
            QTest.keyPress(glass.window, Qt.Key.Key_Return)
        QTest.keyRelease(glass.window, Qt.Key.Key_Return)

    assert heard(glass.visitor.asked, hold) == [Intent(intent="staff_done")]


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
