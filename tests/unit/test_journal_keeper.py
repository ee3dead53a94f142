"""Who does in time what the journal needs: marks, alarms, dropping, salvaging."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from kiosk.adapters.journal import Retention, Sealer, open_journal
from kiosk.adapters.journal_keeper import BETWEEN_S, LOOK_EVERY_S, MARK_EVERY_S, JournalKeeper
from kiosk.adapters.journal_mark import place, read_mark
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing.clock import FakeClock

NOTE = EventDraft(EventType.KIOSK_STARTED)
BIG = EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 5000})
DAY = 86_400


class Desk:
    """A journal and its keeper; what the keeper asks for is done at once, and counted."""

    def __init__(self, folder):
        self.path, self.clock = folder / "j.db", FakeClock(datetime(2026, 6, 1, tzinfo=UTC))
        self.disk = 0.3
        self.grown, self.resting, self.rooms, self.pauses = 0, 0, [], []
        self.start()

    def start(self):
        self.journal = LateJournal(lambda: open_journal(
            self.path, kiosk="k", boot="b", clock=self.clock, sealer=Sealer(None), retention=Retention(max_mb=8)
        ))  # fmt: skip
        self.keeper = JournalKeeper(self.journal, self.path, "k", pause=self.pause, disk=lambda _: self.disk)

    async def pause(self, seconds):
        self.pauses.append(seconds)
        if seconds < MARK_EVERY_S:
            return
        self.resting += 1
        if self.resting == 3:  # all have done what there is to do
            raise asyncio.CancelledError
        await asyncio.Event().wait()

    async def in_thread(self, call, *arguments):
        return call(*arguments)

    def grow(self):
        self.grown += 1

    def look(self):
        return asyncio.run(self.keeper.look(self.in_thread, self.grow))

    def salvage(self, aside):
        asyncio.run(self.keeper.salvage(aside, self.in_thread, self.grow))

    def run(self):
        """Let everything happen once."""
        self.resting = 0
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(self.keeper.run(self.in_thread, self.grow, self.rooms.append))

    def fill(self, share):
        while self.journal.filled() < share:
            self.journal.append([BIG] * 20)

    def said(self, *types):
        return [event for event in self.journal.read(0, 5000) if event.type in types]

    def faults(self):
        return [(e.type.value, e.data["fault"]) for e in self.said(EventType.FAULT_RAISED, EventType.FAULT_CLEARED)]

    def broken(self, number):
        """Begin anew after a journal of so many events, of which some in the middle cannot be read."""
        self.journal.append([NOTE] * number)
        self.journal.close()
        with closing(sqlite3.connect(self.path)) as db, db:
            db.execute("DELETE FROM events WHERE seq BETWEEN 5 AND 6")
            db.execute("UPDATE events SET boot = 'x' WHERE seq = (SELECT max(seq) FROM events)")
        self.start()
        (aside,) = [path for path in self.path.parent.glob("j.db.corrupt-*") if path.suffix != ".mark"]
        return aside


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path)
    yield desk
    desk.journal.close()


def test_alarms_are_put_on_record_once(desk):
    desk.fill(0.81)
    assert desk.look().of == "journal"
    desk.look()
    assert desk.faults() == [("fault.raised", "journal_filling")]
    assert desk.grown == 1
    desk.fill(0.91)
    desk.look()
    assert desk.faults()[1:] == [("fault.raised", "journal_nearly_full")]


def test_a_disk_that_fills_is_told_apart_from_a_journal_that_does(desk):
    desk.disk = 0.85
    assert (desk.look().of, desk.look().percent) == ("disk", 85)
    assert desk.faults() == [("fault.raised", "journal_filling")]


def test_a_restart_does_not_raise_them_again_and_room_clears_them(desk):
    desk.fill(0.91)
    desk.look()
    desk.journal.close()
    desk.start()
    desk.look()
    assert len(desk.faults()) == 2
    desk.journal.confirm(desk.journal.head().last)
    asyncio.run(desk.keeper.tidy())
    desk.look()
    assert desk.faults()[2:] == [("fault.cleared", "journal_filling"), ("fault.cleared", "journal_nearly_full")]


def test_marks_and_looks_come_in_their_time(desk):
    desk.journal.append([NOTE] * 3)
    desk.run()
    assert read_mark(place(desk.path)).last == 3
    assert len(desk.rooms) == 1
    assert set(desk.pauses) == {MARK_EVERY_S, LOOK_EVERY_S}


def test_what_may_go_goes_with_pauses_between(desk):
    desk.journal.append([NOTE] * 3500)
    desk.journal.confirm(2500)
    desk.clock.advance(31 * DAY)
    asyncio.run(desk.keeper.tidy())
    assert desk.journal.read(0, 1)[0].seq == 2501
    assert desk.pauses == [BETWEEN_S] * 3


def test_a_journal_that_is_not_there_is_tried_again(tmp_path):
    (tmp_path / "state").write_text("in the way")
    desk = Desk(tmp_path / "state")
    desk.run()
    assert desk.rooms == []
    assert len(desk.pauses) == 3


# Salvaging


def test_what_can_be_read_is_told_in_order_and_noted_as_done(desk):
    aside = desk.broken(250)
    desk.run()
    told = [e.data["seq"] for e in desk.said(EventType.JOURNAL_SALVAGED)]
    gaps = [(e.data["first"], e.data["last"]) for e in desk.said(EventType.JOURNAL_GAP)]
    assert told == [1, 2, 3, 4, *range(7, 250)]
    assert gaps == [(5, 6), (250, 250)]
    assert aside.with_name(aside.name + ".salvaged").exists()
    before = desk.journal.head()
    desk.run()
    assert desk.journal.head() == before


def test_what_was_told_is_not_told_again_after_a_restart_in_between(desk):
    aside = desk.broken(250)

    async def stopped(call, *arguments):
        call(*arguments)
        raise JournalError("the process ended here")

    with pytest.raises(JournalError):
        asyncio.run(desk.keeper.salvage(aside, stopped, desk.grow))
    assert len(desk.said(EventType.JOURNAL_SALVAGED)) == 100
    desk.journal.close()
    desk.start()
    desk.salvage(aside)
    assert [e.data["seq"] for e in desk.said(EventType.JOURNAL_SALVAGED)] == [1, 2, 3, 4, *range(7, 250)]


def test_a_journal_that_is_nearly_full_takes_over_nothing(desk):
    aside = desk.broken(20)
    desk.fill(0.91)
    before = desk.journal.head()
    with pytest.raises(JournalError):
        desk.salvage(aside)
    assert desk.journal.head() == before
    assert not aside.with_name(aside.name + ".salvaged").exists()


def test_what_is_salvaged_counts_nobody_in(desk):
    """The people of the old file were counted when they came."""
    aside = desk.broken(20)
    desk.salvage(aside)
    assert desk.journal.inside(datetime(2026, 1, 1, tzinfo=UTC), frozenset()) == 0
