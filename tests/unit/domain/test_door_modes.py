"""What comes first at the door: fire, exit button, modes, schedule, commands, and relays that fail."""

import pytest

from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState, HoldOpen, Mode
from kiosk.domain.door_relays import RELAY_GRACE_MS
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    MS,
    Committed,
    ModeAsked,
    OpenAsked,
    RelayMoved,
    SensorFault,
    step,
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


# fire, exit button


def test_fire_releases_for_as_long_as_it_lasts_whatever_the_mode(strike):
    for mode in Mode:
        strike.run_as(mode)
        strike.fire()
        assert strike.released == {Out.RELAY}
        strike.after(120_000)
        assert strike.released == {Out.RELAY}
        strike.fire(active=False)
        strike.run_as(Mode.NORMAL)
        assert strike.released == set()


def test_nobody_is_admitted_into_a_fire_and_the_codes_count_again_after_it(strike):
    strike.fire()
    strike.admit("v1")
    assert strike.told(EventType.VISIT_DENIED) == [("v1", {"reasons": [Reason.FIRE_ALARM]})]
    assert [one.visit for one in strike.reopened] == ["v1"]


def test_who_flees_is_counted_out(strike):
    strike.fire()
    strike.sense(CONTACT)
    strike.pulse(BEAM)
    assert strike.told(LEFT) == [("", {"free": True, "assumed": True})]
    assert strike.inside == -1
    assert strike.alarms == {"fire"}


def test_a_wire_of_the_fire_input_that_is_cut_is_told_from_a_fire(strike):
    strike.sense(Sense.FIRE_NC)
    strike.after(400)
    assert (strike.released, strike.alarms) == (set(), set())
    strike.after(200)
    assert (strike.released, strike.alarms) == ({Out.RELAY}, {"fire_wiring"})
    strike.sense(Sense.FIRE_NC, active=False)
    assert (strike.released, strike.alarms) == (set(), set())


def test_a_venue_may_have_a_cut_wire_raise_the_alarm_only():
    door = Doorway(DoorSetup(senses=ALL, fire_wiring_releases=False))
    door.sense(Sense.FIRE_NO)
    door.after(1_000)
    assert (door.released, door.alarms) == (set(), {"fire_wiring"})


def test_a_fire_input_that_chatters_says_nothing_and_counts_as_cut(strike):
    strike.fire()
    strike.put(SensorFault(Sense.FIRE_NO, present=True))
    strike.after(1_000)
    assert (strike.released, strike.alarms) == ({Out.RELAY}, {"fire_wiring", "sensor"})


@pytest.mark.parametrize("mode", Mode)
def test_the_exit_button_opens_in_every_mode_and_before_any_record(mode):
    door = Doorway(DoorSetup(senses=ALL))
    door.run_as(mode)
    door.sense(EXIT)
    assert door.released == {Out.RELAY}
    door.sense(EXIT, active=False)
    door.sense(CONTACT)
    door.pulse(BEAM)
    assert door.told(EventType.EXIT_REQUESTED) == [("", {})]
    assert door.told(LEFT) == [("", {"exit_button": True, "by": "beam"})]
    assert not door.alarms


def test_an_admission_has_its_whole_time_also_where_the_exit_button_released_before(strike):
    strike.sense(EXIT)
    strike.sense(EXIT, active=False)
    strike.after(strike.setup.exit_ms - 300)
    strike.admit("v1")
    strike.after(strike.setup.pulse_ms - 50)
    assert strike.released == {Out.RELAY}
    strike.after(100)
    assert strike.released == set()


def test_several_people_leave_by_one_press(strike):
    strike.sense(EXIT)
    strike.sense(CONTACT)
    for _ in range(3):
        strike.pulse(BEAM)
        strike.after(300)
    assert (strike.inside, strike.alarms) == (-3, set())


def test_an_exit_button_that_is_held_keeps_the_door_open_and_raises_an_alarm(strike):
    strike.sense(EXIT)
    strike.after(strike.setup.held_ms + 50)
    assert (strike.released, strike.alarms) == ({Out.RELAY}, {"sensor"})
    strike.sense(EXIT, active=False)
    strike.after(strike.setup.exit_ms + strike.setup.passage_ms)
    assert (strike.released, strike.alarms) == (set(), set())


def test_an_exit_button_that_chatters_is_not_pressed(strike):
    strike.sense(EXIT)
    strike.put(SensorFault(EXIT, present=True))
    strike.after(30_000)
    assert (strike.released, strike.alarms) == (set(), {"sensor"})
    strike.put(SensorFault(EXIT, present=False))
    assert strike.alarms == set()


# modes


@pytest.mark.parametrize(
    ("mode", "reason"), [(Mode.LOCKDOWN, Reason.LOCKDOWN), (Mode.MAINTENANCE, Reason.MAINTENANCE)]
)
def test_nobody_is_admitted_in_a_mode_that_locks(strike, mode, reason):
    strike.run_as(mode)
    strike.admit("v1")
    assert strike.told(EventType.VISIT_DENIED) == [("v1", {"reasons": [reason]})]
    strike.run_as(Mode.NORMAL)
    strike.admit("v2")
    assert strike.released == {Out.RELAY}
    assert [data["mode"] for _, data in strike.told(EventType.MODE_CHANGED)] == [mode, "normal"]


def test_a_lockdown_locks_at_once_a_gate_that_is_released(strike):
    strike.admit("v1")
    strike.after(500)
    strike.run_as(Mode.LOCKDOWN)
    assert strike.released == set()


def test_free_passage_lets_everybody_through_and_counts_them(strike):
    strike.run_as(Mode.FREE_PASSAGE)
    strike.after(60_000)
    assert strike.released == {Out.RELAY}
    strike.sense(CONTACT)
    strike.pulse(BEAM)
    assert strike.told(ENTERED) == [("", {"free": True, "assumed": True})]
    strike.after(60_000)
    assert strike.alarms == set(), "it may stand open"
    strike.run_as(Mode.NORMAL)
    assert strike.released == set()


def test_in_maintenance_the_door_may_stand_open(strike):
    strike.run_as(Mode.MAINTENANCE)
    strike.sense(CONTACT)
    strike.pulse(BEAM)
    strike.after(600_000)
    assert (strike.state, strike.alarms, strike.inside) == (DoorState.OPEN, set(), 0)


def test_staff_opens_once_with_a_record_before(strike):
    strike.put(OpenAsked("o1", "staff", reason="delivery"))
    said = {"by": "staff", "direction": "entry", "reasons": ["delivery"]}
    assert (strike.events[0].type, strike.events[0].data) == (EventType.VISIT_ADMITTED, said)
    strike.walk()
    assert strike.told(ENTERED) == [("o1", {"by": "beam"})]


def test_a_command_opens_no_door_that_is_locked_down(strike):
    strike.run_as(Mode.LOCKDOWN)
    strike.put(OpenAsked("o1", "centre"))
    assert (strike.released, strike.told(EventType.VISIT_ADMITTED)) == (set(), [])


def test_the_schedule_holds_the_door_open(strike):
    strike.put(HoldOpen(active=True))
    strike.put(HoldOpen(active=True))
    strike.after(60_000)
    assert strike.released == {Out.RELAY}
    strike.put(HoldOpen(active=False))
    assert strike.released == set()
    assert [data["hold_open"] for _, data in strike.told(EventType.SCHEDULE_CHANGED)] == [True, False]


def test_the_schedule_waits_for_the_first_person(strike):
    strike.put(HoldOpen(active=True, first_person=True))
    assert strike.released == set()
    strike.admit("v1")
    strike.walk()
    strike.after(60_000)
    assert strike.released == {Out.RELAY}
    strike.put(HoldOpen(active=False))
    strike.put(HoldOpen(active=True, first_person=True))
    assert strike.released == set()


def test_a_locking_overtakes_a_free_passage_that_is_on_its_way_into_the_journal(strike):
    gate, effects = step(strike.gate, ModeAsked(Mode.FREE_PASSAGE, "staff"), strike.ms * MS)
    (record,) = effects
    gate, _ = step(gate, ModeAsked(Mode.FREE_PASSAGE, "staff"), strike.ms * MS)
    gate, _ = step(gate, ModeAsked(Mode.LOCKDOWN, "staff"), strike.ms * MS)
    gate, effects = step(gate, Committed(record.token), strike.ms * MS)
    assert (gate.door.mode, effects) == (Mode.LOCKDOWN, ())


def test_what_changes_nothing_is_not_said(strike):
    strike.put(ModeAsked(Mode.NORMAL, "staff"))
    strike.put(HoldOpen())
    assert strike.events == []


# the relay


def test_a_relay_that_sticks_puts_the_door_out_of_order_until_it_falls(strike):
    strike.admit("v1")
    strike.relay_works = False
    strike.after(strike.setup.pulse_ms + RELAY_GRACE_MS)
    assert (strike.state, strike.gate.door.running) == (DoorState.FAULT, Mode.OUT_OF_ORDER)
    strike.admit("v2")
    assert strike.told(EventType.VISIT_DENIED) == [("v2", {"reasons": [Reason.RELAY_FAULT]})]
    strike.relay_works = True
    strike.after(50)
    assert (strike.state, strike.gate.door.running, strike.gate.works) == (DoorState.LOCKED, Mode.NORMAL, True)


def test_a_relay_that_nobody_told_to_release_is_locked_and_watched(strike):
    strike.put(RelayMoved(released=True, at_ns=strike.ms * MS))
    strike.after(RELAY_GRACE_MS)
    assert strike.state is DoorState.FAULT
    strike.put(RelayMoved(released=False, at_ns=strike.ms * MS))
    assert (strike.state, strike.gate.works) == (DoorState.LOCKED, True)


def test_a_relay_that_works_again_behind_an_open_door_leaves_it_open(strike):
    strike.admit("v1")
    strike.sense(CONTACT)
    strike.put(RelayMoved(released=True, at_ns=strike.ms * MS))
    strike.after(RELAY_GRACE_MS)
    strike.put(RelayMoved(released=False, at_ns=strike.ms * MS))
    assert strike.state is DoorState.OPEN


def test_a_driver_that_locks_earlier_than_it_was_told_ends_the_release(strike):
    strike.admit("v1")
    strike.after(1_000)
    strike.until.clear()
    strike.put(RelayMoved(released=False, at_ns=strike.ms * MS))
    strike.after(1_000)
    assert (strike.released, strike.state) == (set(), DoorState.LOCKED)


def test_who_presses_twice_is_one_person_and_who_presses_later_another(strike):
    strike.pulse(EXIT)
    strike.pulse(EXIT)
    assert len(strike.gate.door.openings) == 1
    strike.after(2_000)
    strike.pulse(EXIT)
    assert len(strike.gate.door.openings) == 2
