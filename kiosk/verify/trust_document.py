"""Our own trust documents: JSON in a COSE_Sign1 by the venue's or the centre's key; `docs/trust.md` has the table.

Unlike the lists of the EU apps they have a name, a number that only grows, a date and a maximum age of their own,
and say which keys are withdrawn. The payload is a JSON object, so no pass or command (CBOR maps) can be mistaken
for one, whoever's key signed it.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from kiosk.domain.credential import Format, Kind
from kiosk.domain.trust import CLOCK_SKEW, Algorithm, Role, TrustAnchor, TrustError
from kiosk.verify import cose
from kiosk.verify.errors import MalformedError
from kiosk.verify.signature import algorithm_of, is_signed_by
from kiosk.verify.trust_list import anchor_of, certificates_in

MAX_DOCUMENT = 16 << 20
"""Bytes of a whole document."""
MAX_ANCHORS = 20_000
MAX_REVOKED_KEYS = 20_000
MAX_VERSION = (1 << 53) - 1
"""The largest number that every JSON reader holds exactly."""
_LAYOUT = "kiosk-trust-1"
_MAX_TEXT, _MAX_KEY_ID, _MAX_KEY = 256, 128, 2048
_MAX_DAYS = 3650


MAX_AUDIENCE = 10_000
EVERYONE = frozenset({"*"})
"""The audience that is every kiosk which takes documents by the same key. It is written out: nobody is no audience."""


class NotYetError(TrustError):
    """The document is dated later than the clock says: one of the two clocks is wrong."""


@dataclass(frozen=True, slots=True)
class TrustDocument:
    """What a document says."""

    origin: str
    """Its name among the sources of a kiosk: letters, digits, hyphens."""
    version: int
    issued_at: datetime
    """Aware; whole seconds. The age counts from here, so that sending an old document again makes it no younger."""
    max_age: timedelta
    """Whole days."""
    anchors: tuple[TrustAnchor, ...]
    revoked_keys: frozenset[bytes] = frozenset()
    audience: frozenset[str] = EVERYONE
    """Which kiosks it is for: `is_address`."""


def is_name(text: str) -> bool:
    """Tell whether a text can name a source: 1 to 63 small letters, digits and hyphens, no hyphen first."""
    return 0 < len(text) < 64 and text[0] != "-" and not set(text) - set("abcdefghijklmnopqrstuvwxyz0123456789-")


def is_address(text: str) -> bool:
    """Tell whether a text names kiosks: `TENANT/SITE` those of a site, `TENANT/SITE/KIOSK` one, `*` all."""
    names = text.split("/")
    return text in EVERYONE or (len(names) in (2, 3) and all(map(is_name, names)))


def is_for(audience: frozenset[str], kiosk: str) -> bool:
    """Tell whether an audience has the kiosk with the address `TENANT/SITE/KIOSK` in it."""
    return not audience.isdisjoint({*EVERYONE, kiosk, kiosk.rpartition("/")[0]})


def looks_like_one(data: bytes) -> bool:
    """Tell by the first bytes whether this is a COSE_Sign1 as `sign` makes it. Never raises."""
    return data[:2] == b"\xd2\x84"  # tag 18, an array of four


def signing_keys(data: bytes) -> tuple[TrustAnchor, ...]:
    """Read who may sign documents: certificates of `kiosk issue key`, or one public key in PEM. Raises TrustError."""
    if b"PUBLIC KEY" in data[:64]:
        try:
            key = load_pem_public_key(data)
        except (ValueError, UnsupportedAlgorithm) as error:
            raise TrustError("the key of the trust document is not a public key in PEM") from error
        algorithm = algorithm_of(key)
        if algorithm is None:
            raise TrustError("the key of the trust document is of a kind that is of no use here")
        der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return (TrustAnchor("", b"", algorithm, der, frozenset()),)
    found = tuple(anchor_of(der) for der in certificates_in(data))
    if not found:
        raise TrustError("there is no key for the trust document in the file named for it")
    return found


def fingerprint(key: TrustAnchor) -> str:
    """Return what a signer is known by, in hex: its key id, or the beginning of the SHA-256 of a bare public key."""
    return key.key_id.hex() or hashlib.sha256(key.public_key).hexdigest()[:32]


def sign(document: TrustDocument, key: cose.PrivateKey, key_id: bytes) -> bytes:
    """Return a signed document. Raises ValueError where its own reader would refuse it, or for an unusable key."""
    body = {
        "layout": _LAYOUT,
        "origin": document.origin,
        "audience": sorted(document.audience),
        "version": document.version,
        "issued_at": document.issued_at.astimezone(UTC).isoformat(timespec="seconds"),
        "max_age_days": document.max_age.days,
        "anchors": [_anchor_out(anchor) for anchor in document.anchors],
        "revoked_keys": sorted(key.hex() for key in document.revoked_keys),
    }
    payload = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signed = cose.sign(payload, key, key_id)
    if len(signed) > MAX_DOCUMENT:
        raise TrustError("the trust document would be too large")
    _content(payload)
    return signed


def read(data: bytes, keys: Iterable[TrustAnchor], now: datetime) -> TrustDocument:
    """Verify a document by the one of `keys` that it names and return what it says; raises as `read_signed`."""
    return read_signed(data, keys, now)[0]


def read_signed(data: bytes, keys: Iterable[TrustAnchor], now: datetime) -> tuple[TrustDocument, TrustAnchor]:
    """Verify a document by the one of `keys` that it names and return what it says, and that key.

    Raises TrustError where it is not signed by one of them or not laid out as one, NotYetError where it is dated later
    than `now`.
    """
    if len(data) > MAX_DOCUMENT:
        raise TrustError("the trust document is too large")
    try:
        message = cose.parse(data)
    except MalformedError as error:
        raise TrustError("this is no signed trust document") from error
    # A bare public key has no id; a certificate's has to be the one that the document names.
    named = [key for key in keys if key.key_id in (b"", message.key_id)]
    if len(named) != 1:
        raise TrustError("the trust document is signed by a key that is not known here")
    if not is_signed_by(message, named[0]):
        raise TrustError("the trust document's signature is wrong")
    document = _content(message.payload)
    if document.issued_at - now > CLOCK_SKEW:
        raise NotYetError("the trust document is dated later than this clock says; check both clocks")
    if named[0].valid_until is not None and document.issued_at > named[0].valid_until:
        raise TrustError("the certificate of who signed the trust document had ended before; rotate the key")
    return document, named[0]


def _refuse(what: str) -> NoReturn:
    raise TrustError(f"the trust document is signed, but its {what} cannot be read")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; a name that comes twice would mean two things to two readers."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)


def _content(payload: bytes) -> TrustDocument:
    try:
        body = json.loads(
            payload.decode(), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_no_number
        )
    except (ValueError, RecursionError):
        _refuse("JSON")
    match body:
        case {
            "layout": "kiosk-trust-1",
            "origin": str() as origin,
            "audience": list() as audience,
            "version": int() as version,
            "issued_at": str() as issued_at,
            "max_age_days": int() as days,
            "anchors": list() as anchors,
            "revoked_keys": list() as revoked_keys,
            **rest,
        } if not rest and type(version) is int and type(days) is int:
            pass
        case _:
            _refuse("layout")
    if not is_name(origin) or not 0 < version <= MAX_VERSION or not 0 < days <= _MAX_DAYS:
        _refuse("origin, version or maximum age")
    if not 0 < len(audience) <= MAX_AUDIENCE or not all(isinstance(one, str) and is_address(one) for one in audience):
        _refuse("audience")
    if len(anchors) > MAX_ANCHORS or len(revoked_keys) > MAX_REVOKED_KEYS:
        raise TrustError("the trust document has too many keys")
    return TrustDocument(
        origin, version, _time(issued_at), timedelta(days=days),
        tuple(_anchor_in(entry) for entry in anchors), frozenset(_key_id(entry) for entry in revoked_keys),
        frozenset(audience),
    )  # fmt: skip


def _time(text: object) -> datetime:
    try:
        when = datetime.fromisoformat(text) if isinstance(text, str) else None
        if when is None or when.tzinfo is None:
            _refuse("time")
        return when.astimezone(UTC)
    except (ValueError, OverflowError):
        _refuse("time")


def _key_id(text: object) -> bytes:
    try:
        key_id = bytes.fromhex(text) if isinstance(text, str) else b""
    except ValueError:
        key_id = b""
    if not 0 < len(key_id) <= _MAX_KEY_ID:
        _refuse("key ids")
    return key_id


def _anchor_out(anchor: TrustAnchor) -> dict[str, object]:
    entry: dict[str, object] = {
        "issuer": anchor.issuer,
        "key_id": anchor.key_id.hex(),
        "algorithm": anchor.algorithm.value,
        "public_key": base64.b64encode(anchor.public_key).decode(),
        "kinds": sorted(anchor.kinds),
        "formats": sorted(anchor.formats),
    }
    if anchor.role is not Role.SIGNER:
        entry["role"] = anchor.role.value
    if anchor.valid_until is not None:
        entry["valid_until"] = anchor.valid_until.astimezone(UTC).isoformat(timespec="seconds")
    return entry


_MEMBERS = frozenset({"issuer", "key_id", "algorithm", "public_key", "kinds", "formats"})


def _anchor_in(entry: Any) -> TrustAnchor:
    if not isinstance(entry, dict) or entry.keys() - {"valid_until", "role"} != _MEMBERS:
        _refuse("keys")
    if entry.get("role", "signer") not in ("signer", "authority"):
        _refuse("roles")
    issuer = entry["issuer"]
    if not isinstance(issuer, str) or not 0 < len(issuer) <= _MAX_TEXT:
        _refuse("issuers")
    algorithm, public_key = _key(entry)
    return TrustAnchor(
        issuer, _key_id(entry["key_id"]), algorithm, public_key, _set(Kind, entry, "kinds"),
        _set(Format, entry, "formats"), role=Role(entry.get("role", Role.SIGNER)),
        valid_until=_time(entry["valid_until"]) if "valid_until" in entry else None,
    )  # fmt: skip


def _set(words: type[Any], entry: Mapping[str, Any], name: str) -> frozenset[Any]:
    """Read a list of words. A word that this version does not know entitles to nothing that it could check."""
    said = entry[name]
    if not isinstance(said, list) or not said or len(said) > 64 or not all(isinstance(word, str) for word in said):
        _refuse(name)
    return frozenset(word for word in words if word in said)


def _key(entry: Mapping[str, Any]) -> tuple[Algorithm, bytes]:
    """Read a public key. A signer's has to be one that is used with the algorithm said.

    An authority's need not: the certificates that it signs name theirs (kiosk.verify.certificates).
    """
    said, text = entry["algorithm"], entry["public_key"]
    if not isinstance(text, str) or len(text) > _MAX_KEY:
        _refuse("public keys")
    try:
        public_key = base64.b64decode(text, validate=True)
        algorithm = algorithm_of(load_der_public_key(public_key))
    except (ValueError, UnsupportedAlgorithm):
        _refuse("public keys")
    if entry.get("role") == Role.AUTHORITY and said in list(Algorithm):
        return Algorithm(said), public_key
    if algorithm is None or said != algorithm.value:
        _refuse("algorithms")
    return algorithm, public_key
