"""Turnstile, lane and mantrap: the doors that are more than a leaf."""

import pytest

from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState, Mode
from kiosk.domain.events import EventType
from kiosk.domain.gate import MS, HoldOpen, RelayMoved, SensorFault, StaffDone
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction
from kiosk.testing.doorway import Doorway

TURNED = frozenset({Sense.TURNED_IN, Sense.TURNED_OUT})
FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})
ENTERED, LEFT = EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT
OUTER, INNER = Sense.CONTACT, Sense.INNER_CONTACT


@pytest.fixture
def turnstile():
    return Doorway(DoorSetup(DoorKind.TURNSTILE, TURNED | FIRE))


@pytest.fixture
def lane():
    return Doorway(DoorSetup(DoorKind.LANE, TURNED | FIRE | {Sense.EXIT_BUTTON}))


@pytest.fixture
def mantrap():
    return Doorway(DoorSetup(DoorKind.INTERLOCK, FIRE | {OUTER, INNER, Sense.EXIT_BUTTON}))


# a turnstile


def test_a_turnstile_locks_behind_each_person(turnstile):
    turnstile.admit("v1")
    turnstile.after(800)
    turnstile.pulse(Sense.TURNED_IN)
    assert (turnstile.told(ENTERED), turnstile.released) == ([("v1", {"by": "turned_in"})], set())


def test_a_turnstile_stays_released_for_the_second_of_two(turnstile):
    turnstile.admit("v1")
    turnstile.admit("v2")
    turnstile.pulse(Sense.TURNED_IN)
    assert turnstile.released == {Out.RELAY}
    turnstile.pulse(Sense.TURNED_IN)
    assert turnstile.released == set()
    assert [visit for visit, _ in turnstile.told(ENTERED)] == ["v1", "v2"]


def test_who_comes_the_wrong_way_raises_an_alarm_is_counted_and_takes_nobodys_admission(turnstile):
    turnstile.admit("v1")
    turnstile.pulse(Sense.TURNED_OUT)
    assert turnstile.told(LEFT) == [("", {"wrong_direction": True})]
    assert (turnstile.alarms, turnstile.inside) == ({"wrong_direction"}, 0)
    turnstile.pulse(Sense.TURNED_IN)
    assert turnstile.told(ENTERED) == [("v1", {"by": "turned_in"})]


def test_a_turnstile_that_always_turns_outwards_counts_without_an_alarm():
    door = Doorway(DoorSetup(DoorKind.TURNSTILE, TURNED, free_exit=True))
    door.pulse(Sense.TURNED_OUT)
    assert (door.told(LEFT), door.alarms, door.inside) == ([("", {})], set(), -1)


def test_a_turnstile_turned_without_leave_is_forced(turnstile):
    turnstile.pulse(Sense.TURNED_IN)
    assert (turnstile.told(ENTERED), turnstile.alarms) == ([("", {"extra": True})], {"door_forced"})


def test_who_squeezes_through_at_somebodys_heels_is_tailgating(turnstile):
    turnstile.admit("v1")
    turnstile.pulse(Sense.TURNED_IN)
    turnstile.after(500)
    turnstile.pulse(Sense.TURNED_IN)
    assert (turnstile.alarms, turnstile.inside) == ({"tailgating"}, 2)


def test_a_second_sensor_vouches_for_who_was_missed():
    door = Doorway(DoorSetup(DoorKind.TURNSTILE, TURNED | {Sense.BEAM}))
    door.admit("v1")
    door.after(500)
    door.pulse(Sense.BEAM)
    door.after(door.setup.passage_ms)
    assert (door.told(ENTERED), door.alarms) == ([("v1", {"by": "other_sensor"})], set())


def test_a_second_sensor_alone_accuses_nobody():
    door = Doorway(DoorSetup(DoorKind.TURNSTILE, TURNED | {Sense.BEAM}))
    door.pulse(Sense.BEAM)
    assert (door.events, door.alarms) == ([], set())


def test_a_door_for_leaving_counts_who_leaves():
    door = Doorway(DoorSetup(DoorKind.STRIKE, frozenset({Sense.CONTACT, Sense.BEAM}), Direction.EXIT))
    door.admit("v1", direction=Direction.EXIT)
    door.sense(Sense.CONTACT)
    door.pulse(Sense.BEAM)
    door.pulse(Sense.BEAM)
    assert door.told(LEFT) == [("v1", {"by": "beam"}), ("", {"extra": True})]
    assert door.alarms == {"tailgating"}


# a lane


def test_a_lane_releases_the_side_of_the_direction(lane):
    lane.admit("in", direction=Direction.ENTRY)
    assert lane.released == {Out.RELAY}
    lane.admit("out", direction=Direction.EXIT)
    assert lane.released == {Out.RELAY, Out.EXIT_RELAY}
    lane.pulse(Sense.TURNED_OUT)
    assert (lane.told(LEFT), lane.released) == ([("out", {"by": "turned_out"})], {Out.RELAY})
    lane.pulse(Sense.TURNED_IN)
    assert (lane.told(ENTERED), lane.released) == ([("in", {"by": "turned_in"})], set())


def test_the_exit_button_of_a_lane_releases_its_exit_side(lane):
    lane.run_as(Mode.LOCKDOWN)
    lane.sense(Sense.EXIT_BUTTON)
    assert lane.released == {Out.EXIT_RELAY}
    assert [data for _, data in lane.told(EventType.GATE_RELEASED)] == [{"cause": "exit_button", "out": "exit_relay"}]


def test_fire_releases_both_sides_of_a_lane(lane):
    lane.fire()
    assert lane.released == {Out.RELAY, Out.EXIT_RELAY}


def test_a_lane_in_free_passage_counts_both_ways(lane):
    lane.run_as(Mode.FREE_PASSAGE)
    lane.pulse(Sense.TURNED_IN)
    lane.pulse(Sense.TURNED_OUT)
    assert (lane.told(ENTERED), lane.told(LEFT)) == ([("", {"free": True})], [("", {"free": True})])
    assert lane.inside == 0


def test_one_stuck_side_of_a_lane_puts_the_whole_lane_out_of_order(lane):
    lane.admit("in")
    lane.relay_works = False
    lane.after(lane.setup.pulse_ms + 1_000)
    lane.relay_works = True
    lane.until.pop(Out.RELAY)  # its line stays where it is, and says nothing
    lane.admit("out", direction=Direction.EXIT)
    assert lane.told(EventType.VISIT_DENIED) == [("out", {"reasons": [Reason.RELAY_FAULT]})]


# a mantrap


def through(mantrap, contact):
    mantrap.after(500)
    mantrap.sense(contact)
    mantrap.after(2_000)
    mantrap.sense(contact, active=False)


def test_a_mantrap_lets_in_through_one_door_after_the_other(mantrap):
    mantrap.admit("v1")
    assert mantrap.released == {Out.RELAY}
    mantrap.after(500)
    mantrap.sense(OUTER)
    assert mantrap.released == {Out.RELAY}
    mantrap.after(4_000)
    assert mantrap.released == set(), "the inner door waits until the outer one is shut"
    mantrap.sense(OUTER, active=False)
    assert mantrap.released == {Out.INNER_RELAY}
    assert mantrap.told(ENTERED) == []
    through(mantrap, INNER)
    assert (mantrap.told(ENTERED), mantrap.released) == ([("v1", {"by": "contact"})], set())
    assert (mantrap.gate.door.openings, mantrap.alarms) == ((), set())


def test_a_mantrap_lets_out_the_other_way_round(mantrap):
    mantrap.admit("v1", direction=Direction.EXIT)
    assert mantrap.released == {Out.INNER_RELAY}
    through(mantrap, INNER)
    assert mantrap.released == {Out.RELAY}
    through(mantrap, OUTER)
    assert mantrap.told(LEFT) == [("v1", {"by": "contact"})]


def test_the_next_person_waits_until_both_doors_are_shut(mantrap):
    mantrap.admit("v1")
    mantrap.admit("v2")
    through(mantrap, OUTER)
    through(mantrap, INNER)
    assert mantrap.released == {Out.RELAY}
    through(mantrap, OUTER)
    through(mantrap, INNER)
    assert [visit for visit, _ in mantrap.told(ENTERED)] == ["v1", "v2"]


def test_who_turns_back_at_the_first_door_of_a_mantrap_is_annulled(mantrap):
    mantrap.admit("v1")
    mantrap.after(mantrap.setup.passage_ms)
    assert mantrap.told(EventType.VISIT_ANNULLED) == [("v1", {"reasons": [Reason.NOT_PASSED]})]


def test_who_stays_between_the_doors_is_annulled_and_leaves_by_the_exit_button(mantrap):
    mantrap.admit("v1")
    through(mantrap, OUTER)
    mantrap.after(mantrap.setup.passage_ms)
    assert mantrap.told(EventType.VISIT_ANNULLED) == [("v1", {"reasons": [Reason.NOT_PASSED]})]
    mantrap.pulse(Sense.EXIT_BUTTON)
    assert mantrap.released == {Out.INNER_RELAY}
    mantrap.after(mantrap.setup.passage_ms)
    assert mantrap.released == {Out.RELAY}
    through(mantrap, OUTER)
    assert mantrap.told(LEFT) == [("", {"exit_button": True, "by": "contact"})]
    assert mantrap.gate.door.openings == ()


def test_who_leaves_comes_before_who_is_admitted_and_has_not_opened_a_door(mantrap):
    mantrap.admit("v1")
    mantrap.pulse(Sense.EXIT_BUTTON)
    mantrap.pulse(Sense.EXIT_BUTTON)
    assert mantrap.released == {Out.INNER_RELAY}
    through(mantrap, INNER)
    through(mantrap, OUTER)
    assert mantrap.released == {Out.RELAY}, "now v1"
    through(mantrap, OUTER)
    through(mantrap, INNER)
    assert mantrap.told(ENTERED) == [("v1", {"by": "contact"})]


def test_who_leaves_waits_for_who_has_a_door_open(mantrap):
    mantrap.admit("v1")
    mantrap.after(500)
    mantrap.sense(OUTER)
    mantrap.pulse(Sense.EXIT_BUTTON)
    assert mantrap.released == {Out.RELAY}
    mantrap.sense(OUTER, active=False)
    through(mantrap, INNER)
    assert mantrap.released == {Out.INNER_RELAY}, "now who leaves"


def test_who_wants_to_leave_a_mantrap_that_stays_blocked_is_not_let_out_much_later(mantrap):
    mantrap.put(SensorFault(OUTER, present=True))
    mantrap.pulse(Sense.EXIT_BUTTON)
    mantrap.after(60_000)
    assert mantrap.gate.door.openings == ()
    mantrap.put(SensorFault(OUTER, present=False))
    assert mantrap.released == set()


def test_fire_opens_both_doors_of_a_mantrap(mantrap):
    mantrap.admit("v1")
    mantrap.sense(OUTER)
    mantrap.fire()
    assert mantrap.released == {Out.RELAY, Out.INNER_RELAY}
    mantrap.after(60_000)
    mantrap.fire(active=False)
    assert mantrap.released == set()


def test_nothing_but_fire_and_free_passage_unlocks_both_doors(mantrap):
    mantrap.put(HoldOpen(active=True))
    mantrap.after(1_000)
    assert mantrap.released == set()
    mantrap.run_as(Mode.FREE_PASSAGE)
    assert mantrap.released == {Out.RELAY, Out.INNER_RELAY}


def test_a_second_door_that_is_forced_while_the_first_is_open_raises_its_alarm(mantrap):
    mantrap.admit("v1")
    mantrap.sense(OUTER)
    mantrap.sense(INNER)
    assert mantrap.gate.door.leaf(Out.INNER_RELAY).state is DoorState.FORCED
    assert mantrap.told(EventType.ALARM_RAISED) == [
        ("", {"alarm": "door_forced", "level": 1, "where": "inner_relay"})
    ]


def test_nobody_is_let_into_a_mantrap_whose_doors_cannot_be_told_shut(mantrap):
    mantrap.admit("v1")
    mantrap.put(SensorFault(INNER, present=True))
    assert mantrap.released == set()
    mantrap.admit("v2")
    assert mantrap.told(EventType.VISIT_DENIED) == [("v2", {"reasons": [Reason.SENSOR_FAULT]})]
    mantrap.fire()
    assert mantrap.released == {Out.RELAY, Out.INNER_RELAY}


def test_a_crowd_before_a_mantrap_is_bounded(mantrap):
    for number in range(40):
        mantrap.admit(f"v{number}")
    assert len(mantrap.gate.door.openings) <= 32
    assert len(mantrap.told(EventType.VISIT_ANNULLED)) == 8


# relays that fail


def never_moves(lane, direction):
    lane.relay_works = False
    lane.admit(f"v{lane.ms}", direction=direction)
    lane.relay_works = True


def test_a_relay_that_never_moved_is_trusted_again_when_staff_has_looked_at_it(turnstile):
    never_moves(turnstile, Direction.ENTRY)
    turnstile.after(turnstile.setup.pulse_ms + 1_000)
    assert (turnstile.state, turnstile.gate.works) == (DoorState.FAULT, False)
    turnstile.put(StaffDone())
    assert (turnstile.state, turnstile.gate.works) == (DoorState.LOCKED, True)


def test_a_lane_works_again_when_both_of_its_relays_do(lane):
    never_moves(lane, Direction.ENTRY)
    never_moves(lane, Direction.EXIT)
    lane.after(lane.setup.pulse_ms + 1_000)
    assert [leaf.state for leaf in lane.gate.door.leaves] == [DoorState.FAULT, DoorState.FAULT]
    lane.put(RelayMoved(released=False, at_ns=lane.ms * MS, out=Out.RELAY))
    assert not lane.gate.works
    lane.put(RelayMoved(released=False, at_ns=lane.ms * MS, out=Out.EXIT_RELAY))
    assert lane.gate.works
