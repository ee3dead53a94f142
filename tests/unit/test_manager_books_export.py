"""Export at the touchscreen: on record, in the background, one at a time, and never half done."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from kiosk.adapters.export_files import ExportFiles
from kiosk.api.manager import CancelExport, ExportEvents, ExportTrace, ShowExport
from kiosk.app.books import ExportError
from kiosk.app.manager_books_export import ExportDesk
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventType
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.testing.guest_book import BINH, HANOI, GuestBook

OFFICE = Staff(StaffRole.MANAGER, "office")
DAY = 86_400


@dataclass
class FolderStick:
    """A stick that is a folder; None: there is none in the slot."""

    folder: Path | None
    opened: int = 0
    closed: int = 0
    asked: str | None = None

    async def open(self, stick: str | None) -> Path:
        self.opened += 1
        self.asked = stick
        if self.folder is None:
            raise RefusedError(Refused.UNAVAILABLE, "no_stick")
        return self.folder

    async def close(self) -> None:
        self.closed += 1


@dataclass
class Office:
    """The desk, with a journal and a stick."""

    book: GuestBook
    stick: FolderStick
    is_full: bool = False
    desk: ExportDesk = field(init=False)

    def __post_init__(self):
        writer = ExportFiles("gate-1", self.book.clock, HANOI)
        self.desk = ExportDesk(self.book.books, self.record, writer, self.stick, HANOI, 60)

    async def record(self, drafts):
        if self.is_full:
            raise JournalError("full")
        self.book.journal.append(drafts)

    async def ask(self, request):
        return await self.desk.handlers()[type(request)](request, OFFICE)

    async def ended(self):
        await asyncio.wait([self.desk._task])
        return await self.ask(ShowExport())

    def export(self, request):
        async def run():
            assert (await self.ask(request)).state == "running"
            return await self.ended()

        return asyncio.run(run())

    def look_ups(self):
        return [dict(one.data) for one in self.book.journal.read(0, 100) if one.type is EventType.RECORDS_CONSULTED]


@pytest.fixture
def office(tmp_path):
    (tmp_path / "stick").mkdir()
    book = GuestBook(tmp_path)
    yield Office(book, FolderStick(tmp_path / "stick"))
    book.close()


def test_the_events_of_some_days_are_on_the_stick_and_it_may_be_taken_away(office):
    for _ in range(3):
        office.book.refuse("expired")
        office.book.clock.advance(DAY)
    done = office.export(ExportEvents(first=date(2026, 6, 2), last=date(2026, 6, 2), stick="sda1"))
    assert (done.state, done.part, done.events, len(done.files)) == ("done", 1.0, 1, 4)
    assert (office.stick.folder / done.files[0]).read_text().splitlines()[1].startswith("2,2026-06-02")
    assert (office.stick.asked, office.stick.opened, office.stick.closed) == ("sda1", 1, 1)


def test_an_export_is_on_record_with_what_was_taken_out(office):
    office.book.refuse("expired")
    office.export(ExportEvents())
    assert office.look_ups() == [{"what": "export", "seq": 1, "last": 1, "by": "office", "role": "manager"}]


def test_a_trace_for_the_authority_is_on_record_and_on_the_stick(office):
    office.book.admit(minutes=10)
    office.book.admit(BINH, "8")
    done = office.export(ExportTrace(reason=LookUpReason.AUTHORITY, visits=(1,), margin_min=5))
    said = json.loads((office.stick.folder / done.files[0]).read_text())
    assert [one["number"] for one in said["contacts"]] == [2]
    assert office.look_ups() == [{
        "what": "trace", "why": "authority", "visits": [1], "margin_min": 5, "by": "office", "role": "manager",
    }]  # fmt: skip


def test_without_record_reason_or_events_nothing_is_exported(office):
    refused = {}

    async def ask(name, request):
        with pytest.raises(RefusedError) as error:
            await office.ask(request)
        refused[name] = error.value.code

    async def run():
        await ask("no events", ExportEvents())
        await ask("no reason", ExportTrace(visits=(1,)))
        office.book.refuse("expired")
        office.is_full = True
        await ask("no record", ExportEvents())
        await ask("no record of a trace", ExportTrace(visits=(1,), reason=LookUpReason.AUTHORITY))

    asyncio.run(run())
    assert refused == {
        "no events": Refused.NOT_FOUND, "no reason": Refused.REASON_MISSING, "no record": Refused.NOT_RECORDED,
        "no record of a trace": Refused.NOT_RECORDED,
    }  # fmt: skip
    assert office.stick.opened == 0


def test_where_there_is_no_stick_it_says_so(office):
    office.book.refuse("expired")
    office.stick.folder = None
    failed = office.export(ExportEvents())
    assert (failed.state, failed.code, office.stick.closed) == ("failed", "no_stick", 0)


def test_a_stick_that_is_pulled_out_is_closed_all_the_same(office):
    office.book.refuse("expired")
    office.stick.folder.rmdir()
    failed = office.export(ExportEvents())
    assert (failed.state, failed.code, office.stick.closed) == ("failed", "target_gone", 1)


def test_a_second_one_waits_for_the_first_and_a_cancelled_one_leaves_nothing(office):
    office.book.refuse("expired")

    class Slow(ExportFiles):
        def events(self, books, into, numbers, progress, cancelled):  # noqa: ARG002 - as ExportFiles
            while not cancelled():
                progress(0.5, 1)
            raise ExportError("cancelled")

    office.desk.writer = Slow("gate-1", office.book.clock)

    async def run():
        await office.ask(ExportEvents())
        with pytest.raises(RefusedError) as error:
            await office.ask(ExportEvents())
        assert error.value.code is Refused.BUSY
        return await office.ask(CancelExport())

    cancelled = asyncio.run(run())
    assert (cancelled.state, cancelled.code) == ("cancelled", "cancelled")
    assert list(office.stick.folder.iterdir()) == []


def test_nothing_to_cancel_is_no_fault(office):
    assert asyncio.run(office.ask(CancelExport())).state == "none"


def test_a_fault_of_our_own_leaves_nobody_waiting(office, caplog):
    office.book.refuse("expired")

    class Broken(ExportFiles):
        def events(self, *_):
            raise KeyError("data")

    office.desk.writer = Broken("gate-1", office.book.clock)

    async def run():
        await office.ask(ExportEvents())
        return await office.ended()

    assert asyncio.run(run()).state == "failed"
    assert "stopped by a fault of its own (KeyError" in caplog.text
    assert "data" not in caplog.text, "nothing of what the fault was about"
