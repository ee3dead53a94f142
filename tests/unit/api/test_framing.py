from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.api.framing import LineBuffer
from kiosk.api.messages import WireError

LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=8)


def pieces_of(data, cuts):
    marks = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(marks)]


@given(LINES, st.lists(st.integers(0, 300), max_size=20))
def test_however_it_is_cut_the_lines_are_the_same(lines, cuts):
    data = b"".join(line + b"\n" for line in lines)
    buffer = LineBuffer(limit=30)
    assert [line for piece in pieces_of(data, cuts) for line in buffer.feed(piece)] == lines


@given(LINES, st.binary(max_size=30).map(lambda rest: rest.replace(b"\n", b"")))
def test_an_unfinished_line_waits_for_its_end(lines, rest):
    buffer = LineBuffer(limit=30)
    assert list(buffer.feed(b"".join(line + b"\n" for line in lines) + rest)) == lines
    assert list(buffer.feed(b"\n")) == [rest]


def test_a_line_may_be_as_long_as_the_limit_and_no_longer():
    buffer = LineBuffer(limit=10)
    assert list(buffer.feed(b"0123456789\n")) == [b"0123456789"]
    assert list(buffer.feed(b"0123456789")) == []
    with pytest.raises(WireError):
        list(buffer.feed(b"a"))


def test_the_limit_holds_however_a_line_is_cut():
    with pytest.raises(WireError):
        list(LineBuffer(limit=10).feed(b"0123456789a\n"))


def test_a_line_that_never_ends_is_not_kept():
    buffer = LineBuffer(limit=10)
    with pytest.raises(WireError):
        list(buffer.feed(b"x" * 1000))
    assert list(buffer.feed(b"\n")) == [b""]


def test_lines_before_one_that_is_too_long_are_still_given():
    buffer, given_out = LineBuffer(limit=10), []
    with pytest.raises(WireError):
        given_out.extend(buffer.feed(b"one\ntwo\n" + b"x" * 11))
    assert list(buffer.feed(b"one\n")) == [b"one"]
