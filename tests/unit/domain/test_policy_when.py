"""When a rule counts: hours, weekdays, holidays and seasons."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.domain.credential import Kind
from kiosk.domain.policy_terms import Days, Hours, OnHolidays
from kiosk.domain.reasons import Reason
from kiosk.testing.policy_desk import HERE, NOW, at, rule, shot, signed, why


@pytest.mark.parametrize(
    ("hours", "moment", "open_"),
    [
        ("06:00-22:00", "2026-07-03T06:00", True),
        ("06:00-22:00", "2026-07-03T21:59:59", True),
        ("06:00-22:00", "2026-07-03T22:00", False),
        ("06:00-22:00", "2026-07-03T05:59", False),
        ("22:00-06:00", "2026-07-03T23:00", True),
        ("22:00-06:00", "2026-07-04T05:59", True),
        ("22:00-06:00", "2026-07-03T05:59", False),  # the night of Thursday
        ("22:00-06:00", "2026-07-04T06:00", False),
        ("00:00-24:00", "2026-07-03T00:00", True),
        ("00:00-24:00", "2026-07-04T00:00", False),
    ],
)
def test_hours_on_fridays(hours, moment, open_):
    start, end = (int(part[:2]) * 60 + int(part[3:]) for part in hours.split("-"))
    only = rule(hours=(Hours(start, end),), weekdays=frozenset({4}))
    assert why(signed(), only, situation=at(moment)) == ("admit" if open_ else (Reason.OUTSIDE_HOURS,))


def test_hours_that_end_where_they_begin_are_a_day_and_a_night():
    friday = rule(hours=(Hours(360, 360),), weekdays=frozenset({4}))
    moments = ("2026-07-03T05:59", "2026-07-03T06:00", "2026-07-04T05:59", "2026-07-04T06:00")
    answers = [why(signed(), friday, situation=at(moment)) for moment in moments]
    assert answers == [(Reason.OUTSIDE_HOURS,), "admit", "admit", (Reason.OUTSIDE_HOURS,)]


def test_the_night_of_yesterday_counts_although_today_does_not():
    friday = rule(hours=(Hours(0, 1440), Hours(1320, 360)), weekdays=frozenset({4}))
    assert why(signed(), friday, situation=at("2026-07-04T03:00")) == "admit"
    assert why(signed(), friday, situation=at("2026-07-04T06:00")) == (Reason.OUTSIDE_HOURS,)


def test_several_hours_and_none_at_all():
    two = rule(hours=(Hours(360, 480), Hours(720, 840)))
    assert why(signed(), two, situation=at("2026-07-03T12:30")) == "admit"
    assert why(signed(), two, situation=at("2026-07-03T10:00")) == (Reason.OUTSIDE_HOURS,)
    assert why(signed(), rule(hours=())) == (Reason.OUTSIDE_HOURS,)


def test_a_night_goes_on_into_a_day_that_is_not_named():
    fridays = rule(hours=(Hours(0, 240), Hours(1320, 240)), weekdays=frozenset({4}))
    assert why(signed(), fridays, situation=at("2026-07-04T02:00")) == "admit"
    assert why(signed(), fridays, situation=at("2026-07-05T02:00")) == (Reason.OUTSIDE_HOURS,)


def test_the_first_night_of_all_time_has_no_day_before_it():
    night = rule(hours=(Hours(1320, 360),))
    assert why(signed(), night, situation=at("0001-01-01T03:00")) == (Reason.OUTSIDE_HOURS,)


def test_holidays():
    tet = (Days(date(2026, 7, 3), date(2026, 7, 5)),)
    assert why(signed(), rule(), holidays=tet) == "admit"
    closed, only = rule(holidays=OnHolidays.NEVER), rule(holidays=OnHolidays.ONLY)
    assert why(signed(), closed, holidays=tet) == (Reason.HOLIDAY,)
    assert why(signed(), only, holidays=tet) == "admit"
    assert why(signed(), only) == (Reason.OUTSIDE_HOURS,)
    assert why(signed(), closed) == "admit"
    for day, holiday in (("02", False), ("03", True), ("05", True), ("06", False)):
        answer = why(signed(), closed, holidays=tet, situation=at(f"2026-07-{day}T09:00"))
        assert answer == ((Reason.HOLIDAY,) if holiday else "admit")


def test_a_rule_counts_on_its_days():
    spring = rule(valid_from=date(2026, 7, 3), valid_until=date(2026, 7, 4))
    answers = [why(signed(), spring, situation=at(f"2026-07-{day}T09:00")) for day in ("02", "03", "04", "05")]
    assert answers == [(Reason.OUTSIDE_HOURS,), "admit", "admit", (Reason.OUTSIDE_HOURS,)]
    night = rule(valid_until=date(2026, 7, 3), hours=(Hours(1320, 360),))
    moments = [f"2026-07-{day}T{hour}:00" for day, hour in (("03", "23"), ("04", "05"), ("04", "23"))]
    assert [why(signed(), night, situation=at(moment)) for moment in moments] == [
        "admit", "admit", (Reason.OUTSIDE_HOURS,),
    ]  # fmt: skip


def test_hours_are_counted_across_a_change_of_time():
    berlin = ZoneInfo("Europe/Berlin")
    # Clocks went back on 25 October 2026: from midnight to 23:30 of that day are 24.5 hours.
    late = replace(HERE, now=datetime(2026, 10, 25, 23, 30, tzinfo=berlin))
    fresh = rule(Kind.VACCINATION, max_age_hours=24)
    assert why(shot(event_date="2026-10-25"), fresh, situation=late) == (Reason.TOO_OLD,)
    in_time = replace(HERE, now=datetime(2026, 10, 25, 22, 30, tzinfo=berlin))
    assert why(shot(event_date="2026-10-25"), fresh, situation=in_time) == "admit"


def test_the_zone_of_the_clock_is_that_of_the_hours():
    night = rule(hours=(Hours(1320, 360),))
    utc = replace(HERE, now=NOW.replace(hour=23).astimezone(UTC))
    assert why(signed(), night, situation=replace(HERE, now=NOW.replace(hour=23))) == "admit"
    assert why(signed(), night, situation=utc) == (Reason.OUTSIDE_HOURS,)
