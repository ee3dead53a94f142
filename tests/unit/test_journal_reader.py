"""A journal looked at beside its writer."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing.clock import FakeClock

DRAFTS = (
    EventDraft(EventType.KIOSK_STARTED),
    EventDraft(EventType.VISIT_NEEDS_MORE, "v1", kept=b"first"),
    EventDraft(EventType.VISIT_ADMITTED, "v1"),
    EventDraft(EventType.VISIT_DENIED, "v2"),
    EventDraft(EventType.GATE_LOCKED, "v1"),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.db"


@pytest.fixture
def journal(path):
    clock = FakeClock(datetime(2026, 6, 1, tzinfo=UTC))
    keys = DayKeys(path.parent / "day-keys", clock=clock)
    journal = SqliteJournal(path, kiosk="k", boot="b", clock=clock, sealer=Sealer(None), day_keys=keys)
    journal.append(DRAFTS)
    yield journal
    journal.close()


@pytest.fixture
def reader(path, journal):
    with closing(JournalReader(path)) as reader:
        yield reader


def test_it_reads_what_the_gate_writes_while_it_writes(reader, journal):
    assert [reader.event(seq) for seq in (1, 2, 3, 4, 5)] == list(journal.read(0, 9))
    (new,) = journal.append([EventDraft(EventType.GATE_RELEASED)])
    assert reader.event(6) == new
    assert reader.epoch == journal.head().epoch


def test_it_reads_a_journal_that_the_gate_has_closed(path, journal):
    journal.close()
    with closing(JournalReader(path)) as reader:
        assert reader.last_decision().visit == "v2"


def test_events_are_found_by_number_visit_or_as_the_newest_decision(reader):
    assert reader.last_decision().seq == 4
    assert reader.decision_on("v1").seq == 3, "the newest decision on that visit"
    assert [reader.event(99), reader.event(0), reader.decision_on("v9")] == [None] * 3


def test_the_events_of_a_visit_are_found_in_order(reader):
    assert [event.seq for event in reader.of_visit("v1")] == [2, 3, 5]
    assert [event.seq for event in reader.of_visit("v1", limit=1)] == [2]
    assert reader.of_visit("") == reader.of_visit("v9") == ()


def test_it_writes_nothing(reader, path):
    with pytest.raises(sqlite3.OperationalError):
        reader._db.execute("DELETE FROM events")


def test_what_was_kept_is_found_by_its_event(reader):
    day, box = reader.kept(2)
    assert (day, b"first" in box) == ("2026-06-01", False)
    assert reader.kept(3) is None


def test_every_event_stands_in_its_place(reader):
    assert all(reader.is_chained(reader.event(seq)) for seq in (1, 2, 3, 4, 5))


@pytest.mark.parametrize(("change", "broken"), [
    ("UPDATE events SET data = '{\"rule\": \"mine\"}' WHERE seq = 3", {3}),
    ("UPDATE events SET hash = '00' WHERE seq = 3", {3, 4}),
    ("DELETE FROM events WHERE seq = 3", {4}),
    ("UPDATE events SET type = 'visit.denied' WHERE seq = 1", {1}),
])  # fmt: skip
def test_a_changed_record_is_not_whole_and_its_neighbours_tell_a_missing_one(path, journal, change, broken):
    journal.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute(change)
        database.commit()
    with closing(JournalReader(path)) as reader:
        events = [event for seq in (1, 2, 3, 4, 5) if (event := reader.event(seq)) is not None]
        found = {event.seq for event in events if not reader.is_chained(event)}
    assert broken <= found
    assert found <= broken | {seq - 1 for seq in broken}, "and nobody farther away"


def test_a_journal_from_before_anything_was_kept_is_read(path, journal):
    journal.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE kept")
    with closing(JournalReader(path)) as reader:
        assert reader.kept(2) is None
        assert reader.event(2).visit == "v1"


@pytest.mark.parametrize("content", [None, b"", b"no database, and never was one" * 200])
def test_what_is_no_journal_is_said(path, content):
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.db"):
        JournalReader(path)


def test_a_damaged_row_is_said(path, journal):
    journal.close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE events SET data = 'no json' WHERE seq = 3")
        database.commit()
    with closing(JournalReader(path)) as reader, pytest.raises(JournalError):
        reader.event(3)


def test_a_number_beyond_all_bounds_is_said(reader):
    with pytest.raises(JournalError):
        reader.event(1 << 70)


def test_dead_letters_are_listed_once_and_only_of_events_that_are_there(path, journal, reader):
    for seq, code in ((4, "too_large"), (2, "puback_0x99"), (4, "text"), (6, "too_large")):
        journal.bury(seq, code)
    assert reader.dead() == {2: "puback_0x99", 4: "too_large"}
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TABLE dead")
    assert reader.dead() == {}
    with pytest.raises(JournalError):
        journal.bury(1, "too_large")
