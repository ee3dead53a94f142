"""The gate towards the door, at its edges: what stands in a record, what waits for it, what a fault leaves behind."""

import pytest

from kiosk.domain.door_io import DoorKind, DoorSetup, HoldOpen, Mode
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    CHECKING_MAX_MS,
    MS,
    CommitFailed,
    Committed,
    Fault,
    FaultSeen,
    Gate,
    ModeAsked,
    OpenAsked,
    Record,
    Release,
    Reopen,
    View,
    step,
)
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import NextStep, Reason
from kiosk.domain.situation import Direction
from kiosk.testing.doorway import Doorway

BEAM, CONTACT = Sense.BEAM, Sense.CONTACT
NOW = 5_000 * MS


@pytest.fixture
def strike():
    return Doorway(DoorSetup(DoorKind.STRIKE, frozenset({BEAM, CONTACT})))


@pytest.fixture
def gate():
    return Gate.of(DoorSetup(DoorKind.STRIKE, frozenset({BEAM, CONTACT})))


def asked(gate, event, now=NOW):
    """Put an input in; return the gate and the one record that comes of it."""
    gate, effects = step(gate, event, now)
    (record,) = (one for one in effects if isinstance(one, Record))
    return gate, record


# opened by staff or the centre


@pytest.mark.parametrize(("direction", "change"), [(Direction.ENTRY, 1), (Direction.EXIT, -1)])
def test_whom_staff_lets_through_is_counted_by_the_direction(gate, direction, change):
    _, record = asked(gate, OpenAsked("o1", "centre", direction))
    assert (record.draft.type, record.draft.visit) == (EventType.VISIT_ADMITTED, "o1")
    assert record.draft.data == {"by": "centre", "direction": direction.value, "reasons": []}
    assert record.draft.count.change == change


@pytest.mark.parametrize("longer", [False, True])
def test_staff_may_open_for_longer(gate, longer):
    gate, record = asked(gate, OpenAsked("o1", "staff", longer=longer))
    _, effects = step(gate, Committed(record.token), NOW)
    ms = gate.door.setup.longer_ms if longer else gate.door.setup.pulse_ms
    assert effects == (Release("o1", ms, Out.RELAY),)


@pytest.mark.parametrize(("ms", "opens"), [(CHECKING_MAX_MS, True), (CHECKING_MAX_MS + 1, False)])
def test_an_opening_whose_record_takes_too_long_is_annulled(gate, ms, opens):
    gate, record = asked(gate, OpenAsked("o1", "staff"))
    _, effects = step(gate, Committed(record.token), NOW + ms * MS)
    assert any(isinstance(one, Release) for one in effects) is opens
    assert (Reopen("o1", (Reason.JOURNAL_UNAVAILABLE,)) in effects) is not opens


def test_an_opening_whose_record_fails_opens_nothing_and_calls_staff(gate):
    gate, record = asked(gate, OpenAsked("o1", "staff"))
    gate, effects = step(gate, CommitFailed(record.token), NOW)
    assert not any(isinstance(one, Release) for one in effects)
    assert (gate.view, gate.visit, gate.party) == (View.STAFF, "o1", "o1")


# not passed


def test_who_did_not_go_in_is_told_so_by_name(strike):
    strike.admit("v1")
    strike.after(strike.setup.passage_ms)
    gate = strike.gate
    assert (gate.view, gate.visit, gate.party) == (View.REFUSED, "v1", "v1")
    assert (gate.reasons, gate.next_step) == ((Reason.NOT_PASSED,), NextStep.SHOW_AGAIN)


# for long


def test_a_mode_is_put_on_record_with_who_asked_for_it_and_what_was_before(gate):
    gate, record = asked(gate, ModeAsked(Mode.LOCKDOWN, "centre"))
    assert record.draft.data == {"mode": "lockdown", "was": "normal", "by": "centre"}
    _, record = asked(gate, ModeAsked(Mode.MAINTENANCE, "staff"))
    assert record.draft.data == {"mode": "maintenance", "was": "lockdown", "by": "staff"}


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode is not Mode.NORMAL])
def test_free_passage_alone_waits_for_its_record(gate, mode):
    gate, record = asked(gate, ModeAsked(mode, "staff"))
    assert gate.door.mode is (Mode.NORMAL if mode is Mode.FREE_PASSAGE else mode)
    gate, _ = step(gate, Committed(record.token), NOW + 3_600_000 * MS)
    assert gate.door.mode is mode, "however long it took: staff has not gone away"


def test_the_schedule_opens_when_that_is_on_record_and_locks_at_once(gate):
    hold = HoldOpen(active=True, first_person=True)
    gate, record = asked(gate, hold)
    assert record.draft.data == {"hold_open": True, "first_person": True}
    assert not gate.door.hold.active
    gate, _ = step(gate, Committed(record.token), NOW)
    assert gate.door.hold == hold
    gate, record = asked(gate, HoldOpen())
    assert record.draft.data == {"hold_open": False, "first_person": False}
    assert not gate.door.hold.active


# faults


def test_a_relay_that_works_again_does_not_end_the_trying_of_the_journal(gate):
    gate, _ = step(gate, FaultSeen(Fault.CAMERA, present=True), NOW)
    gate, _ = step(gate, CommitFailed(99), NOW)
    tries = gate.retry_ns
    assert tries > NOW
    gate, _ = step(gate, FaultSeen(Fault.CAMERA, present=False), NOW)
    assert gate.retry_ns == tries
    gate, _ = step(gate, FaultSeen(Fault.JOURNAL, present=False), NOW)
    assert (gate.retry_ns, gate.retry_token, gate.works) == (0, 0, True)


def test_a_fault_is_said_once_and_its_end_once(gate):
    for present, kind in ((True, EventType.FAULT_RAISED), (False, EventType.FAULT_CLEARED)):
        gate, record = asked(gate, FaultSeen(Fault.CAMERA, present=present))
        assert (record.draft.type, record.draft.data) == (kind, {"fault": "camera_unavailable"})
        assert step(gate, FaultSeen(Fault.CAMERA, present=present), NOW) == (gate, ())
