"""How old a person is by a birth date that may be partial, as real documents have it (`1990`, `1990-05`)."""

from datetime import date, timedelta

from kiosk.domain import birth_dates

_MOST = 150


def years(birth_date: str, today: date) -> tuple[int, int] | None:
    """Return the least and the most completed years that a birth date allows; None where it says nothing.

    Who was born on 29 February turns a year older on 1 March of other years.
    """
    born = birth_dates.read(birth_date)
    if born is None:
        return None
    if not born.month:
        # A day of an unknown month may be any day of the year.
        born = birth_dates.BirthDate(born.year)
    month = born.month or 12
    try:
        first = date(born.year, born.month or 1, born.day or 1)
        last = date(born.year, month, born.day or _last_day(born.year, month))
    except ValueError:
        return None
    if first > today:
        return None
    least, most = _completed(last, today), _completed(first, today)
    return (max(least, 0), most) if most <= _MOST else None


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
