"""Signed documents in CMS (RFC 5652), as the EU gateway hands out revocation batches: content and one signature.

The signer is the one certificate that the caller names; no chain, no certificate that comes with the message. Only what
the gateway uses is read: SignedData with its content inside, one signer, SHA-2, RSA (PKCS #1 v1.5 and PSS) or ECDSA.
"""

import base64
import hashlib
from typing import Any

from asn1crypto import cms
from asn1crypto.x509 import Certificate
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kiosk.domain.trust import TrustError
from kiosk.verify import asn1
from kiosk.verify.certificates import UNREADABLE

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512(),
}  # fmt: skip
_SET, _LEAST_RSA = 0x31, 2048


def _der(data: bytes, what: str) -> bytes:
    """Return DER from DER, PEM or bare base64. Raises TrustError."""
    try:
        if asn1.is_pem(data):
            return next(asn1.pem_blocks(data))[1]
        return data if data[:1] == b"\x30" else base64.b64decode(b"".join(data.split()), validate=True)
    except ValueError:
        raise TrustError(f"{what} is neither DER nor PEM nor base64") from None


def signed_content(data: bytes, signer: bytes) -> bytes:
    """Return the content of `data`, which the certificate `signer` signed; both in DER, PEM or base64.

    Raises TrustError.
    """
    try:
        ders = _der(signer, "the signer's certificate"), _der(data, "the signed file")
        for der in ders:
            asn1.check(der)
        certificate, message = Certificate.load(ders[0], strict=True), cms.ContentInfo.load(ders[1], strict=True)
        return _content(message, certificate)
    except TrustError:
        raise
    except (UnsupportedAlgorithm, *UNREADABLE):
        # asn1crypto reads lazily, so that any access may find what is wrong
        raise TrustError("the signed file, or the signer's certificate, is not laid out as one") from None
    except InvalidSignature:
        raise TrustError("the signature of the signed file is wrong") from None


def _content(message: Any, certificate: Certificate) -> bytes:
    if message["content_type"].native != "signed_data":
        raise TrustError("the signed file is no CMS with a signature")
    signed = message["content"]
    content = signed["encap_content_info"]["content"].native
    if not isinstance(content, bytes) or len(signed["signer_infos"]) != 1:
        raise TrustError("the signed file does not have its content inside, and one signature")
    (info,) = signed["signer_infos"]
    digest = info["digest_algorithm"]["algorithm"].native
    if digest not in _HASHES:
        raise TrustError("the signed file uses a digest that is not taken: SHA-256, SHA-384 or SHA-512 are")
    _check(info, _covered(info, content, digest), _HASHES[digest], certificate)
    return content


def _covered(info: Any, content: bytes, digest: str) -> bytes:
    """Return the bytes that the signature covers (section 5.4). Raises InvalidSignature for another content's."""
    attributes = info["signed_attrs"]
    if not attributes:
        return content
    said = [attribute["values"].native for attribute in attributes if attribute["type"].native == "message_digest"]
    if said != [[hashlib.new(digest, content).digest()]]:
        raise InvalidSignature
    encoded: bytes = attributes.dump()
    return bytes((_SET,)) + encoded[1:]  # signed as a SET OF, sent under an implicit tag


def _check(info: Any, covered: bytes, digest: hashes.HashAlgorithm, certificate: Certificate) -> None:
    """Verify by the certificate's key. Raises InvalidSignature, TrustError."""
    key = load_der_public_key(certificate.public_key.dump())
    algorithm, signature = info["signature_algorithm"], info["signature"].native
    kind = algorithm.signature_algo
    match key:
        case rsa.RSAPublicKey() if key.key_size >= _LEAST_RSA and kind == "rsassa_pkcs1v15":
            key.verify(signature, covered, padding.PKCS1v15(), digest)
        case rsa.RSAPublicKey() if key.key_size >= _LEAST_RSA and kind == "rsassa_pss":
            key.verify(signature, covered, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
        case ec.EllipticCurvePublicKey() if kind == "ecdsa":
            key.verify(signature, covered, ec.ECDSA(digest))
        case _:
            raise TrustError("the signed file is signed in a way that is not taken")
