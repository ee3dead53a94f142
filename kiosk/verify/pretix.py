"""Signed event tickets of pretix (`pretix_sig1`), and the keys that sign them.

Source: pretix, `base/secrets.py` and its documentation of ticket secret generators; libpretixsync. The text is base64
written backwards. Inside: a version byte 1, the lengths of payload and signature (two bytes each, big-endian), the
payload (a protobuf message), and its Ed25519 signature. A ticket names neither its event nor its key.

The one exemption from "never try one key after another" (DESIGN section 7, rule 2): the venue's pretix keys, at most
MAX_KEYS, are each tried, because the format has no key id. It cannot be exploited: a signature that fits one of them
was made by its owner, all of them stand for the same kind and format, and one that fits several names no issuer.
The cost is bounded, and paid only for a text that is laid out as a ticket. They are tried with libsodium, which takes
half of the time that OpenSSL takes and also refuses keys of small order, which fit anything; it only says whose the
ticket may be. The one key that it finds then has to pass the same check as in every other format.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import nacl.bindings
import nacl.exceptions
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from kiosk.domain.credential import Credential, Format, Kind, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import Algorithm, TrustAnchor, TrustError, TrustList
from kiosk.verify import protobuf, revocation, strict_json
from kiosk.verify.errors import MalformedError
from kiosk.verify.protobuf import Wire
from kiosk.verify.steps import Claimed, verify_claimed

FORMAT = Format.PRETIX
MAX_KEYS = 16
_MAX_TEXT = 1024
_BACKWARDS = re.compile(r"={0,2}[A-Za-z0-9+/]+")
_VERSION, _HEAD = 1, 5
_SIGNATURE, _KEY = 64, 32
"""Bytes of an Ed25519 signature and, at the end of its DER, of a key (RFC 8032, RFC 8410 section 4)."""
_SEED, _ITEM, _VARIATION, _SUBEVENT, _FROM, _UNTIL = range(1, 7)
_FIELDS = {_SEED: Wire.TEXT} | dict.fromkeys((_ITEM, _VARIATION, _SUBEVENT, _FROM, _UNTIL), Wire.VARINT)
_MAX_SEED = 64
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z


@dataclass(frozen=True, slots=True)
class Ticket:
    """The signature of a ticket, nothing in it trusted."""

    signature: bytes
    signed_bytes: bytes
    key_id: bytes = b""
    """Of the key that was found to fit; a ticket itself names none."""
    algorithm: Algorithm = Algorithm.ED25519


def _unpacked(text: str) -> tuple[bytes, bytes] | None:
    """Return payload and signature; None where the text is not laid out as a ticket."""
    if len(text) > _MAX_TEXT or len(text) % 4 or not _BACKWARDS.fullmatch(text):
        return None
    raw = base64.b64decode(text[::-1])
    first, second = int.from_bytes(raw[1:3], "big"), int.from_bytes(raw[3:_HEAD], "big")
    if raw[0] != _VERSION or not first or not second or len(raw) != _HEAD + first + second:
        return None
    return raw[_HEAD : _HEAD + first], raw[_HEAD + first :]


def matches(text: str) -> bool:
    """Tell whether `text` is laid out as a ticket: its letters, version and lengths have to be right."""
    return _unpacked(text) is not None


def _when(seconds: Any) -> datetime | None:
    if seconds > _LATEST:
        raise MalformedError(Reason.CLAIMS_INVALID)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _identifiers(credential: Credential, ticket: Ticket, text: str) -> frozenset[bytes]:
    """Return what may withdraw a ticket: signature, seed, issuer with seed and, as pretix lists them, the whole text.

    The text counts here, unlike elsewhere, because it is in its holder's hands but not in his power: an Ed25519
    signature with S below the group's order is the only one of its key and payload, the lengths follow from both,
    and base64 has one accepted spelling.
    """
    whole = hashlib.sha256(text.encode()).digest()[: revocation.SIZE]
    return revocation.identifiers(credential, ticket) | {whole}


def parse(text: str) -> Claimed:
    """Read a ticket without trusting it; whose it is, only a key that fits can tell. Raises MalformedError."""
    unpacked = _unpacked(text)
    # Base64 has bits that mean nothing: without this, one ticket would have several texts.
    if unpacked is None or base64.b64encode(base64.b64decode(text[::-1])) != text[::-1].encode():
        raise MalformedError(Reason.CLAIMS_INVALID)
    fields = protobuf.read(unpacked[0], _FIELDS)
    seed = str(fields.get(_SEED, ""))
    if not 1 <= len(seed) <= _MAX_SEED:
        raise MalformedError(Reason.CLAIMS_INVALID)
    item = fields.get(_ITEM, 0)
    credential = Credential(
        format=FORMAT,
        kind=Kind.TICKET,
        credential_id=seed,
        valid_from=_when(fields.get(_FROM, 0)),
        expires_at=_when(fields.get(_UNTIL, 0)),
        details={
            "seed": seed, "item": item, "variation": fields.get(_VARIATION, 0), "subevent": fields.get(_SUBEVENT, 0),
            # A ticket knows no zones: the venue's rule says by issuer and group which tickets count at this door.
            "group": f"item:{item}", "zone": "*",
        },
    )  # fmt: skip
    ticket = Ticket(unpacked[1], unpacked[0])
    return Claimed(credential, ticket, _identifiers(credential, ticket, text), ends=False)


def _may_be_of(ticket: Ticket, anchor: TrustAnchor) -> bool:
    """Tell by libsodium whether a ticket may be of a key: what it denies is not, what it affirms is checked again."""
    if anchor.algorithm is not Algorithm.ED25519 or len(ticket.signature) != _SIGNATURE:
        return False
    try:
        nacl.bindings.crypto_sign_open(ticket.signature + ticket.signed_bytes, anchor.public_key[-_KEY:])
    except nacl.exceptions.BadSignatureError:
        return False
    return True


def _signer(ticket: Ticket, trust: TrustList) -> tuple[TrustAnchor | Reason, bool]:
    """Return the one key that fits, or any where none does, or why none is tried; and whether it fits."""
    known = trust.signers_of(FORMAT)
    if not known:
        return Reason.ISSUER_UNKNOWN, False
    if len(known) > MAX_KEYS:
        return Reason.KEY_AMBIGUOUS, False
    fitting = [anchor for anchor in known if _may_be_of(ticket, anchor)]
    if len(fitting) > 1:
        return Reason.KEY_AMBIGUOUS, False
    return (fitting[0], True) if fitting else (known[0], False)


def verify(text: str, trust: TrustList, now: datetime) -> Verification:
    """Verify a ticket. Raises MalformedError where it cannot be parsed."""
    claimed = parse(text)
    ticket = Ticket(claimed.message.signature, claimed.message.signed_bytes)
    found, fits = _signer(ticket, trust)
    if fits and isinstance(found, TrustAnchor):
        credential, ticket = replace(claimed.credential, issuer=found.issuer), replace(ticket, key_id=found.key_id)
        claimed = Claimed(credential, ticket, _identifiers(credential, ticket, text), ends=False)
    else:
        # OpenSSL may find good what libsodium denies: no signature is left for it.
        claimed = replace(claimed, message=replace(ticket, signature=b""))
    return verify_claimed(claimed, trust, now, find=lambda _claimed, _trust: found)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value of lists and objects; of a pretix event only its `pretix_sig1` keys."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from _texts(item)
        case {"valid_keys": {"pretix_sig1": keys}}:
            yield from _texts(keys)
        case dict():
            for item in value.values():
                yield from _texts(item)
        case _:
            raise TrustError("a key of pretix is a text in base64")


def _anchor(text: str, issuer: str) -> TrustAnchor:
    """Read a key: DER SubjectPublicKeyInfo in base64, or PEM in base64 as pretix's interface gives it."""
    try:
        raw = base64.b64decode(text.strip(), validate=True)
        key = load_pem_public_key(raw) if raw.startswith(b"-----") else load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TrustError("a key of pretix cannot be read") from error
    if not isinstance(key, ed25519.Ed25519PublicKey):
        raise TrustError("a key of pretix is an Ed25519 key")
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    key_id = hashlib.sha256(spki).digest()[:8]
    return TrustAnchor(issuer, key_id, Algorithm.ED25519, spki, frozenset({Kind.TICKET}), frozenset({FORMAT}))


def anchors_in_pretix_keys(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Return the anchors in a file of keys: JSON (a list, an object, an event of pretix's interface), or a key a line.

    `issuer` is the organiser's name, which its tickets then carry. Raises TrustError for anything else, for no key,
    and for more than MAX_KEYS.
    """
    try:
        text = data.decode()
        texts = list(_texts(strict_json.loads(text))) if text.lstrip()[:1] in {"[", "{", '"'} else text.split()
    except (UnicodeDecodeError, MalformedError) as error:
        raise TrustError("the keys of pretix are neither JSON nor one a line") from error
    if not 1 <= len(texts) <= MAX_KEYS:
        raise TrustError(f"a file of pretix keys has 1 to {MAX_KEYS} of them")
    return [_anchor(one, issuer) for one in texts]
