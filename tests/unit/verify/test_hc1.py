from datetime import UTC, date, datetime, timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Format, Kind, Verified
from kiosk.domain.reasons import Reason
from kiosk.testing.health_certificates import certificate, forge, vaccination
from kiosk.verify import cose, envelope, hc1, registry
from kiosk.verify.errors import MalformedError

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
SHOT = vaccination(NOW - timedelta(days=30))
TEST = {
    "ver": "1.3.0",
    "nam": {"fnt": "NGUYEN"},
    "dob": "1990-01-01",
    "t": [{"tg": "840539006", "tt": "LP6464-4", "sc": "2026-07-04T08:00:00Z", "tr": "260415000", "co": "VN",
           "is": "Unit", "ci": "URN:UVCI:01:VN:T1"}],
}  # fmt: skip
RECOVERY = {
    "ver": "1.3.0",
    "nam": {"fnt": "NGUYEN"},
    "dob": "1990-01-01",
    "r": [{"tg": "840539006", "fr": "2026-05-01", "df": "2026-05-12", "du": "2026-11-01", "co": "VN", "is": "Unit",
           "ci": "URN:UVCI:01:VN:R1"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def read(signer):
    """Return a function that signs a payload, or whole claims, and reads it back."""

    def parse(payload=None, **claims):
        content = {1: "VN", 4: 1_900_000_000, 6: 1_700_000_000, -260: {1: payload}}
        content |= {int(key[1:]): value for key, value in claims.items()}
        message = cose.sign(cbor2.dumps(content), signer.key, signer.key_id)
        return hc1.parse(envelope.wrap(message, hc1.PREFIX, compress=True)).credential

    return parse


@pytest.fixture(scope="module")
def refusal(read):
    def reason(payload, **claims):
        with pytest.raises(MalformedError) as caught:
            read(payload, **claims)
        return caught.value.reason

    return reason


def shot(**changes):
    """Return the vaccination with fields of its one entry changed."""
    return {**SHOT, "v": [{**SHOT["v"][0], **changes}]}


def without(payload, *keys):
    return {key: value for key, value in payload.items() if key not in keys}


def test_a_vaccination(read):
    found = read(SHOT)
    assert (found.format, found.kind, found.issuer) == (Format.HC1, Kind.VACCINATION, "VN")
    assert found.credential_id == "URN:UVCI:01:VN:SAMPLE000000000000#0"
    assert (found.details["dose"], found.details["series"], found.details["product"]) == (2, 2, "EU/1/20/1528")
    assert (found.details["event_date"], found.details["country"]) == ("2026-06-05", "VN")
    holder = found.holder
    assert (holder.family_name, holder.given_name, holder.birth_date) == ("Nguyễn Thị", "Mẫu", "1990-01-01")
    assert (holder.family_name_icao, holder.given_name_icao) == ("NGUYEN<THI", "MAU")


def test_a_test(read):
    found = read(TEST)
    assert found.kind is Kind.TEST
    assert (found.details["result"], found.details["event_date"]) == ("260415000", "2026-07-04T08:00:00Z")


def test_a_recovery(read):
    found = read(RECOVERY)
    assert (found.kind, found.details["event_date"]) == (Kind.RECOVERY, "2026-05-01")


def test_times_come_from_the_claims(read):
    found = read(SHOT, c4=1_900_000_000.5, c5=1_700_000_001, c6=cbor2.CBORTag(1, 1_700_000_000))
    assert found.expires_at == datetime.fromtimestamp(1_900_000_000, UTC)
    assert found.valid_from == datetime.fromtimestamp(1_700_000_001, UTC)
    assert found.issued_at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize("issuer", ["CNAM", "CH BAG", "", None])
def test_the_issuer_need_not_be_a_country(read, issuer):
    assert read(SHOT, c1=issuer).issuer == (issuer or "")


def test_who_has_one_name_only_may_have_no_family_name(read):
    holder = read({**SHOT, "nam": {"fnt": "", "gn": "Mẫu", "gnt": "MAU"}}).holder
    assert (holder.family_name_icao, holder.given_name_icao) == ("", "MAU")


@pytest.mark.parametrize("payload", [{**SHOT, "t": None, "r": None}, {**SHOT, "t": []}, {**SHOT, "x": None}])
def test_empty_and_null_groups_count_as_absent(read, payload):
    assert read(payload).kind is Kind.VACCINATION


@pytest.mark.parametrize(
    "payload",
    [shot(dn=2.0, sd=2.0), shot(co=" VN "), shot(ma=" ORG-100030215"), shot(xx=None), shot(dt="2026-06-05 "),
     shot(dt=cbor2.CBORTag(0, "2026-06-05")), shot(dt=cbor2.CBORTag(1004, "2026-06-05"))],
    ids=["whole floats", "spaces", "space", "a null", "a space after a date", "a tagged date", "a full-date"],
)  # fmt: skip
def test_what_real_issuers_write_is_read_as_meant(read, payload):
    found = read(payload)
    assert (found.details["dose"], found.details["country"]) == (2, "VN")
    assert type(found.details["dose"]) is int
    assert found.details["event_date"] == "2026-06-05"


@pytest.mark.parametrize("birth", ["", "1990", "1990-05", "1990-05-31", "1990-05-31T00:00:00", "1990-05-31T00:00:00Z"])
def test_birth_dates_may_be_partial(read, birth):
    assert read({**SHOT, "dob": birth}).holder.birth_date == birth


def test_a_birth_date_may_be_absent(read):
    assert read(without(SHOT, "dob")).holder.birth_date == ""
    assert read({**SHOT, "dob": None}).holder.birth_date == ""


@pytest.mark.parametrize(
    "birth", ["90", "1990-5", "1990-13", "1990-02-30", "31.05.1990", "1990/05/31", "T", "1990-02-30T00:00:00", 1990]
)
def test_a_birth_date_that_is_none_is_refused(refusal, birth):
    assert refusal({**SHOT, "dob": birth}) is Reason.SCHEMA_INVALID


@pytest.mark.parametrize(
    "payload",
    {
        "two groups": {**SHOT, "t": TEST["t"]},
        "three groups": {**SHOT, "t": TEST["t"], "r": RECOVERY["r"]},
        "no group": without(SHOT, "v"),
        "an empty group": {**SHOT, "v": []},
        "two vaccinations": {**SHOT, "v": SHOT["v"] * 2},
        "a group that is no list": {**SHOT, "v": SHOT["v"][0]},
        "a group of text": {**SHOT, "v": ["x"]},
        "a group of null": {**SHOT, "v": [None]},
        "no version": without(SHOT, "ver"),
        "a version that is no text": {**SHOT, "ver": 1.3},
        "no name": without(SHOT, "nam"),
        "a name that is text": {**SHOT, "nam": "NGUYEN"},
        "no transliterated family name": {**SHOT, "nam": {"fn": "Nguyễn"}},
        "a name that is no text": {**SHOT, "nam": {"fnt": "NGUYEN", "gn": 5}},
        "a name beyond all measure": {**SHOT, "nam": {"fnt": "NGUYEN", "fn": "x" * 513}},
        "no certificate identifier": shot(ci=None),
        "an empty identifier": shot(ci=" "),
        "a country that is no text": shot(co=84),
        "a text beyond all measure": shot(ma="x" * 513),
        "no doses": shot(dn=None),
        "no doses in the series": shot(sd=None),
        "half a dose": shot(dn=1.5),
        "dose zero": shot(dn=0),
        "dose one hundred": shot(dn=100),
        "a dose that is true": shot(dn=True),
        "a dose that is text": shot(dn="2"),
        "a day that does not exist": shot(dt="2026-02-30"),
        "no date": shot(dt="yesterday"),
        "a time of sample that is none": {**TEST, "t": [{**TEST["t"][0], "sc": "08:00"}]},
        "no result": {**TEST, "t": [without(TEST["t"][0], "tr")]},
        "a recovery without an end": {**RECOVERY, "r": [without(RECOVERY["r"][0], "du")]},
    }.items(),
    ids=lambda case: case[0],
)
def test_what_breaks_the_schema_is_refused(refusal, payload):
    assert refusal(payload[1]) is Reason.SCHEMA_INVALID


@pytest.mark.parametrize(
    "claims",
    [{"c1": 84}, {"c1": "x" * 257}, {"c4": "soon"}, {"c6": -1}, {"c5": True}, {"c-260": None}, {"c-260": []},
     {"c-260": {}}, {"c-260": {1: None}}, {"c-260": {1: []}}, {"c-260": {2: SHOT}}],
    ids=repr,
)  # fmt: skip
def test_claims_of_the_wrong_type_are_refused(signer, claims):
    content = {1: "VN", 4: 1_900_000_000, -260: {1: SHOT}} | {int(k[1:]): v for k, v in claims.items()}
    text = envelope.wrap(cose.sign(cbor2.dumps(content), signer.key, signer.key_id), hc1.PREFIX, compress=True)
    with pytest.raises(MalformedError) as caught:
        hc1.parse(text)
    assert caught.value.reason is Reason.CLAIMS_INVALID


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["dn", "fnt"]), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([SHOT, TEST, RECOVERY]), st.data())
def test_any_field_may_be_anything_and_only_malformed_comes_of_it(read, payload, data):
    changed = {**payload, data.draw(st.sampled_from([*SHOT, "t", "r"])): data.draw(JSONISH)}
    group = next(key for key in "vtr" if key in payload)
    if data.draw(st.booleans()):
        field = data.draw(st.sampled_from(list(payload[group][0])))
        changed[group] = [{**payload[group][0], field: data.draw(JSONISH)}]
    try:
        why = read(changed) and None
    except MalformedError as error:
        why = error.reason
    assert why in {None, Reason.SCHEMA_INVALID, Reason.CLAIMS_INVALID}


@pytest.fixture(scope="module")
def text(signer):
    return certificate(signer, SHOT, NOW).encode()


@given(st.integers(0, 2000), st.integers(0, 7))
def test_turning_one_bit_of_the_text_never_changes_what_is_verified(signer, trusting, text, place, bit):
    honest = registry.verify(text, trusting(signer), NOW)
    turned = bytearray(text)
    turned[place % len(text)] ^= 1 << bit
    found = registry.verify(bytes(turned), trusting(signer), NOW)
    # A compressed stream ends in up to seven bits that mean nothing: with those turned it is the same certificate.
    assert isinstance(honest, Verified)
    assert not isinstance(found, Verified) or found == honest


def test_a_forged_certificate_is_read_and_not_believed(signer, trusting):
    text = forge(certificate(signer, SHOT, NOW))
    found = registry.verify(text.encode(), trusting(signer), NOW)
    assert found.reasons == (Reason.SIGNATURE_INVALID,)
    assert found.credential.details["event_date"] == date(2026, 6, 5).isoformat()
