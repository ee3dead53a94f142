"""The manager's screen through a real window: fingers and keys in, questions to the gate out."""

import subprocess
import sys

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.api.manager import Answer, DoorNow, OpenDoor, Opened, ShowDoor, SignedIn, SignIn, SignOut
from kiosk.domain.door_io import Mode
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, StaffRole
from kiosk.domain.staff_door import OpenReason
from ui.choices import Choices
from ui.manager_desk import ManagerDesk
from ui.shots import pose

PIN = "271828"
DOOR = DoorNow(mode=Mode.NORMAL, direction=Direction.ENTRY, leaves=())


class Desk:
    """The screen with a gate that the test plays: `asked` are its questions, `answer` answers the last of a kind."""

    def __init__(self, stage):
        self.stage = stage
        self.asked = []
        self.now = 1
        self.desk = ManagerDesk(stage.manager, self.take, lambda: "en", lambda: self.now)
        self.update()

    def take(self, ask):
        self.asked.append(ask)
        return True

    def update(self, *answers, gate_there=True):
        self.desk.update(answers, gate_there=gate_there)
        self.settle()

    def settle(self):
        self.stage.grab()
        QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QGuiApplication.processEvents()

    def answer(self, kind, reply=None, code=None, detail=""):
        ask = next(ask for ask in reversed(self.asked) if isinstance(ask.request, kind))
        self.update(Answer(id=ask.id, reply=reply, code=code, detail=detail))

    def sign_in(self, role=StaffRole.MANAGER):
        self.stage.manager.enter()
        self.settle()
        for digit in PIN:
            self.stage.manager.act("digit", digit)
        self.stage.manager.act("enter")
        self.answer(SignIn, SignedIn(session="0f" * 16, role=role, name="desk", idle_s=90))

    def requests(self):
        return [ask.request for ask in self.asked]


@pytest.fixture
def desk(stage):
    stage.set_surface(800, 480, 5.19)
    pose(stage, "idle", Choices("en"))
    desk = Desk(stage)
    yield desk
    stage.manager.leave()
    shiboken6.delete(desk.desk)  # so that the next one alone hears the screen


@pytest.fixture(scope="module")
def finger(qapp):
    return QTest.createTouchDevice()


def item(stage, name):
    return next(one for one in found(stage.window.contentItem(), name) if one.isVisible())


def found(parent, name):
    for child in parent.childItems():
        if child.objectName() == name:
            yield child
        yield from found(child, name)


def middle(stage, name):
    one = item(stage, name)
    return one.mapToScene(QPointF(one.width() / 2, one.height() / 2)).toPoint()


def tap(desk, finger, name):
    point = middle(desk.stage, name)
    QTest.touchEvent(desk.stage.window, finger).press(0, point, desk.stage.window).commit()
    QTest.touchEvent(desk.stage.window, finger).release(0, point, desk.stage.window).commit()
    desk.settle()


def hold(desk, name, qtbot, until):
    point = middle(desk.stage, name)
    no_key = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(desk.stage.window, Qt.MouseButton.LeftButton, no_key, point)
    qtbot.waitUntil(until, timeout=4000)
    QTest.mouseRelease(desk.stage.window, Qt.MouseButton.LeftButton, no_key, point)
    desk.settle()


def test_the_corner_is_held_and_a_tap_on_it_does_nothing(desk, finger, qtbot):
    tap(desk, finger, "corner")
    assert not desk.stage.manager.shown
    hold(desk, "corner", qtbot, lambda: desk.stage.manager.shown)
    assert desk.stage.manager.page == "sign_in"
    assert not desk.stage.window.findChild(QQuickItem, "help").isVisible()


def test_without_touch_a_key_leads_there_and_a_pin_is_typed(desk):
    QTest.keyClick(desk.stage.window, Qt.Key.Key_F1)
    desk.settle()
    for digit in PIN:
        QTest.keyClick(desk.stage.window, digit)
    QTest.keyClick(desk.stage.window, Qt.Key.Key_Return)
    assert desk.requests() == [SignIn(pin=PIN)]
    desk.settle()
    QTest.keyClick(desk.stage.window, Qt.Key.Key_Escape)
    assert not desk.stage.manager.shown


def test_a_pin_is_typed_by_touch_and_the_role_stands_above(desk, finger):
    desk.stage.manager.enter()
    desk.settle()
    for digit in "999999":
        tap(desk, finger, f"key:{digit}")
    tap(desk, finger, "key:erase")
    tap(desk, finger, "key:1")
    tap(desk, finger, "key:enter")
    assert desk.requests() == [SignIn(pin="999991")]
    desk.answer(SignIn, code=Refused.WRONG_PIN)
    assert desk.stage.manager.who == ""
    desk.stage.manager.leave()
    desk.sign_in(StaffRole.GUARD)
    assert desk.stage.manager.who == "Guard"


def test_the_door_is_opened_by_holding_and_not_by_a_tap(desk, finger, qtbot):
    desk.sign_in()
    tap(desk, finger, "act:open_door")
    desk.answer(ShowDoor, DOOR)
    tap(desk, finger, "act:no_code")
    tap(desk, finger, "act:open")
    wanted = OpenDoor(direction=Direction.ENTRY, reason=OpenReason.NO_CODE)
    assert wanted not in desk.requests()
    hold(desk, "act:open", qtbot, lambda: wanted in desk.requests())
    desk.answer(OpenDoor, Opened(visit="v1", ms=5000))
    assert item(desk.stage, "act:anew").isVisible()
    tap(desk, finger, "managerBack")
    assert desk.stage.manager.page == "menu"


def test_a_finger_that_stays_on_a_control_is_not_shaken_off_by_news_of_the_page(desk):
    desk.sign_in()
    desk.stage.manager.act("open_door")
    desk.answer(ShowDoor, DOOR)
    desk.stage.manager.act("no_code")
    desk.settle()
    control = item(desk.stage, "act:open")
    desk.now += 2 * 10**9
    desk.update()
    desk.answer(ShowDoor, DOOR.model_copy(update={"shut": "lockdown"}))
    assert item(desk.stage, "act:open") is control


def test_the_pages_are_read_when_they_are_first_needed():
    script = "import sys, ui.shell; sys.exit('ui.manager.controller' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_signing_out_gives_the_screen_back(desk, finger):
    desk.sign_in()
    tap(desk, finger, "signOut")
    assert desk.requests()[-1] == SignOut()
    assert not desk.stage.manager.shown
    assert item(desk.stage, "help").isVisible()


def test_what_a_touch_makes_of_a_page_begins_at_its_top(desk):
    desk.sign_in()
    desk.stage.manager.act("open_door")
    desk.answer(ShowDoor, DOOR)
    page = item(desk.stage, "managerPage")
    page.setProperty("contentY", 100)
    desk.now += 2 * 10**9
    desk.update()
    desk.answer(ShowDoor, DOOR.model_copy(update={"people": 3}))
    assert page.property("contentY") == 100, "news does not move the page"
    desk.stage.manager.act("other")
    desk.settle()
    assert page.property("contentY") == 0
    desk.stage.manager.act("longer", "on")
    page.setProperty("contentY", 30)
    desk.stage.manager.act("longer", "")
    desk.settle()
    assert page.property("contentY") == 30, "nor does a value that is set"


def test_a_long_page_is_turned_by_large_controls(desk, finger):
    desk.sign_in()
    page = item(desk.stage, "managerPage")
    assert page.property("contentY") == 0
    tap(desk, finger, "pageDown")
    assert page.property("contentY") > 0
    tap(desk, finger, "pageUp")
    assert page.property("contentY") == 0


def test_with_a_keyboard_alone_every_control_is_reached_and_seen(desk):
    desk.sign_in()
    desk.stage.manager.act("look_up")
    desk.settle()
    page = item(desk.stage, "managerPage")
    seen = set()
    for _ in range(20):
        QTest.keyClick(desk.stage.window, Qt.Key.Key_Tab)
        desk.settle()
        control = desk.stage.window.activeFocusItem()
        name = control.objectName()
        seen.add(name)
        if name.startswith(("act:", "choice:", "field:")):
            top = control.mapToItem(page, QPointF(0, 0)).y()
            assert top >= -1, name
            assert top + control.height() <= page.height() + 1, name
    assert {"managerBack", "signOut", "field:number", "choice:way:name", "choice:reason:incident"} <= seen


def test_a_birth_date_is_typed_as_it_is_said(desk, finger):
    desk.sign_in()
    desk.stage.manager.act("look_up")
    desk.stage.manager.act("way", "name")
    desk.settle()
    assert item(desk.stage, "field:born").property("name") == "Born on"
    from_page(desk, "born")
    for digit in "31021990":
        QTest.keyClick(desk.stage.window, digit)
    QTest.keyClick(desk.stage.window, Qt.Key.Key_Return)
    assert item(desk.stage, "editor").isVisible()  # there is no such day
    for _ in range(8):
        QTest.keyClick(desk.stage.window, Qt.Key.Key_Backspace)
    for digit in "03021990":
        QTest.keyClick(desk.stage.window, digit)
    QTest.keyClick(desk.stage.window, Qt.Key.Key_Return)
    desk.settle()
    assert item(desk.stage, "field:born").property("name") == "Born on, 03/02/1990"


def test_a_number_is_typed_on_the_keyboard_by_touch(desk, finger):
    desk.sign_in()
    desk.stage.manager.act("look_up")
    desk.settle()
    tap(desk, finger, "field:number")
    assert not any(one.isVisible() for one in found(desk.stage.window.contentItem(), "managerPage"))
    for key in ("key-q", "key-accept"):
        tap(desk, finger, key)
    assert item(desk.stage, "field:number").property("name") == "Number of the document, Q"


def from_page(desk, name):
    """Open the editor of a field, wherever on the page it is."""
    field = item(desk.stage, f"field:{name}")
    field.forceActiveFocus()
    QTest.keyClick(desk.stage.window, Qt.Key.Key_Space)
    desk.settle()


def test_the_gate_is_gone_and_nothing_is_asked(desk):
    desk.sign_in()
    desk.update(gate_there=False)
    assert desk.stage.manager.said.startswith("The gate is not answering")
    before = len(desk.asked)
    desk.stage.manager.act("dashboard")
    assert len(desk.asked) == before
    desk.update(gate_there=True)
    assert desk.stage.manager.page == "sign_in", "with the gate process the session has gone"


def test_a_point_beside_the_controls_does_nothing(desk, finger):
    desk.sign_in()
    before = len(desk.asked)
    QTest.touchEvent(desk.stage.window, finger).press(0, QPoint(400, 60), desk.stage.window).commit()
    QTest.touchEvent(desk.stage.window, finger).release(0, QPoint(400, 60), desk.stage.window).commit()
    assert len(desk.asked) == before
