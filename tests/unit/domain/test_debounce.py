"""Contacts bounce, and broken ones chatter: what is believed of a line."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.debounce import CHATTER_EDGES, MS, Chatters, Line, Settled, due_ns, edge, watch

BOUNCE_MS = 30


def follow(*edges, until_ms=0, line=None):
    """Put in edges (milliseconds, level, count) and let time pass; return the line and everything that it told."""
    line, told = line or Line(BOUNCE_MS * MS), []
    for ms, active, *count in edges:
        line, more = edge(line, active, ms * MS, *count)
        told += more
    if until_ms:
        line, more = watch(line, until_ms * MS)
        told += more
    return line, told


def test_a_level_that_holds_is_believed_from_its_edge_on():
    assert follow((100, True), until_ms=129)[1] == []
    assert follow((100, True), until_ms=130)[1] == [Settled(active=True, at_ns=100 * MS)]


def test_a_bounce_is_one_change():
    assert follow((100, True), (103, False), (105, True), until_ms=200)[1] == [Settled(active=True, at_ns=105 * MS)]


def test_a_spark_is_nothing():
    assert follow((100, True), (110, False), until_ms=500)[1] == []


def test_a_short_passage_is_seen_although_nobody_looked_between_its_edges():
    assert follow((100, True), (180, False), until_ms=500)[1] == [
        Settled(active=True, at_ns=100 * MS), Settled(active=False, at_ns=180 * MS),
    ]  # fmt: skip


def test_nothing_is_known_of_a_level_between_edges_that_were_not_told():
    assert follow((100, True), (180, False, 3), until_ms=500)[1] == []


def test_a_level_that_was_only_read_confirms_nothing_that_was_before_it():
    assert follow((100, True), (180, False, 0), until_ms=500)[1] == []
    assert follow((100, True, 0), until_ms=130)[1] == [Settled(active=True, at_ns=100 * MS)]


def test_a_line_that_chatters_says_nothing_until_it_is_quiet():
    chatter = [(1_000 + number, number % 2 == 0) for number in range(200)]
    line, told = follow(*chatter, until_ms=2_000)
    assert told == [Chatters(present=True)]
    assert line.chatters
    line, told = follow(line=line, until_ms=2_198)
    assert told == []
    assert due_ns(line) == 2_199 * MS
    assert follow((1_199, True), line=line, until_ms=2_199)[1] == [
        Chatters(present=False), Settled(active=True, at_ns=1_199 * MS),
    ]  # fmt: skip


def test_edges_that_were_handed_over_together_count_each():
    assert follow((100, True, CHATTER_EDGES + 1))[1] == [Chatters(present=True)]
    assert follow((100, True, CHATTER_EDGES), (1_100, False, 1))[1][-1:] != [Chatters(present=True)]


def test_what_is_awaited_is_known():
    line, _ = follow((100, True))
    assert due_ns(line) == 130 * MS
    line, _ = follow((100, True), until_ms=130)
    assert due_ns(line) == 0


@given(st.lists(st.tuples(st.integers(1, 400), st.booleans()), max_size=60))
def test_what_is_told_of_a_line_alternates_and_ends_with_its_level(steps):
    ms, line, told = 0, Line(BOUNCE_MS * MS), []
    for wait, active in steps:
        ms += wait
        line, more = watch(line, ms * MS)
        told += more
        line, more = edge(line, active, ms * MS)
        told += more
    line, more = watch(line, (ms + 5_000) * MS)
    levels = [one.active for one in [*told, *more] if isinstance(one, Settled)]
    assert all(before is not after for before, after in pairwise(levels))
    assert (levels[-1] if levels else False) is (steps[-1][1] if steps else False)
