import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.reasons import Reason
from kiosk.testing.tickets import message, varint
from kiosk.verify import protobuf
from kiosk.verify.errors import MalformedError
from kiosk.verify.protobuf import Wire

FIELDS = {1: Wire.TEXT, 2: Wire.VARINT, 1000: Wire.VARINT}
LARGEST = 2**63 - 1


@given(st.text(), st.integers(0, LARGEST), st.integers(0, LARGEST))
def test_fields_come_back(text, small, large):
    assert protobuf.read(message({1: text, 2: small, 1000: large}), FIELDS) == {1: text, 2: small, 1000: large}


def test_an_empty_message_has_no_fields():
    assert protobuf.read(b"", FIELDS) == {}


@pytest.mark.parametrize(
    "unknown", [varint(3 << 3) + b"\x07", varint(3 << 3 | 1) + bytes(8), varint(3 << 3 | 2) + b"\x02\xff\xff",
                varint(3 << 3 | 5) + bytes(4)]
)  # fmt: skip
def test_fields_that_nobody_asked_for_are_passed_over(unknown):
    assert protobuf.read(unknown + message({2: 7}) + unknown, FIELDS) == {2: 7}


@pytest.mark.parametrize(
    "data",
    [
        b"\x10", b"\x80", b"\x10\x80", b"\x10" + b"\x80" * 10 + b"\x01", b"\x10" + b"\xff" * 10,
        b"\x0a\x05abcd", b"\x0a", b"\x0a" + varint(2**63) + b"a", b"\x1d\0\0\0", b"\x19" + bytes(7),
        b"\x0b", b"\x0c", b"\x0e", b"\x0f", b"\x00\x01", b"\x02\x00", b"\x0a\x01\xff",
        b"\x08\x01", b"\x12\x01a", b"\x15" + bytes(4), b"\x11" + bytes(8), message({2: 1}) * 2, message({1: "a"}) * 2,
        b"\x10" + varint(2**63), b"\x10" + varint(2**64 - 1), message({2: 1}) + b"\0",
    ],
    ids=bytes.hex,
)  # fmt: skip
def test_anything_else_is_refused(data):
    with pytest.raises(MalformedError) as caught:
        protobuf.read(data, FIELDS)
    assert caught.value.reason is Reason.CLAIMS_INVALID


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        found = protobuf.read(data, FIELDS)
    except MalformedError:
        return
    assert set(found) <= set(FIELDS)
