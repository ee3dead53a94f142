"""The fleet's certificate authority (RFC 5280): one P-256 key that says which key belongs to which name.

Three kinds of certificate, told apart by their extended key usage and their common name: a kiosk's and the centre's
can only be a client, a server's can only be a server, and no kiosk's name holds the underscore of the centre's names.
So no kiosk can pose as a broker, and none as the centre.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mqtt_bridge.topics import KioskAddress

CENTRE_NAME = "kiosk_centre"
"""The consumers' user at the broker. A kiosk's name has no underscore."""
DESK_NAME = "kiosk_desk"
"""The user of those who command: it may send what operators have signed, and hear what became of it."""
CA_LIFE = timedelta(days=3650)
SERVER_LIFE = timedelta(days=825)
KIOSK_LIFE = timedelta(days=90)
CRL_LIFE = timedelta(days=90)
"""A broker takes nobody in once its list has expired: the service writes it anew every day, and has this long to."""
BACKDATED = timedelta(hours=1)
"""How far a clock may be behind that has a certificate checked."""

_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


class AuthorityError(ValueError):
    """What was given makes no certificate. The text is one sentence."""


def _name(common_name: str, address: KioskAddress | None = None) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if address is not None:
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, address.tenant))
        attributes.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, address.site))
    return x509.Name(attributes)


def _usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in names for name in _USAGES})


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return a private key as unencrypted PKCS 8."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM)


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


@dataclass(frozen=True, slots=True)
class Authority:
    """A key and its self-signed certificate. All times are aware."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def made(cls, name: str, now: datetime) -> "Authority":
        """Return a new authority."""
        key, subject = new_key(), _name(name)
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = (
            _builder(subject, subject, key.public_key(), now, CA_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(identifier, critical=False)
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def read(cls, certificate: bytes, key: bytes) -> "Authority":
        """Return the authority of these two files, PEM. Raises AuthorityError."""
        try:
            found, private = x509.load_pem_x509_certificate(certificate), load_pem_private_key(key, None)
        except (ValueError, TypeError):
            raise AuthorityError("ca.pem or ca.key cannot be read; restore both from your copy") from None
        if not isinstance(private, ec.EllipticCurvePrivateKey) or private.public_key() != found.public_key():
            raise AuthorityError("ca.pem and ca.key do not belong together; restore both from your copy")
        return cls(found, private)

    @property
    def fingerprint(self) -> bytes:
        """SHA-256 of the certificate (DER): what a claim pins."""
        return self.certificate.fingerprint(hashes.SHA256())

    def for_kiosk(
        self, address: KioskAddress, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta = KIOSK_LIFE
    ) -> x509.Certificate:
        """Return a kiosk's certificate: its common name is the kiosk's id, `%u` in a broker's access list."""
        return self._signed(_name(address.kiosk, address), key, now, life, ExtendedKeyUsageOID.CLIENT_AUTH)

    def for_centre(self, name: str, key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        """Return the certificate of one of the centre's users, `CENTRE_NAME` or `DESK_NAME`."""
        return self._signed(_name(name), key, now, SERVER_LIFE, ExtendedKeyUsageOID.CLIENT_AUTH)

    def for_server(self, names: Sequence[str], key: ec.EllipticCurvePublicKey, now: datetime) -> x509.Certificate:
        """Return the certificate of a broker or of the service itself, for these host names and addresses."""
        alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
        usage = ExtendedKeyUsageOID.SERVER_AUTH
        return self._signed(_name(names[0][:64]), key, now, SERVER_LIFE, usage, alternatives)

    def revocation_list(self, revoked: Iterable[tuple[int, datetime]], number: int, now: datetime) -> bytes:
        """Return the list of withdrawn certificates (serial number, time) as PEM, for a broker's `crlfile`."""
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - BACKDATED)
            .next_update(now + CRL_LIFE)
            .add_extension(self._authority_identifier(), critical=False)
            .add_extension(x509.CRLNumber(number), critical=False)
        )
        for serial, at in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _authority_identifier(self) -> x509.AuthorityKeyIdentifier:
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        life: timedelta,
        usage: x509.ObjectIdentifier,
        alternatives: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        builder = (
            _builder(self.certificate.subject, subject, key, now, life)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage("digital_signature"), critical=True)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(self._authority_identifier(), critical=False)
        )
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        return builder.sign(self.key, hashes.SHA256())


def _builder(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError:
        raise AuthorityError("a server's name is a host name or an address; write localhost or 192.0.2.1") from None
