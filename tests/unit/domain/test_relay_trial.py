"""A test of a relay: in maintenance only, on record before, and never against fire."""

import pytest

from kiosk.domain.door import TEST_MS
from kiosk.domain.door_io import DoorKind, DoorSetup, Mode, RelayTestAsked
from kiosk.domain.events import EventType
from kiosk.domain.gate import CHECKING_MAX_MS, MS, Committed, Gate, ModeAsked, Record, Release, step
from kiosk.domain.lines import Out, Sense
from kiosk.testing.doorway import Doorway

FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})
ASKED = RelayTestAsked(Out.RELAY, {"by": "service"})


@pytest.fixture
def door():
    return Doorway(DoorSetup(DoorKind.LANE, FIRE))


@pytest.mark.parametrize("out", [Out.RELAY, Out.EXIT_RELAY])
def test_each_relay_moves_by_itself_for_half_a_second_and_says_why(door, out):
    door.run_as(Mode.MAINTENANCE)
    door.put(RelayTestAsked(out, {"by": "service"}))
    assert door.released == {out}
    assert door.told(EventType.SELF_TEST_MADE) == [("", {"by": "service", "part": out.value})]
    assert [data["cause"] for _, data in door.told(EventType.GATE_RELEASED)] == ["self_test"]
    door.after(TEST_MS + 50)
    assert door.released == set()
    assert door.alarms == set()


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.LOCKDOWN])
def test_outside_maintenance_nothing_moves_and_nothing_is_on_record(door, mode):
    door.run_as(mode)
    door.put(ASKED)
    assert (door.released, door.told(EventType.SELF_TEST_MADE)) == (set(), [])


def test_the_end_of_maintenance_ends_a_test(door):
    door.run_as(Mode.MAINTENANCE)
    door.put(ASKED)
    door.run_as(Mode.LOCKDOWN)
    assert door.released == set()


def test_in_a_fire_nothing_is_tried(door):
    door.run_as(Mode.MAINTENANCE)
    door.fire()
    door.put(ASKED)
    assert door.told(EventType.SELF_TEST_MADE) == []


def test_a_mantraps_doors_are_never_open_together():
    trap = Doorway(DoorSetup(DoorKind.INTERLOCK, frozenset({Sense.CONTACT, Sense.INNER_CONTACT})))
    trap.run_as(Mode.MAINTENANCE)
    trap.sense(Sense.INNER_CONTACT)
    trap.put(ASKED)
    assert trap.released == set()


@pytest.mark.parametrize(("late_ms", "moves"), [(CHECKING_MAX_MS, True), (CHECKING_MAX_MS + 1, False)])
def test_a_record_that_comes_too_late_moves_nothing(late_ms, moves):
    gate, _ = step(Gate.of(DoorSetup()), ModeAsked(Mode.MAINTENANCE, "staff"), MS)
    gate, effects = step(gate, ASKED, MS)
    record = next(effect for effect in effects if isinstance(effect, Record))
    assert not any(isinstance(effect, Release) for effect in effects)
    _, effects = step(gate, Committed(record.token), (1 + late_ms) * MS)
    assert any(isinstance(effect, Release) for effect in effects) is moves
