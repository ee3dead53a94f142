"""JSON from strangers: one meaning, or none."""

import json
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.verify.strict_json import MAX_DEPTH, JsonError, loads

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(VALUES, st.booleans())
def test_what_json_can_say_comes_back(value, ascii_only):
    assert loads(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        b'{"iss": "a", "iss": "b"}', b'[{"a": {"b": 1, "b": 1}}]',  # which of the two?
        b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"[-1e999]",
        b"123456789012345678901", b"1" * 5000,
        b"", b" ", b"{", b"[1,]", b"{} {}", b"{'a': 1}", b'"\n"', b"\xef\xbb\xbf{}", b'"\xff"', b'"never ends', b'"\\',
        rb'"\ud800"', rb'{"\udfff": 1}', rb'[{"a": ["\udc00\ud800"]}]', b'"\xed\xa0\x80"',
    ],
    ids=lambda data: repr(data[:24]),
)  # fmt: skip
def test_anything_else_is_refused(data):
    with pytest.raises(JsonError):
        loads(data)


def test_a_whole_surrogate_pair_is_a_letter():
    assert loads(rb'{"\ud83d\ude00": [1, "\ud83d\ude00", null]}') == {"😀": [1, "😀", None]}


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_nesting_ends_somewhere(opens, closes):
    loads((opens * MAX_DEPTH + "1" + closes * MAX_DEPTH).encode())
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(JsonError):
            loads((opens * depth + "1" + closes * depth).encode())


def test_brackets_in_strings_do_not_nest():
    text = '[{"\\"' * 10 + "[" * 100 + '\\\\"'
    assert loads(json.dumps([text, "]" * 100]).encode()) == [text, "]" * 100]


@pytest.mark.parametrize(
    "data", [b'"' * 65_536, b'\\"' * 32_768, b'"' + b'\\"' * 32_000, b'"' + b"a" * 65_000, b"[" * 65_536]
)
def test_no_text_takes_long_to_refuse(data):
    began = perf_counter()
    with pytest.raises(JsonError):
        loads(data)
    assert perf_counter() - began < 1, "it takes milliseconds; what is quadratic takes many seconds"


@given(st.binary(max_size=300))
def test_random_bytes_are_json_or_refused(data):
    try:
        value = loads(data)
    except JsonError:
        return
    assert json.loads(data.decode()) == value
