"""COSE_Sign1 (RFC 9052 section 4.2): parsing, verifying and signing.

Real certificates come untagged, tagged (18) and doubly tagged (61, 18), with the key id in the protected or
in the unprotected header; the protected one wins.
"""

from dataclasses import dataclass
from typing import Any, assert_never

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm
from kiosk.verify import cbor
from kiosk.verify.errors import MalformedError
from kiosk.verify.signature import HASHES, algorithm_of, coordinate_size

_TAG_SIGN1, _TAG_CWT = 18, 61
_ALG, _CRIT, _KID = 1, 2, 4
MAX_KEY_ID = 128
"""Bytes of a key id: lists have 8 of them, and what goes on record is bounded."""
_IDS = {
    -7: Algorithm.ES256, -35: Algorithm.ES384, -36: Algorithm.ES512, -37: Algorithm.PS256, -8: Algorithm.ED25519,
}  # fmt: skip
"""IANA registry "COSE Algorithms"."""
_NUMBERS = {algorithm: number for number, algorithm in _IDS.items()}
_SIGNATURE1 = b"\x84\x6aSignature1"
"""An array of four that begins with this text."""
_SALT = hashes.SHA256.digest_size

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Sign1:
    """A parsed message, nothing in it trusted."""

    protected: bytes
    algorithm: Algorithm | None
    """None: the header names one that this kiosk does not use."""
    key_id: bytes
    payload: bytes
    signature: bytes

    @property
    def signed_bytes(self) -> bytes:
        """What the signature covers where there is no external data."""
        return self.to_be_signed(b"")

    def to_be_signed(self, external: bytes) -> bytes:
        """Return the Sig_structure that the signature covers (section 4.4), with this external data."""
        parts = (self.protected, external, self.payload)
        return _SIGNATURE1 + b"".join(cbor.head(2, len(part)) + part for part in parts)


def _header(protected: bytes) -> dict[Any, Any]:
    header = cbor.decode(protected) if protected else {}
    if not isinstance(header, dict):
        raise MalformedError(Reason.COSE_INVALID)
    return header


def parse(data: bytes) -> Sign1:
    """Take a COSE_Sign1 apart. Raises MalformedError(CBOR_INVALID or COSE_INVALID)."""
    message = cbor.decode(data)
    for _ in range(2):
        if isinstance(message, cbor.Tagged) and message.tag in (_TAG_CWT, _TAG_SIGN1):
            message = message.value
    match message:
        case [bytes() as protected, dict() as unprotected, bytes() as payload, bytes() as signature]:
            header = _header(protected)
        case _:
            raise MalformedError(Reason.COSE_INVALID)
    if _CRIT in header or _CRIT in unprotected:
        # Parameters that must be understood (section 3.1): this kiosk understands none beyond algorithm and key id.
        raise MalformedError(Reason.COSE_INVALID)
    number = header.get(_ALG, unprotected.get(_ALG))
    key_id = header.get(_KID, unprotected.get(_KID, b""))
    if not isinstance(key_id, bytes) or len(key_id) > MAX_KEY_ID or not isinstance(number, int):
        raise MalformedError(Reason.COSE_INVALID)
    return Sign1(protected, _IDS.get(number), key_id, payload, signature)


def sign(payload: bytes, key: PrivateKey, key_id: bytes, external: bytes = b"") -> bytes:
    """Return a tagged COSE_Sign1 of `payload`, algorithm and key id in its protected header.

    `external`: data that the signature covers as well, and that the reader has to know (section 4.4).
    Raises ValueError for a key that no algorithm of ours uses.
    """
    algorithm = algorithm_of(key)
    if algorithm is None:
        raise ValueError("this kind of key cannot sign here: use P-256, P-384, P-521, Ed25519, or RSA of 2048 bits")
    protected = cbor2.dumps({_ALG: _NUMBERS[algorithm], _KID: key_id})
    signed = cbor2.dumps(["Signature1", protected, external, payload])
    match key:
        case ec.EllipticCurvePrivateKey():
            r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(HASHES[algorithm])))
            signature = b"".join(number.to_bytes(coordinate_size(key), "big") for number in (r, s))
        case rsa.RSAPrivateKey():
            signature = key.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), _SALT), hashes.SHA256())
        case ed25519.Ed25519PrivateKey():
            signature = key.sign(signed)
        case _:
            assert_never(key)
    return cbor2.dumps(cbor2.CBORTag(_TAG_SIGN1, [protected, {}, payload, signature]))
