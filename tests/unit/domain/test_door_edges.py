"""The door at its edges: the very moment at which something begins or is over, and what a near miss leaves alone."""

import pytest

from kiosk.domain.door import OPENINGS, step
from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState, HoldOpen, Mode
from kiosk.domain.door_relays import OPEN_GRACE_MS
from kiosk.domain.door_state import Cause
from kiosk.domain.events import EventType
from kiosk.domain.gate import MS, LongerAsked, Occupied, OpenAsked, SensorFault
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction
from kiosk.testing.doorway import TICK_MS, Doorway

CONTACT, BEAM, EXIT = Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON
OUTER, INNER = Sense.CONTACT, Sense.INNER_CONTACT
ALL = frozenset({CONTACT, BEAM, EXIT, Sense.TAMPER, Sense.FIRE_NC, Sense.FIRE_NO})
ENTERED, LEFT, ANNULLED = EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT, EventType.VISIT_ANNULLED


@pytest.fixture
def strike():
    return Doorway(DoorSetup(DoorKind.STRIKE, ALL))


@pytest.fixture
def mantrap():
    return Doorway(DoorSetup(DoorKind.INTERLOCK, frozenset({OUTER, INNER, EXIT})))


def changes_at(door, ms, seen):
    """Assert that what is seen is something else after `ms` milliseconds than one tick before; return both."""
    door.after(ms - TICK_MS)
    before = seen()
    door.after(TICK_MS)
    assert seen() != before
    return before, seen()


def visits(door, kind):
    return [visit for visit, _ in door.told(kind)]


# how long an admission lasts


def test_an_admission_ends_with_the_time_for_its_passage(strike):
    strike.admit("v1")
    assert changes_at(strike, strike.setup.passage_ms, lambda: visits(strike, ANNULLED)) == ([], ["v1"])


def test_who_needs_longer_has_until_the_door_locks_and_a_moment_more(strike):
    strike.admit("v1", longer=True)
    moment = strike.setup.longer_ms + OPEN_GRACE_MS
    assert changes_at(strike, moment, lambda: visits(strike, ANNULLED)) == ([], ["v1"])


def test_where_nothing_counts_an_admission_ends_with_its_release():
    door = Doorway(DoorSetup(DoorKind.STRIKE))
    door.admit("v1")
    _, after = changes_at(door, door.setup.pulse_ms, lambda: door.gate.door.openings)
    assert (after, door.told(ANNULLED)) == ((), [])


@pytest.mark.parametrize(
    ("sense", "direction"), [(Sense.TURNED_IN, Direction.ENTRY), (Sense.TURNED_OUT, Direction.EXIT)]
)
def test_each_way_is_counted_by_its_own_feedback(sense, direction):
    door = Doorway(DoorSetup(DoorKind.TURNSTILE, frozenset({sense})))
    door.admit("v1", direction=direction)
    door.after(door.setup.passage_ms)
    assert visits(door, ANNULLED) == ["v1"]
    other = Direction.EXIT if direction is Direction.ENTRY else Direction.ENTRY
    door.admit("v2", direction=other)
    door.after(60_000)
    assert visits(door, ANNULLED) == ["v1"], "nothing counts the other way"


def test_who_is_admitted_while_the_door_stands_open_may_be_the_one_whom_the_light_barrier_missed(strike):
    strike.admit("v1")
    strike.sense(CONTACT)
    strike.admit("v2")
    strike.after(1_000)
    strike.sense(CONTACT, active=False)
    strike.after(strike.setup.passage_ms)
    assert strike.told(ENTERED) == [("v1", {"by": "other_sensor"}), ("v2", {"by": "other_sensor"})]


def test_in_a_crowd_the_oldest_admission_is_over(strike):
    for number in range(OPENINGS + 1):
        strike.admit(f"v{number}")
    assert visits(strike, ANNULLED) == ["v0"]
    assert len(strike.gate.door.openings) == OPENINGS


def test_staff_opens_by_a_command_and_a_code_by_an_admission(strike):
    strike.admit("v1")
    assert strike.gate.door.leaves[0].cause is Cause.ADMISSION
    strike.put(OpenAsked("o1", "staff"))
    assert strike.gate.door.leaves[0].cause is Cause.COMMAND


# who asks for longer


def test_longer_is_counted_from_the_moment_it_is_asked_for(strike):
    strike.admit("v1")
    strike.after(2_000)
    strike.put(LongerAsked())
    assert changes_at(strike, strike.setup.longer_ms, lambda: strike.released) == ({Out.RELAY}, set())
    assert changes_at(strike, strike.setup.passage_ms, lambda: visits(strike, ANNULLED)) == ([], ["v1"])


def test_longer_is_asked_for_in_vain_once_the_release_is_over(strike):
    strike.admit("v1")
    strike.after(strike.setup.pulse_ms)
    strike.put(LongerAsked())
    assert strike.released == set()


def test_nobody_who_has_left_by_the_button_needs_longer(strike):
    strike.sense(EXIT)
    strike.sense(EXIT, active=False)
    strike.pulse(BEAM)
    strike.put(LongerAsked())
    strike.after(strike.setup.exit_ms)
    assert strike.released == set()


# doors that stand open


def test_a_door_is_held_when_it_has_stood_open_for_too_long_not_when_it_was_released_long_ago(strike):
    strike.admit("v1")
    strike.after(2_000)
    strike.sense(CONTACT)
    strike.pulse(BEAM)
    assert changes_at(strike, strike.setup.held_ms - 100, lambda: strike.state) == (DoorState.OPEN, DoorState.HELD)


def test_an_alarm_stands_since_it_was_raised(strike):
    strike.put(Occupied(90, 1))
    assert [one.since_ns for one in strike.gate.door.alarms] == [strike.ms * MS]


def test_the_schedule_may_say_again_that_it_holds_the_door_after_the_first_person_has_come_in():
    doorway, hold = Doorway(DoorSetup(DoorKind.STRIKE, frozenset({BEAM}))), HoldOpen(active=True, first_person=True)
    doorway.put(hold)
    doorway.admit("v1")
    assert not doorway.gate.door.held_open
    doorway.pulse(BEAM)
    again, _ = step(doorway.gate.door, hold, doorway.ms * MS)
    assert again.held_open
    over, _ = step(again, HoldOpen(), doorway.ms * MS)
    anew, _ = step(over, hold, doorway.ms * MS)
    assert not anew.held_open, "another day, another first person"


# fire and the exit button


def test_the_contacts_of_the_fire_input_may_contradict_each_other_for_half_a_second(strike):
    strike.sense(Sense.FIRE_NO)
    assert changes_at(strike, 500, lambda: strike.alarms) == (set(), {"fire_wiring"})


def test_a_held_exit_button_renews_its_release_when_a_second_of_it_is_left(strike):
    strike.sense(EXIT)
    pressed = strike.ms
    strike.after(4_000)
    (opening,) = strike.gate.door.openings
    assert opening.until_ns == (pressed + strike.setup.exit_ms) * MS
    strike.after(TICK_MS)
    (opening,) = strike.gate.door.openings
    assert opening.until_ns == (strike.ms + strike.setup.exit_ms) * MS
    assert len(strike.told(EventType.EXIT_REQUESTED)) == 1


def test_a_held_exit_button_never_lets_the_door_lock(strike):
    strike.sense(EXIT)
    for _ in range(200):
        strike.after(TICK_MS)
        assert strike.released == {Out.RELAY}
        assert len(strike.gate.door.openings) == 1


def test_an_exit_button_hangs_when_it_has_been_pressed_for_too_long(strike):
    strike.sense(EXIT)
    assert changes_at(strike, strike.setup.held_ms, lambda: strike.alarms) == (set(), {"sensor"})


def test_a_held_exit_button_keeps_the_door_released_whatever_crowd_is_admitted_meanwhile(strike):
    strike.sense(EXIT)
    for number in range(OPENINGS):
        strike.admit(f"v{number}")
    strike.after(TICK_MS)
    (exits,) = (one for one in strike.gate.door.openings if one.cause is Cause.EXIT_BUTTON)
    assert (exits.visit, exits.direction, exits.ms) == ("", Direction.EXIT, strike.setup.exit_ms)


def test_another_sensor_that_chatters_does_not_let_go_of_the_exit_button(strike):
    strike.sense(EXIT)
    strike.put(SensorFault(Sense.TAMPER, present=True))
    strike.after(strike.setup.exit_ms + 1_000)
    assert strike.released == {Out.RELAY}


def test_an_exit_button_that_chatters_counts_as_let_go(strike):
    strike.sense(EXIT)
    strike.put(SensorFault(EXIT, present=True))
    assert changes_at(strike, strike.setup.exit_ms, lambda: strike.released) == ({Out.RELAY}, set())


# a mantrap


def test_who_waits_before_a_mantrap_that_somebody_blocks_is_annulled_after_four_passages(mantrap):
    mantrap.admit("v1")
    mantrap.sense(OUTER)
    mantrap.admit("v2")
    assert changes_at(mantrap, 4 * mantrap.setup.passage_ms, lambda: visits(mantrap, ANNULLED)) == ([], ["v2"])


@pytest.mark.parametrize(("direction", "contact"), [(Direction.ENTRY, OUTER), (Direction.EXIT, INNER)])
def test_who_has_the_first_door_open_is_not_annulled(mantrap, direction, contact):
    mantrap.admit("v1", direction=direction)
    mantrap.sense(contact)
    mantrap.after(10 * mantrap.setup.passage_ms)
    assert visits(mantrap, ANNULLED) == []
    mantrap.sense(contact, active=False)
    assert changes_at(mantrap, mantrap.setup.passage_ms, lambda: visits(mantrap, ANNULLED)) == ([], ["v1"])


def test_whose_turn_was_given_to_somebody_leaving_is_released_again_by_name(mantrap):
    mantrap.admit("v1")
    mantrap.pulse(EXIT)
    for contact in (INNER, OUTER):
        mantrap.sense(contact)
        mantrap.sense(contact, active=False)
    assert visits(mantrap, EventType.GATE_RELEASED) == ["v1", "", "", "v1"]


@pytest.mark.parametrize("mode", [Mode.LOCKDOWN, Mode.MAINTENANCE])
def test_a_mode_that_locks_ends_what_was_granted_before(strike, mode):
    for grant in (lambda: strike.admit("v1"), lambda: strike.put(OpenAsked("o1", "staff"))):
        grant()
        strike.run_as(mode)
        assert strike.released == set()
        strike.after(strike.setup.passage_ms)
        strike.run_as(Mode.NORMAL)
