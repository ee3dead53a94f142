"""SMART Health Cards, signed by issuers made for the test."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Rejected, Verdict, Verified
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.testing.health_cards import (
    CardIssuer,
    bundle,
    deflate,
    digits,
    dose,
    in_parts,
    lab_result,
    numeric,
    patient,
)  # fmt: skip
from kiosk.verify import registry, revocation, shc
from kiosk.verify.errors import MalformedError
from kiosk.verify.jwk import anchors_in_jwks

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
ISSUED = NOW - timedelta(days=30)
ISSUER, OTHER = CardIssuer(), CardIssuer("https://other.example")
BUNDLE = bundle(patient(), dose("2026-05-01"), dose("2026-05-29"))
CLAIMS = ISSUER.claims(BUNDLE, ISSUED, rid="abc_-9")
CARD = ISSUER.card(CLAIMS)


def trusting(*issuers, revoked=()):
    anchors = [anchor for one in issuers for anchor in anchors_in_jwks(one.jwks(), one.iss)]
    return replace(TrustList.of(anchors, version="7", imported_at=NOW), revoked=frozenset(revoked))


def verify(text, trust=None, now=NOW):
    trust = trusting(ISSUER) if trust is None else trust
    return registry.verify(text.encode(), trust.as_of(now) if now < NOW else trust, now)


def test_a_key_that_two_sources_have_is_one_key():
    assert isinstance(verify(CARD, TrustList.merged([trusting(ISSUER), trusting(ISSUER, OTHER)])), Verified)


def said(*args, **more):
    found = verify(*args, **more)
    return found.verdict, found.reasons


def refusal(text):
    with pytest.raises(MalformedError) as caught:
        shc.parse(text)
    return caught.value.reason


def changed(**claims):
    return ISSUER.card({**CLAIMS, **claims})


def changed_vc(**vc):
    return ISSUER.card({**CLAIMS, "vc": {**CLAIMS["vc"], **vc}})


# what is read


def test_a_card_is_read_and_believed():
    found = verify(CARD)
    assert isinstance(found, Verified)
    credential = found.credential
    assert (credential.format, credential.kind, credential.issuer) == (Format.SHC, Kind.VACCINATION, ISSUER.iss)
    assert (credential.holder.family_name, credential.holder.birth_date) == ("Nguyễn", "1990-01-01")
    assert (credential.details["dose"], credential.details["series"], credential.details["rid"]) == (2, 2, "abc_-9")
    assert (credential.issued_at, credential.valid_from, credential.expires_at) == (ISSUED, ISSUED, None)
    assert (credential.credential_id, bytes.fromhex(found.key_id)) == ("abc_-9", ISSUER.jwk["kid"].encode())


def test_a_card_about_a_test():
    found = verify(ISSUER.card(ISSUER.claims(bundle(patient(), lab_result("2026-07-04")), ISSUED)))
    assert found.credential.kind is Kind.TEST
    assert "rid" not in found.credential.details


def test_a_card_without_an_identifier_is_known_by_its_signature():
    claims = ISSUER.claims(BUNDLE, ISSUED)
    one, other = (shc.parse(ISSUER.card(claims)).credential.credential_id for _ in range(2))
    assert len(one) == len(other) == 32
    assert one != other


def test_bytes_after_the_stream_are_passed_over():
    payload = deflate(json.dumps(CLAIMS).encode())
    assert isinstance(verify(numeric(ISSUER.sign(payload + b"\0\1rest"))), Verified)
    assert refusal(numeric(ISSUER.sign(payload[:-1]))) is Reason.INFLATE_FAILED


def test_whole_numbers_and_fractions_are_times():
    assert shc.parse(changed(nbf=1_780_000_000.75)).credential.issued_at == datetime.fromtimestamp(1_780_000_000, UTC)
    assert shc.parse(changed(exp=1_780_000_001)).credential.expires_at == datetime.fromtimestamp(1_780_000_001, UTC)


# verdicts


def test_an_issuer_that_nobody_trusts():
    assert said(CARD, trusting(OTHER)) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))


def test_a_key_counts_only_in_its_issuers_name():
    """The same key under another name: whoever publishes a stranger's key cannot speak for the stranger."""
    stolen = replace(ISSUER, iss="https://thief.example")
    assert said(stolen.card({**CLAIMS, "iss": stolen.iss})) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))
    assert isinstance(verify(CARD, trusting(stolen, ISSUER)), Verified)


def test_a_key_of_another_format_means_nothing():
    trust = trusting(ISSUER)
    (anchor,) = next(iter(trust.anchors.values()))
    dcc = TrustList.of([replace(anchor, formats=frozenset({Format.HC1}))], version="7", imported_at=NOW)
    assert said(CARD, dcc) == (Verdict.UNKNOWN_ISSUER, (Reason.ISSUER_UNKNOWN,))


def test_two_keys_of_one_name_are_none():
    trust = trusting(ISSUER)
    (anchor,) = next(iter(trust.anchors.values()))
    two = TrustList.of([anchor, replace(anchor, public_key=b"other")], version="7", imported_at=NOW)
    assert said(CARD, two) == (Verdict.UNKNOWN_ISSUER, (Reason.KEY_AMBIGUOUS,))


def test_a_card_names_its_key():
    assert said(ISSUER.card(CLAIMS, kid=None)) == (Verdict.UNKNOWN_ISSUER, (Reason.KEY_ID_MISSING,))


def test_another_algorithm_is_not_even_tried():
    assert said(ISSUER.card(CLAIMS, alg="none")) == (Verdict.BAD_SIGNATURE, (Reason.ALGORITHM_MISMATCH,))
    assert said(ISSUER.card(CLAIMS, alg="HS256")) == (Verdict.BAD_SIGNATURE, (Reason.ALGORITHM_MISMATCH,))


def test_a_forged_card():
    forged = replace(OTHER, iss=ISSUER.iss).card(CLAIMS, kid=ISSUER.jwk["kid"])
    assert said(forged) == (Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,))


def test_before_and_after_its_time():
    assert said(CARD, now=ISSUED - timedelta(hours=1)) == (Verdict.NOT_YET_VALID, (Reason.NOT_YET_VALID,))
    ends = changed(exp=(NOW - timedelta(days=1)).timestamp())
    assert said(ends) == (Verdict.EXPIRED, (Reason.EXPIRED,))
    assert isinstance(verify(ends, now=NOW - timedelta(days=2)), Verified)


@pytest.mark.parametrize("rid", ["abc_-9", "other"])
def test_a_withdrawn_card(rid):
    trust = trusting(ISSUER, revoked=[revocation.shc_identifier(ISSUER.iss, ISSUER.jwk["kid"], rid)])
    assert isinstance(verify(CARD, trust), Rejected) is (rid == "abc_-9")


def test_a_rid_of_another_issuer_or_key_withdraws_nothing():
    others = [
        revocation.shc_identifier(OTHER.iss, ISSUER.jwk["kid"], "abc_-9"),
        revocation.shc_identifier(ISSUER.iss, OTHER.jwk["kid"], "abc_-9"),
    ]
    assert isinstance(verify(CARD, trusting(ISSUER, revoked=others)), Verified)


def test_a_card_can_be_withdrawn_by_its_signature():
    claimed = shc.parse(ISSUER.card(ISSUER.claims(BUNDLE, ISSUED)))
    assert len(claimed.identifiers) == 1
    assert len(shc.parse(CARD).identifiers) == 2


# what is no card


@pytest.mark.parametrize(
    "text", ["shc:/", "shc:/1", "shc:/567", "shc:/56 7", "shc:/5a", "shc:/\uff19\uff19", "shc:/99", "shc:/00" * 2,
             "shc:/1/1/56", "shc:/0/2/56", "shc:/3/2/56", "shc:/1/11/56", "shc:/01/2/56", "shc://1/2/56",
             "shc:/1/2/", "shc:/\n56"],
)  # fmt: skip
def test_digits_that_stand_for_nothing(text):
    assert refusal(text) is Reason.JWS_INVALID


def test_every_letter_of_a_jws_has_its_digits():
    letters = "".join(map(chr, range(45, 123)))
    assert shc._compact("shc:/" + digits(letters)) == letters


@pytest.mark.parametrize("compression", [None, "GZ", ["DEF"]])
def test_a_payload_is_compressed_as_the_specification_says(compression):
    assert refusal(ISSUER.card(CLAIMS, zip=compression)) is Reason.INFLATE_FAILED


def test_it_inflates_to_64_kb_and_no_further():
    fits = json.dumps({**CLAIMS, "": ""}).encode()
    fits = fits.replace(b'"": ""', b'"": "' + b"a" * (65_536 - len(fits)) + b'"')
    assert isinstance(verify(numeric(ISSUER.sign(deflate(fits)))), Verified)
    assert refusal(numeric(ISSUER.sign(deflate(fits + b" ")))) is Reason.INFLATED_TOO_LARGE
    assert refusal(numeric(ISSUER.sign(deflate(bytes(1_000_000))))) is Reason.INFLATED_TOO_LARGE


@pytest.mark.parametrize("payload", [b"", b"[]", b"1", b'{"iss":1,"iss":1}', b"{", b'{"nbf":NaN}', b"[" * 60_000])
def test_a_payload_is_one_object(payload):
    assert refusal(numeric(ISSUER.sign(deflate(payload)))) is Reason.CLAIMS_INVALID


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": None}, {"iss": 1}, {"iss": ""}, {"iss": "http://cards.example"}, {"iss": "https://"},
        {"iss": "https://cards.example/"}, {"iss": "https://a b"}, {"iss": "https://a\u0000"},
        {"iss": "https://" + "a" * 249},
        {"nbf": None}, {"nbf": "1"}, {"nbf": -1}, {"nbf": True}, {"nbf": 1e15}, {"exp": "1"}, {"exp": 10**19},
        {"vc": None}, {"vc": []}, {"vc": {}},
    ],
    ids=lambda claims: repr(claims)[:40],
)  # fmt: skip
def test_claims_of_the_wrong_type_or_size_are_refused(claims):
    assert refusal(changed(**claims)) is Reason.CLAIMS_INVALID


@pytest.mark.parametrize(
    "vc",
    [
        {"type": None}, {"type": shc.HEALTH_CARD}, {"type": []}, {"type": ["https://smarthealth.cards#covid19"]},
        {"rid": 1}, {"rid": None}, {"rid": "a" * 25}, {"rid": "a.1"}, {"rid": "é"}, {"rid": "a\n"},
        {"credentialSubject": None}, {"credentialSubject": []},
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_health_card_has_to_say_of_itself(vc):
    assert refusal(changed_vc(**vc)) is Reason.CLAIMS_INVALID


def test_types_that_are_not_known_are_passed_over():
    types = ["https://smarthealth.cards#immunization", shc.HEALTH_CARD, "urn:other", 1]
    assert isinstance(verify(changed_vc(type=types)), Verified)


def test_a_card_without_a_bundle_says_nothing():
    assert refusal(changed_vc(credentialSubject={})) is Reason.SCHEMA_INVALID


def test_the_scheme_is_in_small_letters():
    assert verify(CARD.upper()).reasons == (Reason.UNKNOWN_FORMAT,)


# several parts


@pytest.mark.parametrize("total", [2, 3, 10])
def test_parts_are_verified_together_in_any_order(total):
    parts = in_parts(CARD, total)
    assert verify("\n".join(parts)) == verify("\n".join(reversed(parts))) == verify("\r\n".join(parts)) == verify(CARD)


def test_a_part_alone_is_a_part():
    for part in in_parts(CARD, 3):
        assert said(part) == (Verdict.MALFORMED, (Reason.PART_OF_MORE,))
    assert said("\n".join(in_parts(CARD, 3)[:2])) == (Verdict.MALFORMED, (Reason.PART_OF_MORE,))


def test_parts_that_do_not_go_together():
    one, two = in_parts(CARD, 2)
    _, two_of_three, _ = in_parts(CARD, 3)
    wrong = [[one, one], [one, two, two], [one, two_of_three], [one, CARD], [CARD, two], [one, two, "x"], [one, "x"]]
    for lines in wrong:
        assert refusal("\n".join(lines)) is Reason.JWS_INVALID


def test_a_card_in_parts_may_be_longer_than_a_code():
    many = bundle(patient(), *[dose(f"2026-05-{day:02}", lotNumber=f"{day * 7919**4:x}") for day in range(1, 29)])
    card = numeric(ISSUER.sign(json.dumps(ISSUER.claims(many, ISSUED)).encode(), zip=None))
    assert len(card) > registry.MAX_TEXT
    assert said(card) == (Verdict.MALFORMED, (Reason.TOO_LONG,))
    assert said("\n".join(in_parts(card, 10))) == (Verdict.MALFORMED, (Reason.INFLATE_FAILED,)), "it was read so far"
    assert said("\r\n".join(in_parts(card, 10)) + "\r\n")[1] == (Reason.INFLATE_FAILED,)
    assert said("\n".join(in_parts(card * 3, 10))) == (Verdict.MALFORMED, (Reason.TOO_LONG,)), "a part is a code"


def test_parts_of_two_cards_have_no_good_signature():
    one, two = in_parts(CARD, 2), in_parts(ISSUER.card({**CLAIMS, "nbf": 1}), 2)
    assert isinstance(verify("\n".join([one[0], two[1]])), Rejected)


# whatever comes


@given(st.text("0123456789/", max_size=200) | st.text(max_size=50))
def test_random_text_is_refused_and_never_raises(text):
    found = verify("shc:/" + text.replace("\ud800", ""), TrustList())
    assert (found.verdict, found.format) == (Verdict.MALFORMED, Format.SHC)


@pytest.mark.parametrize("bit", range(8))
@given(data=st.data())
def test_no_bit_of_a_card_can_be_turned(bit, data):
    turned = bytearray(CARD.encode())
    turned[data.draw(st.integers(0, len(turned) - 1))] ^= 1 << bit
    assert isinstance(registry.verify(bytes(turned), trusting(ISSUER), NOW), Rejected)


@given(st.binary(max_size=300))
def test_any_signed_bytes_are_read_or_refused(payload):
    for text in (numeric(ISSUER.sign(payload)), numeric(ISSUER.sign(deflate(payload)))):
        assert isinstance(verify(text), Rejected)
