import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.reasons import Reason
from kiosk.verify.cbor import MAX_DEPTH, MAX_ITEMS, Tagged, decode, head
from kiosk.verify.errors import MalformedError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
INTS = st.integers(-(1 << 64), (1 << 64) - 1)
KEYS = INTS | TEXT | st.binary(max_size=10)
VALUES = st.recursive(
    st.none() | st.booleans() | INTS | st.floats() | TEXT | st.binary(max_size=300),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(KEYS, inner, max_size=30),
    max_leaves=40,
)


def exact(value):
    """Return something that is equal for the same value of the same type only (1, 1.0 and True differ)."""
    match value:
        case dict():
            return "map", frozenset((exact(key), exact(item)) for key, item in value.items())
        case list():
            return "array", tuple(map(exact, value))
        case _:
            return type(value).__name__, repr(value)


def in_pieces(value):
    """Encode with indefinite lengths wherever the format has them."""
    match value:
        case dict():
            return b"\xbf" + b"".join(in_pieces(k) + in_pieces(v) for k, v in value.items()) + b"\xff"
        case list():
            return b"\x9f" + b"".join(map(in_pieces, value)) + b"\xff"
        case bytes():
            return b"\x5f" + b"".join(cbor2.dumps(value[i : i + 7]) for i in range(0, len(value), 7)) + b"\xff"
        case str():
            return b"\x7f" + b"".join(map(cbor2.dumps, value)) + b"\xff"
        case _:
            return cbor2.dumps(value)


def refusal(data):
    with pytest.raises(MalformedError) as caught:
        decode(data)
    return caught.value.reason


def refusal_if_any(data):
    try:
        decode(data)
    except MalformedError as error:
        return error.reason


@given(VALUES)
def test_it_reads_what_another_encoder_writes(value):
    assert exact(decode(cbor2.dumps(value))) == exact(value)
    assert exact(decode(cbor2.dumps(value, canonical=True))) == exact(value)
    assert exact(decode(in_pieces(value))) == exact(value)


@given(VALUES, st.binary(min_size=1, max_size=3))
def test_nothing_may_follow(value, more):
    assert refusal(cbor2.dumps(value) + more) is Reason.CBOR_INVALID


@pytest.mark.parametrize("encode", [cbor2.dumps, in_pieces])
def test_cut_off_anywhere_it_is_refused(encode):
    whole = encode({1: "VN", 4: 1_800_000_000, -260: {1: {"v": [{"dn": 2, "f": 1.5}], b"k": [None, True, b"x" * 30]}}})
    decode(whole)
    for end in range(len(whole)):
        assert refusal(whole[:end]) is Reason.CBOR_INVALID


@given(st.binary(max_size=200))
def test_random_bytes_are_read_or_refused(data):
    assert refusal_if_any(data) in (None, Reason.CBOR_INVALID)


@given(VALUES, st.data())
def test_a_damaged_message_is_read_or_refused(value, data):
    raw = bytearray(cbor2.dumps(value))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert refusal_if_any(bytes(raw)) in (None, Reason.CBOR_INVALID)


@pytest.mark.parametrize(
    "data",
    {
        "equal keys": "a2 01 00 01 00",
        "equal keys, one in the long form": "a2 01 00 18 01 00",
        "equal keys in a map without a length": "bf 61 61 00 61 61 01 ff",
        "equal keys further in": "81 a2 01 00 01 00",
        "a boolean for a key, equal to 1": "a2 01 00 f5 00",
        "a float for a key": "a1 f9 3c 00 00",
        "an array for a key": "a1 80 00",
        "a null for a key": "a1 f6 00",
        "a tag on a key": "a1 c1 01 00",
        "a shareable value": "d8 1c 80",
        "a shared reference": "82 d8 1c 80 d8 1d 00",
        "a shared reference, long form": "d9 00 1d 00",
        "a break alone": "ff",
        "a break in an array that has a length": "81 ff",
        "a break in a map that has a length": "a1 ff 00",
        "a break instead of a map's value": "bf 00 ff",
        "a break under a tag": "9f c1 ff",
        "text in a byte string's pieces": "5f 61 61 ff",
        "bytes in a text's pieces": "7f 41 61 ff",
        "pieces within pieces": "5f 5f 41 61 ff ff",
        "text that is no UTF-8": "61 ff",
        "text that is half a character": "7f 61 c3 ff",
        "an unknown simple value": "e0",
        "a simple value in two bytes": "f8 20",
        "a false in two bytes": "f8 14",
        "an array longer than the data": "9a 00 00 ff ff 00",
    }.items(),
    ids=lambda case: case[0],
)
def test_what_is_ambiguous_or_of_no_use_is_refused(data):
    assert refusal(bytes.fromhex(data[1])) is Reason.CBOR_INVALID


@pytest.mark.parametrize("major", range(8))
@pytest.mark.parametrize("info", [28, 29, 30])
def test_reserved_lengths_are_refused(major, info):
    assert refusal(bytes([major << 5 | info]) + bytes(20)) is Reason.CBOR_INVALID


@pytest.mark.parametrize("major", [0, 1, 6])
def test_numbers_and_tags_have_a_length(major):
    assert refusal(bytes([major << 5 | 31, 0xFF])) is Reason.CBOR_INVALID


@pytest.mark.parametrize("major", [2, 3, 4, 5])
@pytest.mark.parametrize("size", [26, 27])
def test_huge_lengths_cost_nothing(major, size):
    assert refusal(bytes([major << 5 | size]) + b"\xff" * 8) is Reason.CBOR_INVALID
    assert refusal(bytes([major << 5 | size]) + b"\x7f" + b"\xff" * 7 + bytes(64)) is Reason.CBOR_INVALID


@pytest.mark.parametrize("item", ["80", "a0", "c100", "f6", "4100", "7803616161", "1818"])
def test_the_number_of_values_has_a_bound(item):
    def many(count):
        return b"\x99" + count.to_bytes(2, "big") + bytes.fromhex(item) * count

    assert len(decode(many(MAX_ITEMS - 1))) == MAX_ITEMS - 1
    assert refusal(many(MAX_ITEMS)) is Reason.CBOR_INVALID


@pytest.mark.parametrize(
    ("opening", "closing"), [("81", ""), ("9f", "ff"), ("a100", ""), ("bf00", "ff"), ("c6", "")],
    ids=["arrays", "open arrays", "maps", "open maps", "tags"],
)  # fmt: skip
def test_nesting_has_a_bound(opening, closing):
    def nested(depth):
        return bytes.fromhex(opening * depth + "00" + closing * depth)

    decode(nested(MAX_DEPTH))
    assert refusal(nested(MAX_DEPTH + 1)) is Reason.CBOR_INVALID
    assert refusal(nested(30_000)) is Reason.CBOR_INVALID


def test_unknown_tags_are_kept_for_the_caller():
    assert decode(bytes.fromhex("c1 1a 6553f100")) == Tagged(1, 0x6553F100)
    assert decode(bytes.fromhex("d8 3d d2 80")) == Tagged(61, Tagged(18, []))
    assert decode(bytes.fromhex("c2 42 0100")) == Tagged(2, b"\x01\x00")  # a big number stays bytes


def test_undefined_counts_as_null():
    assert decode(b"\xf7") is None


@pytest.mark.parametrize("number", [0, 23, 24, 255, 256, 65_535, 65_536, (1 << 32) - 1])
def test_a_head_is_as_short_as_it_can_be(number):
    assert head(0, number) == cbor2.dumps(number)
    assert head(1, number) == cbor2.dumps(-1 - number)


def test_a_head_has_an_end():
    with pytest.raises(ValueError, match="longer"):
        head(0, 1 << 32)
