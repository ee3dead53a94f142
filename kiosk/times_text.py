"""Hours, weekdays and days as the files of settings write them: `06:00-22:00`, `mon`, `2027-02-05`."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator

from kiosk.domain.policy_terms import MINUTES_A_DAY, Days, Hours

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

_HOURS = re.compile(r"([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")


def read_hours(text: str) -> Hours:
    """Read `06:00-22:00`, or `22:00-06:00` over midnight. Raises ValueError with a sentence."""
    found = _HOURS.fullmatch(text)
    numbers = [int(part) for part in found.groups()] if found else []
    if len(numbers) != 4 or numbers[1] > 59 or numbers[3] > 59:
        raise ValueError("hours are written as 06:00-22:00")
    hours = Hours(numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3])
    if max(hours.start, hours.end) > MINUTES_A_DAY or hours.start == MINUTES_A_DAY:
        raise ValueError("a day goes from 00:00 to 24:00")
    if hours.start == hours.end:
        raise ValueError("these hours begin and end at the same time; the whole day is 00:00-24:00")
    return hours


def read_days(text: str) -> Days:
    """Read `2027-02-05`, or `2027-02-05/2027-02-11` for all days from the first to the last. Raises ValueError."""
    first, _, last = text.partition("/")
    try:
        days = Days(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        raise ValueError("a day is written as 2027-02-05, several in a row as 2027-02-05/2027-02-11") from None
    if days.last < days.first:
        raise ValueError("these days end before they begin")
    return days


def weekday_numbers(days: Iterable[Weekday]) -> frozenset[int]:
    """Return weekdays as the domain counts them: 0 is Monday."""
    return frozenset(map(WEEKDAYS.index, days))


def _checked_by(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


def _as_text(value: Any) -> Any:
    """Take a date that TOML knows as one (without quotes) as well."""
    return value.isoformat() if type(value) is date else value


HoursText = Annotated[str, _checked_by(read_hours)]
DaysText = Annotated[str, BeforeValidator(_as_text), _checked_by(read_days)]
