import math
import zlib
from datetime import UTC, datetime

import base45
import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.reasons import Reason
from kiosk.verify import cose, envelope
from kiosk.verify.cbor import Tagged
from kiosk.verify.envelope import MAX_INFLATED, text_claim, unwrap, when, wrap
from kiosk.verify.errors import MalformedError

PREFIX = "HC1:"
CLAIMS = {1: "VN", 4: 1_800_000_000}


def text_of(raw):
    return PREFIX + base45.b45encode(raw).decode()


def refusal(text):
    with pytest.raises(MalformedError) as caught:
        unwrap(text, PREFIX)
    return caught.value.reason


@pytest.fixture(scope="module")
def message(signer):
    return cose.sign(cbor2.dumps(CLAIMS), signer.key, signer.key_id)


@pytest.mark.parametrize("compress", [True, False])
def test_what_is_wrapped_is_unwrapped(message, compress):
    opened = unwrap(wrap(message, PREFIX, compress=compress), PREFIX)
    assert opened.claims == CLAIMS
    assert opened.message == cose.parse(message)


@pytest.mark.parametrize("body", ["a", "abc", "!!!", "é", ":::", "A", "ABCD", "AB\0"])
def test_what_is_no_base45_is_refused(body):
    assert refusal(PREFIX + body) is Reason.BASE45_INVALID


def test_nothing_after_the_prefix_is_refused():
    assert refusal(PREFIX) is Reason.CBOR_INVALID


def test_compression_must_be_whole_and_alone(message):
    stream = zlib.compress(message, 9)
    assert refusal(text_of(stream + b"\0")) is Reason.INFLATE_FAILED
    assert refusal(text_of(stream + stream)) is Reason.INFLATE_FAILED
    assert refusal(text_of(b"\x78\x00")) is Reason.INFLATE_FAILED
    for end in range(1, len(stream)):
        assert refusal(text_of(stream[:end])) is Reason.INFLATE_FAILED


def test_a_stream_that_needs_a_dictionary_is_refused(message):
    packer = zlib.compressobj(zdict=b"dictionary")
    assert refusal(text_of(packer.compress(message) + packer.flush())) is Reason.INFLATE_FAILED


def test_nothing_may_follow_the_message(message):
    assert refusal(wrap(message + b"\0", PREFIX, compress=True)) is Reason.CBOR_INVALID
    assert refusal(wrap(message + b"\0", PREFIX, compress=False)) is Reason.CBOR_INVALID


def test_it_inflates_to_64_kb_and_no_further(signer):
    def sized(size):
        room = size
        while True:
            claims = cbor2.dumps({**CLAIMS, 9: bytes(room)})
            data = cose.sign(claims, signer.key, signer.key_id)
            if len(data) == size:
                return wrap(data, PREFIX, compress=True)
            room -= len(data) - size

    assert unwrap(sized(MAX_INFLATED), PREFIX).claims.keys() == {1, 4, 9}
    assert refusal(sized(MAX_INFLATED + 1)) is Reason.INFLATED_TOO_LARGE


def test_a_bomb_is_refused():
    assert refusal(text_of(zlib.compress(bytes(100 << 20), 9))) is Reason.INFLATED_TOO_LARGE


@pytest.mark.parametrize("claims", [[], 7, "text", None, [CLAIMS]], ids=repr)
def test_claims_are_a_map(signer, claims):
    data = cose.sign(cbor2.dumps(claims), signer.key, signer.key_id)
    assert refusal(wrap(data, PREFIX, compress=True)) is Reason.CLAIMS_INVALID


@given(st.text(max_size=300) | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=300))
def test_random_text_is_refused_as_malformed(body):
    with pytest.raises(MalformedError):
        unwrap(PREFIX + body, PREFIX)


@given(st.binary(max_size=300))
def test_random_streams_are_refused_as_malformed(data):
    with pytest.raises(MalformedError):
        unwrap(text_of(b"\x78" + data), PREFIX)
    with pytest.raises(MalformedError):
        unwrap(wrap(data, PREFIX, compress=True), PREFIX)


@pytest.mark.parametrize(
    "value",
    [1_620_064_800, 1_620_064_800.0, 1_620_064_800.9, Tagged(1, 1_620_064_800), Tagged(1, 1_620_064_800.5)],
    ids=repr,
)
def test_times_are_integers_floats_or_tagged(value):
    assert when(value) == datetime(2021, 5, 3, 18, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, Tagged(1, None)], ids=repr)
def test_no_time_is_no_time(value):
    assert when(value) is None


def test_times_reach_from_1970_to_9999():
    assert when(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert when(253_402_300_799) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [-1, -0.5, 253_402_300_800, (1 << 64) - 1, 1e300, math.inf, -math.inf, math.nan, True, False, "2021-05-03", b"1",
     [1], {}, Tagged(0, "2021-05-03T18:00:00Z"), Tagged(2, b"\1"), Tagged(1, "1"), Tagged(1, True),
     Tagged(1, Tagged(1, 1))],
    ids=repr,
)  # fmt: skip
def test_what_is_no_time_is_refused(value):
    with pytest.raises(MalformedError) as caught:
        when(value)
    assert caught.value.reason is Reason.CLAIMS_INVALID


def test_text_claims_may_be_absent_or_null():
    assert text_claim({1: "VN"}, 1) == "VN"
    assert text_claim({}, 1) == ""
    assert text_claim({1: None}, 1) == ""
    assert text_claim({1: "x" * 256}, 1) == "x" * 256


@pytest.mark.parametrize("value", [7, b"VN", ["VN"], True, "x" * 257], ids=repr)
def test_a_text_claim_that_is_no_short_text_is_refused(value):
    with pytest.raises(MalformedError) as caught:
        text_claim({1: value}, 1)
    assert caught.value.reason is Reason.CLAIMS_INVALID


def test_the_bounds_are_those_of_the_design():
    assert (envelope.MAX_TEXT, envelope.MAX_INFLATED) == (4096, 65_536)
