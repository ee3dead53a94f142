"""The real bridge and a real broker over TLS: each proves who it is, or nothing is said."""

import datetime as dt

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kiosk.testing.bridge_stage import Stage
from kiosk.testing.broker import BrokerMissingError, find_mosquitto, free_port
from kiosk.testing.needed import needed

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system

_KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def certificates(folder):
    """Write a CA, and a server's and a kiosk's certificate that it signed."""
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in ("ca", "localhost", "gate-1")}

    def named(name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])

    for name, key in keys.items():
        builder = x509.CertificateBuilder(named("ca"), named(name), key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now.replace(year=2126))
        builder = builder.add_extension(x509.BasicConstraints(ca=name == "ca", path_length=None), critical=True)
        # What RFC 5280 asks for, and Python checks from 3.13 on.
        ca = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys["ca"].public_key())
        builder = builder.add_extension(ca, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        if name == "ca":
            usage = dict.fromkeys(_KEY_USAGES, False) | {"key_cert_sign": True, "crl_sign": True}
            builder = builder.add_extension(x509.KeyUsage(**usage), critical=True)
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        certificate = builder.add_extension(names, critical=False).sign(keys["ca"], hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_over_tls_with_certificates_on_both_sides(stage):
    folder = stage.path
    certificates(folder)
    settings = (
        f"cafile {folder}/ca.pem",
        f"certfile {folder}/localhost.pem",
        f"keyfile {folder}/localhost.key",
        "require_certificate true",
        "use_identity_as_username true",
        f"acl_file {folder}/acl",
        f"listener {(plain := free_port())} 127.0.0.1",
    )
    (folder / "acl").write_text(
        "topic readwrite gk/#\npattern write gk/1/+/+/%u/up/#\npattern read gk/1/+/+/%u/down/#\n"
    )
    (folder / "acl").chmod(0o600)
    gate, broker = stage.gate(), stage.broker(settings=settings)
    gate.append(300)
    stage.centre(plain)
    tls = '[mqtt]\nhost = "localhost"\nport = {port}\nca_file = "ca.pem"\n'
    bridge = stage.bridge(broker.port, tls)
    # Under TLS 1.3 a client learns after the handshake that it lacks a certificate: as an alert, or as a closed line.
    gate.await_link("down", "tls", "lost")
    assert stage.stop(bridge)[0] == 0
    stage.bridge(broker.port, tls + 'cert_file = "gate-1.pem"\nkey_file = "gate-1.key"\n')
    gate.await_confirmed(300)
    assert stage.numbers() == list(range(1, 301))


def test_a_broker_that_cannot_prove_its_name_is_not_spoken_to(stage):
    certificates(stage.path)
    names = ("cafile ca.pem", "certfile gate-1.pem", "keyfile gate-1.key")
    settings = tuple(f"{key} {stage.path}/{file}" for key, file in map(str.split, names))
    gate, broker = stage.gate(), stage.broker(settings=settings)
    stage.bridge(broker.port, '[mqtt]\nhost = "localhost"\nport = {port}\nca_file = "ca.pem"\n')
    gate.await_link("down", "tls")
