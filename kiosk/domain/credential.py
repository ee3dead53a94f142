"""Credentials: what was read off a code, and what a verifier found it to be worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.domain.reasons import Reason


class Format(StrEnum):
    """The families of codes that people carry to a door."""

    HC1 = "HC1"
    """EU-format health certificate, the Vietnamese vaccine passport among them."""
    PASS = "GK1"  # noqa: S105 - a format's name
    """This project's own signed pass (docs/native-pass.md)."""
    CCCD = "CCCD"
    """Vietnamese citizen identity card: unsigned."""
    VENUE = "venue"
    """A venue's check-in poster: made for phones, proves nothing about its bearer."""
    WEB = "web"
    """Any other web address."""


class Kind(StrEnum):
    """What a credential speaks about."""

    VACCINATION = "vaccination"
    TEST = "test"
    RECOVERY = "recovery"
    VISIT = "visit"
    SAMPLING = "sampling"
    RESIDENT = "resident"
    STAFF = "staff"
    IDENTITY = "identity"


HEALTH_KINDS = frozenset({Kind.VACCINATION, Kind.TEST, Kind.RECOVERY})
PASS_KINDS = frozenset(Kind) - HEALTH_KINDS - {Kind.IDENTITY}


class Verdict(StrEnum):
    """What a verifier says, in the order in which it finds out (DESIGN section 7, rule 6)."""

    MALFORMED = "malformed"
    UNSIGNED = "unsigned"
    UNKNOWN_ISSUER = "unknown_issuer"
    BAD_SIGNATURE = "bad_signature"
    REVOKED = "revoked"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    RULE_FAILED = "rule_failed"
    STALE_TRUST = "stale_trust"
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class Holder:
    """The person a credential names. Dates stay text: `1990` and `1990-05` are real birth dates."""

    family_name: str = ""
    given_name: str = ""
    birth_date: str = ""
    family_name_icao: str = ""
    given_name_icao: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """Parsed, not trusted: what a code claims."""

    format: Format
    kind: Kind | None = None
    issuer: str = ""
    credential_id: str = ""
    holder: Holder = field(default_factory=Holder)
    issued_at: datetime | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    details: Mapping[str, object] = field(default_factory=dict)
    """Format-specific content that rules may look at, e.g. doses; never shown or logged."""


@dataclass(frozen=True, slots=True)
class TrustBasis:
    """Which trust list a verdict rests on, so that it can be replayed."""

    version: str
    age_s: int


@dataclass(frozen=True, slots=True)
class Verified:
    """A credential whose every verification step passed. Only `kiosk.verify` makes these."""

    credential: Credential
    key_id: str
    basis: TrustBasis


@dataclass(frozen=True, slots=True)
class Rejected:
    """A credential that failed a step, with the first verdict found and its reasons."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    format: Format | None = None
    credential: Credential | None = None
    """Parsed content where parsing got that far: an unsigned card may still bind a name."""


Verification = Verified | Rejected
