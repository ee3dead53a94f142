"""Credentials: what was read off a code, and what a verifier found it to be worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.domain.birth import HiddenBirthDate
from kiosk.domain.reasons import Reason


class Format(StrEnum):
    """The families of codes that people carry to a door."""

    HC1 = "HC1"
    """EU-format health certificate, the Vietnamese vaccine passport among them."""
    SHC = "SHC"
    """SMART Health Card: a signed FHIR bundle."""
    VDS_NC = "VDS-NC"
    """ICAO visible digital seal for non-constrained environments: proof of testing or vaccination."""
    NZCP = "NZCP"
    """New Zealand COVID pass."""
    PRETIX = "pretix"
    """Signed event ticket of pretix (`pretix_sig1`)."""
    PASS = "GK1"  # noqa: S105 - a format's name
    """This project's own signed pass (docs/native-pass.md)."""
    CCCD = "CCCD"
    """Vietnamese citizen identity card: unsigned."""
    PERSONAL_QR = "1405"
    """Personal code of the Vietnamese platforms (decision 1405/QĐ-BTTTT): unsigned."""
    BHYT = "BHYT"
    """Vietnamese health insurance card: unsigned."""
    TUBE = "tube"
    """Label of a sample tube (Code 128): names a sample, never a person."""
    FORM = "form"
    """A declaration filled in at this kiosk's touchscreen (kiosk.domain.form): a person's own word."""
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
    TICKET = "ticket"
    DECLARATION = "declaration"
    IDENTITY = "identity"
    SAMPLE = "sample"


HEALTH_KINDS = frozenset({Kind.VACCINATION, Kind.TEST, Kind.RECOVERY})
PASS_KINDS = frozenset(Kind) - HEALTH_KINDS - {Kind.IDENTITY, Kind.SAMPLE}


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
class StandIn:
    """What is left of a person in the inputs of a replay (kiosk.verify.replay): a number, and whom it matched."""

    number: int
    """Which piece of the evidence it stands on."""
    same: frozenset[int]
    """Numbers of the pieces that named the same person."""
    named: bool
    """Whether the person could be told from others."""


@dataclass(frozen=True, slots=True)
class Holder:
    """The person a credential names. Dates stay text: `1990` and `1990-05` are real birth dates."""

    family_name: str = ""
    given_name: str = ""
    birth_date: str = ""
    family_name_icao: str = ""
    given_name_icao: str = ""
    hidden_birth_date: HiddenBirthDate | None = None
    """What a pass carries in the place of a birth date."""
    stand_in: StandIn | None = None
    """Only in a replay, where no name was kept."""


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
    stale: bool = False
    """The list is too old, and the venue has said loudly that it counts all the same."""
    source: str = ""
    """The name of the list among those that the venue uses."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A credential whose every verification step passed. Only `kiosk.verify` makes these."""

    credential: Credential
    key_id: str
    basis: TrustBasis
    identifiers: frozenset[bytes] = frozenset()
    """What a revocation list may name it by (kiosk.verify.revocation)."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A credential that failed a step, with the first verdict found and its reasons."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    format: Format | None = None
    credential: Credential | None = None
    """Parsed content where parsing got that far: an unsigned card may still bind a name."""
    key_id: str = ""
    """The key that it names, where it names one."""
    identifiers: frozenset[bytes] = frozenset()
    """As in `Verified`; empty where the signature was not found to be good."""


Verification = Verified | Rejected
