"""What trust comes in: one reader a kind of file, each recognised by its content (docs/trust.md).

A new kind is a line in `READERS`. Readers take bytes and raise TrustError with one sentence.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kiosk.domain.trust import TrustAnchor, TrustError
from kiosk.verify import csca, jwk, pretix, trust_document, trust_list
from kiosk.verify.trust_document import MAX_DOCUMENT

_NAMELESS = "it does not say whose keys these are; name the issuer (--issuer, --trust-issuer or NAME-issuer.txt)"


@dataclass(frozen=True, slots=True)
class Given:
    """A file's content, and what its receiver knows about it."""

    data: bytes
    issuer: str = ""
    """Whose keys these are, where the content does not say so."""
    key: bytes = b""
    """The public key or certificate (PEM) of who signed it, where it is signed."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was found in it."""

    anchors: tuple[TrustAnchor, ...]
    version: str = ""
    """Empty: it has none, and the time of its import has to do (DESIGN section 7, rule 2)."""
    origin: str = ""
    """The name that it gives itself."""
    issued_at: datetime | None = None
    max_age: timedelta | None = None
    revoked_keys: frozenset[bytes] = frozenset()
    signer: str = ""
    """Fingerprint of the key that signed it, where versions count for each key by itself."""
    signers: frozenset[str] = frozenset()
    """Fingerprints of all keys that may sign it today: it has to be as new as what any of them has signed."""
    audience: frozenset[str] = trust_document.EVERYONE
    """Which kiosks it is for (`trust_document.is_for`)."""
    signer_ends: datetime | None = None
    """When the certificate of who signed it ends: nothing is taken by it later, whatever it is dated."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One kind of trust."""

    name: str
    read: Callable[[Given, datetime], Content]
    """Takes the content and the time; raises TrustError."""
    recognises: Callable[[bytes], bool]
    """Tells by content whether this is of its kind. Never raises."""
    signed: bool = False
    """Whether a key has to be given with it."""
    names_issuer: bool = True
    """Whether it says itself whose keys these are; where not, an issuer has to be given."""


def _object(data: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else. Good for a first look, not to read what it says."""
    if data[:64].lstrip()[:1] != b"{" or len(data) > MAX_DOCUMENT:
        return {}
    try:
        found: dict[str, Any] = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found


def json_with(*names: str) -> Callable[[bytes], bool]:
    """Return a recogniser of JSON objects that have all of these members."""
    return lambda data: frozenset(names) <= _object(data).keys()


def plain(read: Callable[[bytes, str], list[TrustAnchor]]) -> Callable[[Given, datetime], Content]:
    """Return a reader of a list of keys that has no signature, version or date."""

    def reading(given: Given, now: datetime) -> Content:
        del now
        return Content(tuple(read(given.data, given.issuer)))

    return reading


def _document(given: Given, now: datetime) -> Content:
    keys = trust_document.signing_keys(given.key)
    document, signer = trust_document.read_signed(given.data, keys, now)
    return Content(
        document.anchors, str(document.version), document.origin, document.issued_at, document.max_age,
        document.revoked_keys, trust_document.fingerprint(signer), frozenset(map(trust_document.fingerprint, keys)),
        document.audience, signer.valid_until,
    )  # fmt: skip


def _signed_list(given: Given, now: datetime) -> Content:
    found = trust_list.signed_list(given.data, given.key, now)
    return Content(tuple(anchor for same in found.anchors.values() for anchor in same), found.version)


def _is_signed_list(data: bytes) -> bool:
    """Tell whether this is base64 of 64 bytes, then an object (kiosk.verify.trust_list)."""
    start = data.find(b"{", 0, 128)
    return start in (88, 89, 90) and data[86:88] == b"=="


def _certificates(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Read certificates, passing over keys that nothing here is signed with."""
    anchors = []
    for der in trust_list.certificates_in(data):
        try:
            anchors.append(trust_list.anchor_of(der, issuer))
        except trust_list.UnusableKeyError:
            continue
    if not anchors:
        raise TrustError("there is no usable certificate in it")
    return anchors


def _is_certificate(data: bytes) -> bool:
    return b"-----BEGIN CERTIFICATE-----" in data[:4096] or data[:1] == b"0" or data[:3] == b"MII"


def _health_cards(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Read the key set of one issuer of SMART Health Cards, or a snapshot of the directory of many."""
    if "issuerInfo" in _object(data):
        return jwk.anchors_in_vci_directory(data)
    if not issuer:
        raise TrustError(_NAMELESS)
    return jwk.anchors_in_jwks(data, issuer)


def _did_document(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Read the DID document of an issuer of New Zealand passes, which names itself."""
    return jwk.anchors_in_did(data, issuer or str(_object(data).get("id", "")))


_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""Object identifier of CMS SignedData (RFC 5652 section 5.1), which an ICAO master list is."""
_ED25519 = (b"MCowBQYDK2VwAyEA", b"LS0tLS1CRUdJTiBQVUJMSUMgS0VZ")
"""How every Ed25519 public key begins in base64: as DER (RFC 8410 section 4), and as PEM encoded once more."""


def _authorities(given: Given, now: datetime) -> Content:
    """Read certificates of authorities and signers of seals, or a master list with the certificate of who signed it."""
    del now
    signer = trust_list.certificates_in(given.key)[:1] if given.key else []
    return Content(tuple(csca.anchors_in(given.data, signer[0] if signer else None)))


def _is_master_list(data: bytes) -> bool:
    return data[:1] == b"0" and _SIGNED_DATA in data[:24]


def _is_pretix(data: bytes) -> bool:
    return any(begin in data[:4096] for begin in _ED25519) and b"-----BEGIN" not in data[:4096]


READERS: tuple[Reader, ...] = (
    Reader("document", _document, trust_document.looks_like_one, signed=True),
    Reader("dcc", _signed_list, _is_signed_list, signed=True),
    Reader("shc", plain(_health_cards), lambda data: bool({"keys", "issuerInfo"} & _object(data).keys())),
    Reader("nzcp", plain(_did_document), json_with("id", "verificationMethod")),
    Reader("vds", _authorities, _is_master_list),
    Reader("pretix", plain(pretix.anchors_in_pretix_keys), _is_pretix, names_issuer=False),
    Reader("issuer", plain(_certificates), _is_certificate),
)
"""In the order in which they are asked; the first that recognises a content reads it."""


def reader(name: str) -> Reader:
    """Return the reader of this name. Raises TrustError that lists them all."""
    found = next((one for one in READERS if one.name == name), None)
    if found is None:
        raise TrustError(f"there is no kind '{name[:40]}'; it is one of {', '.join(one.name for one in READERS)}")
    return found


def recognise(data: bytes) -> Reader | None:
    """Return the reader that takes this content for its own; None where nobody does."""
    return next((one for one in READERS if one.recognises(data)), None)


def read(one: Reader, given: Given, now: datetime) -> Content:
    """Read a content, once its receiver has said what it cannot do without. Raises TrustError."""
    if one.signed and not given.key:
        raise TrustError("it is signed, and the key of who signed it is missing")
    if not one.names_issuer and not given.issuer:
        raise TrustError(_NAMELESS)
    return one.read(given, now)

