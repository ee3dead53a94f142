from dataclasses import replace
from datetime import timedelta

import pytest
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from kiosk.testing.seals import AUTHORITY, BEGAN, Profile, certify, new_key
from kiosk.verify import certificates
from kiosk.verify.certificates import CertificateError, is_signed_by, read

RSA = rsa.generate_private_key(65537, 2048)
CSCA = certify(AUTHORITY)
SIGNER = certify(Profile(), CSCA)


def spki(certified):
    return read(certified.certificate).public_key


def test_a_signer():
    found = read(SIGNER.certificate)
    assert (found.country, found.issuer_country, found.is_authority, found.may_sign_data) == ("AU", "AU", False, True)
    assert (found.starts, found.ends) == (BEGAN, BEGAN + timedelta(days=3650))
    assert found.authority_key_id == read(CSCA.certificate).subject_key_id
    assert found.usages == {"2.23.136.1.1.14.2"}
    assert found.document_types == {"NT", "NV"}


def test_an_authority():
    found = read(CSCA.certificate)
    assert (found.is_authority, found.may_sign_data, found.authority_key_id) == (True, False, b"")
    assert (found.usages, found.document_types) == (None, None)


def test_without_extensions_nothing_is_claimed():
    bare = read(certify(Profile(usages=(), documents=(), names_authority=False)).certificate)
    assert (bare.is_authority, bare.usages, bare.document_types, bare.authority_key_id) == (False, None, None, b"")
    assert len(bare.subject_key_id) == 20


@pytest.mark.parametrize("profile", [replace(AUTHORITY, ca=False), replace(AUTHORITY, ca=None),
                                     replace(AUTHORITY, key_usage="sign")])  # fmt: skip
def test_what_may_certify_says_so_twice(profile):
    assert not read(certify(profile).certificate).is_authority
    assert read(certify(replace(AUTHORITY, key_usage="")).certificate).is_authority


def test_a_country_has_two_letters_or_is_none():
    nowhere = read(certify(Profile(country=None)).certificate)
    assert (nowhere.country, nowhere.issuer_country) == ("", "")
    assert read(certify(Profile(country="au")).certificate).country == "AU"


def test_an_authority_key_id_that_names_an_issuer_only():
    names = x509.AuthorityKeyIdentifier(None, [x509.DNSName("example.org")], 7)
    assert read(certify(Profile(names_authority=False, more=((names, False),))).certificate).authority_key_id == b""


@pytest.mark.parametrize("critical", [True, False])
def test_an_extension_that_is_not_understood_may_not_be_critical(critical):
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    der = certify(Profile(more=((unknown, critical),))).certificate
    if critical:
        with pytest.raises(CertificateError):
            read(der)
    else:
        assert read(der).country == "AU"


def test_the_same_extension_twice():
    der = certify(Profile(usages=(), documents=("NT",))).certificate
    certificate = Certificate.load(der)
    extensions = certificate["tbs_certificate"]["extensions"]
    extensions.append(extensions[len(extensions) - 1].copy())
    with pytest.raises(CertificateError):
        read(certificate.dump(force=True))


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        (new_key(), {}), (new_key(), {"digest": hashes.SHA512}), (new_key(ec.SECP384R1()), {"digest": hashes.SHA384}),
        (new_key(ec.SECP521R1()), {"digest": hashes.SHA512}),
        (new_key(ec.BrainpoolP384R1()), {"digest": hashes.SHA384}),
        (RSA, {}), (RSA, {"pss": True}), (RSA, {"pss": True, "digest": hashes.SHA512}),
    ],
    ids=lambda value: getattr(getattr(value, "curve", None), "name", str(value)[:40]),
)  # fmt: skip
def test_signatures_of_authorities(key, changes):
    authority = certify(AUTHORITY, None, key)
    der = certify(replace(Profile(), **changes), authority).certificate
    assert is_signed_by(der, spki(authority))
    assert not is_signed_by(der, spki(CSCA))
    turned = der[:-1] + bytes([der[-1] ^ 1])
    assert not is_signed_by(turned, spki(authority))


@pytest.mark.parametrize(
    ("key", "digest"),
    [(new_key(), hashes.SHA224), (rsa.generate_private_key(65537, 1024), hashes.SHA256)],  # noqa: S505
    ids=["SHA-224", "RSA 1024"],
)
@pytest.mark.parametrize("pss", [True, False])
def test_what_is_too_weak_is_not_signed(key, digest, pss):
    authority = certify(AUTHORITY, None, key)
    weak = certify(Profile(digest=digest, pss=pss and isinstance(key, rsa.RSAPrivateKey)), authority)
    assert not is_signed_by(weak.certificate, spki(authority))


def test_both_names_of_the_algorithm_have_to_agree():
    certificate = Certificate.load(SIGNER.certificate)
    certificate["signature_algorithm"] = {"algorithm": "sha384_ecdsa"}
    assert not is_signed_by(certificate.dump(force=True), spki(CSCA))


def test_an_algorithm_that_cannot_be_read_is_no_signature():
    at = SIGNER.certificate.index(bytes.fromhex("300a06082a8648ce3d040302"))
    broken = SIGNER.certificate[:at] + b"\x10" + SIGNER.certificate[at + 1 :]
    assert read(broken).country == "AU"
    assert not is_signed_by(broken, spki(CSCA))


@pytest.mark.parametrize("public_key", [b"", b"no key"])
def test_a_key_that_cannot_be_read_signed_nothing(public_key):
    assert not is_signed_by(SIGNER.certificate, public_key)


@pytest.mark.parametrize("der", [b"", b"0", b"0\x80" * 2000, bytes(certificates.MAX_CERTIFICATE + 1)])
def test_what_is_no_certificate(der):
    with pytest.raises(CertificateError):
        read(der)


@given(st.integers(0, len(SIGNER.certificate) - 1), st.integers(0, 3), st.binary(max_size=3))
def test_a_changed_certificate_is_refused_or_not_signed(start, length, piece):
    der = SIGNER.certificate[:start] + piece + SIGNER.certificate[start + length :]
    try:
        read(der)
    except CertificateError:
        return
    assert der == SIGNER.certificate or not is_signed_by(der, spki(CSCA))
