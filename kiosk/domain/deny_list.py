"""The venue's own list of who is not let in: by what a credential carries, whatever the credential is worth.

A verdict stays what it is: a denied pass is still valid, and still not admitted here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kiosk.domain.credential import Credential, Verification
from kiosk.domain.decision import Deny
from kiosk.domain.reasons import Reason

CARRIED = ("subject", "old_number", "document", "document_number", "insurance_number")
"""Details of a credential that name a person or a booking, each set by a format at least
(tests/unit/verify/test_denied.py)."""
_UVCI = "urn:uvci:"
_INSURANCE = re.compile(r"[a-z]{2}[0-9]{3}(?P<person>[0-9]{10})")
"""A health insurance number as it was written until 2021: group, level and province come and go, the last ten digits
are the person's and are all that newer cards have."""


@dataclass(frozen=True, slots=True)
class DenyEntry:
    """One line of the list. Dates are days of the venue, both included."""

    identifier: str
    """Identifier of a credential or pass, citizen or insurance number, subject of a pass: as it is printed."""
    note: str = ""
    """For the manager; it goes nowhere else."""
    begins: date | None = None
    ends: date | None = None

    def counts(self, day: date) -> bool:
        """Tell whether the entry is in force on `day`."""
        return (self.begins is None or self.begins <= day) and (self.ends is None or day <= self.ends)


def comparable(identifier: str) -> str:
    """Return what is compared: composed, without spaces, case and the prefix that some certificates leave out."""
    return "".join(unicodedata.normalize("NFKC", identifier).casefold().split()).removeprefix(_UVCI)


def _names(identifier: str) -> Iterator[str]:
    """Yield what an entry denies: what it says, and of a long health insurance number the person's own part."""
    yield (name := comparable(identifier))
    if person := _INSURANCE.fullmatch(name):
        yield person["person"]


@dataclass(frozen=True, slots=True)
class DenyList:
    """Entries by what is compared."""

    entries: Mapping[str, tuple[DenyEntry, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[DenyEntry]) -> "DenyList":
        """Build a list; an identifier may have several entries, such as two periods."""
        found: dict[str, tuple[DenyEntry, ...]] = {}
        for entry in entries:
            for name in _names(entry.identifier):
                found[name] = (*found.get(name, ()), entry)
        return cls(found)

    def joined(self, other: "DenyList") -> "DenyList":
        """Return a list of whoever is on this one or on the other."""
        if not (self.entries and other.entries):
            return self if self.entries else other
        return DenyList({
            name: (*self.entries.get(name, ()), *other.entries.get(name, ()))
            for name in self.entries.keys() | other.entries.keys()
        })  # fmt: skip

    def __len__(self) -> int:
        return len({id(entry) for same in self.entries.values() for entry in same})

    def denies(self, credential: Credential, day: date) -> bool:
        """Tell whether the credential carries an identifier that is denied on `day`."""
        return any(entry.counts(day) for name in _carried(credential) for entry in self.entries.get(name, ()))


def _carried(credential: Credential) -> Iterator[str]:
    for value in (credential.credential_id, *(credential.details.get(key) for key in CARRIED)):
        if isinstance(value, str) and value:
            yield comparable(value)


def refusal(
    deny: DenyList, evidence: Sequence[Verification], now: datetime
) -> tuple[Deny, Verification] | None:
    """Return the refusal and the newest piece of evidence that is on the list, or None where none is.

    Every piece counts that could be parsed, an unsigned card beside a good pass too. `now` is in the venue's zone.
    """
    for piece in reversed(evidence):
        if piece.credential is not None and deny.denies(piece.credential, now.date()):
            return Deny((Reason.DENY_LISTED,), call_staff=True), piece
    return None
