"""Birth dates as credentials carry them: whole, or only as far as they are known or shown."""

import re
from dataclasses import dataclass

_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2}|XX|\*\*|--)(?:-([0-9]{2}|XX|\*\*|--)(?:[T ].{0,40})?)?)?", re.IGNORECASE
)
"""ISO 8601, also cut short, with a time of day behind it (as some issuers write), and `XX` or `**` for what is not
said."""


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A birth date as far as it is known; month and day are 0 where they are not."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def is_whole(self) -> bool:
        """Tell whether year, month and day are known."""
        return bool(self.month and self.day)

    def agrees(self, other: "BirthDate") -> bool:
        """Tell whether both may be one date: nothing that both say differs."""
        return (
            self.year == other.year
            and (self.month == other.month or not (self.month and other.month))
            and (self.day == other.day or not (self.day and other.day))
        )


def read(text: str) -> BirthDate | None:
    """Read a birth date; None where there is none that says at least the year. 00 stands for what is not known."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = (int(part) if part is not None and part.isdigit() else 0 for part in found.groups())
    return BirthDate(year, month, day) if year and month <= 12 and day <= 31 else None
