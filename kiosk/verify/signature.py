"""Signatures by one key with its one algorithm, whatever the format around them.

The algorithm is the key's, never the message's choice: a message that names another one is refused before any
arithmetic (DESIGN section 7, rule 2).
"""

from typing import Protocol

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.domain.trust import Algorithm, TrustAnchor

_SALT = hashes.SHA256.digest_size


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


def is_signed_by(message: SignedMessage, anchor: TrustAnchor) -> bool:
    """Tell whether the signature is right by this anchor's key and its one algorithm."""
    return message.algorithm is anchor.algorithm and check(anchor, message.signature, message.signed_bytes)


def check(anchor: TrustAnchor, signature: bytes, signed: bytes) -> bool:
    """Verify `signature` (raw `r || s` for ECDSA) over `signed`."""
    try:
        key = load_der_public_key(anchor.public_key)
        match anchor.algorithm, key:
            case Algorithm.ES256, ec.EllipticCurvePublicKey() if len(signature) == 64:
                key.verify(_raw_to_der(signature), signed, ec.ECDSA(hashes.SHA256()))
            case Algorithm.PS256, rsa.RSAPublicKey():
                key.verify(signature, signed, padding.PSS(padding.MGF1(hashes.SHA256()), _SALT), hashes.SHA256())
            case Algorithm.ED25519, ed25519.Ed25519PublicKey():
                key.verify(signature, signed)
            case _:
                return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _raw_to_der(signature: bytes) -> bytes:
    half = len(signature) // 2
    r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
    return encode_dss_signature(r, s)


def algorithm_of(key: object) -> Algorithm | None:
    """Return the one algorithm that a public or private key is used with, or None for an unusable key.

    ES256 on P-256, PS256 on RSA of 2,048 bits or more, Ed25519 (DESIGN section 7, rule 2).
    """
    match key:
        case ec.EllipticCurvePublicKey() | ec.EllipticCurvePrivateKey() if isinstance(key.curve, ec.SECP256R1):
            return Algorithm.ES256
        case rsa.RSAPublicKey() | rsa.RSAPrivateKey() if key.key_size >= 2048:
            return Algorithm.PS256
        case ed25519.Ed25519PublicKey() | ed25519.Ed25519PrivateKey():
            return Algorithm.ED25519
        case _:
            return None
