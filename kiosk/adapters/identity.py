"""The kiosk's proof of who it is: a P-256 key made here that never leaves, and the certificate that names it.

| file | what |
|---|---|
| `identity.pem` | certificate and private key in one, mode 600: they change together or not at all |
| `ca.pem` | the fleet's authority |
| `service.json` | whom to ask for the next certificate |
| `pending-NAME.key` | a key whose certificate has been asked for and has not come yet |

A power cut at any moment leaves the identity before, or the one after; a key is on the disk before anybody is asked for
its certificate, so that asking again with the same key gets what was lost.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.whole_file import write_whole

_MAX_FILE = 65_536
_SUBJECT = (NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.COMMON_NAME)
_RENEWAL = "renewal"
_KEY_BEGINS = b"-----BEGIN PRIVATE KEY-----"


class IdentityError(ValueError):
    """An identity that cannot be used. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Service:
    """Whom to ask for the next certificate, and as whom."""

    host: str
    port: int
    kiosk: str
    """`TENANT/SITE/KIOSK`."""
    claim: str
    """A name for the claim that it began with: who asks again with that one asks with the same key."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key, and the authority that signed it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    ca: x509.Certificate

    @property
    def kiosk(self) -> str:
        """`TENANT/SITE/KIOSK`, as the certificate says it; empty where it says none."""
        subject = self.certificate.subject
        values = [subject.get_attributes_for_oid(oid) for oid in _SUBJECT]
        return "/".join(str(one.value) for (one,) in values) if all(len(found) == 1 for found in values) else ""

    @property
    def until(self) -> datetime:
        """The last second in which brokers take it, aware."""
        return self.certificate.not_valid_after_utc

    def is_due(self, now: datetime) -> bool:
        """Tell whether two thirds of its life are over: then the next one is asked for."""
        start, end = self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc
        return now >= start + (end - start) * 2 / 3

    def check(self, kiosk: str, now: datetime) -> None:
        """Make sure that this proves to be `kiosk` now. Raises IdentityError, by the first thing that is wrong.

        1. The certificate is of this key. 2. The authority signed it. 3. It names this kiosk. 4. It is for a client.
        5. It is valid now.
        """
        if self.certificate.public_key() != self.key.public_key():
            raise IdentityError("the certificate belongs to another key")
        try:
            self.certificate.verify_directly_issued_by(self.ca)
        except (ValueError, TypeError, InvalidSignature):
            raise IdentityError("the certificate is not signed by the fleet's authority") from None
        if self.kiosk != kiosk:
            raise IdentityError("the certificate names another kiosk")
        try:
            usage = self.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        except (x509.ExtensionNotFound, ValueError):
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        if list(usage) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
            raise IdentityError("the certificate is not one of a client")
        if not self.certificate.not_valid_before_utc <= now <= self.certificate.not_valid_after_utc:
            raise IdentityError("the certificate is not valid by this kiosk's clock; see whether `date` is right")


def certificate_of(pem: bytes) -> x509.Certificate:
    """Read one certificate, PEM. Raises IdentityError."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise IdentityError("what should be a certificate is none") from None


def read_identity(certificate: Path, key: Path, ca: Path) -> Identity:
    """Return what is in these files, PEM; certificate and key may be one file. Raises IdentityError, OSError."""
    pem = _read(key)
    found = _key(pem[max(0, pem.find(_KEY_BEGINS)) :])
    return Identity(certificate_of(_read(certificate)), found, certificate_of(_read(ca)))


def request_for(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a certificate request (PKCS 10, PEM) that proves that we hold this key. It names nobody."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


class IdentityFolder:
    """The folder that holds it. Its files belong to whom the folder belongs, where this user may give them away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca_file, self.identity_file = folder / "ca.pem", folder / "identity.pem"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other command out. Raises IdentityError where one is at it, OSError without the folder."""
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise IdentityError(f"another command is at {self.folder}; wait until it has ended") from None
        finally:
            os.close(descriptor)

    def read(self) -> Identity:
        """Return the identity that is there. Raises IdentityError where it is damaged, FileNotFoundError, OSError."""
        return read_identity(self.identity_file, self.identity_file, self.ca_file)

    def service(self) -> Service:
        """Return whom to ask. Raises IdentityError, FileNotFoundError, OSError."""
        try:
            found = json.loads(_read(self.folder / "service.json"))
            return Service(str(found["host"]), int(found["port"]), str(found["kiosk"]), str(found["claim"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise IdentityError(f"{self.folder}/service.json is damaged; provision anew with a new code") from None

    def key_of_claim(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return the key to ask with for a claim: the one that it has got its certificate with, or one that waits."""
        try:
            if self.service().claim == name:
                return self.read().key
        except (FileNotFoundError, IdentityError):
            pass  # nothing was provisioned here before, or nothing that is of use
        return self.pending_key(name)

    def pending_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return the key that waits for its certificate under this name; made, and on the disk, where there is none."""
        path = self.pending_file(name)
        try:
            return _key(_read(path))
        except (FileNotFoundError, IdentityError):  # never begun, or broken off before it was asked for
            key = ec.generate_private_key(ec.SECP256R1())
            self._write(path, pem_of(key))
            return key

    def next_key(self, identity: Identity) -> ec.EllipticCurvePrivateKey:
        """Return the key to ask with for the next certificate: one that waits, or a new one."""
        key = self.pending_key(_RENEWAL)
        if key.public_key() == identity.key.public_key():  # it is in force, and its copy was not removed any more
            self.pending_file(_RENEWAL).unlink(missing_ok=True)
            key = self.pending_key(_RENEWAL)
        return key

    def pending_file(self, name: str) -> Path:
        """Return where such a key waits."""
        return self.folder / f"pending-{name}.key"

    def install(self, identity: Identity, service: Service | None = None) -> None:
        """Put a new identity in the place of the one before. Raises OSError.

        The authority and the service stay as they are in a renewal (`service` None).
        """
        if service is not None:
            self._write(self.folder / "service.json", json.dumps(asdict(service)).encode())
            self._write(self.ca_file, identity.ca.public_bytes(Encoding.PEM))
        self._write(self.identity_file, identity.certificate.public_bytes(Encoding.PEM) + pem_of(identity.key))

    def forget_pending(self) -> None:
        """Remove keys that wait no more. Raises OSError."""
        for path in self.folder.glob("pending-*.key"):
            path.unlink(missing_ok=True)

    def _write(self, path: Path, data: bytes) -> None:
        stat = self.folder.stat()
        owner = (stat.st_uid, stat.st_gid) if os.geteuid() == 0 else None
        write_whole(path, data, mode=0o600, owner=owner)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_FILE)


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS 8."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise IdentityError("the private key is damaged; provision anew with a new code") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise IdentityError("the private key is of another kind; provision anew with a new code")
    return key
