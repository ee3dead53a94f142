"""The manager's pages held still, each filled from fixed replies: for pictures, and for tests that look at them all."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from kiosk.api.manager import Dashboard, DoorNow, Entries, LookedUp, Opened, RosterPage, SignedIn, Traced
from kiosk.api.manager.dashboard import ReasonCount
from kiosk.api.manager.door import AlarmNow, CallNow, LeafNow
from kiosk.api.manager.entries import Entry
from kiosk.api.manager.health import Light
from kiosk.api.manager.look_up import Visit
from kiosk.api.manager.roster import MemberLine
from kiosk.api.manager.trace import Contact
from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.health import Part, State
from kiosk.domain.lines import Out
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, StaffRole
from kiosk.domain.staff_door import ModeReason, OpenReason
from ui.manager.controller import Controller
from ui.manager.device_shots import DEVICE_PAGES
from ui.manager.frame import Opened as OpenedPage
from ui.manager.frame import Said
from ui.manager.page import ManagerPage
from ui.manager.pages.calls import CallsPage
from ui.manager.pages.dashboard import DashboardPage
from ui.manager.pages.entries import EntriesPage, EntryPage
from ui.manager.pages.look_up import LookUpPage
from ui.manager.pages.menu import Menu
from ui.manager.pages.modes import ModePage, ModesPage
from ui.manager.pages.open_door import OpenDoorPage
from ui.manager.pages.roster import AddMemberPage, MemberPage, RosterListPage
from ui.manager.pages.sign_in import SignInPage
from ui.manager.pages.trace import TracePage

NOW_NS = 10_000_000_000
"""When all of them are."""
_S = 1_000_000_000
_VIETNAM = timezone(timedelta(hours=7))
_DAY = date(2026, 11, 25)


def _at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 25, hour, minute, tzinfo=_VIETNAM)


def _signed_in(role: StaffRole) -> SignedIn:
    return SignedIn(session="0" * 32, role=role, name="desk", idle_s=90)


def frame(page: ManagerPage, role: StaffRole | None = StaffRole.MANAGER, said: Said | None = None) -> Controller:
    """Return a controller that shows `page` to whoever has that role; None: nobody has signed in."""
    pages = (page,) if role is None or isinstance(page, Menu) else (Menu(role), page)
    opened = tuple(OpenedPage(number, one, NOW_NS) for number, one in enumerate(pages, 1))
    staff = _signed_in(role) if role else None
    return Controller(opened=opened, staff=staff, said=said, touched_ns=NOW_NS, asked_ns=NOW_NS)


_TODAY = Dashboard(
    day=_DAY, inside=87, limit=90, entries=412, exits=325, admitted=412, refused=23, needs_more=31, calls=4,
    hours=(0, 0, 0, 0, 0, 2, 18, 75, 96, 60, 41, 30, 44, 38, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    reasons=(
        ReasonCount(reason="expired", count=9),
        ReasonCount(reason="not_enough_alone", count=6),
        ReasonCount(reason="unknown_issuer", count=4),
    ),
    mean_ms=38.4, worst_ms=121.0,
)  # fmt: skip
_EMPTY_DAY = Dashboard(day=_DAY, admitted=0, refused=0, needs_more=0, calls=0)

_ENTRIES = Entries(
    items=(
        Entry(seq=5123, at=_at(8, 30), type="visit.admitted", reason="", direction="entry", format="hcert",
              kind="vaccination", visit=True),
        Entry(seq=5121, at=_at(8, 29), type="visit.denied", reason="expired", direction="entry", format="hcert"),
        Entry(seq=5118, at=_at(8, 27), type="visit.needs_more", reason="not_enough_alone", direction="entry"),
        Entry(seq=5110, at=_at(8, 21), type="alarm.raised", about="door_held"),
        Entry(seq=5102, at=_at(8, 14), type="staff.called", reason="help_requested"),
        Entry(seq=5090, at=_at(7, 58), type="mode.changed", about="normal"),
    ),
    older=5090, last=5124,
)  # fmt: skip

_VISITS = LookedUp(
    visits=(
        Visit(seq=5123, at=_at(8, 30), direction="entry"),
        Visit(seq=4410, at=_at(17, 5) - timedelta(days=1), direction="exit"),
        Visit(seq=4102, at=_at(8, 2) - timedelta(days=1), direction="entry"),
    ),
    days=21,
)
_TRACED = Traced(
    stays=(Contact(seq=5123, begins=_at(8, 30), ends=_at(9, 45), left=True, shared_s=4500),),
    count=3, unnamed=1,
    contacts=(
        Contact(seq=5101, begins=_at(8, 2), ends=_at(9, 15), left=True, shared_s=2700),
        Contact(seq=5119, begins=_at(8, 28), ends=_at(12, 28), left=False, shared_s=4500),
        Contact(seq=5130, begins=_at(9, 40), ends=_at(10, 0), left=True, shared_s=300),
    ),
)  # fmt: skip
_MEMBERS = RosterPage(
    items=(
        MemberLine(person="staff-0012", group="kitchen", zones=("main",), today=True),
        MemberLine(person="staff-0031", group="night shift", begins=_DAY, ends=date(2026, 12, 31), today=True),
        MemberLine(person="visitor-118", group="", ends=date(2026, 11, 20), today=False),
    ),
    count=3, members=3, source="local", zone="main",
)  # fmt: skip

_DOOR = DoorNow(
    mode=Mode.NORMAL, direction=Direction.ENTRY, people=87, capacity=90,
    leaves=(LeafNow(relay=Out.RELAY, state=DoorState.LOCKED, open=False),),
)  # fmt: skip
_BUSY_DOOR = _DOOR.model_copy(update={
    "calls": (
        CallNow(visit="v1", since_ns=NOW_NS - 95 * _S, reasons=("help_requested",), waits_s=95),
        CallNow(visit="v2", since_ns=NOW_NS - 20 * _S, reasons=("expired",), waits_s=20),
    ),
    "alarms": (
        AlarmNow(alarm=Alarm.DOOR_FORCED, level=2, seen=False, since_ns=NOW_NS - 60 * _S),
        AlarmNow(alarm=Alarm.DOOR_HELD, level=1, seen=True, since_ns=NOW_NS - 30 * _S),
    ),
})  # fmt: skip
_LANE = _DOOR.model_copy(update={
    "leaves": (*_DOOR.leaves, LeafNow(relay=Out.EXIT_RELAY, state=DoorState.LOCKED, open=None)),
})  # fmt: skip
_SHUT = _DOOR.model_copy(update={"mode": Mode.LOCKDOWN, "shut": "lockdown", "held_open": True})
_WELL = (Light(part=Part.CAMERA, state=State.GOOD, code="camera_ok"),)
_UNWELL = (
    Light(part=Part.CAMERA, state=State.BAD, code="camera_dark"),
    Light(part=Part.LINK, state=State.CARE, code="link_down"),
)

_ASKED = LookUpPage(number="079123456789", reason=LookUpReason.AUTHORITY)
_FULL = _TODAY.model_copy(update={"inside": 90})

POSED: Mapping[str, Controller] = {
    "sign_in": frame(SignInPage(), None),
    "sign_in-typed": frame(SignInPage(typed="1234567"), None),
    "sign_in-wrong": frame(SignInPage(code=Refused.WRONG_PIN, tries_left="3"), None),
    "sign_in-locked": frame(SignInPage(code=Refused.LOCKED_OUT, locked_s=58), None),
    "sign_in-no_gate": replace(frame(SignInPage(), None), gate_there=False),
    "menu-guard": frame(Menu(StaffRole.GUARD), StaffRole.GUARD),
    "menu-manager": frame(Menu(StaffRole.MANAGER)),
    "menu-technician": frame(Menu(StaffRole.TECHNICIAN), StaffRole.TECHNICIAN),
    "menu-leaving": replace(frame(Menu(StaffRole.MANAGER)), touched_ns=NOW_NS - 80 * _S),
    "dashboard": frame(DashboardPage(day=_TODAY, lights=_WELL, door=_DOOR)),
    "dashboard-full": frame(DashboardPage(day=_FULL, lights=_UNWELL, door=_BUSY_DOOR, failed=True)),
    "dashboard-empty": frame(DashboardPage(day=_EMPTY_DAY)),
    "dashboard-coming": frame(DashboardPage()),
    "calls": frame(CallsPage(door=_BUSY_DOOR)),
    "calls-none": frame(CallsPage(door=_DOOR)),
    "open_door": frame(OpenDoorPage(door=_DOOR)),
    "open_door-lane": frame(OpenDoorPage(door=_LANE, reason=OpenReason.DELIVERY, longer=True)),
    "open_door-shut": frame(OpenDoorPage(door=_SHUT, reason=OpenReason.NO_CODE)),
    "open_door-done": frame(OpenDoorPage(door=_DOOR, done=Opened(visit="v9", ms=5000))),
    "modes": frame(ModesPage(role=StaffRole.MANAGER, door=_DOOR)),
    "modes-guard": frame(ModesPage(role=StaffRole.GUARD, door=_SHUT), StaffRole.GUARD),
    "mode": frame(ModePage(Mode.LOCKDOWN)),
    "mode-reason": frame(ModePage(Mode.FREE_PASSAGE, ModeReason.EVENT)),
    "entries": frame(EntriesPage(found=_ENTRIES)),
    "entries-day": frame(EntriesPage(found=Entries(), day=_DAY, turned=(7,))),
    "entries-reason": frame(EntriesPage(found=Entries(items=_ENTRIES.items[1:2]), reason="expired")),
    "entry": frame(EntryPage(_ENTRIES.items[0])),
    "entry-refused": frame(EntryPage(_ENTRIES.items[1])),
    "look_up": frame(LookUpPage()),
    "look_up-name": frame(LookUpPage(way="name", name="NGUYỄN THỊ ÁNH", born=date(1990, 2, 3))),
    "look_up-found": frame(replace(_ASKED, found=_VISITS)),
    "look_up-nobody": frame(replace(_ASKED, found=LookedUp(days=21))),
    "trace": frame(TracePage()),
    "trace-asked": frame(TracePage(visits=(5123,), margin_min=15, reason=LookUpReason.INCIDENT)),
    "trace-found": frame(TracePage(visits=(5123,), reason=LookUpReason.INCIDENT, found=_TRACED)),
    "roster": frame(RosterListPage(found=_MEMBERS)),
    "roster-centre": frame(RosterListPage(found=_MEMBERS.model_copy(update={"source": "centre"}))),
    "member": frame(MemberPage(_MEMBERS.items[1], ours=True)),
    "add_member": frame(AddMemberPage(person="staff 12", wrong="person")),
    "add_member-added": frame(AddMemberPage(group="kitchen"), said=Said("roster.added", "", True, NOW_NS)),
    **{name: frame(page) for name, page in DEVICE_PAGES.items()},
}
"""By name: the page, a hyphen, and what is special about it."""
