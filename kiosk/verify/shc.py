"""SMART Health Cards (`shc:/`): a FHIR bundle in a JWS, as digits.

Source: the specification, spec.smarthealth.cards ('Health Cards as QR Codes', 'Health Cards are encoded as Compact
Serialization JSON Web Signatures', 'Revocation'). A card may come in several parts (`shc:/2/3/…`), which are verified
together: their texts in any order, one a line.
"""

import re
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kiosk.domain import parts
from kiosk.domain.credential import Credential, Format, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import envelope, fhir, jws, revocation, strict_json
from kiosk.verify.errors import MalformedError
from kiosk.verify.steps import Claimed, find_by_issuer, verify_claimed

FORMAT = Format.SHC
PREFIX = "shc:/"
HEALTH_CARD = "https://smarthealth.cards#health-card"
"""The type that every card has; types that are not known are passed over."""
MAX_ISSUER = 256
_ISSUER = re.compile(r"https://[!-~]+(?<!/)")
_RID = re.compile(r"[\w-]{1,24}", re.ASCII)
_OFFSET = 45
"""The smallest character of a JWS is `-`, ASCII 45; two digits stand for the distance from it."""
_LETTERS = bytes(min(10 * (byte >> 4) + (byte & 0xF) + _OFFSET, 0xFF) for byte in range(256))
"""Character by two decimal digits, read as if they were hexadecimal."""
_RAW_DEFLATE = -zlib.MAX_WBITS


def matches(text: str) -> bool:
    """Tell whether `text` says that it is a card."""
    return text.startswith(PREFIX)


def is_issuer(name: str) -> bool:
    """Tell whether `name` may be an issuer: an https address without a slash at its end."""
    return len(name) <= MAX_ISSUER and _ISSUER.fullmatch(name) is not None


def _digits(text: str) -> str:
    """Return the digits of a whole card. Raises MalformedError: PART_OF_MORE where parts of it are missing."""
    lines = text.split("\n", parts.MAX_PARTS)
    if lines == [text] and parts.number(text.encode()) is None:
        return text.removeprefix(PREFIX)
    bodies: dict[int, str] = {}
    totals: set[int] = set()
    for line in lines:
        numbered = parts.number(line.encode())
        if numbered is None:
            raise MalformedError(Reason.JWS_INVALID)
        totals.add(numbered.total)
        bodies[numbered.index] = numbered.data.rpartition(b"/")[2].decode()
    if len(totals) != 1 or len(bodies) != len(lines):
        raise MalformedError(Reason.JWS_INVALID)
    if len(bodies) < totals.pop():
        raise MalformedError(Reason.PART_OF_MORE)
    return "".join(bodies[index] for index in sorted(bodies))


def _compact(text: str) -> str:
    """Return the JWS that the digits of a card stand for. Raises MalformedError."""
    digits = _digits(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) % 2:
        raise MalformedError(Reason.JWS_INVALID)
    return bytes.fromhex(digits).translate(_LETTERS).decode("latin-1")


def _payload(message: jws.Jws) -> Mapping[str, Any]:
    """Return the claims. Raises MalformedError.

    The stream may be followed by bytes that are no part of it: real issuers' libraries have left some there. They are
    under the signature and never looked at, so nobody can say anything with them. Nothing may be missing.
    """
    if message.header.get("zip") != "DEF":
        raise MalformedError(Reason.INFLATE_FAILED)
    inflated = envelope.inflate(message.payload, _RAW_DEFLATE, trailing=True)
    try:
        claims = strict_json.loads(inflated)
    except MalformedError:
        raise MalformedError(Reason.CLAIMS_INVALID) from None
    if not isinstance(claims, dict):
        raise MalformedError(Reason.CLAIMS_INVALID)
    return claims


def _is_card(types: object) -> bool:
    return isinstance(types, list) and HEALTH_CARD in types


def parse(text: str) -> Claimed:
    """Read a card without trusting it. Raises MalformedError."""
    message = jws.parse(_compact(text))
    claims = _payload(message)
    issuer, begins, vc = claims.get("iss"), envelope.when(claims.get("nbf")), claims.get("vc")
    if not isinstance(issuer, str) or not is_issuer(issuer) or begins is None:
        raise MalformedError(Reason.CLAIMS_INVALID)
    if not isinstance(vc, dict) or not _is_card(vc.get("type")):
        raise MalformedError(Reason.CLAIMS_INVALID)
    rid, subject = vc.get("rid", ""), vc.get("credentialSubject")
    if not isinstance(rid, str) or (rid and _RID.fullmatch(rid) is None) or not isinstance(subject, dict):
        raise MalformedError(Reason.CLAIMS_INVALID)
    content = fhir.read(subject.get("fhirBundle"))
    signed = revocation.identifiers(Credential(FORMAT), message)
    named = {revocation.shc_identifier(issuer, message.key_id.decode(), rid)} if rid else set()
    credential = Credential(
        format=FORMAT,
        kind=content.kind,
        issuer=issuer,
        # Cards need no identifier: without one, the signature's is one that its holder cannot change.
        credential_id=rid or "".join(one.hex() for one in signed),
        holder=content.holder,
        issued_at=begins,
        valid_from=begins,
        expires_at=envelope.when(claims.get("exp")),
        details={**content.details, "rid": rid} if rid else content.details,
    )
    return Claimed(credential, message, signed | named, ends=False)


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a card. Raises MalformedError where it cannot be parsed."""
    return verify_claimed(parse(text), trust, now, find=find_by_issuer)
