"""Making signing keys and their certificates, and reading them back."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from kiosk.domain.trust import Algorithm, TrustError
from kiosk.verify import cose
from kiosk.verify.signature import algorithm_of
from kiosk.verify.trust_list import PASS_SIGNING, anchor_of

_LIFE = timedelta(days=2 * 365)


class KeyFileError(ValueError):
    """A key file that cannot be used; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with the certificate that a trust list takes in."""

    key: cose.PrivateKey
    certificate: bytes
    """DER."""

    @property
    def issuer(self) -> str:
        """The name that its credentials carry."""
        return anchor_of(self.certificate).issuer

    @property
    def key_id(self) -> bytes:
        """The first 8 bytes of the certificate's SHA-256."""
        return anchor_of(self.certificate).key_id


def _new_key(algorithm: Algorithm) -> cose.PrivateKey:
    match algorithm:
        case Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        case Algorithm.ES384:
            return ec.generate_private_key(ec.SECP384R1())
        case Algorithm.ES512:
            return ec.generate_private_key(ec.SECP521R1())
        case Algorithm.PS256:
            return rsa.generate_private_key(65537, 2048)
        case Algorithm.ED25519:
            return ed25519.Ed25519PrivateKey.generate()


def make_signer(
    name: str, algorithm: Algorithm, now: datetime, *, country: str = "", for_passes: bool = True
) -> Signer:
    """Make a key and a self-signed certificate: for passes by default, else for health certificates."""
    key = _new_key(algorithm)
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
    if country:
        attributes.append(x509.NameAttribute(NameOID.COUNTRY_NAME, country))
    subject = x509.Name(attributes)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + _LIFE)
    )
    if for_passes:
        usage = x509.ExtendedKeyUsage([x509.ObjectIdentifier(PASS_SIGNING)])
        builder = builder.add_extension(usage, critical=False)
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.sign(key, digest)
    return Signer(key, certificate.public_bytes(Encoding.DER))


def write_signer(signer: Signer, stem: Path) -> tuple[Path, Path]:
    """Write `<stem>.key.pem` (readable by its owner only) and `<stem>.pem`. Raises OSError."""
    key_path, certificate_path = stem.with_name(stem.name + ".key.pem"), stem.with_name(stem.name + ".pem")
    stem.parent.mkdir(parents=True, exist_ok=True)
    key_path.touch(mode=0o600, exist_ok=False)
    key_path.write_bytes(signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certificate = x509.load_der_x509_certificate(signer.certificate)
    certificate_path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return key_path, certificate_path


def read_signer(key_path: Path) -> Signer:
    """Read a key and the certificate beside it (`NAME.key.pem`, `NAME.pem`). Raises KeyFileError."""
    certificate_path = key_path.with_name(key_path.name.removesuffix(".key.pem") + ".pem")
    if certificate_path == key_path:
        raise KeyFileError(f"{key_path}: a key file ends in .key.pem; `kiosk issue key` makes one")
    try:
        key = load_pem_private_key(key_path.read_bytes(), None)
        certificate = x509.load_pem_x509_certificate(certificate_path.read_bytes())
        signer = Signer(key, certificate.public_bytes(Encoding.DER))  # type: ignore[arg-type]
        usable = algorithm_of(key) is not None and bool(signer.key_id)
    except OSError as error:
        raise KeyFileError(f"{error.filename}: cannot be read; `kiosk issue key` makes a key") from error
    except (ValueError, TypeError, UnsupportedAlgorithm, TrustError) as error:
        raise KeyFileError(f"{key_path}: the key or its certificate cannot be read") from error
    if not usable or key.public_key() != certificate.public_key():
        raise KeyFileError(f"{key_path}: the key and the certificate beside it do not belong together")
    return signer
