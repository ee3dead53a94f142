"""How old a person is by a birth date that may be partial, as real documents have it (`1990`, `1990-05`)."""

import re
from datetime import date, timedelta

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T.*)?)?)?")
_MOST = 150


def years(birth_date: str, today: date) -> tuple[int, int] | None:
    """Return the least and the most completed years that a birth date allows; None where it says nothing.

    Who was born on 29 February turns a year older on 1 March of other years.
    """
    found = _DATE.fullmatch(birth_date)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        last = date(year or 0, month or 12, day or _last_day(year or 0, month or 12))
    except ValueError:
        return None
    least, most = _completed(last, today), _completed(first, today)
    return (max(least, 0), most) if 0 <= most <= _MOST else None


def _last_day(year: int, month: int) -> int:
    """Return the number of days of a month. Raises ValueError for what is none."""
    return 31 if month == 12 else (date(year, month + 1, 1) - timedelta(days=1)).day


def _completed(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def is_under(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a person is surely younger than `limit` years: on every day that the birth date allows."""
    age = years(birth_date, today)
    return age is not None and age[1] < limit


def may_be_under(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a known birth date leaves it possible that a person is younger than `limit` years."""
    age = years(birth_date, today)
    return age is not None and age[0] < limit


def is_adult(birth_date: str, limit: int, today: date) -> bool:
    """Tell whether a person is surely `limit` years old."""
    age = years(birth_date, today)
    return age is not None and age[0] >= limit
