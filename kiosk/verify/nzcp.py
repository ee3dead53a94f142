"""New Zealand COVID passes (`NZCP:/1/`): a CWT in COSE_Sign1, as Base32.

Source: NZ COVID Pass, Technical Specification v1, nzcp.covid19.health.nz. A pass says that its holder met the rules of
its day (vaccinated, or exempt); neither doses nor dates stand in it.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from kiosk.domain.credential import Credential, Format, Holder, Kind, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify import cbor, cose, envelope, revocation
from kiosk.verify.envelope import CTI, EXP, ISS, NBF
from kiosk.verify.errors import MalformedError
from kiosk.verify.steps import Claimed, find_by_issuer, verify_claimed

FORMAT = Format.NZCP
SCHEME = "NZCP:/"
PREFIX = SCHEME + "1/"
"""With the version of the protocol: no other is known."""
PASS_TYPE = "PublicCovidPass"  # noqa: S105 - a type's name
_CONTEXT = "https://www.w3.org/2018/credentials/v1"
_VC = "vc"
_MAX_NAME = 256
_BASE32 = re.compile("[A-Z2-7]+")
_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghijklmnopqrstuv")
"""Letters of Base32 as the digits to which Python reads numbers."""
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def matches(text: str) -> bool:
    """Tell whether `text` says that it is a pass, of whatever version."""
    return text.startswith(SCHEME)


def _bad() -> MalformedError:
    return MalformedError(Reason.SCHEMA_INVALID)


def _unbase32(text: str) -> bytes:
    """Decode Base32 (RFC 4648 section 6) whose padding was left away, in its one spelling. Raises MalformedError."""
    if _BASE32.fullmatch(text) is None:
        raise MalformedError(Reason.BASE32_INVALID)
    # As one number: Python's own reader of Base32 goes letter by letter, and takes as long as a signature.
    size, spare = divmod(5 * len(text), 8)
    number = int(text.translate(_DIGITS), 32)
    # The last letter may have bits that belong to no byte: with any of them set it is another spelling of the same.
    # A letter has five bits; where more are to spare, there is one that belongs to no byte at all.
    if spare >= 5 or number & ((1 << spare) - 1):
        raise MalformedError(Reason.BASE32_INVALID)
    return (number >> spare).to_bytes(size, "big")


def _text(subject: Mapping[Any, Any], key: str) -> str:
    value = subject.get(key, "")
    if not isinstance(value, str) or len(value) > _MAX_NAME:
        raise _bad()
    return value.strip()


def _holder(vc: object) -> Holder:
    """Return whom a pass is for ('Pass Types', PublicCovidPass). Raises MalformedError."""
    match vc:
        case {
            "@context": [str() as context, *_], "type": list() as types, "version": str() as version,
            "credentialSubject": dict() as subject,
        } if context == _CONTEXT and PASS_TYPE in types and version.startswith("1."):  # fmt: skip
            given, birth = _text(subject, "givenName"), _text(subject, "dob")
        case _:
            raise _bad()
    if not given or _ISO_DATE.fullmatch(birth) is None:
        raise _bad()
    try:
        date.fromisoformat(birth)
    except ValueError:
        raise _bad() from None
    return Holder(family_name=_text(subject, "familyName"), given_name=given, birth_date=birth)


def parse(text: str) -> Claimed:
    """Read a pass without trusting it. Raises MalformedError."""
    if not text.startswith(PREFIX):
        raise MalformedError(Reason.UNKNOWN_FORMAT)
    message = cose.parse(_unbase32(text.removeprefix(PREFIX)))
    claims = cbor.decode(message.payload)
    if not isinstance(claims, dict):
        raise MalformedError(Reason.CLAIMS_INVALID)
    issuer, number = envelope.text_claim(claims, ISS), claims.get(CTI)
    begins, ends = envelope.when(claims.get(NBF)), envelope.when(claims.get(EXP))
    if not issuer.startswith("did:web:") or begins is None or not isinstance(number, bytes) or len(number) != 16:
        raise MalformedError(Reason.CLAIMS_INVALID)
    credential = Credential(
        format=FORMAT,
        kind=Kind.VACCINATION,
        issuer=issuer,
        credential_id=UUID(bytes=number).urn,
        holder=_holder(claims.get(_VC)),
        valid_from=begins,
        expires_at=ends,
        details={"complete": True},
    )
    return Claimed(credential, message, revocation.identifiers(credential, message))


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a pass. Raises MalformedError where it cannot be parsed."""
    return verify_claimed(parse(text), trust, now, find=find_by_issuer)
