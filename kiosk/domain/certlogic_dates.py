"""Dates of CertLogic (specification 1.3.3, sections 'Offset date-time' and 'DCC Date of birth').

A date-time is an aware `datetime` in UTC with whole milliseconds, in the years 1 to 9999.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta, timezone

from kiosk.domain.certlogic_format import CertLogicError, Problem

_MAX_TEXT = 64
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_FULL = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]+))?"
    r"(?:Z|([+-])([0-9]{1,2})(?::?([0-9]{2}))?)?"
)


def _bad(what: str) -> CertLogicError:
    return CertLogicError(Problem.BAD_DATE, what)


def _usual(text: str) -> datetime | None:
    """Read what nearly all real data holds the quick way; None for anything else, which the long way then reads.

    `fromisoformat` takes more than the specification allows, so only texts go there that have no such part.
    """
    size = len(text)
    if size < 10 or text[4] != "-" or text[7] != "-":
        return None
    if size == 10:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    if text[10] != "T" or text[13:14] != ":" or text[16:17] != ":":
        return None
    if (size == 20 or (size == 24 and text[19] == ".")) and text[-1] == "Z":
        return datetime.fromisoformat(text)
    if size == 25 and text[19] in "+-" and text[22] == ":":
        return datetime.fromisoformat(text).astimezone(UTC)
    return None


def _partial(text: str) -> datetime | None:
    """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD` as the last day that it may mean; None for another format."""
    found = _PARTIAL.fullmatch(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2] or 12)
    day = int(found[3]) if found[3] else calendar.monthrange(year, month)[1]
    return datetime(year, month, day, tzinfo=UTC)


def _full(text: str) -> datetime | None:
    """Read a date-time; without an offset it is in UTC. None for another format."""
    found = _FULL.fullmatch(text)
    if found is None:
        return None
    local, fraction, sign, hours, minutes = found.groups()
    when = datetime.fromisoformat(local)
    if fraction:
        when += timedelta(milliseconds=int(fraction[:3].ljust(3, "0")))  # further digits are cut off, not rounded
    if sign is None:
        return when.replace(tzinfo=UTC)
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return when.replace(tzinfo=timezone(-offset if sign == "-" else offset)).astimezone(UTC)


def date_of_birth(text: object) -> datetime:
    """Return the last moment's date that a full or partial date of birth may mean. Raises CertLogicError."""
    return _read(text, full=False)


def date_time(text: object) -> datetime:
    """Read a date or date-time in one of the formats of the specification. Raises CertLogicError."""
    return _read(text, full=True)


def _read(text: object, *, full: bool) -> datetime:
    if not isinstance(text, str):
        raise CertLogicError(Problem.WRONG_TYPE, "a date has to be given as a string")
    if len(text) > _MAX_TEXT:
        raise _bad("too long for a date")
    try:
        when = (_usual(text) or _full(text) if full else None) or _partial(text)
    except (ValueError, OverflowError, calendar.IllegalMonthError):
        when = None
    if when is None:
        raise _bad("not an allowed format of a date")
    return when


def plus(when: datetime, amount: int, unit: str) -> datetime:
    """Add years, months, days or hours. A day that a month lacks runs over into the next, as in ECMAScript.

    Raises CertLogicError where the result lies outside the calendar.
    """
    if not amount:
        return when
    try:
        match unit:
            case "hour":
                return when + timedelta(hours=amount)
            case "day":
                return when + timedelta(days=amount)
            case _:
                months = when.year * 12 + when.month - 1 + (amount * 12 if unit == "year" else amount)
                first = when.replace(year=months // 12, month=months % 12 + 1, day=1)
                return first + timedelta(days=when.day - 1)
    except (ValueError, OverflowError):
        raise _bad("outside the calendar") from None
