"""The dashboard and the list of entries, against a morning on paper."""

import asyncio
from datetime import date, timedelta
from functools import partial

import pytest

from kiosk.adapters.late_journal import LateJournal
from kiosk.api.manager import ListEntries, ShowDashboard
from kiosk.app.manager_books import BooksDesk, day_span
from kiosk.app.pace import Pace
from kiosk.app.ports import JournalError
from kiosk.app.tally import Door, Tally
from kiosk.domain.entry_kinds import EntryKind
from kiosk.domain.events import ClockConfidence, EventType
from kiosk.domain.policy_terms import Capacity, Counted, Policy
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.testing.guest_book import HANOI, MORNING, GuestBook

GUARD = Staff(StaffRole.GUARD, "desk")
TODAY = date(2026, 6, 1)
DAY = 86_400


@pytest.fixture
def book(tmp_path):
    book = GuestBook(tmp_path)
    yield book
    book.close()


def desk_of(book, policy=None, *, counted=True):
    tally = Tally(LateJournal(lambda: book.journal), b"k" * 32) if counted else None
    door = Door(Direction.ENTRY, HANOI, tally)
    return BooksDesk(book.books, door, lambda: policy or Policy("1", "lobby", ()), book.clock, Pace())


def shown(book, policy=None, **options):
    return asyncio.run(desk_of(book, policy, **options).dashboard(ShowDashboard(), GUARD))


def listed(book, **asked):
    return asyncio.run(desk_of(book).entries(ListEntries(**asked), GUARD))


def types(book, **asked):
    return [(one.seq, one.type) for one in listed(book, **asked).items]


def a_morning(book):
    """Two came at eight, one at nine; one left; two were refused, one asked for more, and staff was called."""
    book.admit(minutes=10)
    book.admit(minutes=50)
    book.admit()
    book.admit(way="exit")
    book.refuse("expired")
    book.refuse("expired")
    book.write(EventType.VISIT_NEEDS_MORE, data={"reasons": ["identity_needed"]})
    book.write(EventType.STAFF_CALLED, data={"reasons": ["help_requested"]})


def test_the_dashboard_is_the_morning(book):
    a_morning(book)
    seen = shown(book)
    assert (seen.day, seen.inside, seen.entries, seen.exits) == (TODAY, 2, 3, 1)
    assert (seen.admitted, seen.refused, seen.needs_more, seen.calls) == (4, 2, 1, 1)
    assert seen.hours == (*[0] * 8, 2, 1, *[0] * 14)
    assert [(one.reason, one.count) for one in seen.reasons] == [("expired", 2)]


def test_the_hours_and_the_day_are_those_of_the_venue(book):
    book.clock.set_wall(MORNING + timedelta(hours=15))  # eleven in the evening
    book.admit(minutes=59.9)
    book.admit(minutes=1)
    seen = shown(book)
    assert (seen.day, seen.entries, seen.hours) == (TODAY + timedelta(days=1), 0, (0,) * 24)
    book.admit()
    assert shown(book).hours == (1, *[0] * 23)


def test_what_was_taken_back_is_neither_an_entry_nor_an_admission(book):
    book.admit()
    book.annul("v1")
    seen = shown(book)
    assert (seen.inside, seen.entries, seen.admitted) == (0, 0, 0)


def test_eight_reasons_are_told_the_most_frequent_first_and_the_first_of_each_refusal(book):
    for number in range(10):
        for _ in range(number + 1):
            book.write(EventType.VISIT_DENIED, data={"reasons": [f"why_{number}", "other"]})
    reasons = shown(book).reasons
    assert [(one.reason, one.count) for one in reasons] == [(f"why_{n}", n + 1) for n in range(9, 1, -1)]


def test_the_limit_is_told_with_what_it_is_about(book):
    inside = shown(book, Policy("1", "lobby", (), capacity=Capacity(120)))
    assert (inside.limit, inside.limit_of) == (120, "inside")
    admissions = Capacity(300, counts=Counted.ADMISSIONS)
    assert shown(book, Policy("1", "lobby", (), capacity=admissions)).limit_of == "admissions"
    assert shown(book).limit is None


def test_where_nothing_can_be_counted_nothing_is_said(book):
    book.admit()
    seen = shown(book, counted=False)
    assert (seen.inside, seen.entries, seen.exits, seen.hours, seen.admitted) == (None, None, None, (), 1)


def test_how_long_decisions_took_is_told_of_today(book):
    desk = desk_of(book)
    desk.pace.add(TODAY - timedelta(days=1), 900_000_000)
    desk.pace.add(TODAY, 10_000_000)
    desk.pace.add(TODAY, 30_000_000)
    seen = asyncio.run(desk.dashboard(ShowDashboard(), GUARD))
    assert (seen.mean_ms, seen.worst_ms) == (20.0, 30.0)
    book.clock.advance(DAY)
    assert asyncio.run(desk.dashboard(ShowDashboard(), GUARD)).worst_ms is None


def test_an_hour_of_the_night_in_which_clocks_change_is_as_long_as_it_is():
    zone = HANOI
    assert day_span(TODAY, 23, zone).end == day_span(TODAY, None, zone).end
    assert day_span(TODAY, 8, zone).begin == MORNING


# the list of entries


def test_entries_come_the_newest_first_and_page_by_page(book):
    numbers = [book.refuse("expired") for _ in range(7)]
    first = listed(book, limit=3)
    assert [one.seq for one in first.items] == numbers[:-4:-1]
    assert (first.older, first.last) == (5, 7)
    second = listed(book, limit=3, before=first.older)
    assert [one.seq for one in second.items] == [4, 3, 2]
    last = listed(book, limit=3, before=second.older)
    assert ([one.seq for one in last.items], last.older) == ([1], None)


def test_a_line_says_what_happened_and_never_who(book):
    book.admit()
    (one,) = listed(book).items
    said = one.model_dump(mode="json")
    assert said == {
        "seq": 1, "at": "2026-06-01T08:00:00+07:00", "sure": True, "type": "visit.admitted", "reason": "",
        "direction": "entry", "format": "GK1", "kind": "visit", "about": "", "visit": True,
    }  # fmt: skip


@pytest.mark.parametrize(("data", "about"), [
    ({"alarm": "door_held", "level": 1}, "door_held"), ({"fault": "camera"}, "camera"),
    ({"mode": "lockdown", "by": "centre"}, "lockdown"), ({"fault": "x" * 65}, ""), ({"fault": 7}, ""), ({}, ""),
])  # fmt: skip
def test_a_line_says_what_it_is_about_by_a_code(book, data, about):
    book.write(EventType.FAULT_RAISED, data=data)
    assert listed(book).items[0].about == about


def test_an_entry_from_before_the_date_was_known_says_so(book):
    book.clock.confidence_is = ClockConfidence.UNSET
    book.admit()
    assert not listed(book).items[0].sure


def test_each_kind_has_its_own(book):
    book.admit()
    book.refuse("expired")
    book.write(EventType.ALARM_RAISED, data={"alarm": "door_held"})
    book.write(EventType.GATE_RELEASED, "v1")
    book.write(EventType.KIOSK_STARTED)
    book.write(EventType.VISIT_ADMITTED, "staff-1", {"by": "desk", "direction": "entry", "reasons": ["delivery"]})
    assert types(book, kind=EntryKind.ADMITTED) == [(6, "visit.admitted"), (1, "visit.admitted")]
    assert types(book, kind=EntryKind.REFUSED) == [(2, "visit.denied")]
    assert types(book, kind=EntryKind.ALARMS) == [(3, "alarm.raised")]
    assert types(book, kind=EntryKind.SYSTEM) == [(5, "kiosk.started")]
    assert types(book, kind=EntryKind.STAFF) == [(6, "visit.admitted")], "staff opened"
    assert listed(book, kind=EntryKind.STAFF).items[0].about == "desk"
    assert types(book, reason="delivery") == [(6, "visit.admitted")]
    assert len(types(book)) == 6


def test_entries_of_an_hour_a_day_and_a_reason(book):
    a_morning(book)
    book.clock.advance(DAY)
    book.refuse("revoked")
    assert [one.seq for one in listed(book, day=TODAY, hour=8).items] == [2, 1]
    assert len(listed(book, day=TODAY).items) == 8
    assert [one.seq for one in listed(book, reason="expired").items] == [6, 5]
    assert [one.seq for one in listed(book, reason="expired", day=TODAY, before=6, kind=EntryKind.REFUSED).items] == [5]
    assert listed(book, day=TODAY + timedelta(days=2)).items == ()


def test_a_record_that_no_gate_has_written_ends_nothing_else(book):
    book.refuse("expired")
    book.journal._db.execute("UPDATE events SET time = 'yesterday'")
    with pytest.raises(RefusedError) as refused:
        listed(book)
    assert (refused.value.code, refused.value.detail) == (Refused.FAILED, "journal")


def test_without_a_journal_nobody_is_told_numbers(tmp_path):
    def no_books():
        raise JournalError("there is no journal")

    desk = BooksDesk(no_books, Door(), partial(Policy, "1", "lobby", ()), GuestBook(tmp_path).clock, Pace())
    for ask in (desk.dashboard(ShowDashboard(), GUARD), desk.entries(ListEntries(), GUARD)):
        with pytest.raises(RefusedError) as refused:
            asyncio.run(ask)
        assert (refused.value.code, refused.value.detail) == (Refused.UNAVAILABLE, "journal")
