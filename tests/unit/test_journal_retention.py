"""What a journal drops, and what it never does; the chain of the rest stays checkable."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Retention, Sealer, SqliteJournal, open_journal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.journal_retention import KEEP_NEWEST, STEP
from kiosk.domain.events import ClockConfidence, Count, EventDraft, EventType, follows
from kiosk.testing.clock import FakeClock

DAY = 86_400
NOTE = EventDraft(EventType.KIOSK_STARTED)
DENIED = EventDraft(EventType.VISIT_DENIED, kept=b"inputs")
LOCKED_DOWN = EventDraft(EventType.MODE_CHANGED, data={"mode": "lockdown"})
ALONE = Retention(max_mb=8, keep_days=30, has_centre=False)
CENTRE = Retention(max_mb=8, keep_days=30)


class Kiosk:
    """A journal whose days pass at will."""

    def __init__(self, folder, retention):
        self.path, self.clock = folder / "journal.db", FakeClock(datetime(2026, 6, 1, tzinfo=UTC))
        self.keys = DayKeys(folder / "day-keys", clock=self.clock)
        self.retention = retention
        self.start()

    def start(self, kind=SqliteJournal, **options):
        self.journal = kind(
            self.path, kiosk="k", boot="b", clock=self.clock, sealer=Sealer(None), day_keys=self.keys,
            retention=self.retention, **options,
        )  # fmt: skip

    def fill(self, *drafts, filler=NOTE, newest=KEEP_NEWEST):
        """Write drafts, and as many events as stay in any case."""
        self.journal.append(drafts)
        self.journal.append([filler] * newest)

    def tidy(self):
        steps = 0
        while self.journal.tidy():
            steps += 1
        return steps

    def numbers(self):
        with closing(sqlite3.connect(self.path)) as db:
            return [seq for (seq,) in db.execute("SELECT seq FROM events ORDER BY seq")]


@pytest.fixture
def make(tmp_path):
    kiosks = []

    def make(retention):
        kiosks.append(Kiosk(tmp_path, retention))
        return kiosks[-1]

    yield make
    for kiosk in kiosks:
        kiosk.journal.close()


def test_what_is_old_and_confirmed_goes_and_nothing_else(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.clock.advance(31 * DAY)
    assert kiosk.tidy() == 0
    kiosk.journal.confirm(7)
    assert kiosk.tidy() == 1
    assert kiosk.numbers()[0] == 8


def test_what_is_confirmed_and_younger_stays_while_there_is_room(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.journal.confirm(10)
    kiosk.clock.advance(29 * DAY)
    assert kiosk.tidy() == 0


def test_the_newest_events_stay_however_old_they_are(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.journal.confirm(10 + KEEP_NEWEST)
    kiosk.clock.advance(400 * DAY)
    kiosk.tidy()
    assert kiosk.numbers() == list(range(11, 11 + KEEP_NEWEST))


def test_many_go_in_steps(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * (2 * STEP + 5))
    kiosk.journal.confirm(2 * STEP + 5)
    kiosk.clock.advance(31 * DAY)
    assert kiosk.tidy() == 3
    assert kiosk.numbers()[0] == 2 * STEP + 6


@pytest.mark.parametrize("confidence", [ClockConfidence.UNSET, ClockConfidence.DRIFTING])
def test_a_clock_that_is_not_sure_makes_nothing_old(make, confidence):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.journal.confirm(10)
    kiosk.clock.advance(4000 * DAY)
    kiosk.clock.confidence_is = confidence
    assert kiosk.tidy() == 0


def test_what_was_written_before_the_date_was_known_is_as_old_as_the_next_that_has_one(make):
    kiosk = make(CENTRE)
    kiosk.clock.confidence_is = ClockConfidence.UNSET
    kiosk.clock.set_wall(datetime(1970, 1, 1, tzinfo=UTC))
    kiosk.journal.append([NOTE] * 5)
    kiosk.clock.confidence_is = ClockConfidence.SYNCED
    kiosk.clock.set_wall(datetime(2026, 6, 1, tzinfo=UTC))
    kiosk.fill(NOTE)
    kiosk.journal.confirm(6)
    assert kiosk.tidy() == 0
    kiosk.clock.advance(31 * DAY)
    assert kiosk.tidy() == 1
    assert kiosk.numbers()[0] == 7


def test_a_file_near_its_bound_drops_what_is_confirmed_before_it_raises_an_alarm(make):
    kiosk = make(CENTRE)
    kiosk.journal.append([EventDraft(EventType.KIOSK_STARTED, data={"filler": "x" * 1000})] * 5000)
    assert 0.7 < kiosk.journal.filled() < 0.9
    assert kiosk.tidy() == 0
    kiosk.journal.confirm(4900)
    assert kiosk.tidy() > 0
    assert kiosk.journal.filled() <= 0.7
    assert kiosk.numbers()[0] <= 4901


def test_without_a_centre_age_decides_alone(make):
    kiosk = make(ALONE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.clock.advance(29 * DAY)
    assert kiosk.tidy() == 0
    kiosk.clock.advance(2 * DAY)
    assert kiosk.tidy() == 1
    assert kiosk.numbers()[0] == 11


def test_without_a_centre_a_full_file_drops_nothing_that_is_younger(make):
    kiosk = make(ALONE)
    kiosk.journal.append([EventDraft(EventType.KIOSK_STARTED, data={"filler": "x" * 1000})] * 5000)
    assert kiosk.journal.filled() > 0.7
    assert kiosk.tidy() == 0


# What hangs on dropped events


def dropped(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[DENIED] * 10)
    kiosk.journal.confirm(10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    return kiosk


def test_the_oldest_that_is_left_still_hangs_on_the_newest_that_went(make):
    kiosk = make(CENTRE)
    kiosk.fill(*[NOTE] * 10)
    last_gone = kiosk.journal.read(9, 1)[0]
    kiosk.journal.confirm(10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    (first_left,) = kiosk.journal.read(0, 1)
    assert (first_left.seq, follows(first_left, last_gone.hash)) == (11, True)
    with closing(JournalReader(kiosk.path)) as reader:
        assert reader.dropped == 10
        assert reader.event(10) is None
        assert reader.is_chained(first_left)
        assert reader.is_whole()


@pytest.mark.parametrize("harm", [
    "UPDATE meta SET value = replace(value, substr(value, 1, 1), 'z') WHERE key = 'dropped_hash'",
    "DELETE FROM events WHERE seq = 11",
    "UPDATE events SET boot = 'other' WHERE seq = 11",
])  # fmt: skip
def test_a_beginning_that_somebody_has_cut_off_does_not_look_tidied(make, harm):
    kiosk = dropped(make)
    with closing(sqlite3.connect(kiosk.path)) as db, db:
        db.execute(harm)
    with closing(JournalReader(kiosk.path)) as reader:
        assert not reader.is_whole()


def test_numbers_and_chain_go_on_after_a_restart(make):
    kiosk = dropped(make)
    head = kiosk.journal.head()
    kiosk.journal.close()
    kiosk.start()
    assert kiosk.journal.head() == head
    (event,) = kiosk.journal.append([NOTE])
    assert event.seq == head.last + 1


def test_inputs_go_with_their_events_and_counts_stay(make):
    kiosk = make(CENTRE)
    counted = EventDraft(EventType.VISIT_ADMITTED, "v", count=Count(b"who", 1, 2_000_000_000))
    kiosk.fill(counted, *[DENIED] * 9, filler=DENIED)
    kiosk.journal.confirm(10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    with closing(sqlite3.connect(kiosk.path)) as db:
        assert db.execute("SELECT min(seq), count(*) FROM kept").fetchone() == (11, KEEP_NEWEST)
    assert kiosk.journal.counts.used(b"who") == 1


def test_a_door_that_was_locked_down_before_everything_that_is_left_is_locked_down(make):
    kiosk = make(CENTRE)
    kiosk.fill(NOTE, LOCKED_DOWN, *[NOTE] * 8)
    kiosk.journal.confirm(10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    kiosk.journal.close()
    kiosk.start()
    newest = kiosk.journal.newest_mode()
    assert (newest.seq, newest.data) == (2, {"mode": "lockdown"})
    assert [event.seq for event in kiosk.journal.read(0, 2)] == [11, 12], "it does not come before the others"
    with closing(JournalReader(kiosk.path)) as reader:
        assert reader.is_chained(newest)
        assert reader.is_whole()


def test_only_the_newest_word_on_the_mode_stays(make):
    kiosk = make(CENTRE)
    kiosk.fill(LOCKED_DOWN, *[NOTE] * 8, EventDraft(EventType.MODE_CHANGED, data={"mode": "normal"}))
    kiosk.journal.confirm(10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    assert kiosk.numbers()[:2] == [10, 11]


def test_a_centre_that_comes_after_events_were_dropped_gets_a_new_journal(make):
    kiosk = make(ALONE)
    kiosk.fill(*[NOTE] * 10)
    kiosk.clock.advance(31 * DAY)
    kiosk.tidy()
    epoch = kiosk.journal.head().epoch
    kiosk.journal.close()
    kiosk.retention = CENTRE
    kiosk.start(kind=open_journal)
    (event,) = kiosk.journal.read(0, 9)
    assert event.data["fault"] == "journal_unsent"
    assert event.epoch != epoch


@pytest.mark.parametrize("which", [0, -1], ids=["first", "last"])
def test_a_bit_that_has_flipped_in_an_old_event_does_not_keep_the_others_for_ever(make, which):
    kiosk = make(ALONE)
    kiosk.fill(DENIED, DENIED)
    kiosk.journal.close()
    content = bytearray(kiosk.path.read_bytes())
    found = [match.start() for match in re.finditer(b"visit.denied2026", content)]
    assert len(found) == 4, "two events, and their entries in the index of types and times"
    content[found[which]] ^= 1
    kiosk.path.write_bytes(content)
    kiosk.start()
    kiosk.clock.advance(31 * DAY)
    assert kiosk.tidy() > 0
    assert kiosk.numbers()[0] == 3
    with closing(sqlite3.connect(kiosk.path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
