"""The roster at the touchscreen: listed, searched, and changed where it is kept here."""

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from kiosk.adapters.local_roster import LocalRoster
from kiosk.adapters.registers import Register
from kiosk.api.manager import AddMember, EndMember, ListRoster, Ok
from kiosk.app.manager_books_roster import RosterDesk
from kiosk.app.ports import JournalError
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.roster import Member, Roster
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.roster_file import read_roster
from kiosk.testing.clock import FakeClock
from kiosk.testing.guest_book import HANOI, MORNING

OFFICE = Staff(StaffRole.MANAGER, "office")
TODAY = date(2026, 6, 1)
LOBBY = frozenset({"lobby"})


@dataclass
class House:
    """A kiosk's state folder, with a roster kept here unless `centre` has a version."""

    folder: object
    clock: FakeClock = field(default_factory=lambda: FakeClock(MORNING))
    centre: str | None = None
    journal: list = field(default_factory=list)
    is_full: bool = False

    def __post_init__(self):
        self.start()

    def start(self):
        self.register = Register(read_roster, Roster())
        self.kept = LocalRoster(self.folder / "roster.toml", self.register, lambda: self.centre)
        self.kept.restore()
        self.desk = RosterDesk(self.kept, self.record, self.clock, HANOI, lambda: "lobby")

    async def record(self, drafts):
        if self.is_full:
            raise JournalError("full")
        self.journal += drafts

    def ask(self, request):
        return asyncio.run(self.desk.handlers()[type(request)](request, OFFICE))

    def persons(self, **asked):
        return [one.person for one in self.ask(ListRoster(**asked)).items]

    def refusal(self, request):
        with pytest.raises(RefusedError) as refused:
            self.ask(request)
        return refused.value.code, refused.value.detail


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_member_added_here_belongs_here_also_after_a_start(house):
    assert house.ask(AddMember(person="staff-17", group="staff")) == Ok()
    house.start()
    page = house.ask(ListRoster())
    (line,) = page.items
    assert (line.person, line.group, line.zones, line.today) == ("staff-17", "staff", ("lobby",), True)
    assert (page.count, page.members, page.source, page.zone) == (1, 1, "local", "lobby")


def test_each_change_is_on_record_before_it_holds(house):
    house.ask(AddMember(person="staff-17"))
    house.ask(AddMember(person="staff-17", group="cleaning"))
    house.ask(EndMember(person="staff-17"))
    by = {"person": "staff-17", "by": "office", "role": "manager"}
    assert house.journal == [
        EventDraft(EventType.ROSTER_CHANGED, data={"change": change, **by}) for change in ("added", "changed", "ended")
    ]
    house.is_full = True
    assert house.refusal(AddMember(person="staff-18")) == (Refused.NOT_RECORDED, "")
    assert house.persons() == ["staff-17"]


def test_whoever_is_ended_belongs_here_no_longer_at_once_or_from_a_day_on(house):
    for name in ("a", "b"):
        house.ask(AddMember(person=name))
    house.ask(EndMember(person="a"))
    house.ask(EndMember(person="b", ends=TODAY))
    assert house.persons(today=True) == ["b"]
    house.clock.advance(86_400)
    assert house.persons(today=True) == []
    assert house.persons() == ["a", "b"]


def test_whoever_was_added_today_and_is_ended_at_once_is_gone(house):
    house.ask(AddMember(person="a", begins=TODAY))
    house.ask(EndMember(person="a"))
    assert house.persons() == []


def test_a_change_keeps_the_number_and_the_sealed_name_of_a_member(house):
    known = Member("a", "old", LOBBY, key="ab" * 32, sealed_name="A" * 80)
    house.kept.including(known)()
    house.ask(AddMember(person="a", group="new", zones=("lab",)))
    assert house.register.current.members["a"] == Member("a", "new", frozenset({"lab"}), key="ab" * 32,
                                                         sealed_name="A" * 80)  # fmt: skip


def test_where_the_centre_rules_the_roster_it_is_shown_and_not_changed(house):
    house.ask(AddMember(person="here"))
    house.centre = "12"
    house.register.current = Roster.of([Member("from-the-centre", zones=LOBBY)])
    assert house.refusal(AddMember(person="a")) == (Refused.NOT_NOW, "centre")
    assert house.refusal(EndMember(person="here")) == (Refused.NOT_NOW, "centre")
    page = house.ask(ListRoster())
    assert (page.source, page.version, [one.person for one in page.items]) == ("centre", "12", ["from-the-centre"])
    house.start()
    assert house.register.current == Roster(), "the file of this kiosk is not in force"


def test_pages_follow_each_other_and_a_search_finds_ids_and_groups(house):
    for number in range(5):
        house.ask(AddMember(person=f"p-{number}", group="Class 5" if number % 2 else "staff"))
    first = house.ask(ListRoster(limit=2))
    assert ([one.person for one in first.items], first.next, first.count) == (["p-0", "p-1"], "p-1", 5)
    assert house.persons(limit=2, after="p-1") == ["p-2", "p-3"]
    assert house.ask(ListRoster(limit=2, after="p-3")).next == ""
    assert house.persons(text="class") == ["p-1", "p-3"]
    assert house.persons(text="P-4") == ["p-4"]


def test_a_citizen_number_is_no_id(house):
    assert house.refusal(AddMember(person="001190012345")) == (Refused.INVALID, "person")
    assert house.journal == []


def test_nobody_ends_who_is_no_member_nor_while_the_date_is_not_known(house):
    assert house.refusal(EndMember(person="nobody")) == (Refused.NOT_FOUND, "person")
    house.ask(AddMember(person="a"))
    house.clock.confidence_is = ClockConfidence.UNSET
    assert house.refusal(EndMember(person="a")) == (Refused.NOT_NOW, "clock")
    assert house.ask(EndMember(person="a", ends=TODAY - timedelta(days=1))) == Ok()


def test_two_changes_at_once_are_made_one_after_the_other(house):
    async def both():
        await asyncio.gather(*(house.desk.add(AddMember(person=name), OFFICE) for name in "ab"))

    asyncio.run(both())
    assert house.persons() == ["a", "b"]


def test_a_disk_that_takes_nothing_leaves_the_roster_as_it_was(house):
    (house.folder / "roster.toml").mkdir()
    assert house.refusal(AddMember(person="a")) == (Refused.FAILED, "disk")
    assert house.persons() == []


def test_a_file_that_is_no_roster_is_not_in_force_and_says_why(house):
    (house.folder / "roster.toml").write_text("[[member]]\nname = 'Ánh'\n")
    house.start()
    assert house.kept.problem.startswith(f"{house.folder / 'roster.toml'}: ")
    assert "Ánh" not in house.kept.problem
    assert house.persons() == []
