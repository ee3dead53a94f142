"""What the unsigned Vietnamese cards have in common: fields between bars, names, and dates as they are written there.

Everybody can print such a text, and it comes from a stranger: it is bounded, refused where it holds control
characters, and read no further than it is clear. A date that cannot be read is no date, and then nothing is bound.
"""

import re
import unicodedata
from datetime import UTC, date, datetime

from kiosk.domain.credential import Credential, Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.verify.errors import MalformedError

MAX_FIELDS = 32
MAX_NAME = 128
"""Characters of a name."""
_DAY_FIRST = re.compile(
    r"(?:(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})|(?:(?:(?P<day>\d{1,2})[/.-])?(?P<month>\d{1,2})[/.-])?(?P<year>\d{4}))",
    re.ASCII,
)
_SEXES = {"nam": "male", "nữ": "female", "nu": "female", "1": "male", "2": "female"}


def fields(text: str) -> list[str]:
    """Return the fields of a card, trimmed, composed (NFC). Raises MalformedError for control characters and floods."""
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise MalformedError(Reason.SCHEMA_INVALID)
    found = unicodedata.normalize("NFC", text).split("|")
    if len(found) > MAX_FIELDS:
        raise MalformedError(Reason.SCHEMA_INVALID)
    return [field.strip() for field in found]


def name(text: str) -> str:
    """Return a name with its words one space apart; invisible characters are nobody's. Raises MalformedError."""
    visible = "".join(c for c in text if unicodedata.category(c) != "Cf")
    found = " ".join(visible.split())
    if len(found) > MAX_NAME:
        raise MalformedError(Reason.SCHEMA_INVALID)
    return found


def iso_date(year: int, month: int, day: int) -> str:
    """Return as much of a date as is known, in ISO 8601: `1990`, `1990-08` or `1990-08-15`; 0 is not known.

    Empty where it is no date of the calendar, or of no year that a living person has.
    """
    if not 1850 <= year <= 2200 or (day and not month):
        return ""
    try:
        whole = date(year, month or 1, day or 1).isoformat()
    except ValueError:
        return ""
    return whole[: 10 if day else 7 if month else 4]


def day_first(text: str) -> str:
    """Return `15081990`, `15/08/1990`, `5/8/1990`, `08/1990` or `1990` in ISO 8601, 00 as not known; else empty."""
    found = _DAY_FIRST.fullmatch(text)
    if found is None:
        return ""
    groups = found.groupdict()
    names = (("y", "year"), ("m", "month"), ("d", "day"))
    return iso_date(*(int(groups[short] or groups[long] or "0") for short, long in names))


def moment(text: str) -> datetime | None:
    """Return the start of a whole day that is written day first, in UTC; None for what is none."""
    day = day_first(text)
    return datetime.fromisoformat(day).replace(tzinfo=UTC) if len(day) == 10 else None


def sex(text: str) -> str:
    """Return `male`, `female`, or nothing where it is not said."""
    return _SEXES.get(text.lower(), "")


def unsigned(card: Credential) -> Rejected:
    """Return what a card is worth that nobody has signed: it may bind a name, and proves nothing."""
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), card.format, card)
