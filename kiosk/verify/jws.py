"""JSON Web Signature in its compact form (RFC 7515 section 7.1), as far as health cards use it."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm
from kiosk.verify import strict_json
from kiosk.verify.errors import MalformedError

_COMPACT = re.compile(r"([\w-]+)\.([\w-]+)\.([\w-]+)", re.ASCII)
_MAX_KEY_ID = 128
_ALGORITHMS = {"ES256": Algorithm.ES256}
"""RFC 7518 section 3.4. Health cards know no other, and `none` least of all."""


@dataclass(frozen=True, slots=True)
class Jws:
    """A parsed message, nothing in it trusted."""

    header: Mapping[str, Any]
    algorithm: Algorithm | None
    """None: the header names one that is not used here."""
    key_id: bytes
    """The text of `kid` as bytes; empty where there is none."""
    payload: bytes
    signature: bytes
    signed_bytes: bytes


def from_base64url(text: str) -> bytes:
    """Decode base64url without padding (RFC 7515 section 2), in its one spelling. Raises ValueError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    # The last letter may have bits that belong to no byte: with any of them set it is another spelling of the same.
    if to_base64url(data) != text:
        raise ValueError("not the one spelling of base64url")
    return data


def to_base64url(data: bytes) -> str:
    """Encode as base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _refuse() -> MalformedError:
    return MalformedError(Reason.JWS_INVALID)


def parse(text: str) -> Jws:
    """Take a compact JWS apart. Raises MalformedError(JWS_INVALID)."""
    parts = _COMPACT.fullmatch(text)
    if parts is None:
        raise _refuse()
    try:
        protected, payload, signature = map(from_base64url, parts.groups())
        header = strict_json.loads(protected)
    except ValueError:
        raise _refuse() from None
    # `crit` names what a reader has to understand (section 4.1.11): this one understands nothing beyond what it reads.
    if not isinstance(header, dict) or "crit" in header:
        raise _refuse()
    name, key_id = header.get("alg"), header.get("kid", "")
    if not isinstance(name, str) or not isinstance(key_id, str) or len(key_id) > _MAX_KEY_ID:
        raise _refuse()
    signed = text.rpartition(".")[0].encode()
    return Jws(header, _ALGORITHMS.get(name), key_id.encode(), payload, signature, signed)
