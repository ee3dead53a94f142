"""Cards in several parts: what belongs together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.parts import MAX_PART, MAX_PARTS, OPEN_NS, Part, PartSet, is_joined, join, number

S = 1_000_000_000


def part(index, total, digits=b"56"):
    return b"shc:/%d/%d/%s" % (index, total, digits)


def shown(*codes, gap_ns=S):
    """Show codes one after another; return the set after the last."""
    parts = PartSet()
    for at, data in enumerate(codes, 1):
        parts = parts.add(number(data), at * gap_ns)
    return parts


def test_which_part_it_is():
    assert number(part(2, 3)) == Part(2, 3, b"shc:/2/3/56")
    assert number(b" shc:/2/3/56\r\n") == Part(2, 3, b"shc:/2/3/56")
    assert number(part(10, 10)).index == MAX_PARTS
    longest = part(1, 2, b"5" * (MAX_PART - len(part(1, 2, b""))))
    assert number(longest) == Part(1, 2, longest)
    assert number(longest + b"5") is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"shc:/56", b"shc:/1/56", b"shc:/1/1/56", b"shc:/0/2/56", b"shc:/3/2/56", b"shc:/1/11/56", b"shc:/01/2/56",
        b"shc:/1/2/", b"shc:/1/2/5a", b"SHC:/1/2/56", b"HC1:/1/2/56", b"shc:/1/2/56/7", b"shc:/-1/2/56",
        b"shc:/1/2/5 6", b"shc:/1/200/56", part(1, 2) + b"\n" + part(2, 2), part(1, 2, b"5" * MAX_PART), b"\xff",
    ],
)  # fmt: skip
def test_what_is_no_part(data):
    assert number(data) is None


def test_parts_in_any_order_are_whole():
    assert shown(part(1, 2)).whole is None
    assert shown(part(1, 2), part(2, 2)).whole == shown(part(2, 2), part(1, 2)).whole == b"shc:/1/2/56\nshc:/2/2/56"
    assert PartSet().whole is None


def test_ten_parts_keep_their_order():
    whole = shown(*[part(index, 10) for index in (3, 10, 1, 2, 9, 4, 8, 5, 7, 6)]).whole
    assert whole.split(b"\n") == [part(index, 10) for index in range(1, 11)]


def test_the_same_part_again_changes_nothing():
    assert shown(part(1, 3), part(1, 3), part(2, 3)).held == {1: part(1, 3), 2: part(2, 3)}


@pytest.mark.parametrize("other", [part(1, 3, b"57"), part(2, 2)])
def test_a_part_that_contradicts_begins_a_new_set(other):
    parts = shown(part(1, 3), part(2, 3), other)
    assert list(parts.held.values()) == [other]


def test_an_unfinished_set_is_forgotten():
    assert shown(part(1, 2), part(2, 2), gap_ns=OPEN_NS).whole is not None
    parts = shown(part(1, 2), part(2, 2), gap_ns=OPEN_NS + 1)
    assert parts.held == {2: part(2, 2)}
    assert parts.forget(parts.newest_ns + OPEN_NS) == parts
    assert parts.forget(parts.newest_ns + OPEN_NS + 1) == PartSet()


def test_parts_one_a_line_are_joined():
    assert is_joined(part(1, 2) + b"\n" + part(2, 2))
    assert is_joined(b" " + part(1, 2) + b"\r\n" + part(2, 2) + b"\r\n")
    assert is_joined(b"\n".join(part(index, 10, b"5" * 4000) for index in range(1, 11)))


@pytest.mark.parametrize(
    "data",
    [
        b"", part(1, 2), part(1, 2) + b"\n", part(1, 2) + b"\nx", b"\n" * 20,
        part(1, 2) + b"\n\n" + part(2, 2),
        b"\n".join([part(1, 2)] * 11), part(1, 2) + b"\n" + part(2, 2, b"5" * MAX_PART), b"x\n" * (1 << 20),
    ],
    ids=lambda data: repr(data[:20]),
)  # fmt: skip
def test_anything_else_is_not(data):
    assert not is_joined(data)


def test_what_is_seen_at_once_is_put_together():
    seen = [("a", part(2, 2)), ("b", b"HC1:X"), ("a", part(1, 2)), ("c", b"x")]
    assert list(join(seen)) == [(("b",), b"HC1:X"), (("a",), b"shc:/1/2/56\nshc:/2/2/56"), (("c",), b"x")]
    across = [("a", part(1, 2)), ("b", part(2, 2))]
    assert list(join(across)) == [(("a", "b"), b"shc:/1/2/56\nshc:/2/2/56")]


def test_parts_whose_others_are_missing_stay_as_they_are():
    alone, other = part(1, 3), part(1, 2)
    assert list(join([("a", alone)])) == [(("a",), alone)]
    assert list(join([("a", alone), ("b", other), ("c", part(2, 2))])) == [
        (("a",), alone), (("b", "c"), b"shc:/1/2/56\nshc:/2/2/56"),
    ]  # fmt: skip
    assert list(join([])) == []


PARTS = st.builds(part, st.integers(1, 12), st.integers(1, 12), st.sampled_from([b"56", b"57"]))


@given(st.lists(st.tuples(PARTS, st.integers(0, 40 * S)), max_size=30))
def test_whatever_is_shown_a_set_is_small_and_of_one_card(codes):
    parts, now = PartSet(), 0
    for data, gap in codes:
        now += gap
        found = number(data)
        if found is None:
            continue
        parts = parts.add(found, now)
        assert 1 <= len(parts.held) <= parts.total <= MAX_PARTS
        assert parts.held[found.index] == data
        if parts.whole is not None:
            assert is_joined(parts.whole)
