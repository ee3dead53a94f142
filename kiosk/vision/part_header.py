"""Where a symbol stands in a structured append: the first 20 bits of its data (ISO/IEC 18004, section 8.2).

zxing-cpp's Python package gives a symbol's content and not its place in the message. So the header is sampled from the
picture where the symbol is, and believed only where the content behind it is the content that was read.
"""

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache, reduce
from itertools import islice
from typing import TypeVar

import cv2
import numpy as np
from segno import consts

from kiosk.vision.codes import Corners, Luma, Part
from kiosk.vision.symbol import data_places, masked

_STRUCTURED_APPEND = 0b0011
_NUMERIC, _ALPHANUMERIC, _BYTE, _FNC1_FIRST, _ECI, _KANJI, _FNC1_SECOND = 1, 2, 4, 5, 7, 8, 9
"""Mode indicators that may follow the header."""
_LENGTH_BITS = {
    _NUMERIC: (10, 12, 14), _ALPHANUMERIC: (9, 11, 13), _BYTE: (8, 16, 16), _KANJI: (8, 10, 12),
}  # fmt: skip
"""How wide the length of a segment is, in versions up to 9, up to 26, and above."""
_CHARACTERS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_COMPARED = 24
"""Bits of content at least that have to be there for their agreement to mean something."""
_LEVELS = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
_HEADER_CODEWORDS = 12
"""Structured append header (20 bits), an ECI (12), the next mode (4), a length of up to 16 bits, 5 bytes of content."""
_REMEMBERED = 32
_SURE = 2
_STEPS = (0.0, -0.25, 0.25, -0.5, 0.5)
_SHIFTS = np.array([(across, down) for across in _STEPS for down in _STEPS])
"""Modules by which the sampling is moved: corners are whole pixels, and a small module is two of them."""


@dataclass(frozen=True, slots=True)
class Grid:
    """What the format information of a symbol says: needed to find the bits of its header."""

    version: int
    mask: int
    level: str


class PartReader:
    """Finds out which symbols are parts of a message. What it found of the last ones it remembers."""

    def __init__(self) -> None:
        self._parts: OrderedDict[tuple[bytes, Grid], Part] = OrderedDict()
        self._alone: OrderedDict[tuple[bytes, Grid], int] = OrderedDict()
        """How many looks have found a symbol to stand alone: one look may be wrong."""

    def part(self, luma: Luma, corners: Corners, grid: Grid, data: bytes) -> Part | None:
        """Return what `read_part` says, without looking again and again at a symbol that is held up."""
        key = (data, grid)
        if key in self._parts or self._alone.get(key, 0) >= _SURE:
            return self._parts.get(key)
        part = read_part(luma, corners, grid, data)
        if part is not None:
            _remember(self._parts, key, part)
        else:
            _remember(self._alone, key, self._alone.get(key, 0) + 1)
        return part


_Value = TypeVar("_Value")


def _remember(
    into: OrderedDict[tuple[bytes, Grid], _Value], key: tuple[bytes, Grid], value: _Value
) -> None:
    into[key] = value
    into.move_to_end(key)
    if len(into) > _REMEMBERED:
        into.popitem(last=False)


def read_part(luma: Luma, corners: Corners, grid: Grid, data: bytes) -> Part | None:
    """Return the place of a symbol in its message, or None where it stands alone.

    `data` is the content that was read: what follows the header must be the same. The symbol may be light on dark,
    and mirrored.
    """
    if not 1 <= grid.version <= 40 or not 0 <= grid.mask <= 7 or grid.level not in _LEVELS:
        return None
    a, b, c, d = corners
    return _look(luma, (a, b, c, d), grid, data) or _look(luma, (a, d, c, b), grid, data)


def _look(luma: Luma, corners: Corners, grid: Grid, data: bytes) -> Part | None:
    rows, columns = _header_places(grid.version, grid.level)
    mask, size = masked(grid.mask, rows, columns), 17 + 4 * grid.version
    corner = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    onto = cv2.getPerspectiveTransform(corner, np.array(corners, np.float32))
    looks = _sampled(luma, onto, rows, columns)
    low, high = np.percentile(looks, (10, 90), axis=1)
    away = looks - ((low + high) / 2)[:, None]
    # Where the sampling is off, it meets the edges of modules, which are grey: the clearest look is right.
    for rank, look in enumerate(np.argsort(-np.abs(away).sum(axis=1))):
        for dark in (away[look] <= 0, away[look] > 0):
            header = _parsed(dark ^ mask, grid.version, data)
            if header is not None and (rank == 0 or header.certain):
                return header.part
    return None


def _sampled(luma: Luma, onto: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the brightness in the middle of modules: one row for each shift of the sampling."""
    centres = np.stack([columns, rows], axis=-1) + 0.5
    points = (centres[None] + _SHIFTS[:, None]).astype(np.float32)
    places = cv2.perspectiveTransform(points.reshape(-1, 1, 2), onto) - 0.5
    values = cv2.remap(luma, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    looks: np.ndarray = values.reshape(points.shape[:2]).astype(np.float32)
    return looks


@cache
def _header_places(version: int, level: str) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of the first bits of the data; codewords of several blocks stand by turns."""
    blocks = consts.ECC[version][_LEVELS[level]]
    step, words = 8 * sum(block.num_blocks for block in blocks), min(block.num_data for block in blocks)
    count = min(words, _HEADER_CODEWORDS)
    places = list(islice(data_places(version), step * (count - 1) + 8))
    rows, columns = np.array([places[step * n + bit] for n in range(count) for bit in range(8)]).T
    return rows, columns


@dataclass(frozen=True, slots=True)
class _Header:
    part: Part
    certain: bool
    """The content behind the header is what was read."""


def _parsed(dark: np.ndarray, version: int, data: bytes) -> _Header | None:
    bits = "".join("1" if bit else "0" for bit in dark)
    index, count = _number(bits[4:8]), _number(bits[8:12]) + 1
    if _number(bits[:4]) != _STRUCTURED_APPEND or count < 2 or index >= count:
        return None
    agrees = _content_agrees(bits[20:], version, data)
    return None if agrees is False else _Header(Part(index, count, _number(bits[12:20])), agrees is True)


def _number(bits: str) -> int:
    return int(bits or "0", 2)


def _content_agrees(bits: str, version: int, data: bytes) -> bool | None:
    """Tell whether a segment's bits are the beginning of what was read; None where they are too few to tell.

    A header that was sampled beside its modules may look like one by chance. Its content never does.
    """
    mode, rest = _number(bits[:4]), bits[4:]
    if mode == _FNC1_FIRST:
        return _content_agrees(rest, version, data)
    if mode in {_ECI, _FNC1_SECOND}:  # an ECI below 128 is one byte; there are no others on codes for a door
        return _content_agrees(rest[8:], version, data)
    if mode not in _LENGTH_BITS:
        return False
    wide = _LENGTH_BITS[mode][(version > 9) + (version > 26)]
    length, seen = _number(rest[:wide]), rest[wide:]
    told = _encoded(mode, data[: length * 2 if mode == _KANJI else length])
    if not 0 < length <= len(data) or told is None:
        return False
    compared = min(len(told), len(seen))
    if compared >= _COMPARED:
        return _agree(seen[:compared], told[:compared])
    return None if seen[: len(told)] == told else False  # a short rest of a message


def _encoded(mode: int, content: bytes) -> str | None:
    """Return the first bits of a segment's content, or None for content that the mode cannot hold."""
    content = content[:24]
    if mode == _KANJI:
        return _encoded_kanji(content)
    if mode == _BYTE:
        return "".join(f"{byte:08b}" for byte in content)
    base, group, wide = (10, 3, (0, 4, 7, 10)) if mode == _NUMERIC else (45, 2, (0, 6, 11))
    values = [_CHARACTERS.find(byte) for byte in content]
    if not all(0 <= value < base for value in values):
        return None
    groups = (values[at : at + group] for at in range(0, len(values), group))
    return "".join(f"{reduce(lambda whole, value: whole * base + value, one):0{wide[len(one)]}b}" for one in groups)


def _encoded_kanji(content: bytes) -> str | None:
    """Do the same for Shift JIS, two bytes a character (section 7.4.6)."""
    pairs = [high << 8 | low for high, low in zip(content[::2], content[1::2], strict=False)]
    offsets = [pair - (0x8140 if pair < 0xE040 else 0xC140) for pair in pairs]
    values = [(offset >> 8) * 0xC0 + (offset & 0xFF) for offset in offsets]
    return "".join(f"{value:013b}" for value in values) if all(0 <= value < 1 << 13 for value in values) else None


def _agree(seen: str, told: str) -> bool:
    """Tell whether at most one bit in eight differs: the code may be damaged just there."""
    return sum(a != b for a, b in zip(seen, told, strict=True)) * 8 <= len(told)
