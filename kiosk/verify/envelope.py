"""From the text of a code to signed claims: prefix, Base45 (RFC 9285), zlib, COSE_Sign1, CWT (RFC 8392)."""

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kiosk.domain.reasons import Reason
from kiosk.verify import base45, cbor, cose
from kiosk.verify.errors import MalformedError

MAX_TEXT = 4096
MAX_INFLATED = 65_536
_ZLIB = 0x78
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z

ISS, SUB, EXP, NBF, IAT, CTI = 1, 2, 4, 5, 6, 7


@dataclass(frozen=True, slots=True)
class Envelope:
    """An unwrapped code: the message and its claims, nothing in it trusted."""

    message: cose.Sign1
    claims: Mapping[int, Any]


def inflate(data: bytes, wbits: int = zlib.MAX_WBITS, *, trailing: bool = False) -> bytes:
    """Inflate a stream of at most 64 KB: zlib's or, with negative `wbits`, raw DEFLATE (RFC 1951).

    Bytes after its end are refused unless `trailing`. Raises MalformedError(INFLATE_FAILED or INFLATED_TOO_LARGE).
    """
    inflater = zlib.decompressobj(wbits)
    try:
        inflated = inflater.decompress(data, MAX_INFLATED + 1)
    except zlib.error:
        raise MalformedError(Reason.INFLATE_FAILED) from None
    if len(inflated) > MAX_INFLATED:
        raise MalformedError(Reason.INFLATED_TOO_LARGE)
    if not inflater.eof or (inflater.unused_data and not trailing):
        raise MalformedError(Reason.INFLATE_FAILED)
    return inflated


def unwrap(text: str, prefix: str) -> Envelope:
    """Take `text` apart, from its prefix down to its claims. Raises MalformedError."""
    try:
        raw = base45.b45decode(text.removeprefix(prefix))
    except ValueError:
        raise MalformedError(Reason.BASE45_INVALID) from None
    # Compression is optional in the electronic health certificate container (section 5): 0x78 tells.
    if raw[:1] == bytes([_ZLIB]):
        raw = inflate(raw)
    message = cose.parse(raw)
    claims = cbor.decode(message.payload)
    if not isinstance(claims, dict):
        raise MalformedError(Reason.CLAIMS_INVALID)
    return Envelope(message, claims)


def wrap(message: bytes, prefix: str, *, compress: bool) -> str:
    """Return the text of a code that holds `message`."""
    body = zlib.compress(message, 9) if compress else message
    encoded: bytes = base45.b45encode(body)
    return prefix + encoded.decode()


def when(value: object) -> datetime | None:
    """Read a time claim: an integer or, in real certificates, a float or a tag 1 (RFC 8949 section 3.4.2).

    None where there is no claim. Raises MalformedError(CLAIMS_INVALID) for what is no time.
    """
    if isinstance(value, cbor.Tagged) and value.tag == 1:
        value = value.value
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedError(Reason.CLAIMS_INVALID)
    if not 0 <= value <= _LATEST:
        raise MalformedError(Reason.CLAIMS_INVALID)
    return datetime.fromtimestamp(int(value), UTC)


def text_claim(claims: Mapping[int, Any], key: int) -> str:
    """Read a text claim; empty where it is absent. Raises MalformedError(CLAIMS_INVALID)."""
    value = claims.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 256:
        raise MalformedError(Reason.CLAIMS_INVALID)
    return value
