"""Certificates as brokers and kiosks judge them; OpenSSL's own judgement is in tests/integration/test_broker_acl.py."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mqtt_bridge.central.provisioning.authority import (
    BACKDATED,
    CENTRE_NAME,
    CRL_LIFE,
    DESK_NAME,
    KIOSK_LIFE,
    Authority,
    AuthorityError,
    certificate_pem,
    key_pem,
    new_key,
)
from mqtt_bridge.topics import KioskAddress, TopicError

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
GATE = KioskAddress("hanoi", "north", "gate-7")


@pytest.fixture(scope="module")
def authority():
    return Authority.made("Fleet", NOW)


def usage_of(certificate):
    return list(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)


def test_a_kiosks_certificate_names_it_and_lives_for_a_while(authority):
    certificate = authority.for_kiosk(GATE, new_key().public_key(), NOW)
    names = {one.oid: one.value for one in certificate.subject}
    assert names == {
        NameOID.COMMON_NAME: "gate-7", NameOID.ORGANIZATION_NAME: "hanoi", NameOID.ORGANIZATIONAL_UNIT_NAME: "north",
    }  # fmt: skip
    assert usage_of(certificate) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.not_valid_before_utc == NOW - BACKDATED
    assert certificate.not_valid_after_utc == NOW + KIOSK_LIFE
    certificate.verify_directly_issued_by(authority.certificate)


@pytest.mark.parametrize("name", [CENTRE_NAME, DESK_NAME])
def test_no_kiosk_has_a_name_of_the_centre(authority, name):
    with pytest.raises(TopicError):
        KioskAddress("hanoi", "north", name)
    certificate = authority.for_centre(name, new_key().public_key(), NOW)
    assert [one.value for one in certificate.subject] == [name]
    assert usage_of(certificate) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_server_goes_by_host_names_and_addresses(authority):
    certificate = authority.for_server(["broker.example", "192.0.2.1", "::1"], new_key().public_key(), NOW)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["broker.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.1", "::1"]
    assert usage_of(certificate) == [ExtendedKeyUsageOID.SERVER_AUTH]
    with pytest.raises(AuthorityError):
        authority.for_server(["brökér"], new_key().public_key(), NOW)


def test_a_name_of_full_length_fits(authority):
    longest = KioskAddress("t" * 63, "s" * 63, "k" * 63)
    assert authority.for_kiosk(longest, new_key().public_key(), NOW)
    assert authority.for_server(["h" * 60 + ".example"], new_key().public_key(), NOW)


def test_the_list_of_withdrawn_certificates(authority):
    crl = x509.load_pem_x509_crl(authority.revocation_list([(7, NOW), (9, NOW - timedelta(days=1))], 12, NOW))
    assert crl.is_signature_valid(authority.key.public_key())
    assert [(one.serial_number, one.revocation_date_utc) for one in crl] == [(7, NOW), (9, NOW - timedelta(days=1))]
    assert crl.next_update_utc == NOW + CRL_LIFE


def test_an_authority_is_read_back_from_its_files(authority):
    read = Authority.read(certificate_pem(authority.certificate), key_pem(authority.key))
    assert read.fingerprint == authority.fingerprint
    assert read.for_kiosk(GATE, new_key().public_key(), NOW).issuer == authority.certificate.subject


def test_files_that_are_no_authority(authority):
    certificate = certificate_pem(authority.certificate)
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for key in (key_pem(new_key()), other):
        with pytest.raises(AuthorityError, match="do not belong together"):
            Authority.read(certificate, key)
    for files in ((b"", key_pem(authority.key)), (certificate, b"")):
        with pytest.raises(AuthorityError, match="cannot be read"):
            Authority.read(*files)
