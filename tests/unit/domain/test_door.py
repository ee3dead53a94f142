"""The door told as stories: what sensors, time and people do, and what becomes of it."""

import pytest

from kiosk.domain.decision import Admit
from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    AlarmsSeen,
    Judged,
    LongerAsked,
    Occupied,
    StaffDone,
    View,
)
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import Reason
from kiosk.testing.doorway import Doorway

CONTACT, BEAM, EXIT = Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON
FIRE = {Sense.FIRE_NC, Sense.FIRE_NO}
ALL = frozenset({CONTACT, BEAM, EXIT, Sense.TAMPER, *FIRE})
ENTERED, LEFT = EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT


@pytest.fixture
def strike():
    return Doorway(DoorSetup(DoorKind.STRIKE, ALL))


@pytest.fixture
def magnet():
    return Doorway(DoorSetup(DoorKind.MAGNETIC_LOCK, ALL))


# a passage


def test_an_admitted_person_goes_in(strike):
    strike.admit("v1")
    assert (strike.released, strike.state) == ({Out.RELAY}, DoorState.RELEASED)
    strike.walk()
    assert (strike.released, strike.state) == (set(), DoorState.LOCKED)
    assert strike.told(ENTERED) == [("v1", {"by": "beam"})]
    assert (strike.inside, strike.alarms, strike.gate.door.openings) == (1, set(), ())


def test_who_does_not_go_in_gets_the_admission_back(strike):
    strike.admit("v1")
    strike.after(strike.setup.passage_ms)
    assert strike.told(EventType.VISIT_ANNULLED) == [("v1", {"reasons": [Reason.NOT_PASSED]})]
    assert [(one.visit, one.reasons) for one in strike.reopened] == [("v1", (Reason.NOT_PASSED,))]
    assert (strike.inside, strike.told(ENTERED)) == (0, [])


def test_that_nobody_went_in_is_said_on_the_screen_where_nobody_else_is_answered(strike):
    strike.admit("v1")
    strike.after(strike.setup.passage_ms)
    assert (strike.gate.view, strike.gate.reasons) == (View.REFUSED, (Reason.NOT_PASSED,))


def test_whom_the_light_barrier_misses_is_in_by_the_doors_contact(strike):
    strike.admit("v1")
    strike.after(500)
    strike.sense(CONTACT)
    strike.after(1_500)
    strike.sense(CONTACT, active=False)
    assert strike.told(ENTERED) == []
    strike.after(strike.setup.passage_ms)
    assert strike.told(ENTERED) == [("v1", {"by": "other_sensor"})]
    assert strike.inside == 1


def test_whom_the_doors_contact_misses_is_in_by_the_light_barrier(strike):
    strike.admit("v1")
    strike.after(800)
    strike.pulse(BEAM)
    assert (strike.told(ENTERED), strike.alarms) == ([("v1", {"by": "beam"})], set())


def test_a_door_with_a_contact_only_counts_by_it():
    door = Doorway(DoorSetup(DoorKind.STRIKE, frozenset({CONTACT})))
    door.admit("v1")
    door.after(500)
    door.sense(CONTACT)
    assert (door.told(ENTERED), door.released) == ([("v1", {"by": "contact"})], set())


def test_a_door_without_sensors_claims_nothing():
    door = Doorway(DoorSetup(DoorKind.STRIKE))
    door.admit("v1")
    door.after(60_000)
    assert [draft.type for draft in door.events] == [
        EventType.VISIT_ADMITTED, EventType.GATE_RELEASED, EventType.GATE_LOCKED,
    ]  # fmt: skip
    assert (door.inside, door.gate.door.openings) == (1, ())


def test_two_admitted_people_go_in_by_one_opening_of_the_door(strike):
    strike.admit("v1")
    strike.admit("v2")
    strike.after(500)
    strike.sense(CONTACT)
    strike.pulse(BEAM)
    strike.after(500)
    strike.pulse(BEAM)
    strike.sense(CONTACT, active=False)
    assert [visit for visit, _ in strike.told(ENTERED)] == ["v1", "v2"]
    assert (strike.alarms, strike.inside) == (set(), 2)


def test_a_second_person_on_one_admission_is_tailgating(strike):
    strike.admit("v1")
    strike.walk(shut=False)
    strike.after(400)
    strike.pulse(BEAM)
    assert strike.told(ENTERED) == [("v1", {"by": "beam"}), ("", {"extra": True})]
    assert (strike.alarms, strike.inside) == ({"tailgating"}, 2)


def test_who_leans_into_the_light_barrier_before_a_shut_door_is_nobody(strike):
    strike.pulse(BEAM)
    assert (strike.events, strike.inside) == ([], 0)


def test_an_open_door_keeps_an_admission_alive_until_it_is_shut(strike):
    strike.admit("v1")
    strike.after(500)
    strike.sense(CONTACT)
    strike.after(strike.setup.passage_ms + 2_000)
    assert strike.told(EventType.VISIT_ANNULLED) == []
    strike.pulse(BEAM)
    assert strike.told(ENTERED) == [("v1", {"by": "beam"})]


# locks


def test_a_strike_latches_as_soon_as_the_door_is_open(strike):
    strike.admit("v1")
    strike.after(500)
    strike.sense(CONTACT)
    assert (strike.released, strike.state) == (set(), DoorState.OPEN)


def test_a_magnet_lets_go_until_the_door_is_shut_again(magnet):
    magnet.admit("v1")
    magnet.after(500)
    magnet.sense(CONTACT)
    magnet.after(magnet.setup.pulse_ms + 5_000)
    assert magnet.released == {Out.RELAY}
    magnet.sense(CONTACT, active=False)
    assert (magnet.released, magnet.state) == (set(), DoorState.LOCKED)


def test_a_magnet_pulls_again_at_a_door_that_is_held(magnet):
    magnet.admit("v1")
    magnet.after(500)
    magnet.sense(CONTACT)
    magnet.after(magnet.setup.held_ms + 100)
    assert (magnet.released, magnet.state) == (set(), DoorState.HELD)


def test_who_needs_longer_gets_it(strike):
    strike.admit("v1", longer=True)
    strike.after(strike.setup.longer_ms - 100)
    assert strike.released == {Out.RELAY}
    strike.after(200)
    assert strike.released == set()


def test_who_asks_for_longer_gets_it_once(strike):
    strike.admit("v1")
    strike.after(2_000)
    strike.put(LongerAsked())
    strike.after(5_000)
    strike.put(LongerAsked())
    strike.after(strike.setup.longer_ms - 5_000 + 50)
    assert strike.released == set()


# doors that stand open


def test_a_door_that_is_held_open_raises_an_alarm_that_grows_and_ends(strike):
    strike.admit("v1")
    strike.walk(shut=False)
    strike.after(strike.setup.held_ms)
    assert (strike.state, strike.alarms) == (DoorState.HELD, {"door_held"})
    strike.after(strike.setup.escalate_ms)
    assert strike.alarms == {"door_held 2"}
    strike.sense(CONTACT, active=False)
    assert (strike.state, strike.alarms) == (DoorState.LOCKED, set())
    assert [data["level"] for _, data in strike.told(EventType.ALARM_RAISED)] == [1, 2]


def test_an_alarm_that_staff_has_seen_grows_no_more(strike):
    strike.sense(CONTACT)
    strike.put(AlarmsSeen())
    strike.after(10 * strike.setup.escalate_ms)
    assert strike.alarms == {"door_forced"}


def test_a_door_opened_without_leave_is_forced(strike):
    strike.sense(CONTACT)
    assert (strike.state, strike.alarms) == (DoorState.FORCED, {"door_forced"})
    assert strike.told(EventType.ALARM_RAISED) == [("", {"alarm": "door_forced", "level": 1, "where": "relay"})]
    strike.pulse(BEAM)
    assert strike.told(ENTERED) == [("", {"extra": True})]
    strike.sense(CONTACT, active=False)
    assert (strike.state, strike.alarms) == (DoorState.LOCKED, set())


def test_a_door_pulled_open_in_the_moment_of_its_locking_is_not_forced(strike):
    strike.admit("v1")
    strike.after(strike.setup.pulse_ms + 300)
    strike.sense(CONTACT)
    assert (strike.state, strike.alarms) == (DoorState.OPEN, set())


def test_a_stream_of_admitted_people_holds_no_door(strike):
    for number in range(10):
        strike.admit(f"v{number}")
        strike.after(1_000)
        strike.sense(CONTACT)
        strike.pulse(BEAM)
        strike.after(4_000)
    assert (strike.alarms, strike.inside) == (set(), 10)


def test_tamper_is_an_alarm_until_the_case_is_shut(strike):
    strike.sense(Sense.TAMPER)
    assert strike.alarms == {"tamper"}
    strike.sense(Sense.TAMPER, active=False)
    assert strike.alarms == set()


def test_tailgating_is_over_when_staff_has_come_or_with_time(strike):
    for end in (lambda: strike.put(StaffDone()), lambda: strike.after(300_000)):
        strike.admit(f"v{strike.ms}")
        strike.walk(shut=False)
        strike.pulse(BEAM)
        strike.sense(CONTACT, active=False)
        assert strike.alarms == {"tailgating"}
        end()
        assert strike.alarms == set()


def test_occupancy_has_two_alarms(strike):
    for people, level, alarms in [
        (90, 1, {"occupancy_high"}), (100, 2, {"occupancy_high", "occupancy_full"}), (95, 1, {"occupancy_high"}),
        (80, 0, set()),
    ]:  # fmt: skip
        strike.put(Occupied(people, level))
        assert strike.alarms == alarms


def test_who_is_let_in_although_inside_already_raises_an_alarm_and_passes(strike):
    strike.put(Judged("v1", Admit("guests"), {"passback": "soft"}))
    assert (strike.alarms, strike.released) == ({"passback"}, {Out.RELAY})
    assert [visit for visit, _ in strike.told(EventType.ALARM_RAISED)] == ["v1"]


def test_a_door_with_a_contact_only_counts_who_went_through_an_open_door_when_it_is_shut():
    door = Doorway(DoorSetup(DoorKind.STRIKE, frozenset({CONTACT})))
    door.admit("v1")
    door.sense(CONTACT)
    door.admit("v2")
    assert door.told(ENTERED) == [("v1", {"by": "contact"})]
    door.sense(CONTACT, active=False)
    assert [visit for visit, _ in door.told(ENTERED)] == ["v1", "v2"]


def test_who_leaves_and_is_missed_by_the_light_barrier_is_counted_by_the_doors_contact(strike):
    strike.pulse(EXIT)
    strike.after(300)
    strike.sense(CONTACT)
    strike.after(1_500)
    strike.sense(CONTACT, active=False)
    strike.after(strike.setup.passage_ms)
    assert strike.told(LEFT) == [("", {"exit_button": True, "by": "other_sensor"})]
    assert strike.inside == -1
