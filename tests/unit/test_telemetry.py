"""What the gate process tells the bridge of itself, and when."""

import asyncio
from dataclasses import replace

import pytest

from kiosk.api.messages import Role, Telemetry, VisionHealth
from kiosk.api.telemetry import DoorNow, Happened, Health, Range, Series
from kiosk.app.telemetry import MachineHealth
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.gate import Fault, FaultSeen
from kiosk.domain.lines import Out
from kiosk.testing.gatehouse import Gatehouse, a_pass


@pytest.fixture
def door():
    house = Gatehouse()
    asyncio.run(house.report("ok"))
    return house


def told(bridge, name="health"):
    """Return what the bridge was told under a name, read as a bridge reads it."""
    shape = {"health": Health, "door": DoorNow, "event": Happened}[name]
    return [
        shape.model_validate(message.data, strict=False)
        for message in bridge.sent
        if isinstance(message, Telemetry) and message.name == name
    ]


def pass_time(door, seconds):
    """Let whole seconds pass, one after the other, as the process does."""
    for _ in range(seconds):
        door.wait(1)


def test_a_bridge_that_comes_is_told_and_then_once_a_minute(door):
    bridge = door.join(Role.BRIDGE)
    door.wait(0)
    pass_time(door, 59)
    assert len(told(bridge)) == 1
    door.wait(1)
    first, second = told(bridge)
    assert (first.window_s, second.window_s, second.uptime_s) == (0, 60, 60)
    assert (second.mode, second.faults, second.alarms, second.clock) == ("normal", (), (), "synced")
    assert (second.versions.policy, second.trust.keys, second.trust.stale) == ("test-1", 2, False)


def test_kiosks_that_start_together_report_at_different_moments(door):
    door.shell.reporter.jitter = lambda: 0.55
    bridge = door.join(Role.BRIDGE)
    pass_time(door, 5)
    assert told(bridge) == []
    door.wait(1)
    assert len(told(bridge)) == 1


def test_figures_are_gathered_over_the_minute(door):
    bridge = door.join(Role.BRIDGE)
    door.wait(1)

    async def see(fps, light, decode_ms, decoded_fps):
        health = VisionHealth(
            camera="ok", source="webcam", fps=fps, light=light, decode_ms=decode_ms, decoded_fps=decoded_fps
        )
        await door.shell.received(door.vision, health, None)

    for fps, light, decode_ms, decoded_fps in ((30, 100, 8, 20), (27, 140, 0, 0), (30, 90, 10, 22)):
        asyncio.run(see(fps, light, decode_ms, decoded_fps))
    door.shell.reporter.machine(MachineHealth(temperature_c=48.5, throttled=("under_voltage",), uptime_s=10))
    door.shell.reporter.machine(MachineHealth(temperature_c=51.5, disk_used_percent=42.0, uptime_s=20))
    pass_time(door, 60)
    said = told(bridge)[-1]
    assert said.camera.fps == Range(min=27, mean=29, max=30)
    assert said.camera.light == Range(min=90, mean=110, max=140)
    # Nothing was searched in the second report: no time of a search either.
    assert said.camera.decode_ms == Range(min=8, mean=9, max=10)
    assert said.machine.temperature_c == Range(min=48.5, mean=50, max=51.5)
    assert (said.machine.throttled, said.machine.disk_used_percent) == (("under_voltage",), 42.0)
    pass_time(door, 60)
    later = told(bridge)[-1]
    assert (later.camera.fps, later.machine.temperature_c, later.machine.throttled) == (None, None, ())


def test_the_queue_is_told_by_its_number_and_how_it_varied(door):
    bridge = door.join(Role.BRIDGE)
    door.wait(0)
    door.journal.append([EventDraft(EventType.EXIT_REQUESTED)] * 4)
    pass_time(door, 30)
    door.journal.confirm(3)
    pass_time(door, 30)
    queue = told(bridge)[-1].events
    assert (queue.last, queue.confirmed, queue.waiting) == (4, 3, Range(min=1, mean=2.5, max=4))
    assert queue.used_percent is None, "nobody has looked yet"


def test_how_full_the_journal_is_is_told(door):
    bridge = door.join(Role.BRIDGE)
    door.wait(0)
    door.shell.line.journal_percent = 81
    pass_time(door, 60)
    assert told(bridge)[-1].events.used_percent == 81


def test_a_fault_is_told_at_once_and_a_second_one_not_before_five_seconds(door):
    bridge = door.join(Role.BRIDGE)
    pass_time(door, 20)
    door.shell.dispatch(FaultSeen(Fault.CAMERA_DARK, present=True))
    door.wait(1)
    assert told(bridge)[-1].faults == ("camera_dark",)
    door.shell.dispatch(FaultSeen(Fault.RELAY, present=True))
    pass_time(door, 4)
    assert told(bridge)[-1].faults == ("camera_dark",)
    door.wait(1)
    assert told(bridge)[-1].faults == ("camera_dark", "relay_fault")
    count = len(told(bridge))
    pass_time(door, 50)
    assert len(told(bridge)) == count


def test_a_clock_that_can_be_believed_no_longer_is_told_at_once(door):
    bridge = door.join(Role.BRIDGE)
    pass_time(door, 10)
    door.clock.confidence_is = ClockConfidence.DRIFTING
    door.wait(1)
    assert told(bridge)[-1].clock == "drifting"


def test_the_door_is_told_whenever_it_changes_and_not_otherwise(door):
    bridge = door.join(Role.BRIDGE)

    async def visit():
        await door.show(a_pass())
        await door.settle()
        door.shell.relay_moved(Out.RELAY, True, door.clock.mono_ns())

    door.wait(0)
    pass_time(door, 10)
    assert [one.state for one in told(bridge, "door")] == ["locked"]
    asyncio.run(visit())
    door.wait(1)
    assert [one.state for one in told(bridge, "door")] == ["locked", "released"]
    assert told(bridge, "door")[-1].inside is None


def test_what_is_recorded_is_told_by_its_type_and_nothing_else(door):
    bridge = door.join(Role.BRIDGE)
    code = a_pass(subject="secret-subject")

    async def visit():
        await door.show(code)
        await door.settle()

    asyncio.run(visit())
    assert [message.data for message in bridge.sent if isinstance(message, Telemetry)] == [{"type": "visit.admitted"}]


def test_nobody_is_told_anything_before_a_bridge_comes_or_after_it_has_gone(door):
    pass_time(door, 70)
    bridge = door.join(Role.BRIDGE)
    door.wait(1)
    door.peers.peers.remove(bridge)
    door.shell.closed(Role.BRIDGE)
    pass_time(door, 130)
    assert len(told(bridge)) == 1
    again = door.join(Role.BRIDGE)
    door.wait(1)
    assert len(told(again)) == len(told(again, "door")) == 1


def test_names_of_any_length_do_not_keep_the_rest_from_being_told(door):
    door.shell.policy = replace(door.shell.policy, version="v" * 500)
    bridge = door.join(Role.BRIDGE)
    door.wait(1)
    assert told(bridge)[-1].versions.policy == "v" * 64


def test_a_series_without_figures_has_no_range():
    assert Series().range() is None
    assert Series().add(-2).add(4).range() == Range(min=-2, mean=1, max=4)
