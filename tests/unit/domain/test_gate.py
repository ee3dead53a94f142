"""Visits at the gate, the journal and the screen: what comes in, and what must come of it."""

import pytest

from kiosk.domain.door_io import DoorState
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import (
    ADMITTED_MS,
    CALLED,
    CHECKING_MAX_MS,
    MS,
    REFUSED_MS,
    RETRY_MS,
    TOUCH_MS,
    CodeSeen,
    CommitFailed,
    Committed,
    Fault,
    Gate,
    HelpAsked,
    Judged,
    Record,
    RelayMoved,
    Release,
    Reopen,
    StaffDone,
    Tick,
    Touched,
    View,
)
from kiosk.domain.reasons import NextStep, Reason
from kiosk.testing.playbook import ADMIT, CALL, DENY, NEED, PULSE, Play, draft

IDLE = (View.IDLE, "", (), None)


@pytest.fixture
def play():
    return Play()


@pytest.fixture
def refused(play):
    play.put(CodeSeen("v1"), Judged("v1", DENY))
    return play


# a visit


def test_an_admission_step_by_step(play):
    assert play.put(CodeSeen("v1")) == []
    assert play.shown == (View.CODE_READ, "v1", (), None)

    judged = Judged("v1", ADMIT, {"rule": "guests"}, {"family_name": "Ánh"})
    admitted = EventDraft(
        EventType.VISIT_ADMITTED, "v1", {"rule": "guests", "reasons": []}, {"family_name": "Ánh"}
    )
    assert play.put(judged) == [Record(1, admitted)]
    assert play.shown == (View.CODE_READ, "v1", (), None)  # nothing is promised before it is durable

    assert play.put(Committed(1)) == [Release("v1", PULSE)]
    assert play.shown == (View.ADMITTED, "v1", (), None)
    assert play.ends_in_ms == ADMITTED_MS

    assert play.put(RelayMoved(released=True, at_ns=2_000 * MS)) == [
        Record(2, draft(EventType.GATE_RELEASED, "v1"))
    ]
    play.put(Committed(2))
    assert play.put(RelayMoved(released=False, at_ns=5_003 * MS)) == [
        Record(3, draft(EventType.GATE_LOCKED, "v1", released_ms=3003))
    ]
    assert play.put(Committed(3)) == []

    play.after(PULSE).put(Tick())
    assert play.shown == IDLE
    door = play.gate.door
    assert (door.leaves[0].state, door.openings) == (DoorState.LOCKED, ())
    assert play.gate == Gate(door, token=3, since_ns=play.ms * MS, welcomed=True)


@pytest.mark.parametrize(
    ("decision", "kind", "next_step", "more"),
    [
        (DENY, EventType.VISIT_DENIED, NextStep.RENEW, False),
        (NEED, EventType.VISIT_NEEDS_MORE, NextStep.SHOW_PASS_TOO, True),
    ],
)
def test_a_refusal_is_shown_at_once_and_recorded(play, decision, kind, next_step, more):
    play.put(CodeSeen("v1"))
    why = list(decision.reasons)
    assert play.put(Judged("v1", decision, {"verdict": "x"})) == [
        Record(1, draft(kind, "v1", verdict="x", reasons=why))
    ]
    assert play.shown == (View.REFUSED, "v1", decision.reasons, next_step)
    assert play.gate.more is more
    assert play.ends_in_ms == REFUSED_MS
    assert play.put(Committed(1)) == []
    assert play.shown[0] is View.REFUSED


def test_a_refusal_that_needs_a_person_calls_one(play):
    play.put(CodeSeen("v1"))
    why = [Reason.ISSUER_UNKNOWN]
    assert play.put(Judged("v1", CALL)) == [
        Record(1, draft(EventType.VISIT_DENIED, "v1", reasons=why)),
        Record(2, draft(EventType.STAFF_CALLED, "v1", reasons=why)),
    ]
    assert play.shown == (View.STAFF, "v1", tuple(why), NextStep.WAIT_FOR_STAFF)
    assert play.ends_in_ms is None


def test_staff_is_called_once_a_visit_however_often_its_code_is_shown_until_it_has_come(play):
    def called():
        play.after(2_000).put(CodeSeen("v1"))
        effects = play.put(Judged("v1", CALL))
        assert play.shown[:2] == (View.STAFF, "v1")
        return [effect.draft.type for effect in effects]

    assert called() == [EventType.VISIT_DENIED, EventType.STAFF_CALLED]
    assert called() == [EventType.VISIT_DENIED]
    play.put(CodeSeen("v2"), Judged("v2", DENY))
    assert called() == [EventType.VISIT_DENIED]
    play.put(StaffDone())
    assert called() == [EventType.VISIT_DENIED, EventType.STAFF_CALLED]


def test_who_asks_for_help_is_heard_although_staff_was_called_before(play):
    play.put(CodeSeen("v1"), Judged("v1", CALL), CodeSeen("v1"), Judged("v1", DENY))
    assert [effect.draft.type for effect in play.put(HelpAsked())] == [EventType.STAFF_CALLED]


def test_the_memory_of_calls_is_bounded(play):
    for number in range(100):
        play.put(Judged(f"v{number}", CALL))
    assert len(play.gate.calls) == CALLED


def test_a_second_scan_takes_the_place_of_whatever_is_shown(play):
    for before in (
        [],
        [CodeSeen("v0")],
        [CodeSeen("v0"), Judged("v0", DENY)],
        [CodeSeen("v0"), Judged("v0", NEED)],
        [HelpAsked()],
    ):
        play = Play()
        play.put(*before)
        assert play.put(CodeSeen("v1")) == []
        assert play.shown == (View.CODE_READ, "v1", (), None)
        assert (play.gate.more, play.ends_in_ms) == (False, None)


def test_two_people_one_after_the_other_are_both_let_in(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), CodeSeen("v2"), Judged("v2", ADMIT))
    assert play.put(Committed(1)) == [Release("v1", PULSE)]
    assert play.put(Committed(2)) == [Release("v2", PULSE)]
    assert play.shown[:2] == (View.ADMITTED, "v2")


def test_a_record_opens_once(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1))
    assert play.put(Committed(1)) == []


@pytest.mark.parametrize("decision", [DENY, NEED, CALL])
def test_the_record_of_a_refusal_opens_nothing(play, decision):
    play.put(CodeSeen("v1"), Judged("v1", decision))
    assert play.put(Committed(1)) == []
    assert play.put(Committed(2)) == []


def test_a_token_that_was_never_given_opens_nothing(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT))
    for token in (0, 2, -1):
        assert play.put(Committed(token)) == []


# the journal


RAISED = draft(EventType.FAULT_RAISED, fault=Fault.JOURNAL.value)
CLEARED = draft(EventType.FAULT_CLEARED, fault=Fault.JOURNAL.value)


def test_an_admission_without_a_record_is_none(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT))
    assert play.put(CommitFailed(1)) == [Record(2, RAISED), Reopen("v1", (Reason.JOURNAL_UNAVAILABLE,))]
    assert play.shown == (View.STAFF, "v1", (Reason.JOURNAL_UNAVAILABLE,), NextStep.WAIT_FOR_STAFF)
    assert play.gate.faults == {Fault.JOURNAL}
    assert play.put(Committed(1)) == [Record(3, CLEARED)]  # too late: the journal works, and the gate stays locked


def test_a_refusal_without_a_record_stays_one(refused):
    assert refused.put(CommitFailed(1)) == [Record(2, RAISED)]
    assert refused.shown[:2] == (View.REFUSED, "v1")
    assert not refused.gate.works


def test_a_failed_journal_is_tried_until_it_works(refused):
    refused.put(CommitFailed(1))
    assert refused.put(CommitFailed(2)) == []  # said once
    assert refused.after(RETRY_MS - 1).put(Tick()) == []
    assert refused.after(1).put(Tick()) == [Record(3, CLEARED)]
    assert refused.put(Tick()) == []  # not at every tick
    refused.put(CommitFailed(3))
    assert refused.gate.faults == {Fault.JOURNAL}
    assert refused.after(RETRY_MS).put(Tick()) == [Record(4, CLEARED)]
    assert refused.put(Committed(4)) == []
    assert refused.gate.works
    assert refused.after(10 * RETRY_MS).put(Tick()) == []


def test_the_end_of_the_journals_fault_is_said_once_also_where_another_record_comes_before_the_try(refused):
    refused.put(CommitFailed(1), CommitFailed(2))
    refused.put(Judged("v2", DENY))  # record 3
    assert refused.after(RETRY_MS).put(Tick()) == [Record(4, CLEARED)]
    assert refused.put(Committed(3), Committed(4)) == []
    assert refused.gate.works


def test_an_unanswered_try_is_repeated(refused):
    refused.put(CommitFailed(1))
    assert len(refused.after(RETRY_MS).put(Tick())) == 1
    assert len(refused.after(RETRY_MS).put(Tick())) == 1


def test_any_record_that_is_durable_again_shows_that_the_journal_works(refused):
    refused.put(CommitFailed(1), Judged("v2", DENY), Committed(2))
    assert refused.gate.works
    assert refused.gate.retry_ns == 0


# the screen


def test_a_refusal_goes_away_by_itself(refused):
    refused.after(REFUSED_MS - 1).put(Tick())
    assert refused.shown[0] is View.REFUSED
    refused.after(1).put(Tick())
    assert refused.shown == IDLE
    assert refused.gate.until_ns == 0


def test_a_touch_gives_longer_to_read(refused):
    assert refused.put(Touched()) == []
    assert refused.ends_in_ms == REFUSED_MS + TOUCH_MS
    refused.put(Touched(), Touched())
    assert refused.ends_in_ms == REFUSED_MS + TOUCH_MS  # never later than that from now
    refused.after(5_000).put(Touched())
    assert refused.ends_in_ms == REFUSED_MS + TOUCH_MS


def test_a_touch_changes_no_other_page(play):
    for before in ([], [CodeSeen("v")], [HelpAsked()], [CodeSeen("v"), Judged("v", ADMIT), Committed(2)]):
        play.put(*before)
        gate = play.gate
        assert play.put(Touched()) == []
        assert play.gate == gate


def test_a_check_that_takes_too_long_calls_staff(play):
    play.put(CodeSeen("v1"))
    assert play.after(CHECKING_MAX_MS).put(Tick()) == []
    called = draft(EventType.STAFF_CALLED, "v1", reasons=[Reason.JOURNAL_UNAVAILABLE])
    assert play.after(1).put(Tick()) == [Record(1, called)]
    assert play.shown == (View.STAFF, "v1", (Reason.JOURNAL_UNAVAILABLE,), NextStep.WAIT_FOR_STAFF)


def test_a_slow_journal_admits_as_long_as_the_visitor_waits(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT))
    assert play.after(CHECKING_MAX_MS).put(Committed(1)) == [Release("v1", PULSE)]
    assert play.shown[:2] == (View.ADMITTED, "v1")


def test_an_admission_that_is_durable_too_late_is_annulled(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT))
    why = [Reason.JOURNAL_UNAVAILABLE]
    assert play.after(CHECKING_MAX_MS + 1).put(Committed(1)) == [
        Record(2, draft(EventType.VISIT_ANNULLED, "v1", reasons=why)),
        Record(3, draft(EventType.STAFF_CALLED, "v1", reasons=why)),
        Reopen("v1", tuple(why)),
    ]
    assert play.shown == (View.STAFF, "v1", tuple(why), NextStep.WAIT_FOR_STAFF)
    assert play.put(Committed(2), Committed(3), Committed(1)) == []


def test_staff_is_called_once_for_an_admission_that_is_late(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT))
    assert len(play.after(CHECKING_MAX_MS + 1).put(Tick())) == 1
    assert play.put(Committed(1)) == [
        Record(3, draft(EventType.VISIT_ANNULLED, "v1", reasons=[Reason.JOURNAL_UNAVAILABLE])),
        Reopen("v1", (Reason.JOURNAL_UNAVAILABLE,)),
    ]


def test_help_is_called_once_however_long_the_button_is_held(refused):
    called = draft(EventType.STAFF_CALLED, "v1", reasons=[Reason.HELP_REQUESTED])
    assert refused.put(HelpAsked()) == [Record(2, called)]
    gate = refused.gate
    for _ in range(100):
        assert refused.put(HelpAsked()) == []
    assert refused.gate == gate


def test_help_can_be_called_at_rest(play):
    assert play.put(HelpAsked()) == [Record(1, draft(EventType.STAFF_CALLED, reasons=[Reason.HELP_REQUESTED]))]
    assert play.shown == (View.STAFF, "", (Reason.HELP_REQUESTED,), NextStep.WAIT_FOR_STAFF)


def test_the_staff_page_stays_until_staff_has_come(play):
    play.put(HelpAsked())
    play.after(3_600_000).put(Tick())
    assert play.shown[0] is View.STAFF
    assert play.put(StaffDone()) == []
    assert play.shown == IDLE


def test_staff_done_clears_no_other_page(refused):
    gate = refused.gate
    assert refused.put(StaffDone()) == []
    assert refused.gate == gate


def test_at_rest_nothing_happens(play):
    gate = play.gate
    assert play.after(3_600_000).put(Tick()) == []
    assert play.gate == gate


def test_several_things_that_are_due_at_once_all_happen(play):
    play.put(CodeSeen("v1"), Judged("v1", ADMIT), Committed(1), CodeSeen("v2"), CommitFailed(9))
    assert [effect.draft.type for effect in play.after(60_000).put(Tick())] == [
        EventType.STAFF_CALLED, EventType.FAULT_RAISED, EventType.FAULT_CLEARED,
    ]  # fmt: skip


def test_what_is_no_input_is_a_fault_of_the_program(play):
    with pytest.raises(AssertionError):
        play.put("open")
