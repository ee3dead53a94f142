"""Bytes of serial imagers in, codes out: however they are chopped, within the bound, and never a piece of a code."""

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.scanners.assembly import Discard, Received
from kiosk.adapters.scanners.decoders import SILENT_NS, GapDecoder, LineDecoder
from kiosk.api.messages import MAX_CODE

MS = 1_000_000
GAP_NS = 80 * MS
VIETNAMESE = "CHỨNG NHẬN|Nguyễn Thị Ánh|1985".encode()

streams = st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([b"\r", b"\n", b"\r\n", b"x" * MAX_CODE])))


def lines(*pieces: bytes) -> tuple[list[bytes], Counter[Discard]]:
    discarded: Counter[Discard] = Counter()
    decoder = LineDecoder(discarded)
    return [code.data for piece in pieces for code in decoder.feed(piece, 1)], discarded


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n"])
def test_cr_lf_or_both_end_a_code(end):
    assert lines(b"ABC" + end + VIETNAMESE + end) == ([b"ABC", VIETNAMESE], Counter())


def test_every_other_byte_belongs_to_the_code():
    every = bytes(byte for byte in range(256) if byte not in b"\r\n")
    assert lines(every + b"\r")[0] == [every]


@given(streams, st.data())
def test_how_a_stream_is_chopped_changes_nothing(pieces, data):
    whole = b"".join(pieces)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(whole)), max_size=8)))
    chopped = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert lines(*chopped) == lines(whole)


@given(streams)
def test_the_lines_are_those_between_the_ends_and_nothing_else_is_dropped(pieces):
    whole = b"".join(pieces)
    *ended, _ = re.split(rb"[\r\n]", whole)
    codes, discarded = lines(whole)
    assert codes == [line for line in ended if 0 < len(line) <= MAX_CODE]
    assert discarded[Discard.TOO_LONG] == sum(len(line) > MAX_CODE for line in ended)


@given(streams)
def test_never_more_than_the_bound_is_kept(pieces):
    discarded: Counter[Discard] = Counter()
    for decoder in LineDecoder(discarded), GapDecoder(discarded, GAP_NS):
        for piece in pieces:
            decoder.feed(piece, 1)
            assert decoder.held <= MAX_CODE


def test_the_longest_code_passes_and_one_byte_more_does_not():
    assert lines(b"x" * MAX_CODE + b"\r")[0] == [b"x" * MAX_CODE]
    assert lines(b"x" * (MAX_CODE + 1) + b"\rnext\r") == ([b"next"], Counter({Discard.TOO_LONG: 1}))


def test_a_megabyte_without_an_end_is_dropped_up_to_the_next_end_and_counted_once():
    flood = [b"x" * 4096] * 256
    assert lines(*flood, b"tail\rnext\r") == ([b"next"], Counter({Discard.TOO_LONG: 1}))


def test_a_megabyte_without_an_end_is_forgotten_when_it_stops():
    discarded: Counter[Discard] = Counter()
    decoder = LineDecoder(discarded)
    for _ in range(256):
        decoder.feed(b"x" * 4096, 1)
    assert decoder.quiet(1 + SILENT_NS) == []
    assert [code.data for code in decoder.feed(b"next\r", 2 + SILENT_NS)] == [b"next"]
    assert discarded == Counter({Discard.TOO_LONG: 1})


def test_a_piece_without_its_end_is_never_a_code_nor_the_beginning_of_one():
    discarded: Counter[Discard] = Counter()
    decoder = LineDecoder(discarded)
    assert decoder.feed(b"half of", 5) == []
    assert decoder.due_ns == 5 + SILENT_NS
    assert decoder.quiet(4 + SILENT_NS) == []
    assert decoder.due_ns
    assert decoder.quiet(5 + SILENT_NS) == []
    assert decoder.due_ns == 0
    assert [code.data for code in decoder.feed(b"whole\r", 6 + SILENT_NS)] == [b"whole"]
    assert discarded == Counter({Discard.UNFINISHED: 1})


def test_a_code_says_when_it_began_and_ended():
    decoder = LineDecoder(Counter())
    decoder.feed(b"AB", 10)
    assert decoder.feed(b"C\r", 20) == [Received(b"ABC", 10, 20)]


def test_without_a_suffix_silence_ends_a_code_and_every_byte_survives():
    decoder = GapDecoder(Counter(), GAP_NS)
    every = bytes(range(256))
    assert decoder.feed(every, 10) + decoder.feed(b"\r\n", 20) == []
    assert decoder.quiet(19 + GAP_NS) == []
    assert decoder.quiet(20 + GAP_NS) == [Received(every + b"\r\n", 10, 20 + GAP_NS)]
    assert decoder.quiet(21 + GAP_NS) == []


def test_a_reader_that_looks_late_does_not_cut_a_code():
    decoder = GapDecoder(Counter(), GAP_NS)
    decoder.feed(b"one ", 0)
    assert decoder.feed(b"code", 10 * GAP_NS) == []
    assert [code.data for code in decoder.quiet(12 * GAP_NS)] == [b"one code"]


def test_without_a_suffix_a_megabyte_is_dropped_up_to_the_next_silence():
    discarded: Counter[Discard] = Counter()
    decoder = GapDecoder(discarded, GAP_NS)
    for _ in range(256):
        decoder.feed(b"x" * 4096, 1)
    assert decoder.quiet(1 + GAP_NS) == []
    decoder.feed(b"next", 2 + GAP_NS)
    assert [code.data for code in decoder.quiet(2 + 2 * GAP_NS)] == [b"next"]
    assert discarded == Counter({Discard.TOO_LONG: 1})


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=6))
def test_without_a_suffix_codes_with_silence_between_them_are_those_codes(codes):
    decoder, now, got = GapDecoder(Counter(), GAP_NS), 1, []
    for code in codes:
        for byte in code:
            got += decoder.feed(bytes([byte]), now)
            now += MS
        now += GAP_NS
        got += decoder.quiet(now)
    assert [code.data for code in got] == codes
