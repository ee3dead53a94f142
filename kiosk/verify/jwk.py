"""Keys of issuers as they publish them: JWK sets, the VCI directory of them, and DID documents. Bytes in, anchors out.

Only EC keys on P-256 for ES256 are of use. Certificates (`x5c`) are passed over: what makes an issuer trusted here is
that the venue has taken its keys over, not who certifies them.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.domain.credential import HEALTH_KINDS, Format, Kind
from kiosk.domain.trust import Algorithm, TrustAnchor, TrustError
from kiosk.verify import strict_json
from kiosk.verify.errors import MalformedError
from kiosk.verify.jws import from_base64url, to_base64url
from kiosk.verify.shc import is_issuer

MAX_BYTES = 8 << 20
"""Of a file. The directory of all issuers in the world has a few megabytes."""
_COORDINATE = 32
"""Bytes of a coordinate on P-256 (RFC 7518 section 6.2.1.2)."""
_DID_KINDS = frozenset({Kind.VACCINATION})


def _document(data: bytes) -> Mapping[str, Any]:
    if len(data) > MAX_BYTES:
        raise TrustError("the file is too large for a set of keys")
    try:
        document = strict_json.loads(data)
    except MalformedError as error:
        raise TrustError("the file cannot be read as JSON") from error
    if not isinstance(document, dict):
        raise TrustError("the JSON is no object")
    return document


def _list(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    if not isinstance(found, list):
        raise TrustError(f"there is no list '{name}'")
    return found


def _set(document: Mapping[str, Any], name: str) -> list[Any]:
    """Return a set of JSON-LD, where one value may stand without its list (JSON-LD 1.1 section 4.3)."""
    found = document.get(name)
    return found if isinstance(found, list) else [found]


def _is_p256(key: object) -> bool:
    return isinstance(key, dict) and key.get("kty") == "EC" and key.get("crv") == "P-256"


def thumbprint(x: str, y: str) -> str:
    """Return the thumbprint (RFC 7638) of the key on P-256 with these coordinates in base64url."""
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return to_base64url(hashlib.sha256(canonical.encode()).digest())


def _public_key(key: Mapping[str, Any]) -> bytes:
    """Return the DER of a key on P-256. Raises TrustError."""
    if "d" in key:
        raise TrustError("a private key is published; whoever has read it can sign, so it must not be trusted")
    try:
        x, y = (from_base64url(str(key.get(name))) for name in ("x", "y"))
        # An uncompressed point (SEC 1 section 2.3.3): its size is checked, and that it is on the curve.
        public_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\4" + x + y)
    except ValueError as error:
        raise TrustError("a key is no point on P-256") from error
    if len(x) != _COORDINATE:
        raise TrustError("a key has coordinates of the wrong size")
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_for_cards(key: object) -> bool:
    """Tell whether a key is one that cards are signed with ('Determining keys associated with an issuer')."""
    return _is_p256(key) and isinstance(key, dict) and key.get("use") == "sig" and key.get("alg") == "ES256"


def _anchor(key: Mapping[str, Any], issuer: str) -> TrustAnchor:
    """Return the anchor of one key of an issuer of health cards. Raises TrustError."""
    public_key, key_id = _public_key(key), key.get("kid")
    if key_id != thumbprint(str(key["x"]), str(key["y"])):
        raise TrustError("a key's kid is not its thumbprint (RFC 7638)")
    formats = frozenset({Format.SHC})
    return TrustAnchor(issuer, key_id.encode(), Algorithm.ES256, public_key, HEALTH_KINDS, formats)


def _check_issuer(issuer: object) -> str:
    if not isinstance(issuer, str) or not is_issuer(issuer):
        raise TrustError("the issuer is no https address without a slash at its end")
    return issuer


def anchors_in_jwks(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Read the JWK set (RFC 7517) of one issuer of SMART Health Cards: what `<iss>/.well-known/jwks.json` holds.

    `issuer` is the `iss` of its cards. Keys that are not for cards (another type, curve, use or algorithm) are passed
    over. Raises TrustError for a private key, a key that is no point on the curve or whose `kid` is not its
    thumbprint, and where there is none at all.
    """
    name = _check_issuer(issuer)
    anchors = [_anchor(key, name) for key in _list(_document(data), "keys") if _is_for_cards(key)]
    if not anchors:
        raise TrustError("there is no key for health cards (EC, P-256, ES256, sig)")
    return anchors


def anchors_in_vci_directory(data: bytes) -> list[TrustAnchor]:
    """Read a snapshot of the VCI directory: the keys of every issuer that it lists as participating.

    `participating_issuers` names the issuers (`iss`), `issuerInfo` has their keys (`issuer.iss`, `keys`). A broken
    key or issuer among the many is passed over, so that it does not cost all the others. Raises TrustError where
    the file is not laid out as a directory, and where nothing in it can be used.
    """
    document = _document(data)
    taking_part = {_iss(entry) for entry in _list(document, "participating_issuers")}
    anchors: list[TrustAnchor] = []
    for info in _list(document, "issuerInfo"):
        issuer = _iss(info.get("issuer")) if isinstance(info, dict) else ""
        keys = info.get("keys") if issuer in taking_part and is_issuer(issuer) else None
        anchors += _usable(keys, issuer) if isinstance(keys, list) else []
    if not anchors:
        raise TrustError("the directory has no key that can be used")
    return anchors


def _iss(entry: object) -> str:
    iss = entry.get("iss") if isinstance(entry, dict) else None
    return iss if isinstance(iss, str) else ""


def _usable(keys: Iterable[Any], issuer: str) -> list[TrustAnchor]:
    anchors = []
    for key in filter(_is_for_cards, keys):
        try:
            anchors.append(_anchor(key, issuer))
        except TrustError:
            continue
    return anchors


def anchors_in_did(data: bytes, issuer: str) -> list[TrustAnchor]:
    """Read the DID document of an issuer of New Zealand passes (nzcp.covid19.health.nz, 'Retrieving the public key').

    `issuer` is the `iss` of its passes (`did:web:…`) and has to be the document's own `id`. A key counts where
    `assertionMethod` names it and `verificationMethod` has it as JsonWebKey2020 on P-256; its key id is what follows
    `#`. Others are passed over. Raises TrustError.
    """
    document = _document(data)
    if not issuer.startswith("did:web:") or document.get("id") != issuer:
        raise TrustError("the DID document is not that of the issuer (did:web)")
    asserting = _set(document, "assertionMethod")
    anchors = []
    for method in _set(document, "verificationMethod"):
        match method:
            case {"id": str() as name, "type": "JsonWebKey2020", "publicKeyJwk": dict() as key} if (
                name in asserting and name.startswith(issuer + "#") and _is_p256(key)
            ):
                key_id, formats = name.removeprefix(issuer + "#").encode(), frozenset({Format.NZCP})
                anchors.append(
                    TrustAnchor(issuer, key_id, Algorithm.ES256, _public_key(key), _DID_KINDS, formats)
                )
            case _:
                pass
    if not anchors:
        raise TrustError("the DID document has no key for passes (JsonWebKey2020 on P-256, named in assertionMethod)")
    return anchors
