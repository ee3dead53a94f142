"""Revocation by what a holder cannot change (DESIGN section 7, rule 5), never by the text of the code.

Identifiers as in the EU revocation lists (eHealth Network, EU DCC Revocation, section on hash types): the first
16 bytes of the SHA-256 of the certificate's identifier, of country and identifier, or of the signature. Of an
ECDSA signature only `r` counts, because `(r, n - s)` is as good a signature as `(r, s)`. Lists themselves are read in
`kiosk.verify.revocation_lists`.
"""

import hashlib

from kiosk.domain.credential import Credential
from kiosk.verify.signature import HASHES, SignedMessage

SIZE = 16


def _short(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:SIZE]


def identifiers(credential: Credential, message: SignedMessage) -> frozenset[bytes]:
    """Return every identifier by which a list may name this credential.

    The country is the issuer's name and, where the content names another one, that as well: issuers such as "CNAM"
    stand in lists under their country.
    """
    signature = message.signature
    if message.algorithm in HASHES:
        signature = signature[: len(signature) // 2]
    found = {_short(signature)}
    if credential.credential_id:
        named = credential.credential_id.encode()
        found |= {_short(named), _short(credential.issuer.encode() + named)}
        country = credential.details.get("country")
        if isinstance(country, str) and country != credential.issuer:
            found.add(_short(country.encode() + named))
    return frozenset(found)


def shc_identifier(issuer: str, key_id: str, rid: str) -> bytes:
    """Return the identifier of a SMART Health Card's `rid`, which means something only for its issuer and key.

    Source: SMART Health Cards specification, section on revocation: a list belongs to one `iss` and one `kid`.
    """
    return _short(b"\0".join((b"shc", issuer.encode(), key_id.encode(), rid.encode())))
