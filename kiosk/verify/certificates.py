"""X.509 certificates (RFC 5280) that come inside a code, and those of the authorities that signed them.

Read with asn1crypto, because stricter readers refuse extensions that real certificates carry; the signature is checked
over the very bytes that were signed. Nothing in a certificate is trusted before `is_signed_by` said so.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from asn1crypto import core
from asn1crypto.x509 import Certificate, Name
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from kiosk.verify.signature import public_key

MAX_CERTIFICATE = 16_384
"""Bytes of one certificate; real ones have one or two thousand."""
_KEPT = 64
"""Certificates of which what was read, and who signed them, is remembered by their very bytes: at most 2 MB. A door
sees the same few signers all day, and taking a certificate apart costs three times as much as a signature."""
_DOCUMENT_TYPES = "2.23.136.1.1.6.2"
"""Extension documentTypeList (ICAO Doc 9303-12, table of extensions)."""
_UNDERSTOOD = frozenset({
    "basic_constraints", "key_usage", "extended_key_usage", "authority_key_identifier", "key_identifier",
    "private_key_usage_period", _DOCUMENT_TYPES,
})  # fmt: skip
"""Extensions that may be critical: those heeded here, and the period that binds only the signer itself."""
HASHES: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512,
}  # fmt: skip
UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What asn1crypto raises for bytes that are not what they say; it recurses into indefinite lengths."""


class _DocumentTypeList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("types", core.SetOf, {"spec": core.PrintableString})]  # noqa: RUF012


class CertificateError(ValueError):
    """Bytes that are no certificate, or one that asks for what is not understood here."""


@dataclass(frozen=True, slots=True)
class X509:
    """What matters of a certificate here."""

    der: bytes
    country: str
    """Of its subject: two capitals; empty where it names none, or several."""
    issuer_country: str
    public_key: bytes
    """DER SubjectPublicKeyInfo."""
    subject_key_id: bytes
    authority_key_id: bytes
    """Key id of who signed it; empty where it does not say."""
    starts: datetime
    ends: datetime
    is_authority: bool
    """It may sign certificates (basic constraints, and key usage where there is one)."""
    may_sign_data: bool
    """Its key usage, where there is one, allows signatures."""
    usages: frozenset[str] | None
    """Extended key usages, dotted; None where it has no such extension."""
    document_types: frozenset[str] | None
    """ICAO document types that it may sign; None where it has no such extension."""

    @property
    def fingerprint(self) -> bytes:
        """Its SHA-256: how a trust list names a certificate that is trusted by itself."""
        return hashlib.sha256(self.der).digest()

    @property
    def key_id(self) -> bytes:
        """The first 8 bytes of its key's SHA-256: how records and lists of withdrawn keys name a signer.

        Not of the certificate's, as elsewhere: a certificate that comes inside a code is in its holder's hands, and
        ECDSA lets anybody write the authority's signature in a second way, `(r, n - s)`. The key cannot be changed.
        """
        return hashlib.sha256(self.public_key).digest()[:8]


@lru_cache(maxsize=_KEPT)
def read(der: bytes) -> X509:
    """Read a certificate of at most MAX_CERTIFICATE bytes. Raises CertificateError."""
    if len(der) > MAX_CERTIFICATE:
        raise CertificateError("too large for a certificate")
    try:
        return _facts(der)
    except UNREADABLE as error:
        raise CertificateError("not a certificate") from error


def _facts(der: bytes) -> X509:
    certificate = Certificate.load(der, strict=True)
    _check_extensions(certificate)
    usage, purposes = certificate.key_usage_value, certificate.extended_key_usage_value
    basic, authority = certificate.basic_constraints_value, certificate.authority_key_identifier_value
    allowed = None if usage is None else frozenset(usage.native)
    spki = certificate.public_key
    return X509(
        der=der,
        country=_country(certificate.subject),
        issuer_country=_country(certificate.issuer),
        public_key=spki.dump(),
        # Without the extension: the SHA-1 that RFC 5280 section 4.2.1.2 proposes. A name for a key, no protection.
        subject_key_id=certificate.key_identifier or spki.sha1,
        authority_key_id=(authority["key_identifier"].native or b"") if authority is not None else b"",
        starts=certificate.not_valid_before.astimezone(UTC),
        ends=certificate.not_valid_after.astimezone(UTC),
        is_authority=basic is not None and basic["ca"].native and (allowed is None or "key_cert_sign" in allowed),
        may_sign_data=allowed is None or "digital_signature" in allowed,
        usages=None if purposes is None else frozenset(purpose.dotted for purpose in purposes),
        document_types=_document_types(certificate),
    )


def _extensions(certificate: Certificate) -> list[Any]:
    found = certificate["tbs_certificate"]["extensions"]
    return [] if isinstance(found, core.Void) else list(found)


def _check_extensions(certificate: Certificate) -> None:
    """Refuse an extension twice (RFC 5280 section 4.2), and a critical one that is not understood."""
    names = [extension["extn_id"].dotted for extension in _extensions(certificate)]
    if len(set(names)) != len(names) or not certificate.critical_extensions <= _UNDERSTOOD:
        raise CertificateError("a certificate with extensions that are not understood")


def _document_types(certificate: Certificate) -> frozenset[str] | None:
    for extension in _extensions(certificate):
        if extension["extn_id"].dotted == _DOCUMENT_TYPES:
            listed = _DocumentTypeList.load(bytes(extension["extn_value"]), strict=True)
            return frozenset(listed["types"].native)
    return None


def _country(name: Name) -> str:
    country = name.native.get("country_name")
    return country.upper() if isinstance(country, str) and len(country) == 2 else ""


@lru_cache(maxsize=_KEPT)
def is_signed_by(der: bytes, authority: bytes) -> bool:
    """Tell whether a certificate carries a right signature by the key `authority` (DER SubjectPublicKeyInfo).

    RSA of 2,048 bits or more (PKCS #1 v1.5 or PSS) and ECDSA on the curves that `cryptography` knows, with SHA-256,
    SHA-384 or SHA-512 (ICAO Doc 9303-12 section 4.4; SHA-1 and SHA-224 can no longer be relied on).
    """
    try:
        certificate = Certificate.load(der)
        algorithm, signed = certificate["signature_algorithm"], certificate["tbs_certificate"]
        if algorithm.dump() != signed["signature"].dump():  # RFC 5280 section 4.1.1.2
            return False
        digest = HASHES[algorithm.hash_algo]()
        verify(authority, algorithm, digest, certificate["signature_value"].native, signed.dump())
    except (InvalidSignature, UnsupportedAlgorithm, *UNREADABLE):
        return False
    return True


def verify(spki: bytes, algorithm: Any, digest: hashes.HashAlgorithm, signature: bytes, signed: bytes) -> None:
    """Verify a signature by an asn1crypto SignedDigestAlgorithm.

    Raises InvalidSignature, UnsupportedAlgorithm or one of UNREADABLE.
    """
    key = public_key(spki)
    match algorithm.signature_algo, key:
        case "ecdsa", ec.EllipticCurvePublicKey():
            key.verify(signature, signed, ec.ECDSA(digest))
        case "rsassa_pkcs1v15", rsa.RSAPublicKey() if key.key_size >= 2048:
            key.verify(signature, signed, padding.PKCS1v15(), digest)
        case "rsassa_pss", rsa.RSAPublicKey() if key.key_size >= 2048:
            parameters = algorithm["parameters"]
            masked = HASHES[parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native]()
            salt = min(parameters["salt_length"].native, key.key_size)
            key.verify(signature, signed, padding.PSS(padding.MGF1(masked), salt), digest)
        case _:
            raise InvalidSignature
