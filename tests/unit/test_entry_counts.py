"""The table of the counts, and the key that credentials are hashed with."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.count_keys import KEY_SIZE, SecretError, load_key
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.app.ports import JournalError
from kiosk.domain.events import ClockConfidence, Count, EventDraft, EventType
from kiosk.testing.clock import FakeClock

NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)


def drafts(*whos, kind=EventType.VISIT_ADMITTED):
    return [EventDraft(kind, f"v-{who!r}", count=Count(who, 1, int(NOW.timestamp()) + 3600)) for who in whos]


@pytest.fixture
def journal(tmp_path):
    clock = FakeClock(NOW)
    opened = SqliteJournal(tmp_path / "j.db", kiosk="k", boot="b", clock=clock, sealer=Sealer(None))
    yield opened, clock
    opened.close()


def rows(tmp_path):
    with sqlite3.connect(tmp_path / "j.db") as db:
        found = db.execute("SELECT visit FROM counts ORDER BY visit").fetchall()
    db.close()
    return [row[0] for row in found]


def test_an_annulled_visit_is_taken_out(journal, tmp_path):
    book, _ = journal
    book.append(drafts(b"a", b"b"))
    assert (book.counts.used(b"a"), book.counts.inside(NOW)) == (1, 2)
    book.append([EventDraft(EventType.VISIT_ANNULLED, "v-b'a'"), EventDraft(EventType.VISIT_ANNULLED, "v-unheard")])
    assert (book.counts.used(b"a"), book.counts.used(b"b"), book.counts.inside(NOW)) == (0, 1, 1)
    assert rows(tmp_path) == ["v-b'b'"]


def test_what_is_not_committed_is_not_counted(journal, tmp_path):
    book, _ = journal
    book.append(drafts(b"a"))
    with pytest.raises(JournalError):
        book.append([*drafts(b"b"), *drafts(b"a")])  # one admission a visit
    assert (book.counts.used(b"a"), book.counts.used(b"b")) == (1, 0)
    assert rows(tmp_path) == ["v-b'a'"]


def test_uses_are_forgotten_when_the_code_has_expired_and_the_day_is_long_over(journal, tmp_path):
    book, clock = journal
    book.append(drafts(b"a"))
    clock.advance(3600 * 47)
    book.append(drafts(b"b"))
    assert rows(tmp_path) == ["v-b'a'", "v-b'b'"]
    clock.advance(3600 * 2)
    clock.confidence_is = ClockConfidence.DRIFTING  # may be years ahead
    book.append(drafts(b"c"))
    assert rows(tmp_path) == ["v-b'a'", "v-b'b'", "v-b'c'"]
    clock.confidence_is = ClockConfidence.SYNCED
    book.append(drafts(b"d"))
    assert rows(tmp_path) == ["v-b'b'", "v-b'c'", "v-b'd'"]
    assert (book.counts.used(b"a"), book.counts.used(b"b")) == (0, 1)


def test_many_old_admissions_are_cleared_away_some_with_each_record(journal, tmp_path):
    journal, clock = journal
    number, soon = 450, int(NOW.timestamp()) + 60
    journal.append([
        EventDraft(EventType.VISIT_ADMITTED, f"v{n}", count=Count(b"%016d" % n, 1, soon)) for n in range(number)
    ])  # fmt: skip
    assert journal.counts.inside(NOW) == number
    clock.advance(3 * 86_400)
    left = []
    for _ in range(4):
        journal.append([EventDraft(EventType.GATE_LOCKED)])
        left.append(len(rows(tmp_path)))
    assert left == [250, 50, 0, 0]
    assert (journal.counts.used(b"%016d" % 7), journal.counts.inside(NOW + timedelta(days=2))) == (0, 0)


def test_the_sum_of_those_inside_is_that_of_the_rows(journal):
    journal, clock = journal
    for n in range(40):
        clock.advance(1800)
        journal.append([EventDraft(EventType.VISIT_ADMITTED, f"v{n}", count=Count(b"", -1 if n % 3 == 2 else 1, 0))])
        if n % 4 == 0:
            journal.append([EventDraft(EventType.VISIT_ANNULLED, f"v{n}")])
        for since in (NOW, NOW + timedelta(hours=5), NOW):
            rows = journal.counts._rows.values()
            assert journal.counts.inside(since) == sum(row.change for row in rows if row.at >= since.timestamp())


# the key


def test_the_key_is_made_once_and_is_the_kiosks_alone(tmp_path):
    path = tmp_path / "state" / "entries.key"
    key = load_key(path)
    assert len(key) == KEY_SIZE
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_key(path) == key
    assert [each.name for each in path.parent.iterdir()] == ["entries.key"]


def test_a_key_that_is_none(tmp_path):
    (tmp_path / "short").write_bytes(b"x")
    with pytest.raises(SecretError, match="no key of 32 bytes"):
        load_key(tmp_path / "short")
    with pytest.raises(SecretError, match="cannot be kept"):
        load_key(tmp_path / "short" / "entries.key")
