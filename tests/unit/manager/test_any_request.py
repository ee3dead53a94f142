"""Whatever the screen asks, the gate answers: each request with the strangest values that its model lets through."""

import asyncio
import itertools
import typing
from datetime import date
from enum import StrEnum

import pytest
from pydantic import TypeAdapter, ValidationError

from kiosk.adapters.admin_client import AdminClient
from kiosk.adapters.export_files import ExportFiles
from kiosk.adapters.local_roster import LocalRoster
from kiosk.adapters.registers import Register
from kiosk.api.manager import PERMITTED, ListEntries, OpenDoor, Request, SetMode, ShowHealth, SignIn
from kiosk.api.manager.settings import OpenHours
from kiosk.app.manager_aim import AimDesk
from kiosk.app.manager_books import BooksDesk
from kiosk.app.manager_books_export import ExportDesk
from kiosk.app.manager_books_people import PeopleDesk
from kiosk.app.manager_books_roster import RosterDesk
from kiosk.app.manager_desk import FAULT
from kiosk.app.manager_device import DeviceDesk
from kiosk.app.manager_settings import SettingsDesk
from kiosk.app.usb_stick import UsbStick
from kiosk.domain.roster import Roster
from kiosk.domain.staff import Refused, StaffRole
from kiosk.roster_file import read_roster
from kiosk.testing.gatehouse import Gatehouse
from kiosk.testing.guest_book import HANOI, GuestBook
from kiosk.testing.staff import GUARD, MANAGER, TECHNICIAN, MemoryPins
from kiosk.testing.venue_settings import Venue

REQUESTS = typing.get_args(Request)
PINS = {StaffRole.GUARD: GUARD, StaffRole.MANAGER: MANAGER, StaffRole.TECHNICIAN: TECHNICIAN}
MOST = 100
"""Requests of a kind that are asked."""
CLOSED = {OpenDoor, SetMode}
"""Closed lists alone, and their answers wait for the relay: tests/unit/manager/test_door.py."""
HOURS = OpenHours(hours=("00:00-24:00", "25:61-99:99"), weekdays=("mon", "mon"))
STRANGE = (
    None, False, True, 0, 1, -1, 5, 100, 1 << 31, (1 << 63) - 1, 1 << 63, 10**30,
    "", "a", "-", "--help", "x" * 64, "\0", "%s{0}", "Ánh\u202e", "\U0001f600" * 32, "0" * 64, "ffi" * 21,
    "000000", "135792", "246813", "999999999999", "sda", "sdzz99", "0.0", "9999.999999.999999", "UTC", "-/etc/passwd",
    "Asia/Ho_Chi_Minh", "2099-02-31", "2099-12-31", "23:59", "255.255.255.255/32", "0.0.0.0/0", "10.0.0.1", "password",
    date.min, date.max, date(1970, 1, 1), date(2026, 6, 1),
    (), (1,), ((1 << 63) - 1,), (10**30,), (-1,), tuple(range(1, 51)), ("lobby", "\0"), ("x" * 64,) * 50, ("1.1.1.1",),
    {}, {"gate.pulse_ms": "-999999999"}, {"gate.pulse_ms": "x" * 200}, {"paths.policy": "../../etc/passwd"},
    {"screen.venue": "\u202e\U0001f600"}, {"kiosk.time_zone": "Mars/Base"}, {"no.such": ""},
    (HOURS,), (HOURS,) * 50,
)  # fmt: skip


def choices(annotation):
    """Return the closed lists in an annotation, whatever it is wrapped in."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return list(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return list(typing.get_args(annotation))
    return [one for part in typing.get_args(annotation) for one in choices(part)]


def taken(field):
    """Return the values that a field takes."""
    check = TypeAdapter(typing.Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation)

    def is_taken(value):
        try:
            check.validate_python(value, strict=not isinstance(value, str))
        except ValidationError:
            return False
        return True

    return [value for value in (*choices(field.annotation), *STRANGE) if is_taken(value)]


def strange(kind):
    """Yield requests of a kind: each field's values beside one of each other field's."""
    fields = {name: taken(field) for name, field in kind.model_fields.items() if name != "ask"}
    assert all(fields.values()), f"no value for a field of {kind.__name__}: add one to STRANGE"
    first, last = ({name: values[at] for name, values in fields.items()} for at in (0, -1))
    changed = [{**others, name: value} for others in (first, last) for name in fields for value in fields[name]]
    for said in (first, last, *changed):
        try:
            yield kind.model_validate(said)
        except ValidationError:
            continue


@pytest.fixture
def house(tmp_path):
    """A gate with all of its desks, a real journal in a folder, and no `kiosk-admin` on its machine."""
    book = GuestBook(tmp_path)
    book.admit(minutes=5)
    door, venue = Gatehouse(journal=book.journal), Venue(tmp_path)
    shell, admin = door.shell, AdminClient(tmp_path / "no-admin.sock")
    roster = LocalRoster(tmp_path / "roster.toml", Register(read_roster, Roster()), lambda: None)
    record, writer = shell.recorder.record_now, ExportFiles("gate-1", door.clock, HANOI)
    for desk in (
        AimDesk(shell.line, door.clock, door.peers),
        BooksDesk(book.books, shell.door, lambda: shell.policy, door.clock, shell.reception.pace),
        PeopleDesk(book.books, record, HANOI, 60),
        RosterDesk(roster, record, door.clock, HANOI, lambda: "lobby"),
        SettingsDesk(venue.editor, shell.recorder),
        DeviceDesk(admin, shell.recorder, HANOI),
        ExportDesk(book.books, record, writer, UsbStick(admin), HANOI, 60),
    ):
        shell.manager.add(desk.handlers())
    yield door
    book.close()


def test_every_request_has_a_role_and_a_handler(house):
    asked = set(REQUESTS) - {SignIn}
    assert set(PERMITTED) == asked
    assert set(house.shell.manager.desk.handlers) == asked


@pytest.mark.parametrize("kind", [one for one in REQUESTS if one not in CLOSED], ids=lambda kind: kind.__name__)
def test_no_request_is_too_strange_to_be_answered(house, kind):
    async def ask_all():
        by = StaffRole.MANAGER if kind is SignIn or StaffRole.MANAGER in PERMITTED[kind] else StaffRole.TECHNICIAN
        answers = []
        for request in itertools.islice(strange(kind), MOST):
            house.pins.pins = MemoryPins().pins
            house.wait(1)
            await house.staff.sign_in(PINS[by])
            answers.append((request, await house.staff.ask(request)))
        return answers

    answers = asyncio.run(ask_all())
    assert answers
    assert [request for request, answer in answers if answer.detail == FAULT] == []


def test_a_fault_of_a_handler_is_answered_and_the_next_question_too(house, caplog):
    async def faulty(_, __):
        raise KeyError("079190001234")

    async def ask_both():
        house.shell.manager.add({ListEntries: faulty})
        await house.staff.sign_in(MANAGER)
        return await house.staff.ask(ListEntries()), await house.staff.ask(ShowHealth())

    failed, shown = asyncio.run(ask_both())
    assert (failed.code, failed.detail) == (Refused.FAILED, FAULT)
    assert shown.code is None
    assert "entries at the touchscreen: stopped by a fault of its own (KeyError" in caplog.text
    assert "079190001234" not in caplog.text
