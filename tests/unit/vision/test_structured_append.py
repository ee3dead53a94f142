import itertools
from itertools import permutations

import numpy as np
import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.testing.codes import code, drawn, in_frame, parts, picture
from kiosk.vision.codes import Part
from kiosk.vision.engines.zxing import ZxingEngine
from kiosk.vision.part_header import Grid, PartReader, read_part
from kiosk.vision.structured_append import NS, PART_NS, Assembler, join

NAMES = "Nguyễn Thị Ánh, Trần Văn Dũng, Lê Thị Hồng Nhung. " * 20


def read(luma):
    (found,) = ZxingEngine().look(in_frame(luma)).codes
    return found


@pytest.mark.parametrize("count", [2, 3, 7, 16])
@pytest.mark.parametrize("content", [NAMES, bytes(range(256)) * 3], ids=["text", "binary"])
def test_each_part_says_where_it_stands(content: str | bytes, count: int):
    found = [read(luma).part for luma in parts(content, count)]
    assert [part.index for part in found] == list(range(count))
    assert {(part.count, part.parity) for part in found} == {(count, found[0].parity)}


@given(st.binary(min_size=1, max_size=900))
@settings(max_examples=60, deadline=None)
def test_a_code_that_stands_alone_is_no_part(data: bytes):
    assert read(drawn(data, 3)).part is None


def test_small_modules_at_a_slant_are_told_too():
    luma = parts(NAMES, 3, scale=2)[1]
    assert read(luma).part == Part(1, 3, read(parts(NAMES, 3, scale=4)[1]).part.parity)


@pytest.mark.parametrize("grid", [Grid(0, 0, "L"), Grid(41, 0, "L"), Grid(1, 8, "L"), Grid(1, 0, "")])
def test_what_is_no_symbol_has_no_part(grid: Grid):
    assert read_part(drawn("X"), ((16, 16), (99, 16), (99, 99), (16, 99)), grid, b"X") is None


def pieces(message: bytes, count: int):
    parity = 0
    for byte in message:
        parity ^= byte
    size = -(-len(message) // count)
    return [code(message[n * size : n * size + size], Part(n, count, parity)) for n in range(count)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_parts_become_the_message_in_whatever_order_they_are_shown(order: tuple[int, ...]):
    assembler, shown = Assembler(), pieces(NAMES.encode(), 3)
    answers = [assembler.take(shown[index], index * NS) for index in order]
    assert answers[:2] == [None, None]
    assert (answers[2].data, answers[2].text, answers[2].part) == (NAMES.encode(), NAMES, None)
    assert assembler.missing is None


def test_it_says_how_many_parts_are_still_missing():
    assembler, shown = Assembler(), pieces(b"one message in four parts", 4)
    assembler.take(shown[2], 0)
    assert assembler.missing == (1, 4)
    assembler.take(shown[2], NS)
    assert assembler.missing == (1, 4)
    assembler.take(shown[0], 2 * NS)
    assert assembler.missing == (2, 4)


def test_the_last_part_stays_the_whole_message_while_it_is_held():
    assembler, (first, last) = Assembler(), pieces(b"held for long", 2)
    assembler.take(first, 0)
    assert [assembler.take(last, NS * n).data for n in range(3)] == [b"held for long"] * 3


def test_a_visitor_who_left_half_way_leaves_nothing_to_the_next():
    assembler, (first, last) = Assembler(), pieces(b"of somebody else", 2)
    assembler.take(first, 0)
    assembler.forget(PART_NS + 1)
    assert assembler.missing is None
    assert assembler.take(last, PART_NS + 2) is None


def test_parts_of_two_messages_do_not_become_one():
    # Same number of parts and same parity: only the bytes tell.
    one, other = pieces(b"AAAA1111", 2), pieces(b"BBBB2222", 2)
    assert one[0].part.parity == other[0].part.parity
    mixed = pieces(b"CAAA1111", 2)[0]
    mixed = code(mixed.data, one[0].part)
    assembler = Assembler()
    assembler.take(mixed, 0)
    assert assembler.take(one[1], 1) is None
    assert assembler.take(one[0], 2).data == b"AAAA1111"
    assert assembler.take(other[0], 3) is None
    assert assembler.take(other[1], 4).data == b"BBBB2222"


def test_a_flood_of_unfinished_messages_is_bounded():
    assembler = Assembler()
    for count in range(2, 17):
        assembler.take(pieces(b"0123456789abcdefgh", count)[0], count)
    assert assembler.take(pieces(b"0123456789abcdefgh", 2)[1], 20) is None


def test_a_picture_with_all_parts_holds_one_message_and_one_without_holds_parts():
    one, two, three = (read(luma) for luma in parts(NAMES, 3))
    alone = code(b"ALONE")
    assert [found.data for found in join([two, alone, three, one])] == [NAMES.encode(), b"ALONE"]
    assert [found.part.index for found in join([two, one])] == [1, 0]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [("HC1:NCFOXN%TS3DH" * 20, None), ("0123456789" * 40, None), ("点茗" * 60, "shift_jis"), ("HC1", None)],
    ids=["alphanumeric", "numeric", "kanji", "short"],
)
def test_parts_of_other_modes_are_told_too(content: str, encoding: str | None):
    symbols = segno.make_sequence(content, symbol_count=3, encoding=encoding)
    found = [read(picture(symbol)).part for symbol in symbols]
    assert [(part.index, part.count) for part in found] == [(0, 3), (1, 3), (2, 3)]


@pytest.mark.parametrize(
    "data",
    [b"HC1:NCFOXN%TS3DH" * 20, b"0123456789" * 40, "Nguyễn Thị Ánh ".encode() * 20],
    ids=["certificate", "number", "text"],
)
def test_a_code_that_stands_alone_is_no_part_however_badly_it_is_sampled(data: bytes):
    luma = in_frame(drawn(data, 3))
    (alone,) = ZxingEngine().look(luma).codes
    version = (segno.make(data.decode(), micro=False).symbol_size(border=0)[0] - 17) // 4
    rng = np.random.default_rng(5)
    for level, mask in itertools.product("LMQH", range(8)):
        for _ in range(12):
            corners = tuple(map(tuple, np.array(alone.corners) + rng.normal(0, 12, (4, 2))))
            assert read_part(luma, corners, Grid(version, mask, level), data) is None


@pytest.mark.parametrize(
    "turned",
    [
        lambda luma: 255 - luma,
        lambda luma: luma.T.copy(),
        lambda luma: luma[:, ::-1].copy(),
        lambda luma: luma[::-1, ::-1].copy(),
    ],
    ids=["inverted", "transposed", "mirrored", "upside down"],
)
def test_parts_are_told_in_whatever_way_they_are_seen(turned):
    for index, luma in enumerate(parts(NAMES, 3)):
        (found,) = ZxingEngine().scan(turned(in_frame(luma)), effort=True).codes
        assert (found.part.index, found.part.count) == (index, 3)


def test_one_look_that_sees_no_header_is_not_the_last():
    reader, luma = PartReader(), in_frame(parts(NAMES, 3)[0])
    found = read(parts(NAMES, 3)[0])
    grid = grid_of(luma)
    assert reader.part(np.full_like(luma, 128), found.corners, grid, found.data) is None
    assert reader.part(luma, found.corners, grid, found.data) == found.part
    assert reader.part(np.full_like(luma, 128), found.corners, grid, found.data) == found.part


def grid_of(luma: np.ndarray) -> Grid:
    (barcode,) = zxingcpp.read_barcodes(luma, formats=zxingcpp.BarcodeFormat.QRCode)
    return Grid(int(barcode.extra["Version"]), int(barcode.extra["DataMask"]), barcode.extra["ECLevel"])
