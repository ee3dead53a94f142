"""When a rule of the policy counts: dates, weekdays, holidays, hours of the day. All by the venue's own clock."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from kiosk.domain.policy_terms import AdmitRule, Days, Hours, OnHolidays, Policy
from kiosk.domain.reasons import Reason


def is_holiday(holidays: tuple[Days, ...], day: date) -> bool:
    """Tell whether a day is one of the venue's holidays."""
    return any(days.first <= day <= days.last for days in holidays)


def is_in_force(rule: AdmitRule, day: date) -> bool:
    """Tell whether a day is one of those that a rule is for."""
    return (rule.valid_from is None or rule.valid_from <= day) and (
        rule.valid_until is None or day <= rule.valid_until
    )


def time_failure(rule: AdmitRule, policy: Policy, now: datetime) -> Iterator[Reason]:
    """Yield why `rule` does not count at the moment `now` (of the venue's time zone); nothing where it does."""
    found = Reason.OUTSIDE_HOURS
    for day in open_days(rule.hours, now):
        if day.weekday() not in rule.weekdays or not is_in_force(rule, day):
            continue
        holiday = is_holiday(policy.holidays, day)
        if holiday and rule.holidays is OnHolidays.NEVER:
            found = Reason.HOLIDAY
        elif holiday or rule.holidays is not OnHolidays.ONLY:
            return
    yield found


def open_days(hours: tuple[Hours, ...], now: datetime) -> list[date]:
    """Return the days whose hours `now` falls into: a night belongs to the day on which it begins."""
    minute, today = now.hour * 60 + now.minute, now.date()
    days: list[date] = []
    for part in hours:
        over_midnight = part.end <= part.start
        if part.start <= minute and (over_midnight or minute < part.end):
            days.append(today)
        if over_midnight and minute < part.end and today > date.min:
            days.append(today - timedelta(days=1))
    return days
