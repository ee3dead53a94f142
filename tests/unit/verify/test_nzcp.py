"""New Zealand passes, signed by issuers made for the test."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Holder, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.testing.health_cards import PassIssuer
from kiosk.verify import cose, nzcp, registry
from kiosk.verify.errors import MalformedError
from kiosk.verify.jwk import anchors_in_did

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
BEGINS, ENDS = NOW - timedelta(days=30), NOW + timedelta(days=150)
ISSUER, OTHER = PassIssuer(), PassIssuer("did:web:other.example")
CLAIMS = ISSUER.claims(BEGINS, ENDS)
PASS = ISSUER.encode(CLAIMS)


def trusting(*issuers):
    anchors = [a for one in issuers for a in anchors_in_did(json.dumps(one.document()).encode(), one.did)]
    return TrustList.of(anchors, version="7", imported_at=NOW)


def verify(text, trust=None, now=NOW):
    return registry.verify(text.encode(), trusting(ISSUER) if trust is None else trust, now)


def said(*args, **more):
    found = verify(*args, **more)
    return found.verdict, found.reasons


def refusal(text):
    with pytest.raises(MalformedError) as caught:
        nzcp.parse(text)
    return caught.value.reason


def changed(claims):
    return ISSUER.encode({**CLAIMS, **claims})


def about(**subject):
    return changed({"vc": {**CLAIMS["vc"], "credentialSubject": subject}})


def test_a_pass_is_read_and_believed():
    found = verify(PASS)
    assert isinstance(found, Verified)
    credential = found.credential
    assert (credential.format, credential.kind, credential.issuer) == (Format.NZCP, Kind.VACCINATION, ISSUER.did)
    assert credential.holder == Holder("Example", "Aroha Mẫu", "1990-01-01")
    assert credential.credential_id == "urn:uuid:00000000-0000-0000-0000-000000000011"
    assert (credential.valid_from, credential.expires_at, credential.issued_at) == (BEGINS, ENDS, None)
    assert credential.details == {"complete": True}
    assert bytes.fromhex(found.key_id) == b"key-1"


def test_a_holder_may_have_one_name():
    assert nzcp.parse(about(givenName="Aroha", dob="1990-01-01")).credential.holder.family_name == ""


def test_its_base32_comes_without_padding():
    lengths = set()
    for extra in range(8):
        text = changed({1: ISSUER.did + "a" * extra})
        lengths.add(len(text.removeprefix(nzcp.PREFIX)) % 8)
        assert nzcp.parse(text).credential.issuer == ISSUER.did + "a" * extra
    assert lengths == {0, 2, 4, 5, 7}


# verdicts


def test_an_issuer_that_nobody_trusts():
    assert said(PASS, trusting(OTHER)) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))


def test_an_equal_key_id_of_another_issuer_means_nothing():
    forged = replace(OTHER, did=ISSUER.did).encode(CLAIMS)
    assert said(forged, trusting(OTHER)) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))
    assert said(forged, trusting(OTHER, ISSUER)) == (Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,))


def test_before_and_after_its_time():
    assert said(PASS, now=BEGINS - timedelta(hours=1)) == (Verdict.NOT_YET_VALID, (Reason.NOT_YET_VALID,))
    assert said(PASS, now=ENDS + timedelta(seconds=1)) == (Verdict.EXPIRED, (Reason.EXPIRED,))


def test_a_pass_has_an_end():
    endless = {key: value for key, value in CLAIMS.items() if key != 4}
    assert said(ISSUER.encode(endless)) == (Verdict.MALFORMED, (Reason.EXPIRY_MISSING,))


def test_a_withdrawn_pass():
    (identifier, *_) = nzcp.parse(PASS).identifiers
    assert said(PASS, replace(trusting(ISSUER), revoked=frozenset({identifier}))) == (
        Verdict.REVOKED, (Reason.REVOKED,),
    )  # fmt: skip


# what is no pass


@pytest.mark.parametrize("text", ["NZCP:/", "NZCP:/2/" + PASS[8:], "NZCP:/1" + PASS[8:], "NZCP:/01/" + PASS[8:]])
def test_another_version_is_not_known(text):
    assert refusal(text) is Reason.UNKNOWN_FORMAT


@pytest.mark.parametrize("body", ["", "a", "A", "AB1", "AAAA====", "ABC", "ÀÀ", "AA AA", "AA\nAA", "AAAAAAAAA"])
def test_what_is_no_base32(body):
    assert refusal("NZCP:/1/" + body) is Reason.BASE32_INVALID


def test_the_scheme_is_in_capitals():
    assert verify(PASS.lower()).reasons == (Reason.UNKNOWN_FORMAT,)


@pytest.mark.parametrize(
    "claims",
    [
        {1: ""}, {1: None}, {1: 1}, {1: "https://passes.example"}, {5: None}, {5: "1"}, {4: "never"}, {7: None},
        {7: "urn:uuid:1"}, {7: b""}, {7: bytes(15)}, {7: bytes(17)},
    ],
    ids=repr,
)  # fmt: skip
def test_claims_of_the_wrong_type_or_size_are_refused(claims):
    assert refusal(changed(claims)) is Reason.CLAIMS_INVALID


def test_claims_are_a_map():
    message = cose.sign(cbor2.dumps([1, 2]), ISSUER.key, b"key-1")
    assert refusal("NZCP:/1/" + base64.b32encode(message).decode().rstrip("=")) is Reason.CLAIMS_INVALID


@pytest.mark.parametrize(
    "vc",
    [
        None, {}, [], {"@context": []}, {"@context": ["https://example.org"]}, {"@context": "https://www.w3.org"},
        {"type": ["VerifiableCredential"]}, {"type": "PublicCovidPass"}, {"version": "2.0.0"}, {"version": 1},
        {"credentialSubject": None},
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_pass_has_to_say_of_itself(vc):
    value = {**CLAIMS["vc"], **vc} if isinstance(vc, dict) and vc else vc
    assert refusal(changed({"vc": value})) is Reason.SCHEMA_INVALID


@pytest.mark.parametrize(
    "subject",
    [
        {}, {"givenName": "A"}, {"dob": "1990-01-01"}, {"givenName": "", "dob": "1990-01-01"},
        {"givenName": 1, "dob": "1990-01-01"}, {"givenName": "A" * 257, "dob": "1990-01-01"},
        {"givenName": "A", "dob": "1990"}, {"givenName": "A", "dob": "1990-02-30"}, {"givenName": "A", "dob": 1990},
        {"givenName": "A", "dob": "1990-01-01", "familyName": 1},
    ],
    ids=lambda subject: repr(subject)[:50],
)  # fmt: skip
def test_a_holder_has_a_given_name_and_a_birth_date(subject):
    assert refusal(about(**subject)) is Reason.SCHEMA_INVALID


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", max_size=100) | st.text(max_size=30))
def test_random_text_is_refused_and_never_raises(text):
    found = verify("NZCP:/1/" + text, TrustList())
    assert (found.verdict, found.format) == (Verdict.MALFORMED, Format.NZCP)


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_never_raise(data):
    text = "NZCP:/1/" + base64.b32encode(data).decode().rstrip("=")
    assert isinstance(verify(text), Rejected)


@pytest.mark.parametrize("bit", range(8))
@given(data=st.data())
def test_no_bit_of_a_pass_can_be_turned(bit, data):
    turned = bytearray(PASS.encode())
    turned[data.draw(st.integers(0, len(turned) - 1))] ^= 1 << bit
    assert isinstance(registry.verify(bytes(turned), trusting(ISSUER), NOW), Rejected)


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=1, max_size=40))
def test_base32_is_read_as_the_library_reads_it_in_one_spelling(text):
    try:
        expected = base64.b32decode(text + "=" * (-len(text) % 8))
    except ValueError:
        expected = b""
    if base64.b32encode(expected).decode().rstrip("=") == text:
        assert nzcp._unbase32(text) == expected
    else:
        with pytest.raises(MalformedError):
            nzcp._unbase32(text)
