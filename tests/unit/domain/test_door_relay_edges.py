"""The relays at their edges: when they are told anew, when they are at fault, and for whom an edge was."""

from dataclasses import replace

import pytest

from kiosk.domain.door import step
from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState, Mode
from kiosk.domain.door_relays import OPEN_GRACE_MS, RELAY_GRACE_MS
from kiosk.domain.door_table import HOLD_MS
from kiosk.domain.events import EventType
from kiosk.domain.gate import MS, RelayMoved, SensorFault, Tick
from kiosk.domain.gate_io import Lock
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction
from kiosk.testing.doorway import TICK_MS, Doorway

FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})
TURNED = frozenset({Sense.TURNED_IN, Sense.TURNED_OUT})
OUTER, INNER = Sense.CONTACT, Sense.INNER_CONTACT
RELEASED, LOCKED, ANNULLED = EventType.GATE_RELEASED, EventType.GATE_LOCKED, EventType.VISIT_ANNULLED


@pytest.fixture
def door():
    return Doorway(DoorSetup(DoorKind.STRIKE, FIRE))


@pytest.fixture
def mantrap():
    return Doorway(DoorSetup(DoorKind.INTERLOCK, FIRE | {OUTER, INNER, Sense.EXIT_BUTTON}))


def through(mantrap, contact):
    mantrap.sense(contact)
    mantrap.sense(contact, active=False)


def becomes_fault(door, ms):
    """Tell whether the first leaf is at fault after `ms` milliseconds, and was not one tick before."""
    door.after(ms - TICK_MS)
    before = door.state
    door.after(TICK_MS)
    return before is not DoorState.FAULT and door.state is DoorState.FAULT


# telling


def test_what_lasts_is_told_anew_when_a_second_of_it_is_left(door):
    door.fire()
    began = door.ms
    door.after(1_000)
    assert door.until == {Out.RELAY: began + HOLD_MS}
    door.after(TICK_MS)
    assert door.until == {Out.RELAY: door.ms + HOLD_MS}


def test_a_door_is_locked_in_the_moment_in_which_its_release_ends(door):
    door.admit("v1")
    door.after(door.setup.pulse_ms - TICK_MS)
    assert door.state is DoorState.RELEASED
    door.after(TICK_MS)
    assert door.state is DoorState.LOCKED


def test_a_relay_is_told_once_to_fall_back(door):
    door.admit("v1")
    door.relay_works = False
    door.run_as(Mode.LOCKDOWN)
    _, outputs = step(door.gate.door, Tick(), door.ms * MS)
    assert outputs == ()


# faults


def test_a_relay_that_does_not_fall_back_when_it_is_told_is_at_fault_a_second_later(door):
    door.admit("v1")
    door.after(500)
    door.relay_works = False
    door.run_as(Mode.LOCKDOWN)
    assert door.gate.door.leaves[0].overdue_ns == (door.ms + RELAY_GRACE_MS) * MS
    assert becomes_fault(door, RELAY_GRACE_MS)


def test_a_relay_that_does_not_fall_back_by_itself_is_at_fault_a_second_later(door):
    door.admit("v1")
    door.relay_works = False
    assert becomes_fault(door, door.setup.pulse_ms + RELAY_GRACE_MS)


def test_a_relay_that_never_moves_is_at_fault_however_often_it_is_told(door):
    door.relay_works = False
    door.fire()
    assert becomes_fault(door, HOLD_MS + RELAY_GRACE_MS)


@pytest.mark.parametrize("out", [Out.RELAY, Out.EXIT_RELAY])
def test_a_relay_that_rises_by_itself_is_told_to_fall_back_and_is_at_fault_a_second_later(out):
    lane = Doorway(DoorSetup(DoorKind.LANE, TURNED))
    at = lane.ms * MS
    risen, outputs = step(lane.gate.door, RelayMoved(released=True, at_ns=at, out=out), at)
    assert outputs[-1] == Lock(out)
    assert risen.leaf(out).overdue_ns == at + RELAY_GRACE_MS * MS
    before, _ = step(risen, Tick(), at + RELAY_GRACE_MS * MS - 1)
    after, _ = step(before, Tick(), at + RELAY_GRACE_MS * MS)
    assert (before.leaf(out).state, after.leaf(out).state) == (DoorState.LOCKED, DoorState.FAULT)


def test_a_relay_that_has_fallen_back_is_awaited_no_more(door):
    door.admit("v1")
    door.after(60_000)
    leaf = door.gate.door.leaves[0]
    assert (leaf.overdue_ns, leaf.told_ns, leaf.released_ns, leaf.visit, leaf.open_for) == (0, 0, 0, "", "")
    door.put(RelayMoved(released=True, at_ns=door.ms * MS))
    assert becomes_fault(door, RELAY_GRACE_MS), "risen by itself, although it was told once"


# for whom


def test_an_edge_is_for_the_visit_it_was_told_for_and_the_next_for_its_own_cause(door):
    door.admit("v1")
    door.after(door.setup.pulse_ms)
    door.fire()
    door.fire(active=False)
    door.put(RelayMoved(released=True, at_ns=door.ms * MS))
    assert door.told(RELEASED) == [("v1", {}), ("", {"cause": "fire"}), ("", {})]
    assert [visit for visit, _ in door.told(LOCKED)] == ["v1", ""]


def test_the_second_of_two_extends_the_opening_of_the_first(door):
    door.admit("v1")
    door.admit("v2")
    assert door.told(RELEASED) == [("v1", {}), ("v2", {"extends": "v1"})]
    door.after(60_000)
    door.admit("v3")
    assert door.told(RELEASED)[2:] == [("v3", {})]


def test_an_edge_says_how_long_the_gate_was_open(door):
    door.admit("v1")
    door.after(door.setup.pulse_ms)
    assert door.told(LOCKED) == [("v1", {"released_ms": door.setup.pulse_ms})]


def test_a_relay_that_this_door_does_not_have_is_its_first(door):
    assert door.gate.door.leaf(Out.INNER_RELAY) is door.gate.door.leaves[0]


# a mantrap


def test_each_visit_is_released_by_name_at_each_door_of_a_mantrap(mantrap):
    mantrap.admit("v1")
    mantrap.admit("v2")
    for contact in (OUTER, INNER, OUTER, INNER):
        through(mantrap, contact)
    assert [visit for visit, _ in mantrap.told(RELEASED)] == ["v1", "v1", "v2", "v2"]


def test_who_needs_longer_at_a_mantrap_has_until_the_door_locks_and_a_moment_more(mantrap):
    mantrap.admit("v1", longer=True)
    mantrap.after(mantrap.setup.longer_ms + OPEN_GRACE_MS - TICK_MS)
    assert mantrap.told(ANNULLED) == []
    mantrap.after(TICK_MS)
    assert [visit for visit, _ in mantrap.told(ANNULLED)] == ["v1"]


def test_nobody_begins_at_a_mantrap_while_a_contact_says_nothing(mantrap):
    mantrap.admit("v1")
    mantrap.sense(OUTER)
    mantrap.put(SensorFault(INNER, present=True))
    mantrap.sense(OUTER, active=False)
    assert mantrap.released == set()
    mantrap.put(SensorFault(INNER, present=False))
    assert mantrap.released == {Out.INNER_RELAY}


@pytest.mark.parametrize("not_at_rest", [
    {"is_open": True}, {"released_ns": 1}, {"state": DoorState.FORCED, "is_open": True}, {"state": DoorState.RELEASED},
])  # fmt: skip
def test_nobody_begins_at_a_mantrap_whose_other_door_is_not_at_rest(mantrap, not_at_rest):
    door, now = mantrap.gate.door, mantrap.ms * MS
    inner = replace(door.leaf(Out.INNER_RELAY), **not_at_rest, opened_ns=now)
    mantrap.gate = replace(mantrap.gate, door=door.with_leaf(inner))
    mantrap.relay_works = False
    mantrap.admit("v1", direction=Direction.ENTRY)
    assert [one.until_ns for one in mantrap.gate.door.openings] == [0]
