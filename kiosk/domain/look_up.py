"""Looking a person up: why it may be asked, and by what words a visit is found again.

A visit is found by the number of a document, or by name and birth date together. Both become terms: texts that are the
same however the document or somebody at the screen writes them. They are kept as keyed hashes under the key of the
day only (kiosk.adapters.entry_index), so that nobody can read them back, and nobody can ask after the key is gone.
docs/look-up.md has the rules with examples.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from kiosk.domain import birth_dates
from kiosk.domain.credential import Credential, Holder, Verification
from kiosk.domain.names import GENDER
from kiosk.domain.policy_age import signed_birth_date
from kiosk.domain.spelling import foldings


class LookUpReason(StrEnum):
    """Why somebody looks into who was here. A closed list: it goes on record, and a free text might name a person."""

    AUTHORITY = "authority"
    """The health authority has asked."""
    OWN_REQUEST = "own_request"
    """The person asks about themself."""
    INCIDENT = "incident"
    """Something has happened in the house."""
    MISSING_PERSON = "missing_person"
    """Somebody is looked for, and may be in danger."""


MOST_NUMBER = 64
"""Characters of a number that are looked at."""
_NO_PART = re.compile(r"[^0-9A-Z]+")


def number_term(number: str) -> bytes:
    """Return the term of a document's number; empty for one without letters and digits."""
    plain = _NO_PART.sub("", number[:MOST_NUMBER].upper())
    return f"number\0{plain}".encode() if plain else b""


def terms_of(evidence: Sequence[Verification]) -> tuple[bytes, ...]:
    """Return by what terms the visit is found whose codes these are: of one person, as they were let in together."""
    found: dict[bytes, None] = {}
    for credential in (piece.credential for piece in evidence if piece.credential is not None):
        born = signed_birth_date(credential, evidence)
        terms = (*map(number_term, _numbers(credential)), *_written(credential.holder, born))
        found.update((term, None) for term in terms if term)
    return tuple(found)


def asked_number(number: str) -> tuple[bytes, ...]:
    """Return the terms by which visits of a document's number are found."""
    term = number_term(number)
    return (term,) if term else ()


def asked_person(name: str, born: date) -> tuple[bytes, ...]:
    """Return the terms by which visits of a person are found, whose whole name is written as on any document.

    Middle words may be missing in one of the two, typed name or document, as names.compare tolerates it.
    """
    found: dict[bytes, None] = {}
    for words in _spellings(Holder(family_name=name)):
        found[_name("name", words, born)] = None
        found[_name("short", words, born)] = None
        found.update((_name("name", less, born), None) for less in _shortened(words))
    return tuple(found)


def _numbers(credential: Credential) -> Iterator[str]:
    yield credential.credential_id
    for key in ("subject", "old_number"):
        value = credential.details.get(key)
        if isinstance(value, str):
            yield value


def _written(holder: Holder, birth_date: str) -> Iterator[bytes]:
    """Yield the terms of a name as a document has it: whole, and as others may leave middle words out."""
    born = birth_dates.read(birth_date)
    if born is None or not born.is_whole:
        return
    for words in _spellings(holder):
        yield _name("name", words, born)
        for less in _shortened(words):
            yield _name("short", less, born)


def _spellings(holder: Holder) -> list[tuple[str, ...]]:
    """Return the words of a name in each way that its letters may be written."""
    family, given = holder.family_name or holder.family_name_icao, holder.given_name or holder.given_name_icao
    pairs = dict.fromkeys(zip(foldings(family), foldings(given), strict=True))
    return [words for one, two in pairs if (words := tuple(f"{one} {two}".split()))]


def _shortened(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    """Return a name without the middle words that documents leave out: all of them, or Thị and Văn alone."""
    if len(words) < 3:
        return set()
    return {words[:1] + words[-1:]} | ({words[:1] + words[2:]} if words[1] in GENDER else set())


def _name(tag: str, words: tuple[str, ...], born: "birth_dates.BirthDate | date") -> bytes:
    return f"{tag}\0{' '.join(sorted(words))}\0{born.year:04}-{born.month:02}-{born.day:02}".encode()
