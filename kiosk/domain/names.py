"""Whether two credentials name one person: names folded as travel documents write them (ICAO 9303), and birth dates.

The one place where persons are compared. Tolerance for what real documents do to names (cut, turned round, left
out) belongs into `same_person`; nothing else would have to change.
"""

import re
import unicodedata

from kiosk.domain.credential import Holder

_LETTERS = str.maketrans(
    {"Đ": "D", "Ð": "D", "Ł": "L", "Ø": "OE", "Æ": "AE", "Œ": "OE", "Þ": "TH"}
    | dict.fromkeys("'`\u2018\u2019\u02bc")  # an apostrophe leaves no gap
)
"""Letters that are more than a letter with a mark, in capitals."""
_GAPS = re.compile(r"[\W_]+")
"""Spaces, hyphens, the fillers `<` of a machine-readable zone."""


def fold(name: str) -> str:
    """Return a name in capitals without marks, its parts one space apart: `Nguyễn Thị-Ánh` is `NGUYEN THI ANH`."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return _GAPS.sub(" ", bare.upper().translate(_LETTERS)).strip()


def spellings(holder: Holder) -> frozenset[str]:
    """Return the folded full names of a holder, family name first: as it is written, and as the issuer folded it."""
    written = fold(f"{holder.family_name} {holder.given_name}")
    folded = fold(f"{holder.family_name_icao} {holder.given_name_icao}")
    return frozenset({written, folded} - {""})


def is_named(holder: Holder) -> bool:
    """Tell whether a holder can be told from others: by name and birth date, never by one of them."""
    if holder.stand_in is not None:
        return holder.stand_in.named
    return bool(holder.birth_date and spellings(holder))


def same_person(one: Holder, other: Holder) -> bool:
    """Tell whether both name one person: equal birth dates, and a spelling in common."""
    if one.stand_in is not None and other.stand_in is not None:
        return other.stand_in.number in one.stand_in.same
    if not (is_named(one) and is_named(other)) or _day(one.birth_date) != _day(other.birth_date):
        return False
    return not spellings(one).isdisjoint(spellings(other))


def _day(birth_date: str) -> str:
    """Return a birth date without the time of day that some issuers add."""
    return birth_date.partition("T")[0]
