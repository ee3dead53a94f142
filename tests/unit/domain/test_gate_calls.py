"""When staff is called, called again, and no longer needed."""

import pytest

from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    CALL_AGAIN_MS,
    CALLS_MAX,
    CodeSeen,
    HelpAsked,
    HelpOver,
    Judged,
    Record,
    StaffDone,
    Tick,
    View,
)
from kiosk.domain.reasons import Reason
from kiosk.testing.playbook import CALL, DENY, Play, draft

HELP = [Reason.HELP_REQUESTED]


@pytest.fixture
def called():
    play = Play()
    play.put(CodeSeen("v1"), Judged("v1", DENY), HelpAsked())
    return play


def test_nobody_comes_and_staff_is_called_again_each_minute(called):
    assert called.gate.called == 1
    assert called.after(CALL_AGAIN_MS - 1).put(Tick()) == []
    assert called.after(1).put(Tick()) == [Record(3, draft(EventType.STAFF_CALLED, "v1", reasons=HELP, call=2))]
    assert called.put(Tick()) == []
    assert called.gate.called == 2
    assert called.after(CALL_AGAIN_MS).put(Tick()) == [
        Record(4, draft(EventType.STAFF_CALLED, "v1", reasons=HELP, call=3))
    ]


def test_a_door_where_nobody_works_does_not_fill_the_journal(called):
    calls = [effect for _ in range(100) for effect in called.after(CALL_AGAIN_MS).put(Tick())]
    assert len(calls) == CALLS_MAX - 1
    assert called.gate.view is View.STAFF


def test_who_called_may_say_that_it_is_over(called):
    assert called.put(HelpOver()) == [Record(3, draft(EventType.STAFF_NOT_NEEDED, "v1"))]
    assert called.gate.view is View.IDLE
    assert called.after(CALL_AGAIN_MS).put(Tick()) == []
    assert [effect.draft.type for effect in called.put(CodeSeen("v1"), Judged("v1", CALL)) if
            isinstance(effect, Record)] == [EventType.VISIT_DENIED, EventType.STAFF_CALLED]  # fmt: skip


def test_what_the_kiosk_called_for_is_cleared_by_staff_alone():
    play = Play()
    play.put(CodeSeen("v1"), Judged("v1", CALL))
    assert play.put(HelpOver()) == []
    assert play.gate.view is View.STAFF
    play.put(StaffDone())
    assert play.gate.view is View.IDLE


def test_where_nobody_called_nothing_is_over():
    play = Play()
    assert play.put(HelpOver()) == []
    assert play.gate.view is View.IDLE


def test_another_call_begins_to_count_anew(called):
    called.after(CALL_AGAIN_MS).put(Tick(), StaffDone(), HelpAsked())
    assert called.gate.called == 1
    assert called.after(CALL_AGAIN_MS - 1).put(Tick()) == []
