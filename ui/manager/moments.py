"""How the manager's pages write days and times: as a Vietnamese reads them, day before month."""

from datetime import date, datetime


def day(of: date) -> str:
    """Return a day: 25/11/2026."""
    return of.strftime("%d/%m/%Y")


def short_day(of: date) -> str:
    """Return a day of this year: 25/11."""
    return of.strftime("%d/%m")


def clock(at: datetime) -> str:
    """Return a time of day: 08:30."""
    return at.strftime("%H:%M")


def moment(at: datetime) -> str:
    """Return a time and its day: 08:30 25/11."""
    return at.strftime("%H:%M %d/%m")


def span(begins: datetime, ends: datetime) -> str:
    """Return a time from, to: 08:30 – 09:15 25/11."""
    return f"{clock(begins)} – {moment(ends)}"


def read_day(text: str) -> date | None:
    """Read a field's day, YYYY-MM-DD; None: there is no such day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
