import base64
from dataclasses import replace

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind
from kiosk.domain.trust import Algorithm, Role, TrustError
from kiosk.testing import seals
from kiosk.testing.seals import AUTHORITY, LIST_SIGNER, Profile, certify, new_key
from kiosk.verify import csca
from kiosk.verify.certificates import read

CSCA = certify(AUTHORITY)
SIGNER = certify(Profile(), CSCA)
LISTER = certify(LIST_SIGNER, CSCA)
FOREIGN = certify(replace(AUTHORITY, country="NZ"), None, new_key(ec.BrainpoolP256R1()))
LIST = seals.master_list([CSCA.certificate, FOREIGN.certificate], LISTER)


def pem(*certified):
    found = (x509.load_der_x509_certificate(one.certificate) for one in certified)
    return b"".join(one.public_bytes(Encoding.PEM) for one in found)


def test_an_authority_and_a_signer():
    authority, signer = csca.anchors_in(pem(CSCA, SIGNER))
    assert (authority.role, authority.issuer, authority.key_id) == (
        Role.AUTHORITY, "AU", read(CSCA.certificate).subject_key_id,
    )  # fmt: skip
    assert (signer.role, signer.issuer, signer.key_id) == (Role.SIGNER, "AU", SIGNER.fingerprint)
    for anchor in (authority, signer):
        assert (anchor.formats, anchor.kinds) == ({Format.VDS_NC}, {Kind.TEST, Kind.VACCINATION})


def test_every_spelling_of_a_file():
    for data in (CSCA.certificate, pem(CSCA), base64.b64encode(CSCA.certificate)):
        (anchor,) = csca.anchors_in(data)
        assert anchor.role is Role.AUTHORITY


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (new_key(), Algorithm.ES256), (new_key(ec.SECP384R1()), Algorithm.ES384),
        (new_key(ec.BrainpoolP256R1()), Algorithm.ES256), (new_key(ec.BrainpoolP384R1()), Algorithm.ES384),
        (new_key(ec.BrainpoolP512R1()), Algorithm.ES512), (rsa.generate_private_key(65537, 2048), Algorithm.PS256),
    ],
)  # fmt: skip
def test_the_keys_of_authorities(key, algorithm):
    (anchor,) = csca.anchors_in(certify(AUTHORITY, None, key).certificate)
    assert (anchor.role, anchor.algorithm) == (Role.AUTHORITY, algorithm)


USELESS = [
    certify(AUTHORITY, CSCA, rsa.generate_private_key(65537, 1024)),  # noqa: S505
    certify(AUTHORITY, CSCA, ed25519.Ed25519PrivateKey.generate()),
    certify(Profile(), CSCA, new_key(ec.BrainpoolP256R1())),
    certify(Profile(usages=(), documents=()), CSCA),
    certify(replace(AUTHORITY, country=None)),
    certify(Profile(more=((x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\0"), True),)), CSCA),
]


@pytest.mark.parametrize("useless", USELESS, ids=range(len(USELESS)))
def test_what_is_of_no_use_is_passed_over(useless):
    with pytest.raises(TrustError):
        csca.anchors_in(useless.certificate)
    assert len(csca.anchors_in(pem(useless, CSCA))) == 1


@pytest.mark.parametrize("certified", [CSCA, SIGNER])
def test_a_key_on_a_curve_that_nobody_knows_is_passed_over(certified):
    p256, unknown = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030163")
    assert p256 in certified.certificate
    with pytest.raises(TrustError):
        csca.anchors_in(certified.certificate.replace(p256, unknown))


def test_a_master_list():
    for signer in (None, LISTER.certificate, CSCA.certificate):
        assert {anchor.issuer for anchor in csca.anchors_in(LIST, signer)} == {"AU", "NZ"}


@pytest.mark.parametrize(
    "other", [FOREIGN, SIGNER, certify(AUTHORITY), certify(LIST_SIGNER, CSCA), None], ids=range(5)
)  # fmt: skip
def test_a_master_list_by_somebody_else_than_asked_for_is_refused(other):
    with pytest.raises(TrustError):
        csca.anchors_in(LIST, other.certificate if other else b"?")


def test_a_master_list_whose_signer_no_authority_of_it_certified_is_refused():
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([FOREIGN.certificate], LISTER))


def test_a_signer_of_seals_signs_no_master_list():
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([CSCA.certificate], SIGNER))
    none = certify(replace(LIST_SIGNER, usages=()), CSCA)
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([CSCA.certificate], none))


def test_a_master_list_that_carries_another_certificate_is_refused():
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([CSCA.certificate], LISTER, carried=SIGNER.certificate))


def test_other_signed_messages_are_refused():
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([CSCA.certificate], LISTER, content_type="1.2.3"))


def test_a_master_list_of_nothing_usable_is_refused():
    with pytest.raises(TrustError):
        csca.anchors_in(seals.master_list([], LISTER), LISTER.certificate)


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x03\x02\x01\x07", b"text", LIST[:-1], LIST + b"\0"])
def test_other_files_are_refused(data):
    with pytest.raises(TrustError):
        csca.anchors_in(data)


@given(st.integers(0, len(LIST) - 1), st.integers(1, 255))
def test_a_changed_master_list_is_refused_or_says_the_same(at, turn):
    changed = bytearray(LIST)
    changed[at] ^= turn
    try:
        found = csca.anchors_in(bytes(changed), CSCA.certificate)
    except TrustError:
        return
    assert found == csca.anchors_in(LIST)


def test_a_message_that_is_not_signed_holds_nothing():
    unsigned = cms.ContentInfo({"content_type": "data", "content": b"x"}).dump()
    with pytest.raises(TrustError):
        csca.anchors_in(unsigned)
