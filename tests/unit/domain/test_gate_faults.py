"""The gate when its relay or another part fails."""

import pytest

from kiosk.domain.door_relays import RELAY_GRACE_MS
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    MS,
    REFUSED_MS,
    CodeSeen,
    Committed,
    Fault,
    FaultSeen,
    Judged,
    Record,
    RelayMoved,
    Release,
    Reopen,
    Tick,
    View,
)
from kiosk.domain.reasons import Reason
from kiosk.testing.playbook import ADMIT, DENY, PULSE, Play, draft

IDLE = (View.IDLE, "", (), None)


@pytest.fixture
def play():
    return Play()


@pytest.fixture
def refused(play):
    play.put(CodeSeen("v1"), Judged("v1", DENY))
    return play


# the relay


def test_a_relay_that_does_not_fall_back_is_a_fault(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1), RelayMoved(released=True, at_ns=1_000 * MS))
    assert play.after(PULSE + RELAY_GRACE_MS - 1).put(Tick()) == []
    raised = Record(3, draft(EventType.FAULT_RAISED, fault=Fault.RELAY.value))
    assert play.after(1).put(Tick()) == [raised]
    assert play.gate.faults == {Fault.RELAY}
    assert play.after(60_000).put(Tick()) == []  # said once

    assert play.put(RelayMoved(released=False, at_ns=9_000 * MS)) == [
        Record(4, draft(EventType.GATE_LOCKED, "v1", released_ms=8000)),
        Record(5, draft(EventType.FAULT_CLEARED, fault=Fault.RELAY.value)),
    ]
    assert play.gate.works


def test_a_relay_that_never_moves_is_a_fault(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1))
    play.after(PULSE + RELAY_GRACE_MS).put(Tick())
    assert play.gate.faults == {Fault.RELAY}


def test_a_relay_that_locks_without_having_been_released_says_so(play):
    assert play.put(RelayMoved(released=False, at_ns=1_000 * MS)) == [
        Record(1, draft(EventType.GATE_LOCKED, released_ms=0))
    ]


def test_a_second_release_waits_for_its_own_pulse(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1))
    play.after(PULSE).put(CodeSeen("v2"), Judged("v2", ADMIT), Committed(2))
    assert play.after(PULSE + RELAY_GRACE_MS - 1).put(Tick()) == []


def test_a_second_visit_while_the_gate_is_open_has_its_own_release_on_record(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1), RelayMoved(released=True, at_ns=play.ms * MS))
    play.after(1_000).put(CodeSeen("v2"), Judged("v2", ADMIT))
    extended = Record(4, draft(EventType.GATE_RELEASED, "v2", extends="v1"))
    assert play.put(Committed(3)) == [Release("v2", PULSE), extended]
    assert play.after(PULSE).put(RelayMoved(released=False, at_ns=play.ms * MS)) == [
        Record(5, draft(EventType.GATE_LOCKED, "v2", released_ms=1_000 + PULSE))
    ]


def test_an_edge_from_before_a_release_belongs_to_the_visit_before(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1), RelayMoved(released=True, at_ns=play.ms * MS))
    fell_ns = (play.ms + PULSE) * MS
    play.after(PULSE + 1).put(CodeSeen("v2"), Judged("v2", ADMIT), Committed(3))
    (locked,) = play.put(RelayMoved(released=False, at_ns=fell_ns))  # was on its way when v2 was let in
    assert locked.draft == draft(EventType.GATE_LOCKED, "v1", released_ms=PULSE)
    (released,) = play.put(RelayMoved(released=True, at_ns=play.ms * MS))
    assert released.draft == draft(EventType.GATE_RELEASED, "v2")
    raised = play.after(PULSE + RELAY_GRACE_MS).put(Tick())
    assert raised[0].draft == draft(EventType.FAULT_RAISED, fault=Fault.RELAY.value), "a stuck relay goes unnoticed"


def test_nobody_is_told_to_go_in_at_a_gate_that_does_not_answer(play):
    play.put(FaultSeen(Fault.RELAY, present=True), CodeSeen("v1"))
    denied, called, reopen = play.put(Judged("v1", ADMIT))
    assert reopen == Reopen("v1", (Reason.RELAY_FAULT,))
    assert (denied.draft.type, called.draft.type) == (EventType.VISIT_DENIED, EventType.STAFF_CALLED)
    assert play.shown[:3] == (View.STAFF, "v1", (Reason.RELAY_FAULT,))
    assert play.put(Committed(denied.token)) == []


# faults


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_is_recorded_once_and_cleared_once(play, fault):
    raised, cleared = FaultSeen(fault, present=True), FaultSeen(fault, present=False)
    assert play.put(cleared) == []
    assert play.put(raised) == [Record(1, draft(EventType.FAULT_RAISED, fault=fault.value))]
    assert not play.gate.works
    assert play.put(raised) == []
    assert play.put(cleared) == [Record(2, draft(EventType.FAULT_CLEARED, fault=fault.value))]
    assert play.put(cleared) == []
    assert play.gate.works


def test_one_fault_of_two_is_enough_to_be_out_of_order(play):
    play.put(FaultSeen(Fault.CAMERA, present=True), FaultSeen(Fault.RELAY, present=True))
    play.put(FaultSeen(Fault.CAMERA, present=False))
    assert play.gate.faults == {Fault.RELAY}
    assert not play.gate.works


def test_a_fault_leaves_the_answer_on_the_screen(refused):
    refused.put(FaultSeen(Fault.CAMERA, present=True))
    assert refused.shown[0] is View.REFUSED
    refused.after(REFUSED_MS).put(Tick())
    assert (refused.shown, refused.gate.works) == (IDLE, False)
