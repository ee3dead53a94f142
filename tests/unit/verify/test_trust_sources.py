"""What trust comes in, recognised by its content."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import Format
from kiosk.domain.trust import Algorithm, Role, TrustError
from kiosk.testing.health_cards import CardIssuer, PassIssuer
from kiosk.testing.seals import AUTHORITY, LIST_SIGNER, certify, master_list
from kiosk.testing.tickets import Organiser
from kiosk.verify import trust_document, trust_sources
from kiosk.verify.trust_document import TrustDocument
from kiosk.verify.trust_list import anchor_of
from kiosk.verify.trust_sources import Given, Reader, json_with, plain, read, reader, recognise

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
DESK = make_signer("Desk", Algorithm.ES256, NOW)
VENUE = make_signer("Venue", Algorithm.ED25519, NOW)
LIST_KEY = ec.generate_private_key(ec.SECP256R1())
LIST_PEM = LIST_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


CARDS, PASSES, ORGANISER = CardIssuer(), PassIssuer(), Organiser()
ORGANISER_PEM = ORGANISER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
CSCA = certify(AUTHORITY)
LISTER = certify(LIST_SIGNER, CSCA)
DIRECTORY = json.dumps({
    "participating_issuers": [{"iss": CARDS.iss, "name": "Made-up clinic"}],
    "issuerInfo": [{"issuer": {"iss": CARDS.iss}, "keys": json.loads(CARDS.jwks())["keys"], "crls": []}],
}).encode()  # fmt: skip


def pem(der):
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def signed_list():
    kid = base64.b64encode(DESK.key_id).decode()
    entry = {"rawData": base64.b64encode(DESK.certificate).decode(), "kid": kid, "country": "VN",
             "timestamp": "2026-07-01T00:00:00Z"}  # fmt: skip
    body = json.dumps({"certificates": [entry]}).encode()
    r, s = decode_dss_signature(LIST_KEY.sign(body, ec.ECDSA(hashes.SHA256())))
    return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")) + b"\n" + body


def document():
    said = TrustDocument("venue", 3, NOW, timedelta(days=5), (anchor_of(DESK.certificate),), frozenset({b"old"}))
    return trust_document.sign(said, VENUE.key, VENUE.key_id)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (document(), "document"), (signed_list(), "dcc"), (pem(DESK.certificate), "issuer"),
        (CARDS.jwks(), "shc"), (DIRECTORY, "shc"), (json.dumps(PASSES.document()).encode(), "nzcp"),
        (master_list([CSCA.certificate], LISTER), "vds"), (ORGANISER.public_key, "pretix"),
        (json.dumps([ORGANISER.public_key.decode()]).encode(), "pretix"), (ORGANISER_PEM, None),
        (DESK.certificate, "issuer"), (base64.b64encode(DESK.certificate), "issuer"),
    ],
    ids=count(),
)  # fmt: skip
def test_the_content_tells_what_it_is(data, name):
    found = recognise(data)
    assert (found.name if found else None) == name


@given(st.binary(max_size=300))
def test_recognising_never_raises(data):
    for prefix in (b"", b"{", b"MII", b"\xd2\x84"):
        recognise(prefix + data)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": 1}', b"{", b"[" * 10_000, b"text"])
def test_what_nobody_knows_is_nobodys(data):
    assert recognise(data) is None


def test_a_document_says_its_name_version_date_and_what_is_withdrawn():
    content = read(reader("document"), Given(document(), key=pem(VENUE.certificate)), NOW)
    assert (content.origin, content.version, content.issued_at) == ("venue", "3", NOW)
    assert (content.max_age, content.revoked_keys) == (timedelta(days=5), {b"old"})
    assert content.anchors == (anchor_of(DESK.certificate),)


def test_a_signed_list_has_a_version_and_no_date():
    content = read(reader("dcc"), Given(signed_list(), key=LIST_PEM), NOW)
    assert (content.version, content.issued_at) == ("2026-07-01T00:00:00+00:00", None)
    assert [anchor.issuer for anchor in content.anchors] == ["VN"]


def test_certificates_take_the_issuer_that_is_named():
    both = pem(DESK.certificate) + pem(VENUE.certificate)
    named = read(reader("issuer"), Given(both, "Hotel A"), NOW)
    assert [anchor.issuer for anchor in named.anchors] == ["Hotel A", "Hotel A"]
    assert [anchor.issuer for anchor in read(reader("issuer"), Given(both), NOW).anchors] == ["Desk", "Venue"]


def test_certificates_of_no_use_are_passed_over_and_none_at_all_is_an_error():
    useless = make_useless()
    content = read(reader("issuer"), Given(pem(useless) + pem(DESK.certificate)), NOW)
    assert len(content.anchors) == 1
    with pytest.raises(TrustError):
        read(reader("issuer"), Given(pem(useless)), NOW)


def make_useless():
    key = ec.generate_private_key(ec.SECP224R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Other curve")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize("name", ["document", "dcc"])
def test_what_is_signed_needs_the_key_of_who_signed_it(name):
    with pytest.raises(TrustError, match="key of who signed it"):
        read(reader(name), Given(document()), NOW)


def test_an_unknown_kind_is_answered_with_those_that_there_are():
    with pytest.raises(TrustError, match=r"one of document, dcc, .*issuer"):
        reader("x" * 100)


def test_a_reader_of_nameless_keys_asks_for_the_issuer():
    nameless = Reader(
        "keys", plain(lambda data, issuer: [anchor_of(data, issuer)]), json_with("keys"), names_issuer=False
    )
    with pytest.raises(TrustError, match="name the issuer"):
        read(nameless, Given(DESK.certificate), NOW)
    content = read(nameless, Given(DESK.certificate, "https://issuer.example"), NOW)
    assert [anchor.issuer for anchor in content.anchors] == ["https://issuer.example"]
    assert nameless.recognises(b' {"keys": [], "more": 1}')
    for other in (b'{"other": []}', b'{"keys": [', b'["keys"]', b'{"keys":' * 20_000):
        assert not nameless.recognises(other)


def test_every_kind_has_a_name_of_its_own():
    names = [one.name for one in trust_sources.READERS]
    assert sorted(set(names)) == sorted(names)


def anchors(kind, data, issuer="", key=b""):
    return read(reader(kind), Given(data, issuer, key), NOW).anchors


def test_keys_of_health_cards_need_their_issuer_and_a_directory_has_them():
    with pytest.raises(TrustError, match="name the issuer"):
        anchors("shc", CARDS.jwks())
    assert [(a.issuer, a.formats) for a in anchors("shc", CARDS.jwks(), CARDS.iss)] == [(CARDS.iss, {Format.SHC})]
    assert anchors("shc", DIRECTORY) == anchors("shc", CARDS.jwks(), CARDS.iss)


def test_a_did_document_names_itself():
    document = json.dumps(PASSES.document()).encode()
    assert [anchor.issuer for anchor in anchors("nzcp", document)] == [PASSES.did]
    for wrong in (b"{}", b"text", b'{"id": 5}'):
        with pytest.raises(TrustError):
            anchors("nzcp", wrong)
    with pytest.raises(TrustError):
        anchors("nzcp", document, "did:web:other.example")


def test_keys_of_pretix_need_a_name():
    with pytest.raises(TrustError, match="name the issuer"):
        anchors("pretix", ORGANISER.public_key)
    assert [anchor.issuer for anchor in anchors("pretix", ORGANISER.public_key, "festival")] == ["festival"]


def test_authorities_come_as_certificates_or_as_a_master_list():
    (authority,) = anchors("vds", pem(CSCA.certificate))
    assert (authority.role, authority.issuer) == (Role.AUTHORITY, "AU")
    listed = master_list([CSCA.certificate], LISTER)
    assert anchors("vds", listed) == anchors("vds", listed, key=pem(LISTER.certificate)) == (authority,)
    with pytest.raises(TrustError):
        anchors("vds", listed, key=pem(certify(LIST_SIGNER).certificate))
    with pytest.raises(TrustError):
        anchors("vds", listed, key=b"no certificate")
