"""From a pass before the camera to the answer at the manager's screen, through the whole gate process."""

import asyncio
from datetime import date

import pytest

from kiosk.api.manager import (
    AddMember,
    CancelExport,
    EndMember,
    ExportEvents,
    ExportTrace,
    ListEntries,
    ListRoster,
    LookUp,
    ShowDashboard,
    ShowExport,
    TraceVisits,
)
from kiosk.app.manager_books import BooksDesk
from kiosk.app.manager_books_people import PeopleDesk
from kiosk.demo.script import CITIZEN_CARD
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import Refused
from kiosk.testing.gatehouse import CERTIFICATE, Gatehouse
from kiosk.testing.guest_book import HANOI, GuestBook
from kiosk.testing.staff import GUARD, MANAGER, TECHNICIAN

NUMBER = CITIZEN_CARD.split("|")[0]
WHY = LookUpReason.OWN_REQUEST
OF_PEOPLE = (
    LookUp(reason=WHY, number="7"), TraceVisits(reason=WHY, visits=(1,)), ListRoster(), AddMember(person="a"),
    EndMember(person="a"), ExportEvents(), ExportTrace(reason=WHY, visits=(1,)), ShowExport(), CancelExport(),
)  # fmt: skip


@pytest.fixture
def house(tmp_path):
    """A gate with a real journal, whose keys of the days lie in a folder."""
    book = GuestBook(tmp_path)
    door = Gatehouse(journal=book.journal)
    book.clock.set_wall(door.clock.now())
    desk, record = door.shell.manager, door.shell.recorder.record_now
    desk.add(BooksDesk(book.books, door.shell.door, lambda: door.shell.policy, door.clock,
                       door.shell.reception.pace).handlers())  # fmt: skip
    desk.add(PeopleDesk(book.books, record, HANOI, 60).handlers())
    yield door
    book.close()


async def ask(house, pin, request):
    await house.staff.sign_in(pin)
    return await house.staff.ask(request)


async def come_in(house):
    """Somebody shows a certificate, and the card that it asks for."""
    await house.show(CERTIFICATE)
    house.wait(0.5)
    await house.show(CITIZEN_CARD)
    await house.settle()


def test_whoever_was_let_in_is_found_by_the_card_beside_the_certificate(house):
    async def work():
        await come_in(house)
        by_number = await ask(house, MANAGER, LookUp(reason=WHY, number=NUMBER))
        by_name = await ask(house, MANAGER, LookUp(reason=WHY, name="nguyen thi mau", born=date(1990, 1, 1)))
        entries = await ask(house, MANAGER, ListEntries(kind="admitted"))
        return by_number.reply, by_name.reply, entries.reply

    by_number, by_name, entries = asyncio.run(work())
    (visit,) = by_number.visits
    assert by_name.visits == (visit,)
    assert [one.seq for one in entries.items] == [visit.seq]


def test_the_dashboard_knows_how_long_the_decision_took(house):
    async def work():
        await come_in(house)
        return (await ask(house, GUARD, ShowDashboard())).reply

    seen = asyncio.run(work())
    assert (seen.admitted, seen.needs_more) == (1, 1)
    assert seen.mean_ms == 0.0, "time is only played here"


@pytest.mark.parametrize("request_", OF_PEOPLE, ids=lambda one: one.ask)
@pytest.mark.parametrize("pin", [GUARD, TECHNICIAN], ids=["guard", "technician"])
def test_neither_guard_nor_technician_asks_who_was_here(house, pin, request_):
    assert asyncio.run(ask(house, pin, request_)).code is Refused.NOT_PERMITTED


@pytest.mark.parametrize("request_", [ShowDashboard(), ListEntries()], ids=lambda one: one.ask)
def test_a_guard_sees_the_day_and_a_technician_does_not(house, request_):
    async def both():
        return [(await ask(house, pin, request_)).code for pin in (GUARD, TECHNICIAN)]

    assert asyncio.run(both()) == [None, Refused.NOT_PERMITTED]
