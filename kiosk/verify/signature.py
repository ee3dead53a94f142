"""Signatures by one key with an algorithm of its own, whatever the format around them.

The key decides, never the message: its type gives the family, its curve the curve and the one length of a signature,
and a message that names an algorithm the key is not used with is refused before any arithmetic (DESIGN section 7,
rule 2). The eHealth Network (technical specifications, volume 1, section 3.3.2) knows ES256 on P-256 and PS256.
Real issuers sign with larger curves too, some under ES384 or ES512, some under ES256. RFC 9053 section 2.1 (RFC 8152
section 8.1 before it) defines the three of them on each of P-256, P-384 and P-521 and only *suggests* to pair them by
size; so a P-384 or P-521 key is taken with its own hash or with SHA-256. That is safe: the anchor's curve and length
stand, SHA-256 gives the 128 bits that P-256 has anyway, and no other hash is left to be talked into. A larger hash
than the curve (ES512 on P-256) is cut off by ECDSA and gains nothing: refused, as nobody is known to use it.
JWS (RFC 7518 section 3.4) binds hash and curve; formats on it get no more from this than a key their own issuer chose.
"""

from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.domain.trust import Algorithm, Role, TrustAnchor

_SALT = hashes.SHA256.digest_size
_CACHED_KEYS = 256

HASHES: dict[Algorithm, hashes.HashAlgorithm] = {
    Algorithm.ES256: hashes.SHA256(),
    Algorithm.ES384: hashes.SHA384(),
    Algorithm.ES512: hashes.SHA512(),
}
"""The algorithms on elliptic curves with raw `r || s` signatures, and their hashes (RFC 9053 section 2.1)."""
_CURVES: dict[str, Algorithm] = {
    ec.SECP256R1.name: Algorithm.ES256,
    ec.SECP384R1.name: Algorithm.ES384,
    ec.SECP521R1.name: Algorithm.ES512,
}
_ALSO_ES256 = frozenset({Algorithm.ES384, Algorithm.ES512})
"""Keys that are taken with SHA-256 as well."""


class SignedMessage(Protocol):
    """What every signed format boils down to, nothing in it trusted."""

    @property
    def algorithm(self) -> Algorithm | None:
        """The algorithm that it names; None for one that this kiosk does not use."""
        ...

    @property
    def key_id(self) -> bytes:
        """The key that it names; empty where it names none."""
        ...

    @property
    def signature(self) -> bytes:
        """The signature; raw `r || s` for ECDSA."""
        ...

    @property
    def signed_bytes(self) -> bytes:
        """The bytes that the signature covers."""
        ...


def fits(anchor: TrustAnchor, algorithm: Algorithm | None) -> bool:
    """Tell whether a message may name `algorithm` for this anchor's key."""
    return algorithm is anchor.algorithm or (algorithm is Algorithm.ES256 and anchor.algorithm in _ALSO_ES256)


def is_signed_by(message: SignedMessage, anchor: TrustAnchor) -> bool:
    """Tell whether the signature is right by this anchor's key, a signer's, with an algorithm that fits it."""
    if anchor.role is not Role.SIGNER or message.algorithm is None:
        return False
    return check(anchor, message.signature, message.signed_bytes, message.algorithm)


@lru_cache(maxsize=_CACHED_KEYS)
def public_key(der: bytes) -> PublicKeyTypes:
    """Return the key of a DER SubjectPublicKeyInfo; taking one apart costs as much as a check with it.

    Raises ValueError or UnsupportedAlgorithm.
    """
    return load_der_public_key(der)


def check(anchor: TrustAnchor, signature: bytes, signed: bytes, algorithm: Algorithm | None = None) -> bool:
    """Verify `signature` (raw `r || s` for ECDSA) over `signed`, by the anchor's own algorithm or another that fits."""
    named = algorithm or anchor.algorithm
    try:
        key = public_key(anchor.public_key)
        if not fits(anchor, named) or algorithm_of(key) is not anchor.algorithm:
            return False
        match key:
            case ec.EllipticCurvePublicKey() if len(signature) == 2 * coordinate_size(key):
                key.verify(_raw_to_der(signature), signed, ec.ECDSA(HASHES[named]))
            case rsa.RSAPublicKey():
                key.verify(signature, signed, padding.PSS(padding.MGF1(hashes.SHA256()), _SALT), hashes.SHA256())
            case ed25519.Ed25519PublicKey():
                key.verify(signature, signed)
            case _:  # an elliptic curve, and a signature of another length
                return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def coordinate_size(key: ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) -> int:
    """Return how many bytes each half of a raw signature by this key has (RFC 9053 section 2.1): 32, 48 or 66."""
    return (key.key_size + 7) // 8


def _raw_to_der(signature: bytes) -> bytes:
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    return encode_dss_signature(r, s)


def algorithm_of(key: object) -> Algorithm | None:
    """Return the algorithm that a public or private key is named by, or None for an unusable key.

    ES256 on P-256, ES384 on P-384, ES512 on P-521, PS256 on RSA of 2,048 bits or more, Ed25519.
    """
    match key:
        case ec.EllipticCurvePublicKey() | ec.EllipticCurvePrivateKey():
            return _CURVES.get(key.curve.name)
        case rsa.RSAPublicKey() | rsa.RSAPrivateKey() if key.key_size >= 2048:
            return Algorithm.PS256
        case ed25519.Ed25519PublicKey() | ed25519.Ed25519PrivateKey():
            return Algorithm.ED25519
        case _:
            return None
