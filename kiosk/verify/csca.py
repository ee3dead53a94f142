"""Who may sign visible digital seals: country signing authorities (CSCA), and barcode signers trusted one by one.

From certificate files (PEM with any number, DER, base64 of DER) and from ICAO master lists: CMS SignedData (RFC 5652)
around a CscaMasterList (ICAO Doc 9303-12 section 9). A certificate that may sign certificates becomes an authority
and nothing else; one that may not becomes a signer and nothing else (`kiosk.domain.trust.Role`).

An anchor has no dates: Doc 9303-12 lets no authority sign a certificate that outlives its own, so the dates of the
signer's certificate, which are checked with every seal, bound both.
"""

import hashlib
from dataclasses import replace
from typing import Any

from asn1crypto import cms, core
from asn1crypto.x509 import Certificate
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from kiosk.domain.credential import Format, Kind
from kiosk.domain.trust import Algorithm, Role, TrustAnchor, TrustError
from kiosk.verify import asn1, certificates, trust_list
from kiosk.verify.certificates import UNREADABLE, X509, CertificateError
from kiosk.verify.signature import algorithm_of, public_key

SEAL_SIGNING = "2.23.136.1.1.14.2"
"""Extended key usage of barcode signers (VDS-NC Technical Report, certificate profile)."""
MASTER_LIST = "2.23.136.1.1.2"
MASTER_LIST_SIGNING = "2.23.136.1.1.3"
"""Content type, and extended key usage of its signer (ICAO Doc 9303-12, annex on object identifiers)."""
_DOCUMENTS = {"NT": Kind.TEST, "NV": Kind.VACCINATION}
_BOTH = frozenset(_DOCUMENTS.values())


class _MasterList(core.Sequence):  # type: ignore[misc]
    _fields = [("version", core.Integer), ("certificates", core.SetOf, {"spec": Certificate})]  # noqa: RUF012


def kinds_of(certificate: X509) -> frozenset[Kind]:
    """Return which seals a barcode signer may sign; none where it is not said to be one.

    A country's authority also certifies the signers of its passports: those mean nothing here. So either the
    extended key usage has to name seals or, where there is none, the document types have to.
    """
    if certificate.is_authority or not certificate.may_sign_data:
        return frozenset()
    if certificate.usages is not None and SEAL_SIGNING not in certificate.usages:
        return frozenset()
    if certificate.document_types is None:
        return _BOTH if certificate.usages else frozenset()
    return frozenset(_DOCUMENTS[name] for name in certificate.document_types if name in _DOCUMENTS)


def signer_of(certificate: X509) -> TrustAnchor | None:
    """Return the anchor of a barcode signer in a seal, by its key's id; None where the key is of no use here."""
    try:
        algorithm = algorithm_of(public_key(certificate.public_key))
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm is None:
        return None
    return TrustAnchor(
        certificate.country, certificate.key_id, algorithm, certificate.public_key,
        kinds_of(certificate), frozenset({Format.VDS_NC}),
    )  # fmt: skip


def _authority_of(certificate: X509) -> TrustAnchor | None:
    try:
        key = public_key(certificate.public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    match key:
        case ec.EllipticCurvePublicKey():
            sizes = ((256, Algorithm.ES256), (384, Algorithm.ES384), (1024, Algorithm.ES512))
            algorithm = next(name for bits, name in sizes if key.key_size <= bits)
        case rsa.RSAPublicKey() if key.key_size >= 2048:
            algorithm = Algorithm.PS256
        case _:
            return None
    return TrustAnchor(
        certificate.country, certificate.subject_key_id, algorithm, certificate.public_key,
        _BOTH, frozenset({Format.VDS_NC}), Role.AUTHORITY,
    )  # fmt: skip


def _anchor_of(certificate: X509) -> TrustAnchor | None:
    if not certificate.country:
        return None
    if certificate.is_authority:
        return _authority_of(certificate)
    signer = signer_of(certificate)
    if signer is None or not signer.kinds:
        return None
    # The whole SHA-256, not 8 bytes of it: a seal brings its certificate along, dates and all.
    return replace(signer, key_id=certificate.fingerprint)


def _usable(ders: list[bytes]) -> list[TrustAnchor]:
    """Return the anchors in certificates, passing over what is of no use: master lists hold every sort of key."""
    anchors: list[TrustAnchor] = []
    for der in ders:
        try:
            anchor = _anchor_of(certificates.read(der))
        except CertificateError:
            continue
        if anchor is not None:
            anchors.append(anchor)
    if not anchors:
        raise TrustError("there is no certificate of an authority or a signer of seals in it")
    return anchors


def anchors_in(data: bytes, master_list_signer: bytes | None = None) -> list[TrustAnchor]:
    """Return the anchors in a file's bytes: certificates, or a master list.

    `master_list_signer` is the DER of a master list's signer, or of the authority that certified it. Without it the
    list's signature only shows that the file is whole: whoever imports it vouches for where it came from.
    Raises TrustError where nothing usable is in it, or a master list's signature is not right.
    """
    try:
        asn1.check(data)
        info = cms.ContentInfo.load(data, strict=True)
        is_signed = info["content_type"].native == "signed_data"
    except UNREADABLE:
        is_signed = False
    if not is_signed:
        return _usable(trust_list.certificates_in(data))
    try:
        return _usable(_master_list(info["content"], master_list_signer))
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise TrustError("the signature of the master list is wrong") from error
    except (CertificateError, *UNREADABLE) as error:
        if isinstance(error, TrustError):
            raise
        raise TrustError("signed, but no master list that can be read") from error


def _master_list(signed: Any, given: bytes | None) -> list[bytes]:
    """Return the certificates of a master list whose one signature is right (RFC 5652 section 5.4)."""
    inside, (signer,) = signed["encap_content_info"], signed["signer_infos"]
    content = bytes(inside["content"])
    if inside["content_type"].dotted != MASTER_LIST:
        raise TrustError("signed, but no master list")
    certificate = _signer(signed["certificates"], signer["sid"])
    attributes = {one["type"].native: one["values"] for one in signer["signed_attrs"]}
    name = signer["digest_algorithm"]["algorithm"].native
    digest = certificates.HASHES[name]()
    right = (
        attributes["content_type"][0].dotted == MASTER_LIST
        and attributes["message_digest"][0].native == hashlib.new(name, content).digest()
    )
    # The attributes are signed as a SET OF (section 5.4), and sent under a tag of their own.
    attested = b"\x31" + signer["signed_attrs"].dump()[1:]
    signature = signer["signature"].native
    certificates.verify(certificate.public_key, signer["signature_algorithm"], digest, signature, attested)
    ders = [one.dump() for one in _MasterList.load(content, strict=True)["certificates"]]
    if not right or not _is_vouched_for(certificate, ders, given):
        raise InvalidSignature
    return ders


def _signer(carried: Any, sid: Any) -> X509:
    """Return the one certificate that the message carries for its signer."""
    for choice in carried:
        one = choice.chosen
        named = sid.chosen.native == one.key_identifier if sid.name == "subject_key_identifier" else (
            (sid.chosen["issuer"], sid.chosen["serial_number"].native) == (one.issuer, one.serial_number)
        )  # fmt: skip
        if named:
            return certificates.read(one.dump())
    raise CertificateError("the master list does not carry its signer's certificate")


def _is_vouched_for(signer: X509, listed: list[bytes], given: bytes | None) -> bool:
    """Tell whether the signer is the given one or certified by it; without one, by an authority of the list itself."""
    if signer.usages is None or MASTER_LIST_SIGNING not in signer.usages:
        return False
    if given is None:
        return any(certificates.is_signed_by(signer.der, key) for key in _keys(signer, listed))
    return given == signer.der or any(certificates.is_signed_by(signer.der, key) for key in _keys(signer, [given]))


def _keys(signer: X509, ders: list[bytes]) -> list[bytes]:
    """Return the keys of the authorities that the signer's certificate says signed it: one or two, never all."""
    found = []
    for der in ders:
        try:
            one = certificates.read(der)
        except CertificateError:
            continue
        if one.is_authority and one.subject_key_id == signer.authority_key_id:
            found.append(one.public_key)
    return found
