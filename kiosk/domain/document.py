"""Documents from the centre: settings, policy and lists that replace the ones before them (docs/documents.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kiosk.domain.trust import CLOCK_SKEW

Files = Mapping[str, bytes]
"""A document's content: files by their relative names, the one that the document is named after first."""


class DocumentKind(StrEnum):
    """What a document is. The name is also what a key of the centre may say, and the last level of the topic."""

    POLICY = "policy"
    SETTINGS = "settings"
    DENY = "deny"
    """Whom the venue does not let in."""
    ROSTER = "roster"
    """Who belongs here."""
    RESULTS = "results"
    """Of tests, by the sample's label."""

    @property
    def file(self) -> str:
        """The name of its file; only a policy may have more beside it, its country rules."""
        return f"{self}.toml"


class Refusal(StrEnum):
    """Why a document is not taken (the codes of a DocumentAnswer)."""

    NO_KEY = "no_key"
    """This kiosk has no keys of a centre, or cannot read them."""
    UNREADABLE = "unreadable"
    """The memory file that it came in was none of this size."""
    UNUSABLE = "unusable"
    """Not signed by a key of the centre for this topic, or laid out otherwise."""
    NOT_PERMITTED = "not_permitted"
    """The key may not say this kind, or the settings have a key in them that only this kiosk's own file may have."""
    NOT_YET = "not_yet"
    """Dated later than this clock says."""
    OLDER = "older"
    """A newer one, or another one of this version, has been here."""
    ELSEWHERE = "elsewhere"
    """It is for other kiosks."""
    INVALID = "invalid"
    """Signed, but the kiosk's own reader of such files refuses its content."""
    NOT_STORED = "not_stored"
    """The disk did not take it."""
    NOT_IN_FORCE = "not_in_force"
    """Good, but it could not be taken into force; what was in force before still is."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says."""

    kind: DocumentKind
    audience: frozenset[str]
    """Kiosks that it is for: `TENANT/SITE/KIOSK`, `TENANT/SITE` or `*`."""
    version: int
    """Only grows."""
    issued_at: datetime
    """In UTC; whole seconds."""
    files: Files


@dataclass(frozen=True, slots=True)
class Newest:
    """The highest version of a kind that has been in force, and the SHA-256 of that document's payload."""

    version: int = 0
    digest: bytes = b""


def is_new(document: Document, digest: bytes, newest: Newest) -> bool:
    """Tell whether a document may replace what has been in force.

    The newest itself may come back, as its file may have been damaged; another content needs another number.
    """
    return document.version > newest.version or (document.version, digest) == (newest.version, newest.digest)


def is_from_the_future(document: Document, now: datetime) -> bool:
    """Tell whether a document is dated later than the clock says: one of the two clocks is wrong."""
    return document.issued_at - now > CLOCK_SKEW
