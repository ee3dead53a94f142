"""This project's own signed pass (`GK1:`): a CWT in COSE_Sign1 in Base45; `docs/native-pass.md` has the table.

It uses the very envelope of `HC1:`, so whoever can verify a health certificate can verify a pass.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import cbor2

from kiosk.domain import birth
from kiosk.domain.credential import PASS_KINDS, Credential, Format, Holder, Kind, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cose, envelope, revocation
from kiosk.verify.envelope import CTI, EXP, IAT, ISS, NBF, SUB
from kiosk.verify.errors import MalformedError
from kiosk.verify.steps import Claimed, verify_claimed

FORMAT = Format.PASS
PREFIX = "GK1:"

MAX_ENTRIES = 10_000

# Private use claims (RFC 8392 section 9.1: integers below -65536).
PURPOSE, ZONE, ENTRIES, NAME, BIRTH_HASH, FACE, GROUP = -70001, -70002, -70003, -70004, -70005, -70006, -70007


@dataclass(frozen=True, slots=True)
class PassContent:
    """What a pass says. Times are aware; `zone` `*` means every zone; `entries` 0 means any number."""

    issuer: str
    subject: str
    pass_id: bytes
    purpose: Kind
    zone: str
    issued_at: datetime
    valid_from: datetime
    valid_until: datetime
    entries: int = 0
    name: str = ""
    group: str = ""
    birth_date: str = ""
    """ISO 8601, whole; the pass carries its hash only (kiosk.domain.birth)."""


def encode(content: PassContent, key: cose.PrivateKey, key_id: bytes) -> str:
    """Return the text of a signed pass. Raises ValueError for a purpose that no pass has, or a partial birth date."""
    if content.purpose not in PASS_KINDS:
        raise ValueError("a pass cannot stand for a health certificate or an identity card")
    claims: dict[int, object] = {
        ISS: content.issuer,
        SUB: content.subject,
        EXP: int(content.valid_until.timestamp()),
        NBF: int(content.valid_from.timestamp()),
        IAT: int(content.issued_at.timestamp()),
        CTI: content.pass_id,
        PURPOSE: content.purpose.value,
        ZONE: content.zone,
    }
    if content.entries:
        claims[ENTRIES] = content.entries
    if content.name:
        claims[NAME] = content.name
    if content.group:
        claims[GROUP] = content.group
    if content.birth_date:
        claims[BIRTH_HASH] = birth.birth_hash(content.pass_id, content.birth_date)
    return envelope.wrap(cose.sign(cbor2.dumps(claims), key, key_id), PREFIX, compress=False)


def _bytes_claim(claims: Mapping[int, Any], key: int, limit: int) -> bytes:
    value = claims.get(key, b"")
    if not isinstance(value, bytes) or len(value) > limit:
        raise MalformedError(Reason.CLAIMS_INVALID)
    return value


def _purpose(claims: Mapping[int, Any]) -> Kind:
    try:
        kind = Kind(envelope.text_claim(claims, PURPOSE))
    except ValueError:
        raise MalformedError(Reason.CLAIMS_INVALID) from None
    if kind not in PASS_KINDS:
        raise MalformedError(Reason.CLAIMS_INVALID)
    return kind


def matches(text: str) -> bool:
    """Tell whether `text` says that it is a pass."""
    return text.startswith(PREFIX)


def parse(text: str) -> Claimed:
    """Read a pass without trusting it. Raises MalformedError."""
    opened = envelope.unwrap(text, PREFIX)
    claims = opened.claims
    entries = claims.get(ENTRIES, 0)
    if type(entries) is not int or not 0 <= entries <= MAX_ENTRIES:
        raise MalformedError(Reason.CLAIMS_INVALID)
    details: dict[str, object] = {"zone": envelope.text_claim(claims, ZONE), "entries": entries}
    details["subject"] = envelope.text_claim(claims, SUB)
    if face := _bytes_claim(claims, FACE, 512):
        details["face"] = face
    pass_id = _bytes_claim(claims, CTI, 32)
    hidden = None
    if digest := _bytes_claim(claims, BIRTH_HASH, birth.SIZE):
        if len(digest) != birth.SIZE or not pass_id:
            raise MalformedError(Reason.CLAIMS_INVALID)
        hidden = birth.HiddenBirthDate(pass_id, digest)
    if group := envelope.text_claim(claims, GROUP):
        details["group"] = group
    credential = Credential(
        format=FORMAT,
        kind=_purpose(claims),
        issuer=envelope.text_claim(claims, ISS),
        credential_id=pass_id.hex(),
        holder=Holder(family_name=envelope.text_claim(claims, NAME), hidden_birth_date=hidden),
        issued_at=envelope.when(claims.get(IAT)),
        valid_from=envelope.when(claims.get(NBF)),
        expires_at=envelope.when(claims.get(EXP)),
        details=details,
    )
    return Claimed(credential, opened.message, revocation.identifiers(credential, opened.message))


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a pass. Raises MalformedError where it cannot be parsed."""
    return verify_claimed(parse(text), trust, now)
