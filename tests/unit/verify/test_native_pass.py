from dataclasses import replace
from datetime import UTC, datetime, timedelta

import base45
import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.birth import HiddenBirthDate
from kiosk.domain.credential import PASS_KINDS, Format, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.verify import cose, envelope, hc1, native_pass, registry
from kiosk.verify.errors import MalformedError
from kiosk.verify.native_pass import BIRTH_HASH, ENTRIES, FACE, GROUP, NAME, PURPOSE, ZONE, PassContent, encode

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
CONTENT = PassContent(
    issuer="Hotel A",
    subject="guest-17",
    pass_id=b"\x01\x02",
    purpose=Kind.VISIT,
    zone="lobby",
    issued_at=NOW - timedelta(days=1),
    valid_from=NOW - timedelta(hours=1),
    valid_until=NOW + timedelta(hours=1),
)
CLAIMS = {1: "Hotel A", 2: "guest-17", 4: 1_900_000_000, 7: b"\x01", PURPOSE: "visit", ZONE: "lobby"}


def signed(signer, claims):
    return envelope.wrap(cose.sign(cbor2.dumps(claims), signer.key, signer.key_id), native_pass.PREFIX, compress=False)


def verify(text, trust, now=NOW):
    return registry.verify(text.encode(), trust, now)


def test_a_pass_comes_back_as_it_was_issued(hotel, trusting):
    content = replace(CONTENT, entries=3, name="Nguyễn Thị Ánh")
    found = verify(encode(content, hotel.key, hotel.key_id), trusting(hotel))
    assert isinstance(found, Verified)
    credential = found.credential
    assert (credential.format, credential.kind, credential.issuer) == (Format.PASS, Kind.VISIT, "Hotel A")
    assert (credential.credential_id, credential.holder.family_name) == ("0102", "Nguyễn Thị Ánh")
    assert credential.details == {"zone": "lobby", "entries": 3, "subject": "guest-17"}
    assert (credential.issued_at, credential.valid_from) == (CONTENT.issued_at, CONTENT.valid_from)
    assert credential.expires_at == CONTENT.valid_until
    assert (found.key_id, found.basis.version) == (hotel.key_id.hex(), "7")


def test_a_plain_pass_says_no_name_and_any_number_of_entries(hotel):
    credential = native_pass.parse(encode(CONTENT, hotel.key, hotel.key_id)).credential
    assert credential.holder.family_name == ""
    assert credential.details["entries"] == 0


@pytest.mark.parametrize("purpose", sorted(PASS_KINDS))
def test_every_purpose_of_a_pass(hotel, trusting, purpose):
    found = verify(encode(replace(CONTENT, purpose=purpose), hotel.key, hotel.key_id), trusting(hotel))
    assert isinstance(found, Verified)
    assert found.credential.kind is purpose


@pytest.mark.parametrize("purpose", sorted(set(Kind) - PASS_KINDS))
def test_no_pass_stands_for_a_certificate_or_a_card(hotel, purpose):
    with pytest.raises(ValueError, match="pass"):
        encode(replace(CONTENT, purpose=purpose), hotel.key, hotel.key_id)
    with pytest.raises(MalformedError) as caught:
        native_pass.parse(signed(hotel, {**CLAIMS, PURPOSE: purpose.value}))
    assert caught.value.reason is Reason.CLAIMS_INVALID


def test_a_face_and_a_birth_hash_travel_along(hotel):
    credential = native_pass.parse(signed(hotel, {**CLAIMS, FACE: b"f" * 512, BIRTH_HASH: b"h" * 16})).credential
    assert credential.details["face"] == b"f" * 512
    assert credential.holder.hidden_birth_date == HiddenBirthDate(bytes.fromhex(credential.credential_id), b"h" * 16)


def test_a_group_and_a_birth_date_that_can_be_compared_and_not_read(hotel, trusting):
    content = replace(CONTENT, group="guests", birth_date="1990-08-15")
    text = encode(content, hotel.key, hotel.key_id)
    credential = verify(text, trusting(hotel)).credential
    assert credential.details["group"] == "guests"
    assert credential.holder.hidden_birth_date.fits("1990-08-15")
    assert not credential.holder.hidden_birth_date.fits("1990-08-16")
    assert b"1990" not in base45.b45decode(text.removeprefix(native_pass.PREFIX))


@pytest.mark.parametrize("birth_date", ["1990", "1990-08", "15.08.1990"])
def test_a_part_of_a_birth_date_makes_no_pass(hotel, birth_date):
    with pytest.raises(ValueError, match="isoformat"):
        encode(replace(CONTENT, birth_date=birth_date), hotel.key, hotel.key_id)


def test_a_birth_hash_needs_the_id_of_its_pass(hotel):
    claims = {key: value for key, value in CLAIMS.items() if key != 7}
    assert native_pass.parse(signed(hotel, claims)).credential.credential_id == ""
    with pytest.raises(MalformedError) as caught:
        native_pass.parse(signed(hotel, {**claims, BIRTH_HASH: b"h" * 16}))
    assert caught.value.reason is Reason.CLAIMS_INVALID


@pytest.mark.parametrize(
    "claims",
    [
        {PURPOSE: "king"}, {PURPOSE: 1}, {PURPOSE: None}, {ZONE: 1}, {ZONE: "x" * 257}, {1: b"Hotel A"}, {2: 17},
        {NAME: b"name"}, {ENTRIES: -1}, {ENTRIES: 10_001}, {ENTRIES: True}, {ENTRIES: 1.0}, {ENTRIES: "1"},
        {7: "id"}, {7: b"x" * 33}, {7: None}, {FACE: b"x" * 513}, {FACE: "face"}, {BIRTH_HASH: b"x" * 17},
        {BIRTH_HASH: b"x" * 15}, {BIRTH_HASH: "x" * 16}, {GROUP: 7}, {GROUP: "x" * 257},
        {4: "never"}, {5: -1}, {6: True},
    ],
    ids=repr,
)  # fmt: skip
def test_claims_of_the_wrong_type_or_size_are_refused(hotel, claims):
    with pytest.raises(MalformedError) as caught:
        native_pass.parse(signed(hotel, {**CLAIMS, **claims}))
    assert caught.value.reason is Reason.CLAIMS_INVALID


def test_one_issuer_cannot_sign_in_anothers_name(hotel, other_hotel, trusting):
    text = encode(CONTENT, other_hotel.key, other_hotel.key_id)
    for trust in (trusting(other_hotel), trusting(hotel, other_hotel)):
        found = verify(text, trust)
        assert isinstance(found, Rejected)
        assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_NOT_ENTITLED,))


def test_a_key_for_certificates_signs_no_pass(signer, trusting):
    text = encode(replace(CONTENT, issuer="VN"), signer.key, signer.key_id)
    found = verify(text, trusting(signer))
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_NOT_ENTITLED,))


def test_a_key_for_passes_signs_no_certificate(hotel, trusting):
    text = certificate(hotel, vaccination(NOW), NOW)
    found = verify(text, trusting(hotel))
    assert (found.verdict, found.reasons) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_NOT_ENTITLED,))


def test_a_pass_under_the_other_prefix_is_no_certificate(hotel, signer, trusting):
    text = encode(CONTENT, hotel.key, hotel.key_id).replace(native_pass.PREFIX, hc1.PREFIX)
    assert verify(text, trusting(hotel)).reasons == (Reason.CLAIMS_INVALID,)
    text = certificate(signer, vaccination(NOW), NOW).replace(hc1.PREFIX, native_pass.PREFIX)
    assert verify(text, trusting(signer)).reasons == (Reason.CLAIMS_INVALID,)


@pytest.mark.parametrize("bit", range(8))
@given(data=st.data())
def test_no_bit_of_a_pass_can_be_turned(hotel, trusting, bit, data):
    turned = bytearray(encode(CONTENT, hotel.key, hotel.key_id).encode())
    turned[data.draw(st.integers(0, len(turned) - 1))] ^= 1 << bit
    assert isinstance(registry.verify(bytes(turned), trusting(hotel), NOW), Rejected)
