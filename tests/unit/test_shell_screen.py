"""What the screen asks for, and what it is told of the camera."""

import asyncio
import base64

import pytest

from kiosk.api.messages import (
    Hint,
    Intent,
    Page,
    Role,
    Scan,
    VisionHealth,
)
from kiosk.demo.script import CITIZEN_CARD
from kiosk.domain.door_io import Alarm, DoorSetup, Sensed
from kiosk.domain.events import EventType
from kiosk.domain.gate import CALL_AGAIN_MS, Fault, FaultSeen
from kiosk.domain.lines import Sense
from kiosk.testing.centre_keys import stored
from kiosk.testing.gatehouse import Gatehouse, a_pass


@pytest.fixture
def door():
    return Gatehouse()


def test_the_screen_cannot_open_the_gate_and_the_bridge_cannot_scan(door):
    async def try_it():
        bridge = door.join(Role.BRIDGE)
        message = Scan(scan="x", data=base64.b64encode(a_pass().encode()), frame_ns=1, read_ns=2)
        await door.shell.received(door.screen, message, None)
        await door.shell.received(bridge, message, None)
        await door.shell.received(door.vision, stored("epoch", 1), None)
        await door.settle()

    asyncio.run(try_it())
    assert door.journal.events == []
    assert door.relay.told == []


def test_help_calls_staff_and_staff_clears_it(door):
    async def ask():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        await door.settle()
        assert door.pages()[-1] is Page.STAFF
        await door.shell.received(door.screen, Intent(intent="staff_done"), None)

    asyncio.run(ask())
    assert door.kinds() == [EventType.STAFF_CALLED]


def test_whoever_called_staff_may_say_that_it_is_over(door):
    async def ask():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        await door.shell.received(door.screen, Intent(intent="help_over"), None)
        await door.settle()

    asyncio.run(ask())
    assert door.kinds() == [EventType.STAFF_CALLED, EventType.STAFF_NOT_NEEDED]
    assert door.pages()[-1] is Page.IDLE


def test_nobody_comes_and_the_screen_hears_how_often_staff_was_called(door):
    async def wait():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        door.wait(CALL_AGAIN_MS / 1000)
        await door.settle()

    asyncio.run(wait())
    assert door.screen.sent[-1].calls == 2
    called = [event for event in door.journal.events if event.type is EventType.STAFF_CALLED]
    assert [event.data.get("call") for event in called] == [None, 2]


def test_whoever_moves_before_the_camera_wakes_the_screen(door):
    async def come():
        for moving in (True, False):
            health = VisionHealth(camera="ok", source="synthetic", moving=moving)
            await door.shell.received(door.vision, health, None)

    asyncio.run(come())
    assert [message.present for message in door.screen.sent[-2:]] == [True, False]


def test_a_touch_gives_more_time_to_read(door):
    async def visit():
        await door.show(CITIZEN_CARD)
        before = door.screen.sent[-1].until_ns
        await door.shell.received(door.screen, Intent(intent="touch"), None)
        assert door.screen.sent[-1].until_ns > before

    asyncio.run(visit())


def test_how_bright_it_is_at_the_door_is_known_from_the_camera(door):
    dim = VisionHealth(camera="ok", source="synthetic", light=31.5)
    asyncio.run(door.shell.received(door.vision, dim, None))
    assert door.shell.line.luma == 31.5


def test_whoever_needs_longer_at_the_gate_gets_it(door):
    async def visit():
        await door.show(a_pass())
        await door.settle()
        assert door.screen.sent[-1].more_time == "offered"
        await door.shell.received(door.screen, Intent(intent="longer"), None)

    asyncio.run(visit())
    assert door.screen.sent[-1].more_time == "given"
    assert door.relay.told == [DoorSetup().pulse_ms, DoorSetup().longer_ms]


def test_staff_confirms_an_alarm_at_the_screen(door):
    door.shell.dispatch(Sensed(Sense.TAMPER, True, door.clock.mono_ns()))
    assert (door.screen.sent[-1].alarm, door.screen.sent[-1].alarm_seen) == (Alarm.TAMPER, False)
    asyncio.run(door.shell.received(door.screen, Intent(intent="alarms_seen"), None))
    assert door.screen.sent[-1].alarm_seen


def test_a_lost_camera_is_out_of_order_and_its_return_is_idle(door):
    health = VisionHealth(camera="lost", source="webcam")

    async def lose():
        await door.shell.received(door.vision, health, None)
        assert door.pages()[-1] is Page.OUT_OF_ORDER
        await door.shell.received(door.vision, health.model_copy(update={"camera": "ok"}), None)
        await door.settle()

    asyncio.run(lose())
    assert door.pages()[-1] is Page.IDLE
    assert door.kinds() == [EventType.FAULT_RAISED, EventType.FAULT_CLEARED]


def test_vision_going_away_is_a_lost_camera(door):
    door.peers.peers.remove(door.vision)
    door.shell.closed(Role.VISION)
    assert door.pages()[-1] is Page.OUT_OF_ORDER


def test_vision_that_says_nothing_is_a_lost_camera(door):
    door.shell.begin()
    door.shell.watch()
    assert Fault.CAMERA not in door.shell.gate.faults
    door.clock.advance(10)
    door.shell.watch()
    assert door.pages()[-1] is Page.OUT_OF_ORDER


@pytest.mark.parametrize(("camera", "reason"), [("dark", "camera_dark"), ("frozen", "camera_frozen")])
def test_a_camera_that_shows_nothing_is_out_of_order_and_the_centre_hears_of_it(door, camera, reason):
    async def cover():
        await door.report("ok")
        await door.report(camera)
        assert (door.pages()[-1], door.screen.sent[-1].reasons) == (Page.OUT_OF_ORDER, (reason,))
        assert door.screen.sent[-1].camera == camera
        await door.report(camera)
        await door.report("starting")
        assert door.pages()[-1] is Page.OUT_OF_ORDER, "not known to be right"
        await door.report("ok")
        await door.settle()

    asyncio.run(cover())
    assert door.pages()[-1] is Page.IDLE
    assert [(event.type, event.data) for event in door.journal.events] == [
        (EventType.FAULT_RAISED, {"fault": reason}), (EventType.FAULT_CLEARED, {"fault": reason}),
    ]  # fmt: skip


def test_a_dark_camera_that_goes_away_is_a_lost_one(door):
    async def go():
        await door.report("dark")
        await door.report("lost")
        await door.settle()

    asyncio.run(go())
    assert door.shell.gate.faults == {Fault.CAMERA}
    assert [event.data["fault"] for event in door.journal.events] == [
        "camera_dark", "camera_unavailable", "camera_dark",
    ]  # fmt: skip


@pytest.mark.parametrize("camera", ["dark", "frozen", "lost"])
def test_with_a_scanner_that_works_the_door_works_without_its_camera(door, camera):
    async def cover():
        door.shell.line.scanners["hand"] = "ok"
        await door.report(camera)
        assert (door.pages()[-1], door.screen.sent[-1].camera) == (Page.IDLE, camera)
        door.shell.line.scanners["hand"] = "lost"
        await door.report(camera)
        assert door.pages()[-1] is Page.OUT_OF_ORDER
        door.shell.line.scanners["hand"] = "ok"
        door.shell.dispatch(FaultSeen(Fault.RELAY, present=True))
        assert door.screen.sent[-1].reasons == ("relay_fault",)

    asyncio.run(cover())


def test_a_hint_is_shown_while_nobody_is_answered(door):
    async def hold():
        await door.report("ok")
        await door.hint("next_part", part=1, parts=3)
        shown = door.screen.sent[-1]
        assert (shown.page, shown.hint, shown.part, shown.parts) == (Page.IDLE, "next_part", 1, 3)
        await door.show(a_pass())
        await door.settle()
        assert (door.pages()[-1], door.screen.sent[-1].hint) == (Page.ADMITTED, "")
        await door.hint("")
        door.wait(3)
        assert (door.pages()[-1], door.screen.sent[-1].hint) == (Page.IDLE, "")

    asyncio.run(hold())


def test_a_hint_that_is_not_said_again_is_over(door):
    async def hold():
        await door.report("ok")
        await door.hint("closer")
        door.wait(4)
        await door.hint("closer")
        door.wait(5)
        assert door.screen.sent[-1].hint == "closer"
        door.wait(0.1)

    asyncio.run(hold())
    assert door.screen.sent[-1].hint == ""


@pytest.mark.parametrize("camera", ["lost", "dark", "frozen", "starting", None])
def test_a_hint_ends_with_the_sight(door, camera):
    async def lose():
        await door.report("ok")
        await door.hint("still")
        if camera is None:
            door.peers.peers.remove(door.vision)
            door.shell.closed(Role.VISION)
        else:
            await door.report(camera)

    asyncio.run(lose())
    assert door.screen.sent[-1].hint == ""
    assert door.shell.line.hint is None


def test_only_vision_may_hint(door):
    async def hint():
        await door.shell.received(door.screen, Hint(hint="closer"), None)

    asyncio.run(hint())
    assert door.shell.line.hint is None
