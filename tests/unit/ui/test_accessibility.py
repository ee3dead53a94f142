"""The screen without eyes and without touch: what a screen reader finds, and a way through by keys alone."""

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.messages import Intent
from kiosk.testing.drawn_screen import CONTROLS, spoken
from ui.choices import Choices
from ui.shots import pose, pose_manager


@pytest.fixture
def keys(stage):
    """The smallest glass, listening to keys."""
    stage.set_surface(800, 480, 5.19)
    stage.window.requestActivate()
    QTest.qWaitForWindowActive(stage.window)
    return stage


def press(stage, key):
    QTest.keyClick(stage.window, key)
    QGuiApplication.processEvents()


def round_trip(stage):
    """Return the names of what Tab leads to until it comes round."""
    met = []
    for _ in range(20):
        press(stage, Qt.Key.Key_Tab)
        item = stage.window.activeFocusItem()
        if item.objectName() in met:
            return met
        met.append(item.objectName())
    raise AssertionError(f"Tab does not come round: {met}")


def test_the_title_is_a_heading(stage):
    pose(stage, "admitted", Choices("en"))
    assert (QAccessible.Role.Heading, "Please go in") in list(spoken(stage.window))


def test_a_reader_hears_the_answer_before_the_controls_of_the_footer(stage):
    pose(stage, "refused", Choices("en"))
    heard = [name for _, name in spoken(stage.window)]
    assert heard.index("You cannot go in yet") < heard.index("This code has expired") < heard.index("I need help")


@pytest.mark.parametrize("page", ["idle", "refused", "staff", "idle-door_held"])
def test_tab_leads_to_every_control_once_and_round(keys, page):
    pose(keys, page, Choices("en"))
    keys.grab()
    controls = [name for role, name in spoken(keys.window) if role in CONTROLS]
    assert len(round_trip(keys)) == len(controls)


def test_enter_asks_for_help_without_touch(keys):
    said = []
    keys.visitor.asked.connect(said.append)
    try:
        pose(keys, "idle", Choices("en"))
        keys.grab()
        for _ in range(20):
            press(keys, Qt.Key.Key_Tab)
            if keys.window.activeFocusItem().objectName() == "help":
                break
        press(keys, Qt.Key.Key_Return)
        assert said == [Intent(intent="help")]
    finally:
        keys.visitor.asked.disconnect(said.append)


def test_a_control_that_is_on_says_so(stage):
    def states():
        interface = QAccessible.queryAccessibleInterface(stage.window)
        found, left = {}, [interface]
        while left:
            one = left.pop()
            left += [child for child in map(one.child, range(one.childCount())) if child]
            found[one.text(QAccessible.Text.Name)] = bool(one.state().checked)
        return found

    pose(stage, "idle", Choices("en"))
    assert not states()["Text size"]
    pose(stage, "idle", Choices("en", large=True))
    assert states()["Text size"]


def found(interface, name):
    """Return what is heard by that name."""
    if interface.text(QAccessible.Text.Name) == name:
        return interface
    children = filter(None, map(interface.child, range(interface.childCount())))
    return next(filter(None, (found(child, name) for child in children)), None)


def clear_away():
    """Let what the page before has left behind go: it has the same names."""
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def press_by_reader(stage, name):
    QAccessible.setActive(True)
    actions = found(QAccessible.queryAccessibleInterface(stage.window), name).actionInterface()
    actions.doAction(QAccessibleActionInterface.pressAction())
    stage.grab()
    QGuiApplication.processEvents()


def heard_names(stage):
    return [name for _, name in spoken(stage.window)]


def test_what_is_held_by_hand_is_pressed_twice_by_a_screen_reader(stage):
    said = []
    stage.visitor.asked.connect(said.append)
    try:
        pose(stage, "staff", Choices("en"))
        clear_away()
        press_by_reader(stage, "Staff: hold to clear")
        assert said == []
        press_by_reader(stage, "Staff: hold to clear, press again to confirm")
        assert said == [Intent(intent="staff_done")]
        assert "Staff: hold to clear" in heard_names(stage)
    finally:
        stage.visitor.asked.disconnect(said.append)


def test_a_second_press_that_comes_too_late_is_a_first_one(stage, qtbot):
    said = []
    stage.visitor.asked.connect(said.append)
    try:
        pose(stage, "staff", Choices("en"))
        clear_away()
        control = stage.window.findChild(QQuickItem, "staffDone")
        again = control.findChild(QObject, "secondPress")
        assert again.property("interval") == 5000
        again.setProperty("interval", 1)
        press_by_reader(stage, "Staff: hold to clear")
        qtbot.waitUntil(lambda: "Staff: hold to clear" in heard_names(stage))
        press_by_reader(stage, "Staff: hold to clear")
        assert said == []
    finally:
        stage.visitor.asked.disconnect(said.append)


def test_the_staffs_way_in_is_pressed_twice_as_well(stage):
    entered = []
    note = lambda: entered.append(True)  # noqa: E731, a connection is ended by the same object
    stage.manager.entered.connect(note)
    try:
        pose(stage, "idle", Choices("en"))
        clear_away()
        press_by_reader(stage, "Staff: hold to sign in")
        assert entered == []
        press_by_reader(stage, "Staff: hold to sign in, press again to confirm")
        assert entered == [True]
    finally:
        stage.manager.entered.disconnect(note)


def test_a_screen_reader_opens_the_door_by_two_presses_and_all_else_by_one(stage):
    acts = []
    stage.manager.acted.connect(acts.append)
    try:
        pose_manager(stage, "open_door-lane", Choices("en"))
        clear_away()
        press_by_reader(stage, "Out")
        press_by_reader(stage, "Hold to open: Delivery, hold")
        assert [act.id for act in acts] == ["direction"]
        press_by_reader(stage, "Hold to open: Delivery, hold, press again to confirm")
        assert [act.id for act in acts] == ["direction", "open"]
    finally:
        stage.manager.acted.disconnect(acts.append)
        stage.manager.show(None, 0, {})
