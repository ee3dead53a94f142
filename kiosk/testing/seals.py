"""A made-up country's authority, its signers, the seals (VDS-NC) that they sign, and master lists of authorities."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from asn1crypto import cms, core
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from kiosk.verify.csca import MASTER_LIST, MASTER_LIST_SIGNING, SEAL_SIGNING

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
DOCUMENT_TYPES = "2.23.136.1.1.6.2"
_CURVES: dict[str, tuple[str, hashes.HashAlgorithm, int]] = {
    "secp256r1": ("ES256", hashes.SHA256(), 32),
    "secp384r1": ("ES384", hashes.SHA384(), 48),
    "secp521r1": ("ES512", hashes.SHA512(), 66),
}


@dataclass(frozen=True, slots=True)
class Certified:
    """A private key with its certificate (DER)."""

    key: Key
    certificate: bytes

    @property
    def fingerprint(self) -> bytes:
        """How a trust list names a signer that is trusted by itself."""
        return hashlib.sha256(self.certificate).digest()

    @property
    def key_id(self) -> bytes:
        """How records name a signer."""
        spki = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(spki).digest()[:8]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a certificate says. The defaults are those of a barcode signer; `AUTHORITY` is an authority's."""

    country: str | None = "AU"
    issuer_country: str | None = None
    """None: the same."""
    name: str = "SE"
    ca: bool | None = None
    """None: no basic constraints."""
    key_usage: str = ""
    """`sign`, `certify`, or none."""
    usages: tuple[str, ...] = (SEAL_SIGNING,)
    documents: tuple[str, ...] = ("NT", "NV")
    starts: datetime = BEGAN
    life: timedelta = timedelta(days=3650)
    names_authority: bool = True
    digest: type[hashes.HashAlgorithm] = hashes.SHA256
    pss: bool = False
    """RSA with PSS rather than PKCS #1 v1.5."""
    more: tuple[tuple[x509.ExtensionType, bool], ...] = ()
    """More extensions, and whether they are critical."""


AUTHORITY = Profile(name="Made-up CSCA", ca=True, key_usage="certify", usages=(), documents=(), names_authority=False)
LIST_SIGNER = Profile(name="Made-up list", usages=(MASTER_LIST_SIGNING,), documents=())


def new_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Return a new key, on P-256 unless told otherwise."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def _name(country: str | None, name: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if country:
        attributes.insert(0, x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    return x509.Name(attributes)


def _key_usage(what: str) -> x509.KeyUsage:
    signs, certifies = what == "sign", what == "certify"
    return x509.KeyUsage(signs, False, False, False, False, certifies, certifies, False, False)


def _document_types(documents: tuple[str, ...]) -> x509.UnrecognizedExtension:
    listed = core.SetOf([core.PrintableString(one) for one in documents], spec=core.PrintableString).dump()
    content = core.Integer(0).dump() + listed
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(DOCUMENT_TYPES), b"\x30" + bytes([len(content)]) + content)


def _extensions(profile: Profile, key: Key, signing: Key) -> Iterable[tuple[x509.ExtensionType, bool]]:
    if profile.ca is not None:
        yield x509.BasicConstraints(profile.ca, 0 if profile.ca else None), True
        yield x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
    if profile.key_usage:
        yield _key_usage(profile.key_usage), True
    if profile.names_authority:
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), True
    if profile.usages:
        yield x509.ExtendedKeyUsage([x509.ObjectIdentifier(usage) for usage in profile.usages]), True
    if profile.documents:
        yield _document_types(profile.documents), False
    yield from profile.more


def certify(profile: Profile, by: Certified | None = None, key: Key | None = None) -> Certified:
    """Return a new key (or `key`) with a certificate signed by `by`, or by itself."""
    own = key or new_key()
    signing = by.key if by else own
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(profile.country, profile.name))
        .issuer_name(_name(profile.issuer_country or profile.country, AUTHORITY.name))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(profile.starts)
        .not_valid_after(profile.starts + profile.life)
    )
    for extension, critical in _extensions(profile, own, signing):
        builder = builder.add_extension(extension, critical)
    scheme = padding.PSS(padding.MGF1(profile.digest()), padding.PSS.DIGEST_LENGTH) if profile.pss else None
    made = builder.sign(signing, profile.digest(), rsa_padding=scheme)  # type: ignore[arg-type]
    return Certified(own, made.public_bytes(Encoding.DER))


def vaccination(**changes: Any) -> dict[str, Any]:
    """Return the data of a proof of vaccination, laid out as the report's own sample; `changes` to its message."""
    doses = [
        {"dvc": "2026-02-03", "seq": 1, "ctr": "AUS", "adm": "Made-up clinic", "lot": "VC1", "dvn": "2026-02-24"},
        {"dvc": "2026-02-24", "seq": 2, "ctr": "AUS", "adm": "Made-up clinic", "lot": "VC2"},
    ]
    message = {
        "uvci": "VB0009990012",
        "pid": {"n": "SAMPLE  ANNA MARIA", "dob": "1990-01-02", "sex": "F", "i": "XA1234567"},
        "ve": [{"des": "XM0GQ8", "nam": "Comirnaty", "dis": "RA01.0", "vd": doses}],
    }
    return {"hdr": {"t": "icao.vacc", "v": 1, "is": "AUS"}, "msg": message | changes}


def proof_of_test(**changes: Any) -> dict[str, Any]:
    """Return the data of a proof of testing; `changes` to its message."""
    message = {
        "utci": "TB0009990012",
        "pid": {"n": "SAMPLE  ANNA MARIA", "dob": "1990-01-02", "dt": "P", "dn": "XA1234567"},
        "sp": {"spn": "Made-up clinic", "ctr": "AUS", "cd": {"p": "+61000", "e": "a@example.org", "a": "1 Street"}},
        "dat": {"sc": "2026-07-04T10:00:00+10:00", "ri": "2026-07-04T20:00:00+10:00"},
        "tr": {"tc": "molecular(PCR)", "r": "negative", "m": "nasopharyngeal"},
    }
    return {"hdr": {"t": "icao.test", "v": 1, "is": "AUS"}, "msg": message | changes}


def base64url(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(data: Mapping[str, Any], signer: Certified, **changes: Any) -> dict[str, Any]:
    """Return the `sig` of `data`, as `cryptography` and RFC 8785 make it; `changes` to it, None takes a part out."""
    if not isinstance(signer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("seals are signed on elliptic curves")
    name, digest, size = _CURVES[signer.key.curve.name]
    r, s = decode_dss_signature(signer.key.sign(rfc8785.dumps(dict(data)), ec.ECDSA(digest)))
    raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    signature = {"alg": name, "cer": base64url(signer.certificate), "sigvl": base64url(raw)} | changes
    return {key: value for key, value in signature.items() if value is not None}


def seal(data: Mapping[str, Any], signer: Certified, **changes: Any) -> str:
    """Return the text of a seal."""
    return json.dumps({"data": data, "sig": sign(data, signer, **changes)}, ensure_ascii=False)


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", core.SetOf, {"spec": Certificate})]  # noqa: RUF012


def master_list(
    ders: Iterable[bytes], signer: Certified, *, content_type: str = MASTER_LIST, carried: bytes | None = None
) -> bytes:
    """Return a master list (CMS SignedData) of certificates; `carried` instead of the signer's own certificate."""
    certificate = Certificate.load(signer.certificate)
    listed = _MasterList({"version": 0, "certificates": [Certificate.load(der) for der in ders]}).dump()
    attributes = cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": [content_type]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(listed).digest()]}),
        ]
    )
    if isinstance(signer.key, rsa.RSAPrivateKey):
        raise TypeError("this maker signs lists on elliptic curves")
    one = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                    )
                }
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signer.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v3",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": content_type, "content": listed},
            "certificates": [Certificate.load(carried or signer.certificate)],
            "signer_infos": [one],
        }
    )
    made: bytes = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    return made
