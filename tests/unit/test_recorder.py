"""The way into the journal: nothing that is noted gets lost, whatever happens meanwhile."""

import asyncio
from datetime import UTC, datetime

import pytest

from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_io import Record
from kiosk.testing.clock import FakeClock
from kiosk.testing.shell import MemoryJournal

RAISED, CLEARED = EventDraft(EventType.FAULT_RAISED), EventDraft(EventType.FAULT_CLEARED)
ADMITTED, DENIED = EventDraft(EventType.VISIT_ADMITTED, "a"), EventDraft(EventType.VISIT_DENIED, "b")


class Interrupted(MemoryJournal):
    """A journal during whose next commit something else happens."""

    meanwhile = staticmethod(lambda: None)

    def append(self, drafts):
        self.meanwhile()
        return super().append(drafts)


@pytest.fixture
def journal():
    return Interrupted()


@pytest.fixture
def failures():
    return []


@pytest.fixture
def recorder(journal, failures):
    clock = FakeClock(datetime(2026, 6, 1, 8, tzinfo=UTC))
    return Recorder(journal, clock, lambda _queued, _event: None, failures.extend, lambda: None)


def types(journal):
    return [event.type for event in journal.events]


def commit(recorder):
    asyncio.run(recorder.commit_queued())


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_noted_during_a_commit_is_written_by_the_next_in_its_order(recorder, journal, fails):
    recorder.note(RAISED)
    journal.meanwhile, journal.broken = lambda: recorder.note(CLEARED), fails
    commit(recorder)
    assert types(journal) == ([] if fails else [EventType.FAULT_RAISED])
    journal.meanwhile, journal.broken = lambda: None, False
    commit(recorder)
    assert types(journal) == [EventType.FAULT_RAISED, EventType.FAULT_CLEARED]


def test_an_admission_that_could_not_be_recorded_has_not_happened_and_a_denial_is_kept(recorder, journal, failures):
    journal.broken = True
    recorder.put(Record(7, ADMITTED))
    recorder.put(Record(8, DENIED))
    commit(recorder)
    assert failures == [7, 8]
    journal.broken = False
    commit(recorder)
    assert types(journal) == [EventType.VISIT_DENIED]


def test_a_failure_without_a_record_of_the_machine_is_said_as_well(recorder, journal, failures):
    journal.broken = True
    recorder.note(RAISED)
    commit(recorder)
    assert failures == [0]
