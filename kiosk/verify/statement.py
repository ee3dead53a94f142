"""What is said in the centre's name: COSE_Sign1 by Ed25519, bound to the MQTT topic that it is said on.

The topic is the external data of the signature (RFC 9052 section 4.4), so a statement to one kiosk, or of one kind, is
none to another. Where two people have to agree, the second one signs the whole statement of the first: the payload of
the outer COSE_Sign1 is the inner one.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.centre import CentreKey, CentreKeys, Permission
from kiosk.domain.trust import Algorithm
from kiosk.verify import cose
from kiosk.verify.errors import MalformedError

KEY_ID_SIZE = 8
PUBLIC_SIZE = 32
MAX_SIGNERS = 2
_NESTED = b"\xd2\x84"
"""Tag 18 and an array of four: how a COSE_Sign1 of ours begins. No payload of ours begins so: they are CBOR maps."""

Code = Literal["malformed", "unknown_key", "bad_signature", "not_permitted"]


class StatementError(ValueError):
    """Nothing that the centre says. `code` is stable."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement whose signatures are good."""

    payload: bytes
    signers: tuple[CentreKey, ...]
    """Who signed, the first one first; no key twice."""

    def require(self, permission: Permission) -> None:
        """Make sure that every signer may say this. Raises StatementError(not_permitted)."""
        if not all(permission in signer.may for signer in self.signers):
            raise StatementError("not_permitted")


def key_id_of(public: bytes) -> bytes:
    """Return what a key is known by: the first eight bytes of the SHA-256 of its 32 raw bytes."""
    return hashlib.sha256(public).digest()[:KEY_ID_SIZE]


def public_of(key: Ed25519PrivateKey) -> bytes:
    """Return the 32 raw bytes of the public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(payload: bytes, key: Ed25519PrivateKey, topic: str) -> bytes:
    """Return a statement. The payload is a CBOR map."""
    return cose.sign(payload, key, key_id_of(public_of(key)), external=topic.encode())


def countersign(statement: bytes, key: Ed25519PrivateKey, topic: str) -> bytes:
    """Return the statement with a second signature around it."""
    return sign(statement, key, topic)


def opened(data: bytes, topic: str, keys: CentreKeys) -> Opened:
    """Check all signatures of a statement. Raises StatementError, by the outermost signature that is not good."""
    signers: list[CentreKey] = []
    external = topic.encode(errors="replace")
    while True:
        try:
            message = cose.parse(data)
        except MalformedError:
            raise StatementError("malformed") from None
        key = keys.get(message.key_id)
        if key is None or key in signers:
            raise StatementError("unknown_key")
        if message.algorithm is not Algorithm.ED25519:
            raise StatementError("bad_signature")
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(message.signature, message.to_be_signed(external))
        except InvalidSignature:
            raise StatementError("bad_signature") from None
        signers.insert(0, key)
        data = message.payload
        if not data.startswith(_NESTED):
            return Opened(data, tuple(signers))
        if len(signers) == MAX_SIGNERS:
            raise StatementError("malformed")
