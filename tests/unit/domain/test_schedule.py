"""When a door stands unlocked by the clock: timelines of a week, and the nights on which the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.door_io import HoldOpen
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy_terms import MINUTES_A_DAY, Days, Hours
from kiosk.domain.schedule import LOCKED, HoldOpenWindow, hold_open

SYNCED = ClockConfidence.SYNCED
HANOI, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
WORKDAYS = frozenset(range(5))
OFFICE = HoldOpenWindow((Hours(8 * 60, 12 * 60), Hours(13 * 60, 17 * 60)), WORKDAYS, first_person=False)
NIGHT = HoldOpenWindow((Hours(22 * 60, 2 * 60),), frozenset({4}), first_person=False)
MONDAY, FRIDAY, SATURDAY = 16, 20, 21
"""Days of November 2026."""
OPEN = HoldOpen(active=True)


def at(day, clock, zone=HANOI):
    return datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=zone)


def test_without_windows_the_door_stays_locked():
    assert hold_open((), at(MONDAY, "10:00"), SYNCED) == LOCKED == HoldOpen(active=False, first_person=False)


@pytest.mark.parametrize(
    ("clock", "said"),
    [("07:59:59", LOCKED), ("08:00", OPEN), ("11:59:59", OPEN), ("12:00", LOCKED), ("13:00", OPEN), ("17:00", LOCKED)],
)
def test_a_workday(clock, said):
    assert hold_open([OFFICE], at(MONDAY, clock), SYNCED) == said


def test_on_a_day_that_is_not_named_the_door_stays_locked():
    assert hold_open([OFFICE], at(SATURDAY, "10:00"), SYNCED) == LOCKED


@pytest.mark.parametrize(
    ("day", "clock", "said"),
    [(FRIDAY, "21:59", LOCKED), (FRIDAY, "22:00", OPEN), (SATURDAY, "01:59", OPEN), (SATURDAY, "02:00", LOCKED),
     (SATURDAY, "22:00", LOCKED), (FRIDAY, "01:00", LOCKED)],
)  # fmt: skip
def test_a_night_belongs_to_the_day_on_which_it_begins(day, clock, said):
    assert hold_open([NIGHT], at(day, clock), SYNCED) == said


def test_hours_that_end_when_they_begin_go_round_the_clock():
    watch = HoldOpenWindow((Hours(480, 480),), frozenset({4}), first_person=False)
    assert hold_open([watch], at(FRIDAY, "08:00"), SYNCED) == OPEN
    assert hold_open([watch], at(SATURDAY, "07:59"), SYNCED) == OPEN
    assert hold_open([watch], at(SATURDAY, "08:00"), SYNCED) == LOCKED


def test_on_a_holiday_the_door_stays_locked():
    holidays = (Days(date(2026, 11, FRIDAY), date(2026, 11, FRIDAY)),)
    assert hold_open([OFFICE], at(FRIDAY, "10:00"), SYNCED, holidays) == LOCKED
    assert hold_open([OFFICE], at(MONDAY, "10:00"), SYNCED, holidays) == OPEN
    # The night that begins on the holiday is the holiday's to its end.
    assert hold_open([NIGHT], at(SATURDAY, "01:00"), SYNCED, holidays) == LOCKED


def test_a_kiosk_that_does_not_know_the_time_never_stands_open_by_it():
    now = at(MONDAY, "10:00")
    assert hold_open([OFFICE], now, ClockConfidence.UNSET) == LOCKED
    assert hold_open([OFFICE], now, ClockConfidence.DRIFTING) == OPEN


def test_somebody_has_to_come_in_first_unless_the_window_says_otherwise():
    cautious = HoldOpenWindow(OFFICE.hours, OFFICE.weekdays)
    assert hold_open([cautious], at(MONDAY, "10:00"), SYNCED) == HoldOpen(active=True, first_person=True)
    assert hold_open([OFFICE, cautious], at(MONDAY, "10:00"), SYNCED).first_person
    assert hold_open([cautious], at(MONDAY, "12:30"), SYNCED) == LOCKED


def minutes_open(window, zone, day):
    """Return how many minutes of real time a window has on one day."""
    first = datetime.combine(day, datetime.min.time(), zone).astimezone(UTC)
    moments = [(first + timedelta(minutes=n)).astimezone(zone) for n in range(26 * 60)]
    return sum(hold_open([window], now, SYNCED).active for now in moments if now.date() == day)


@pytest.mark.parametrize(
    ("day", "minutes"),
    [(date(2026, 3, 28), 60), (date(2026, 3, 29), 0), (date(2026, 10, 24), 60), (date(2026, 10, 25), 120)],
    ids=["ordinary", "the hour that is left out", "ordinary too", "the hour that comes twice"],
)
def test_hours_are_those_of_the_clock_on_the_wall(day, minutes):
    assert minutes_open(HoldOpenWindow((Hours(2 * 60, 3 * 60),)), BERLIN, day) == minutes


def test_a_night_over_the_change_of_the_clock_ends_by_the_wall():
    window = HoldOpenWindow((Hours(22 * 60, 6 * 60),), frozenset({5}), first_person=False)
    sunday = datetime(2026, 3, 29, 5, 59, tzinfo=BERLIN)
    assert hold_open([window], sunday, SYNCED) == OPEN
    assert hold_open([window], sunday + timedelta(minutes=1), SYNCED) == LOCKED


@given(
    st.builds(Hours, st.integers(0, MINUTES_A_DAY - 1), st.integers(0, MINUTES_A_DAY)),
    st.frozensets(st.integers(0, 6)),
    st.datetimes(timezones=st.just(HANOI)),
)
def test_a_window_of_no_day_never_opens_and_its_own_end_is_outside(hours, weekdays, now):
    said = hold_open([HoldOpenWindow((hours,), weekdays)], now, SYNCED)
    assert not said.active or weekdays
    assert said.first_person == said.active
    if now.hour * 60 + now.minute == hours.end % MINUTES_A_DAY and hours.end % MINUTES_A_DAY != hours.start:
        assert not said.active
