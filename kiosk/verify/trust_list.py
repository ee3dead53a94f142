"""Trust lists from bytes: signed lists in the EU app format, and certificates one by one.

Signed list: base64 of a raw `r || s` ECDSA P-256 signature, then JSON; the signature covers every byte from
the first `{` on. Certificates are read with asn1crypto, because stricter readers refuse extensions that real
signers (Finland's, Japan's) carry.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from asn1crypto.x509 import Certificate
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
    load_pem_public_key,
)

from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Kind
from kiosk.domain.trust import Algorithm, TrustAnchor, TrustError, TrustList
from kiosk.verify import asn1, signature
from kiosk.verify.certificates import MAX_CERTIFICATE, UNREADABLE

PASS_SIGNING = "2.25.117871043601528861077821889170939975232"  # noqa: S105 - an object identifier
"""Extended key usage of our own: this key signs passes. An OID under a random UUID (ITU-T X.667)."""

class UnusableKeyError(TrustError):
    """The certificate can be read, and its key is of a kind that no credential here is signed with."""


_DCC_USAGE = re.compile(r"1\.3\.6\.1\.4\.1\.(?:0\.)?1847\.2021\.1\.([123])(?:\.0)?")
_DCC_KINDS = {"1": Kind.TEST, "2": Kind.VACCINATION, "3": Kind.RECOVERY}


def _kinds(usages: Iterable[str]) -> frozenset[Kind]:
    """Return what a certificate's extended key usages entitle it to sign (DESIGN section 7, rule 3).

    Where DCC identifiers are present (two arcs, with and without a final `.0`) they must cover the kind;
    where none is, health certificates are unconstrained, unless the key is marked as ours, for passes only.
    """
    usages = list(usages)
    named = frozenset(_DCC_KINDS[m[1]] for usage in usages if (m := _DCC_USAGE.fullmatch(usage)))
    if PASS_SIGNING in usages:
        return named | PASS_KINDS
    return named or HEALTH_KINDS


def _name(certificate: Certificate) -> str:
    """Return the country of the subject or issuer, or the subject's common name: what `iss` will say."""
    for name in (certificate.subject.native, certificate.issuer.native):
        if country := name.get("country_name"):
            return str(country)
    return str(certificate.subject.native.get("common_name", ""))


def anchor_of(der: bytes, issuer: str = "") -> TrustAnchor:
    """Make an anchor of one certificate; its key id is the first 8 bytes of its SHA-256.

    Raises TrustError where the certificate cannot be read, UnusableKeyError where its key is of no use here.
    """
    if len(der) > MAX_CERTIFICATE:
        raise TrustError("a certificate is too large")
    try:
        certificate = Certificate.load(der, strict=True)
        public_key = certificate.public_key.dump()
        algorithm = signature.algorithm_of(load_der_public_key(public_key))
        usage = certificate.extended_key_usage_value
        kinds = _kinds(usage_id.dotted for usage_id in usage) if usage is not None else HEALTH_KINDS
        name = issuer or _name(certificate)
        ends = certificate.not_valid_after.astimezone(UTC)
    except (UnsupportedAlgorithm, *UNREADABLE) as error:
        raise TrustError("a certificate cannot be read") from error
    if algorithm is None:
        raise UnusableKeyError("a certificate has a key that is of no use here")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return TrustAnchor(name, digest.finalize()[:8], algorithm, public_key, kinds, valid_until=ends)


def certificates_in(data: bytes) -> list[bytes]:
    """Return the DER of every certificate in a file's bytes: PEM, DER, or base64 of DER.

    Raises TrustError for anything else.
    """
    try:
        if asn1.is_pem(data):
            return [der for kind, der in asn1.pem_blocks(data) if kind == "CERTIFICATE"]
        if data[:1] == b"0":
            return [data]
        return [base64.b64decode(b"".join(data.split()), validate=True)]
    except (ValueError, binascii.Error) as error:
        raise TrustError("not a certificate") from error


def list_of_certificates(ders: Iterable[bytes], imported_at: datetime) -> TrustList:
    """Make a list of loose certificates. Without a version of its own, its newest entry is its version.

    Raises TrustError where one of them cannot be read or has a key that is of no use here.
    """
    ders = list(ders)
    anchors = [anchor_of(der) for der in ders]
    try:
        starts = [Certificate.load(der).not_valid_before.astimezone(UTC).isoformat() for der in ders]
    except (ValueError, TypeError) as error:
        raise TrustError("a certificate cannot be read") from error
    return TrustList.of(anchors, version=max(starts, default=""), imported_at=imported_at)


def _signature_is_right(given: bytes, signed: bytes, signing_key: bytes) -> bool:
    try:
        public_key = load_pem_public_key(signing_key).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise TrustError("the key for the trust list is not a public key in PEM") from error
    anchor = TrustAnchor("", b"", Algorithm.ES256, public_key, frozenset())
    return signature.check(anchor, given, signed)


def _entry(entry: Any) -> tuple[TrustAnchor | None, str]:
    """Return one entry's anchor and time; no anchor for a key that is of no use here."""
    der = base64.b64decode(entry["rawData"], validate=True)
    time = datetime.fromisoformat(entry["timestamp"])
    stamp = (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
    try:
        anchor = anchor_of(der, str(entry["country"]))
    except TrustError:
        return None, stamp
    if base64.b64decode(entry["kid"], validate=True) != anchor.key_id:
        raise TrustError("the trust list has an entry whose key id is not its certificate's")
    return anchor, stamp


def signed_list(data: bytes, signing_key: bytes, imported_at: datetime) -> TrustList:
    """Read a signed list. Its version is its newest entry's time, its age starts at its import.

    Raises TrustError where the signature is wrong or the list is not what it should be.
    """
    start = max(data.find(b"{"), 0)
    try:
        given = base64.b64decode(data[:start].strip(), validate=True)
    except binascii.Error as error:
        raise TrustError("the trust list has no readable signature") from error
    # One spelling only: base64 has bits that mean nothing, and a list with any bit turned is refused.
    spelt = base64.b64encode(given)
    if data[:start] not in (spelt, spelt + b"\n", spelt + b"\r\n"):
        raise TrustError("the trust list has no readable signature")
    if not _signature_is_right(given, data[start:], signing_key):
        raise TrustError("the trust list's signature is wrong")
    try:
        entries = [_entry(entry) for entry in json.loads(data[start:])["certificates"]]
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise TrustError("the trust list is signed, but not laid out as one") from error
    anchors = [anchor for anchor, _ in entries if anchor is not None]
    return TrustList.of(anchors, version=max((s for _, s in entries), default=""), imported_at=imported_at)
