"""A remote command's way through the gate's machine, to an end that is on record."""

from dataclasses import replace

import pytest

from kiosk.domain.command import Accepted, Command, CommandName, CommandState, Ledger, Nonces, Signed
from kiosk.domain.command_course import Course
from kiosk.domain.door_io import DoorSetup, Mode, ModeAsked, OpenAsked, Sensed
from kiosk.domain.events import ClockConfidence, Event, EventType
from kiosk.domain.gate import CHECKING_MAX_MS, MS, CommitFailed, Committed, Fault, FaultSeen, Gate, Record, step
from kiosk.domain.gate_io import RelayMoved
from kiosk.domain.lines import Sense
from kiosk.domain.situation import Direction

NAME, STATE = CommandName, CommandState
ID = "0f" * 16
VISIT = f"command-{ID}"
UNTIL = 100_000


class Door:
    """The gate's machine, and a course that hears of everything that is put on record. Times are milliseconds."""

    def __init__(self, name, **changes):
        command = replace(Command(ID, name, "t/s/k", 0, 9, 1), **changes)
        accepted = Accepted(Signed(command, "a1", ("Control room",)), UNTIL * MS, Ledger(), Nonces())
        self.course = Course.of(accepted)
        self.gate, self.ms, self.queue = Gate.of(DoorSetup()), 1_000, []

    def put(self, event):
        self.gate, effects = step(self.gate, event, self.ms * MS)
        self.queue += [one for one in effects if isinstance(one, Record)]

    def begin(self, *, may_open=True, opening=False):
        self.course, told = self.course.begin(self.gate, self.ms * MS, may_open=may_open, opening=opening)
        if told is not None:
            self.put(told)
        return told

    def commit(self):
        while self.queue:
            record = self.queue.pop(0)
            self.put(Committed(record.token))
            if not self.course.is_over:
                self.course = self.course.recorded(written(record.draft), self.gate)

    def fail(self):
        tokens, self.queue = [record.token for record in self.queue], []
        for token in tokens:
            self.put(CommitFailed(token))
        self.course = self.course.unrecorded(self.gate)

    @property
    def outcome(self):
        return self.course.state, self.course.code


def written(draft):
    return Event("e", 1, "k", "b", draft.type, draft.visit, "", ClockConfidence.SYNCED, 0, dict(draft.data), "", "")


def test_an_opening_is_done_when_its_release_is_on_record():
    door = Door(NAME.OPEN, direction=Direction.EXIT, reason="visitor_at_the_door")
    assert door.begin() == OpenAsked(VISIT, "centre", Direction.EXIT, reason="visitor_at_the_door")
    door.commit()
    assert door.outcome == (STATE.RUNNING, "")
    door.put(RelayMoved(released=True, at_ns=door.ms * MS))
    door.commit()
    assert door.outcome == (STATE.DONE, "")
    assert door.course.is_over


@pytest.mark.parametrize("name", [NAME.OPEN, NAME.FREE_PASSAGE])
def test_nobody_is_let_in_from_afar_unless_the_settings_allow_it(name):
    door = Door(name)
    assert door.begin(may_open=False) is None
    assert door.outcome == (STATE.REFUSED, "remote_opening_off")
    assert door.queue == []


def test_one_opening_is_under_way_at_a_time():
    door = Door(NAME.OPEN)
    assert door.begin(opening=True) is None
    assert door.outcome == (STATE.REFUSED, "busy")


@pytest.mark.parametrize(
    "why",
    [
        (ModeAsked(Mode.LOCKDOWN, "staff"),),
        (ModeAsked(Mode.MAINTENANCE, "staff"),),
        (FaultSeen(Fault.RELAY, present=True),),
        (Sensed(Sense.FIRE_NC, True, 0), Sensed(Sense.FIRE_NO, True, 0)),
    ],
    ids=["lockdown", "maintenance", "relay", "fire"],
)
def test_a_door_that_lets_nobody_in_is_not_opened_from_afar(why):
    door = Door(NAME.OPEN)
    for event in why:
        door.put(event)
    assert door.begin() is None
    assert door.outcome == (STATE.REFUSED, "not_now")


def test_an_opening_whose_record_fails_has_failed():
    door = Door(NAME.OPEN)
    door.begin()
    door.fail()
    assert door.outcome == (STATE.FAILED, "journal_unavailable")


def test_an_opening_that_waits_for_its_record_outlasts_the_failure_of_another():
    door = Door(NAME.OPEN)
    door.begin()
    assert door.course.unrecorded(door.gate) is door.course
    door.commit()
    assert door.course.unrecorded(door.gate) is door.course


def test_an_opening_whose_record_came_too_late_has_failed():
    door = Door(NAME.OPEN)
    door.begin()
    door.ms += CHECKING_MAX_MS + 1
    door.commit()
    assert door.outcome == (STATE.FAILED, "journal_unavailable")


def test_a_lockdown_that_came_first_ends_an_opening():
    door = Door(NAME.OPEN)
    door.begin()
    door.put(ModeAsked(Mode.LOCKDOWN, "staff"))
    door.commit()
    assert door.outcome == (STATE.FAILED, "lockdown")


def test_an_annulment_without_a_reason_is_a_failure_all_the_same():
    door = Door(NAME.OPEN)
    door.begin()
    for data in ({}, {"reasons": []}):
        event = replace(written(door.queue[0].draft), type=EventType.VISIT_ANNULLED, data=data)
        course = door.course.recorded(event, door.gate)
        assert (course.state, course.code) == (STATE.FAILED, "")


def test_what_other_visits_do_is_nothing_to_an_opening():
    door = Door(NAME.OPEN)
    door.begin()
    other = replace(written(door.queue[0].draft), type=EventType.GATE_RELEASED, visit="scan-1")
    assert door.course.recorded(other, door.gate) is door.course
    called = replace(other, type=EventType.STAFF_CALLED, visit=VISIT)
    assert door.course.recorded(called, door.gate) is door.course


@pytest.mark.parametrize(
    ("name", "before", "mode"),
    [
        (NAME.LOCKDOWN, Mode.NORMAL, Mode.LOCKDOWN),
        (NAME.MAINTENANCE, Mode.NORMAL, Mode.MAINTENANCE),
        (NAME.FREE_PASSAGE, Mode.NORMAL, Mode.FREE_PASSAGE),
        (NAME.NORMAL, Mode.LOCKDOWN, Mode.NORMAL),
    ],
)
def test_a_mode_is_done_when_it_is_in_force_and_on_record(name, before, mode):
    door = Door(name)
    door.put(ModeAsked(before, "staff"))
    door.commit()
    assert door.begin() == ModeAsked(mode, "centre")
    assert door.outcome == (STATE.RUNNING, "")
    door.commit()
    assert door.outcome == (STATE.DONE, "")
    assert door.gate.door.mode is mode


def test_a_mode_that_is_there_already_is_done_at_once():
    door = Door(NAME.NORMAL)
    door.begin()
    assert door.outcome == (STATE.DONE, "already")
    assert door.queue == []


def test_normal_takes_back_a_free_passage_that_is_still_on_its_way():
    door = Door(NAME.NORMAL)
    door.put(ModeAsked(Mode.FREE_PASSAGE, "staff"))
    door.begin()
    door.commit()
    assert door.outcome == (STATE.DONE, "already")
    assert door.gate.door.mode is Mode.NORMAL


def test_a_free_passage_that_somebody_took_back_has_failed():
    door = Door(NAME.FREE_PASSAGE)
    door.begin()
    door.put(ModeAsked(Mode.LOCKDOWN, "staff"))
    door.commit()
    assert door.outcome == (STATE.FAILED, "superseded")
    assert door.gate.door.mode is Mode.LOCKDOWN


def test_a_free_passage_whose_record_fails_has_failed():
    door = Door(NAME.FREE_PASSAGE)
    door.begin()
    assert door.course.unrecorded(door.gate) is door.course
    door.fail()
    assert door.outcome == (STATE.FAILED, "journal_unavailable")
    assert door.gate.door.mode is Mode.NORMAL


def test_a_lockdown_whose_record_fails_holds_and_says_so():
    door = Door(NAME.LOCKDOWN)
    door.begin()
    door.fail()
    assert door.outcome == (STATE.DONE, "journal_unavailable")
    assert door.gate.door.mode is Mode.LOCKDOWN


def test_another_mode_is_not_the_end_of_this_command():
    door = Door(NAME.LOCKDOWN)
    door.put(ModeAsked(Mode.MAINTENANCE, "staff"))
    (maintenance,) = door.queue
    door.begin()
    assert door.course.recorded(written(maintenance.draft), door.gate) is door.course


def test_a_list_is_reloaded_without_the_machine():
    door = Door(NAME.RELOAD_TRUST)
    assert door.begin(may_open=False) is None
    assert door.outcome == (STATE.RUNNING, "")


def test_what_comes_too_late_is_not_begun():
    door = Door(NAME.OPEN)
    door.ms = UNTIL
    assert door.begin() is None
    assert door.outcome == (STATE.TIMED_OUT, "")


def test_a_command_ends_when_its_time_is_over():
    door = Door(NAME.OPEN)
    door.begin()
    assert door.course.passed((UNTIL - 1) * MS) is door.course
    assert door.course.passed(UNTIL * MS).state is STATE.TIMED_OUT
