import base64
import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import HEALTH_KINDS, PASS_KINDS, Format, Kind
from kiosk.domain.trust import Algorithm, TrustError
from kiosk.verify.trust_list import (
    PASS_SIGNING,
    anchor_of,
    certificates_in,
    list_of_certificates,
    signed_list,
)

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
TEST, VACCINATION, RECOVERY = ({kind} for kind in (Kind.TEST, Kind.VACCINATION, Kind.RECOVERY))
MAIL = "1.3.6.1.5.5.7.3.4"


def certificate(key=None, names=((NameOID.COUNTRY_NAME, "VN"),), usages=(), begins=NOW):
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(begins).not_valid_after(begins + timedelta(days=9))
    )  # fmt: skip
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(map(x509.ObjectIdentifier, usages)), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


# anchors


def test_an_anchor_says_whose_key_it_is_and_what_for():
    der = certificate()
    anchor = anchor_of(der)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    assert (anchor.issuer, anchor.key_id) == ("VN", digest.finalize()[:8])
    assert (anchor.algorithm, anchor.kinds) == (Algorithm.ES256, HEALTH_KINDS)
    assert anchor_of(der, "DE").issuer == "DE"


def test_without_a_country_the_common_name_is_the_issuer():
    assert anchor_of(certificate(names=((NameOID.COMMON_NAME, "Hotel A"),))).issuer == "Hotel A"
    assert anchor_of(certificate(names=((NameOID.LOCALITY_NAME, "Huế"),))).issuer == ""


@pytest.mark.parametrize("arc", ["1.3.6.1.4.1.1847.2021.1.", "1.3.6.1.4.1.0.1847.2021.1."])
@pytest.mark.parametrize("end", ["", ".0"])
@pytest.mark.parametrize(("number", "kinds"), [("1", TEST), ("2", VACCINATION), ("3", RECOVERY)])
def test_usages_are_read_in_both_arcs_with_and_without_an_end(arc, end, number, kinds):
    assert anchor_of(certificate(usages=[arc + number + end])).kinds == kinds
    assert anchor_of(certificate(usages=[MAIL, arc + number + end])).kinds == kinds


@pytest.mark.parametrize(
    ("usages", "kinds"),
    [
        ([], HEALTH_KINDS),
        ([MAIL], HEALTH_KINDS),
        (["1.3.6.1.4.1.1847.2021.1.4"], HEALTH_KINDS),
        (["1.3.6.1.4.1.1847.2021.1.1.1"], HEALTH_KINDS),
        (["1.3.6.1.4.1.1847.2021.1.1", "1.3.6.1.4.1.0.1847.2021.1.3.0"], TEST | RECOVERY),
        ([PASS_SIGNING], PASS_KINDS),
        ([PASS_SIGNING, MAIL], PASS_KINDS),
        ([PASS_SIGNING, "1.3.6.1.4.1.1847.2021.1.2"], PASS_KINDS | VACCINATION),
    ],
)
def test_what_a_certificate_entitles_to(usages, kinds):
    assert anchor_of(certificate(usages=usages)).kinds == kinds


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256K1()), rsa.generate_private_key(65537, 1024)],  # noqa: S505
    ids=["secp256k1", "RSA 1024"],
)  # fmt: skip
def test_a_key_of_no_use_makes_no_anchor(key):
    with pytest.raises(TrustError):
        anchor_of(certificate(key))


DER = certificate()


@pytest.mark.parametrize("der", [b"", b"0", b"0garbage", DER[:-1], DER + b"\0", b"\x30\x00"], ids=range(6))
def test_what_is_no_certificate_makes_no_anchor(der):
    for read in (anchor_of, lambda data: list_of_certificates([data], NOW)):
        with pytest.raises(TrustError):
            read(der)


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused(place, value):
    damaged = bytearray(DER)
    damaged[place] = value
    try:
        trust = list_of_certificates([bytes(damaged)], NOW)
    except TrustError:
        return
    assert len(trust) == 1


def test_a_begin_that_is_no_date_is_refused():
    damaged = DER.replace(b"260705090000Z", b"269905090000Z")
    assert damaged != DER
    with pytest.raises(TrustError):
        list_of_certificates([damaged], NOW)


# certificates in files

PEM = x509.load_der_x509_certificate(DER).public_bytes(Encoding.PEM)
KEY_PEM = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("data", "ders"),
    [(DER, [DER]), (PEM, [DER]), (PEM + PEM, [DER, DER]), (KEY_PEM + PEM, [DER]), (KEY_PEM, []),
     (base64.b64encode(DER), [DER]), (base64.encodebytes(DER) + b"\n", [DER])],
    ids=["DER", "PEM", "two", "a key too", "a key only", "base64", "base64 in lines"],
)  # fmt: skip
def test_certificates_come_as_pem_der_or_base64(data, ders):
    assert certificates_in(data) == ders


@pytest.mark.parametrize("data", [b"not base64!", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAA"])
def test_anything_else_is_refused(data):
    with pytest.raises(TrustError):
        certificates_in(data)


def test_the_newest_certificate_names_the_version_of_a_loose_list():
    old, new = certificate(begins=NOW - timedelta(days=3)), certificate(begins=NOW - timedelta(days=1))
    trust = list_of_certificates(iter([new, old]), NOW)
    assert (len(trust), trust.version, trust.sources[0].imported_at) == (2, "2026-07-04T09:00:00+00:00", NOW)
    assert list_of_certificates([], NOW).version == ""


# signed lists

LIST_KEY = ec.generate_private_key(ec.SECP256R1())
LIST_PEM = LIST_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def entry(der=DER, **changes):
    plain = {"country": "VN", "kid": base64.b64encode(anchor_of(DER).key_id).decode(),
             "rawData": base64.b64encode(der).decode(), "timestamp": "2026-07-01T10:00:00+07:00"}  # fmt: skip
    return {**plain, **changes}


def signed(body, ending=b"\n"):
    return base64.b64encode(make_raw(body)) + ending + body


def make_raw(body):
    r, s = decode_dss_signature(LIST_KEY.sign(body, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def listing(*entries):
    return json.dumps({"certificates": entries}).encode()


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_signed_list(ending):
    later = entry(certificate(), timestamp="2026-07-02T10:00:00+07:00", country="DE")
    later["kid"] = base64.b64encode(anchor_of(base64.b64decode(later["rawData"])).key_id).decode()
    trust = signed_list(signed(listing(entry(), later), ending), LIST_PEM, NOW)
    assert (len(trust), trust.version, trust.sources[0].imported_at) == (2, "2026-07-02T03:00:00+00:00", NOW)
    assert trust.find("VN", anchor_of(DER).key_id).issuer == "VN"


def test_an_empty_list_is_one():
    trust = signed_list(signed(listing()), LIST_PEM, NOW)
    assert (len(trust), trust.version) == (0, "")


def test_a_key_of_no_use_is_passed_over_and_still_counts_for_the_version():
    der = certificate(ec.generate_private_key(ec.SECP256K1()))
    useless = entry(der, timestamp="2026-07-03T00:00:00Z")
    trust = signed_list(signed(listing(entry(), useless)), LIST_PEM, NOW)
    assert (len(trust), trust.version) == (1, "2026-07-03T00:00:00+00:00")


@pytest.fixture
def elsewhere():
    """Put this machine into another time zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Asia/Ho_Chi_Minh-7"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_a_time_without_a_zone_is_utc_wherever_the_kiosk_stands():
    trust = signed_list(signed(listing(entry(timestamp="2026-07-01T10:00:00"))), LIST_PEM, NOW)
    assert trust.version == "2026-07-01T10:00:00+00:00"


SIGNED = signed(listing(entry()))


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 7))
def test_no_bit_of_a_signed_list_can_be_turned(place, bit):
    damaged = bytearray(SIGNED)
    damaged[place] ^= 1 << bit
    with pytest.raises(TrustError):
        signed_list(bytes(damaged), LIST_PEM, NOW)


def test_the_spare_bits_and_the_white_space_of_a_signature_cannot_be_turned():
    text, body = SIGNED.split(b"\n", 1)
    assert text.endswith(b"==")
    spare = text[:-3] + bytes([text[-3] + 1]) + b"==\n"
    assert base64.b64decode(spare) == base64.b64decode(text)
    for spelling in (spare, text + b"\r", text + b" \n", b"\n" + text, text + b"\n\n"):
        with pytest.raises(TrustError):
            signed_list(spelling + body, LIST_PEM, NOW)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}", SIGNED[:-1], SIGNED + b" ", SIGNED.partition(b"{")[0], SIGNED[1:], b"!" + SIGNED],
    ids=range(8),
)  # fmt: skip
def test_a_list_without_its_signature_is_refused(data):
    with pytest.raises(TrustError):
        signed_list(data, LIST_PEM, NOW)


def test_another_key_refuses_the_list():
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    wide = rsa.generate_private_key(65537, 2048).public_key()
    for key in (other, wide):
        with pytest.raises(TrustError):
            signed_list(SIGNED, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), NOW)


@pytest.mark.parametrize("key", [b"", b"no key", PEM, LIST_PEM[:-40]], ids=["empty", "text", "a certificate", "cut"])
def test_a_key_that_is_none_refuses_the_list(key):
    with pytest.raises(TrustError):
        signed_list(SIGNED, key, NOW)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{\xff}",
        b"{}",
        b'{"certificates": null}',
        b'{"certificates": {"a": 1}}',
        b'{"certificates": [[]]}',
        listing({}),
        listing(entry(timestamp="yesterday")),
        listing(entry(timestamp=5)),
        listing(entry(timestamp="0001-01-01T00:00:00+14:00")),
        listing(entry(rawData="!")),
        listing(entry(rawData=5)),
        listing(entry(kid="!")),
        listing(entry(kid="AAAAAAAAAAA=")),
        b"{" + b'"certificates":[{"kid":' + b"[" * 50_000,
    ],
)
def test_a_list_that_is_signed_and_laid_out_otherwise_is_refused(body):
    with pytest.raises(TrustError):
        signed_list(signed(body), LIST_PEM, NOW)


def test_certificates_of_our_own_issuers_are_anchors_for_passes():
    for algorithm in Algorithm:
        signer = make_signer("Hotel A", algorithm, NOW)
        anchor = anchor_of(signer.certificate)
        assert (anchor.issuer, anchor.algorithm, anchor.kinds) == ("Hotel A", algorithm, PASS_KINDS)
        assert (signer.issuer, signer.key_id) == ("Hotel A", anchor.key_id)


def test_a_signed_list_of_health_certificates_brings_no_key_for_passes():
    desk = make_signer("VN", Algorithm.ES256, NOW)
    key_id = base64.b64encode(desk.key_id).decode()
    trust = signed_list(signed(listing(entry(desk.certificate, kid=key_id))), LIST_PEM, NOW)
    anchor = trust.find("VN", desk.key_id)
    assert (anchor.kinds, anchor.formats) == (frozenset(), {Format.HC1})
