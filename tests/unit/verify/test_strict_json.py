import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.reasons import Reason
from kiosk.verify import strict_json
from kiosk.verify.errors import MalformedError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def refused(data):
    with pytest.raises(MalformedError) as caught:
        strict_json.loads(data)
    return caught.value.reason


@given(VALUES, st.booleans())
def test_what_was_written_comes_back(value, ascii_only):
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert strict_json.loads(text) == value == strict_json.loads(text.encode())


@pytest.mark.parametrize(
    "data",
    [
        "", " ", "{", "[1,]", "{a:1}", "nul", "1 2", "{}x", "'a'", '"a', '"\n"', '"\\', '["\\"',
        '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"c":1,"c":2}}]',
        "NaN", "Infinity", "-Infinity", "[1e999]", "-1e999", "9" * 33, "-" + "9" * 5000, "0." + "1" * 40,
        '"\\ud800"', '"\\udc00\\ud800"', '{"\\ud800":1}', "\ud800", '"\ud800"',
        "\ufeff{}", b"\xff", b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), b"{}\0",
    ],
    ids=lambda data: repr(data)[:24],
)  # fmt: skip
def test_what_has_no_one_meaning_is_refused(data):
    assert refused(data) is Reason.SCHEMA_INVALID


@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_depth_is_bounded(brackets):
    opening, closing = ("[", "]") if brackets == "[]" else ('{"a":', "}")
    depth = strict_json.MAX_DEPTH
    strict_json.loads(opening * depth + "1" + closing * depth)
    for more in (1, 1000, 30_000):
        assert refused(opening * (depth + more) + "1" + closing * (depth + more)) is Reason.SCHEMA_INVALID


def test_brackets_in_strings_do_not_count():
    text = json.dumps({"a": "[{" * 1000 + '"\\', '"[': "]"})
    assert strict_json.loads(text)["a"].startswith("[{")


@given(st.binary(max_size=200) | st.text('{}[]",:\\u0123aeE.+-', max_size=60))
def test_anything_else_is_refused_and_never_raises_otherwise(data):
    with suppress(MalformedError):
        json.dumps(strict_json.loads(data), ensure_ascii=False).encode()


@pytest.mark.parametrize("piece", ['"', '\\"', '"\\', "\\", "[", "]["], ids=repr)
def test_long_nonsense_is_refused_without_trying_it_again_from_every_quote(piece):
    refused('"' + piece * (65_536 // len(piece)))
    refused(piece * (65_536 // len(piece)))
