"""Signed files as another library makes them; nothing but a whole one by the named signer is taken."""

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.trust import TrustError
from kiosk.verify.cms import signed_content

NOW = datetime(2026, 6, 1, tzinfo=UTC)
CONTENT = b'{"country": "VN"}'
Options = pkcs7.PKCS7Options
WHOLE = [Options.Binary]


def certified(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Uploader")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=365))
    return made.sign(key, None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256())


@pytest.fixture(scope="module")
def keys():
    rsa_key = rsa.generate_private_key(65537, 2048)
    return {name: (key, certified(key)) for name, key in {
        "rsa": rsa_key, "pss": rsa_key, "ec": ec.generate_private_key(ec.SECP256R1()),
        "other": rsa.generate_private_key(65537, 2048), "weak": rsa.generate_private_key(65537, 1024),  # noqa: S505 - to be refused
    }.items()}  # fmt: skip


def signed(keys, name="rsa", *, options=WHOLE, digest=None, encoding=Encoding.DER, content=CONTENT):
    key, certificate = keys[name]
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH) if name == "pss" else None
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(certificate, key, digest or hashes.SHA256(), rsa_padding=pss)
    return builder.sign(encoding, options)


def der(keys, name="rsa"):
    return keys[name][1].public_bytes(Encoding.DER)


@pytest.mark.parametrize("options", [WHOLE, [*WHOLE, Options.NoAttributes], [*WHOLE, Options.NoCerts]], ids=str)
@pytest.mark.parametrize("name", ["rsa", "pss", "ec"])
def test_what_the_named_signer_signed_is_returned(keys, name, options):
    assert signed_content(signed(keys, name, options=options), der(keys, name)) == CONTENT


@pytest.mark.parametrize("digest", [hashes.SHA384(), hashes.SHA512()], ids=lambda digest: digest.name)
def test_longer_digests_are_taken(keys, digest):
    assert signed_content(signed(keys, digest=digest), der(keys)) == CONTENT


def test_both_may_come_in_pem_or_base64(keys):
    assert signed_content(signed(keys, encoding=Encoding.PEM), keys["rsa"][1].public_bytes(Encoding.PEM)) == CONTENT
    assert signed_content(base64.encodebytes(signed(keys)), base64.b64encode(der(keys))) == CONTENT


def test_a_signer_that_comes_with_the_file_is_not_believed(keys):
    with pytest.raises(TrustError, match="signature"):
        signed_content(signed(keys), der(keys, "other"))


@pytest.mark.parametrize("options", [WHOLE, [*WHOLE, Options.NoAttributes]], ids=str)
def test_another_content_is_refused(keys, options):
    data = signed(keys, options=options).replace(b'"VN"', b'"DE"')
    with pytest.raises(TrustError, match="signature"):
        signed_content(data, der(keys))


def test_a_content_that_is_not_inside_is_not_looked_for(keys):
    with pytest.raises(TrustError, match="content inside"):
        signed_content(signed(keys, options=[*WHOLE, Options.DetachedSignature]), der(keys))


def test_weak_keys_and_other_kinds_of_key_are_refused(keys):
    with pytest.raises(TrustError, match="not taken"):
        signed_content(signed(keys, "weak"), der(keys, "weak"))
    with pytest.raises(TrustError, match="not taken"):
        signed_content(signed(keys, "rsa"), der(keys, "ec"))


def changed(keys, change):
    message = cms.ContentInfo.load(signed(keys, options=[*WHOLE, Options.NoAttributes]))
    change(message["content"])
    return message.dump(force=True)


def test_two_signatures_or_none_are_refused(keys):
    def twice(content):
        content["signer_infos"].append(content["signer_infos"][0].copy())

    def none(content):
        content["signer_infos"] = cms.SignerInfos([])

    for change in (twice, none):
        with pytest.raises(TrustError, match="one signature"):
            signed_content(changed(keys, change), der(keys))


def test_weak_digests_are_refused(keys):
    def weaken(content):
        content["signer_infos"][0]["digest_algorithm"] = {"algorithm": "sha1"}

    with pytest.raises(TrustError, match="digest"):
        signed_content(changed(keys, weaken), der(keys))


@pytest.mark.parametrize("data", [b"", b"%", b"\x30", b"\x30\x00", b"-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n"])
def test_what_is_no_cms_is_refused(keys, data):
    with pytest.raises(TrustError):
        signed_content(data, der(keys))
    with pytest.raises(TrustError):
        signed_content(signed(keys), data)


def test_other_cms_is_refused(keys):
    other = cms.ContentInfo({"content_type": "data", "content": CONTENT}).dump()
    with pytest.raises(TrustError, match="no CMS with a signature"):
        signed_content(other, der(keys))


def test_no_turned_bit_changes_the_content(keys):
    data = signed(keys, options=[*WHOLE, Options.NoCerts])
    for at in range(len(data)):
        turned = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with contextlib.suppress(TrustError):
            assert signed_content(turned, der(keys)) == CONTENT


@given(data=st.binary(max_size=300))
def test_nothing_but_a_typed_refusal_comes_of_any_bytes(keys, data):
    for given_bytes in (data, b"\x30" + data):
        with pytest.raises(TrustError):
            signed_content(given_bytes, der(keys))
