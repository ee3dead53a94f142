"""Revocation by what a holder cannot change (DESIGN section 7, rule 5), never by the text of the code.

Identifiers as in the EU revocation lists (eHealth Network, EU DCC Revocation, section on hash types): the first
16 bytes of the SHA-256 of the certificate's identifier, of country and identifier, or of the signature. Of an
ECDSA signature only `r` counts, because `(r, n - s)` is as good a signature as `(r, s)`.
"""

import hashlib

from kiosk.domain.credential import Credential
from kiosk.domain.trust import TrustError
from kiosk.verify.signature import HASHES, SignedMessage

SIZE = 16


def _short(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:SIZE]


def identifiers(credential: Credential, message: SignedMessage) -> frozenset[bytes]:
    """Return every identifier by which a list may name this credential."""
    signature = message.signature
    if message.algorithm in HASHES:
        signature = signature[: len(signature) // 2]
    found = {_short(signature)}
    if credential.credential_id:
        found |= {
            _short(credential.credential_id.encode()),
            _short((credential.issuer + credential.credential_id).encode()),
        }
    return frozenset(found)


def read_list(data: bytes) -> frozenset[bytes]:
    """Read a list: one identifier a line in hex, `#` begins a comment. Raises TrustError that names the line."""
    found: set[bytes] = set()
    for number, line in enumerate(data.split(b"\n"), 1):
        text = line.split(b"#")[0].strip()
        if not text:
            continue
        try:
            identifier = bytes.fromhex(text.decode())
        except ValueError:
            identifier = b""
        if len(identifier) != SIZE:
            raise TrustError(f"line {number} is no identifier of {SIZE} bytes in hex")
        found.add(identifier)
    return frozenset(found)
