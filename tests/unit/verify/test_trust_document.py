"""Our own trust documents: what is signed is read again, and nothing else is."""

import base64
import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.keys import make_signer
from kiosk.domain.credential import Format, Kind
from kiosk.domain.trust import Algorithm, TrustAnchor, TrustError
from kiosk.testing.seals import AUTHORITY, certify, new_key
from kiosk.verify import cose, csca, trust_document
from kiosk.verify.trust_document import TrustDocument, is_for, is_name, looks_like_one, read, sign, signing_keys
from kiosk.verify.trust_list import anchor_of

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
CENTRE = make_signer("Centre", Algorithm.ED25519, NOW)
DESK = anchor_of(make_signer("Bàn A", Algorithm.ES256, NOW).certificate)
TICKETS = TrustAnchor(
    "festival", b"a key's name", DESK.algorithm, DESK.public_key, frozenset({Kind.TICKET}), frozenset({Format.PRETIX})
)
CSCA = csca.anchors_in(certify(AUTHORITY).certificate)[0]
BRAINPOOL = csca.anchors_in(certify(AUTHORITY, key=new_key(ec.BrainpoolP256R1())).certificate)[0]
DOCUMENT = TrustDocument(
    "centre", 7, NOW, timedelta(days=10), (DESK, TICKETS, CSCA, BRAINPOOL), frozenset({b"\1\2"}),
    frozenset({"hanoi/gate", "hanoi/school/door-1"}),
)  # fmt: skip
SIGNED = sign(DOCUMENT, CENTRE.key, CENTRE.key_id)
KEYS = (anchor_of(CENTRE.certificate),)
SHORT = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 - to be refused
BODY = json.loads(cose.parse(SIGNED).payload)


def pem(key):
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sign_body(body):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return cose.sign(payload, CENTRE.key, CENTRE.key_id)


def entry(**changes):
    """Return the body with its first key changed."""
    return BODY | {"anchors": [BODY["anchors"][0] | changes]}


def test_what_was_signed_is_read_again():
    assert read(SIGNED, KEYS, NOW) == DOCUMENT
    assert looks_like_one(SIGNED)
    assert read(sign(replace(DOCUMENT, anchors=()), CENTRE.key, CENTRE.key_id), KEYS, NOW).anchors == ()


@pytest.mark.parametrize(
    ("audience", "meant"),
    [({"*"}, True), ({"a/b"}, True), ({"a/b/gate-1"}, True), ({"x/y", "a/b"}, True),
     ({"a/b/gate-2"}, False), ({"a/c"}, False), ({"a/c/gate-1"}, False), (set(), False)],
)  # fmt: skip
def test_a_document_says_which_kiosks_it_is_for(audience, meant):
    assert is_for(frozenset(audience), "a/b/gate-1") is meant


@pytest.mark.parametrize("algorithm", Algorithm)
def test_any_key_of_ours_may_sign(algorithm):
    signer = make_signer("Venue", algorithm, NOW)
    assert read(sign(DOCUMENT, signer.key, signer.key_id), [anchor_of(signer.certificate)], NOW) == DOCUMENT


@given(st.integers(0, len(SIGNED) - 1), st.integers(0, 7))
def test_no_bit_can_be_turned(place, bit):
    damaged = bytearray(SIGNED)
    damaged[place] ^= 1 << bit
    try:
        found = read(bytes(damaged), KEYS, NOW)
    except TrustError:
        return
    # The tag of the whole is not covered by the signature; nothing that is said can change.
    assert (place, found) == (0, DOCUMENT)


@given(st.binary(max_size=200))
def test_noise_is_refused(data):
    with pytest.raises(TrustError):
        read(data, KEYS, NOW)


def test_only_the_key_that_it_names_is_asked():
    other = make_signer("Centre", Algorithm.ED25519, NOW)
    with pytest.raises(TrustError, match="not known here"):
        read(SIGNED, [anchor_of(other.certificate)], NOW)
    assert read(SIGNED, [anchor_of(other.certificate), *KEYS], NOW) == DOCUMENT
    with pytest.raises(TrustError, match="signature is wrong"):
        read(SIGNED, [replace(anchor_of(other.certificate), key_id=CENTRE.key_id)], NOW)
    with pytest.raises(TrustError, match="not known here"):
        read(SIGNED, [], NOW)


def test_a_bare_public_key_will_do():
    assert read(SIGNED, signing_keys(pem(CENTRE.key.public_key())), NOW) == DOCUMENT


def test_certificates_are_keys_as_well_also_several():
    other = make_signer("Next", Algorithm.ES256, NOW)
    found = signing_keys(as_pem(CENTRE) + as_pem(other))
    assert [key.key_id for key in found] == [CENTRE.key_id, other.key_id]


def as_pem(signer):
    text = base64.encodebytes(signer.certificate)
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    "data",
    [
        b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        pem(ec.generate_private_key(ec.SECP192R1()).public_key()), pem(SHORT),
        b"-----BEGIN DATA-----\nAAAA\n-----END DATA-----\n",
    ],
    ids=["empty", "text", "damaged", "a small curve", "a short key", "something else"],
)  # fmt: skip
def test_a_key_of_no_use_is_refused(data):
    with pytest.raises(TrustError):
        signing_keys(data)


def test_a_document_of_tomorrow_is_refused_and_clocks_may_differ_by_five_minutes():
    assert read(SIGNED, KEYS, NOW - timedelta(minutes=5)) == DOCUMENT
    with pytest.raises(TrustError, match="clock"):
        read(SIGNED, KEYS, NOW - timedelta(minutes=6))
    assert read(SIGNED, KEYS, datetime.max.replace(tzinfo=UTC)) == DOCUMENT, "no moment is too late to compare with"


def test_words_of_a_later_version_entitle_to_nothing_here():
    found = read(sign_body(entry(kinds=["visit", "dance"], formats=["GK1", "new"])), KEYS, NOW).anchors[0]
    assert (found.kinds, found.formats) == ({Kind.VISIT}, {Format.PASS})
    assert read(sign_body(entry(kinds=["dance"])), KEYS, NOW).anchors[0].kinds == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"\xff", b"[]", b"[" * 5000, b'{"layout":1,"layout":1}', b'{"layout":NaN}', b"1.5", b"1" * 5000,
        BODY | {"layout": "kiosk-trust-2"}, BODY | {"more": 1},
        {key: value for key, value in BODY.items() if key != "anchors"},
        BODY | {"origin": "Centre"}, BODY | {"origin": ""}, BODY | {"origin": "-a"}, BODY | {"origin": "a" * 64},
        BODY | {"audience": []}, BODY | {"audience": ["hanoi"]}, BODY | {"audience": ["a/b/c/d"]},
        BODY | {"audience": ["a/"]}, BODY | {"audience": [7]}, BODY | {"audience": "*"},
        BODY | {"audience": ["*"] * 10_001},
        BODY | {"version": 0}, BODY | {"version": 1 << 53}, BODY | {"version": True}, BODY | {"version": "7"},
        BODY | {"max_age_days": 0}, BODY | {"max_age_days": 3651}, BODY | {"max_age_days": True},
        BODY | {"issued_at": "2026-07-05"}, BODY | {"issued_at": "yesterday"},
        BODY | {"issued_at": "0001-01-01T00:00:00+14:00"},
        BODY | {"revoked_keys": [""]}, BODY | {"revoked_keys": ["xy"]}, BODY | {"revoked_keys": [7]},
        BODY | {"revoked_keys": ["00" * 129]}, BODY | {"revoked_keys": ["00"] * 20_001},
        BODY | {"anchors": [7]}, BODY | {"anchors": [{}]}, BODY | {"anchors": [None] * 20_001},
        entry(more=1), entry(issuer=""), entry(issuer=5), entry(issuer="x" * 257), entry(key_id=""),
        entry(role="king"), entry(role=5), entry(role=[]), entry(role="authority", algorithm="RS256"),
        entry(role="authority", algorithm=[]),
        entry(algorithm="EdDSA"), entry(algorithm=5), entry(public_key="!"), entry(public_key=5),
        entry(public_key="AAAA"), entry(public_key="A" * 2052), entry(kinds=[]), entry(kinds="visit"),
        entry(kinds=[5]), entry(formats=["GK1"] * 65), entry(valid_until=5), entry(valid_until="2026-07-05"),
    ],
    ids=range(62),
)  # fmt: skip
def test_what_is_signed_and_laid_out_otherwise_is_refused(body):
    with pytest.raises(TrustError):
        read(sign_body(body), KEYS, NOW)


def test_a_key_that_nothing_here_is_signed_with_is_refused():
    der = SHORT.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(TrustError):
        read(sign_body(entry(public_key=base64.b64encode(der).decode(), algorithm="PS256")), KEYS, NOW)


def test_size_is_looked_at_before_anything_else():
    with pytest.raises(TrustError, match="too large"):
        read(bytes(trust_document.MAX_DOCUMENT + 1), KEYS, NOW)


def test_a_document_that_no_kiosk_would_take_is_not_signed():
    for bad in (
        replace(DOCUMENT, origin="Centre"), replace(DOCUMENT, version=0),
        replace(DOCUMENT, max_age=timedelta(hours=1)), replace(DOCUMENT, anchors=(replace(DESK, issuer=""),)),
    ):  # fmt: skip
        with pytest.raises(TrustError):
            sign(bad, CENTRE.key, CENTRE.key_id)
    wide = replace(DESK, issuer="ắ" * 256, key_id=b"x" * 128)
    with pytest.raises(TrustError, match="too large"):
        sign(replace(DOCUMENT, anchors=(wide,) * 20_000), CENTRE.key, CENTRE.key_id)


def test_names():
    assert all(map(is_name, ("a", "centre-1", "0", "a" * 63)))
    assert not any(map(is_name, ("", "-a", "A", "a_b", "a" * 64, "a/b", "ä", "..")))


def test_nothing_is_signed_by_a_certificate_that_had_ended():
    end = KEYS[0].valid_until
    for when, right in ((end, True), (end + timedelta(seconds=1), False)):
        signed = sign(replace(DOCUMENT, issued_at=when), CENTRE.key, CENTRE.key_id)
        with contextlib.nullcontext() if right else pytest.raises(TrustError, match="had ended"):
            read(signed, KEYS, when)
