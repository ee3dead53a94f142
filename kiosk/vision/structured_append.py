"""Structured append: one message in up to 16 symbols (ISO/IEC 18004, section 8).

zxing-cpp's Python package gives a symbol's content and not its place in the message, so its header is read here:
the first 20 bits of the data, sampled from the picture where the symbol is. The parts are joined as they come.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, reduce
from itertools import islice
from operator import xor

import cv2
import numpy as np
from segno import consts

from kiosk.vision.codes import Code, Corners, Luma, Part, once

NS = 1_000_000_000
PART_NS = 30 * NS
"""How long a message may stay unfinished after its newest part: a visit."""
_MESSAGES = 4
"""Unfinished messages that are kept; the oldest goes when another begins."""
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
        self._known: OrderedDict[tuple[bytes, Grid], Part | None] = OrderedDict()

    def part(self, luma: Luma, corners: Corners, grid: Grid, data: bytes) -> Part | None:
        """Return what `read_part` says, without looking again at a symbol that is held up."""
        key = (data, grid)
        if key not in self._known:
            self._known[key] = read_part(luma, corners, grid, data)
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]


def read_part(luma: Luma, corners: Corners, grid: Grid, data: bytes) -> Part | None:
    """Return the place of a symbol in its message, or None where it stands alone.

    `data` is the content that was read: bytes that follow the header must be those.
    """
    if not 1 <= grid.version <= 40 or not 0 <= grid.mask <= 7 or grid.level not in _LEVELS:
        return None
    rows, columns = _header_places(grid.version, grid.level)
    masked = _masked(grid.mask, rows, columns)
    size = 17 + 4 * grid.version
    corner = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    onto = cv2.getPerspectiveTransform(corner, np.array(corners, np.float32))
    looks = _sampled(luma, onto, rows, columns)
    low, high = np.percentile(looks, (10, 90), axis=1)
    away = looks - ((low + high) / 2)[:, None]
    # Where the sampling is off, it meets the edges of modules, which are grey: the clearest look is right.
    for rank, look in enumerate(np.argsort(-np.abs(away).sum(axis=1))):
        header = _parsed((away[look] <= 0) ^ masked, grid.version, data)
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
    places = list(islice(_places(version), step * (count - 1) + 8))
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


def _places(version: int) -> Iterator[tuple[int, int]]:
    """Yield row and column of every data module, in the order of the bits (ISO/IEC 18004, section 7.7.3)."""
    size = 17 + 4 * version
    taken = np.zeros((size, size), bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6, :] = taken[:, 6] = True
    if version >= 7:
        taken[:6, -11:-8] = taken[-11:-8, :6] = True
    centres = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    for row in centres:
        for column in centres:
            if (row, column) not in {(6, 6), (6, size - 7), (size - 7, 6)}:
                taken[row - 2 : row + 3, column - 2 : column + 3] = True
    return _zigzag(taken)


def _zigzag(taken: np.ndarray) -> Iterator[tuple[int, int]]:
    size, upwards = len(taken), True
    for right in (*range(size - 1, 6, -2), 5, 3, 1):
        for row in range(size - 1, -1, -1) if upwards else range(size):
            for column in (right, right - 1):
                if not taken[row, column]:
                    yield row, column
        upwards = not upwards


def _masked(mask: int, i: np.ndarray, j: np.ndarray) -> np.ndarray:
    """Return where the data mask turns a module over (ISO/IEC 18004, table 10; i the row, j the column)."""
    conditions = (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        i * j % 2 + i * j % 3,
        (i * j % 2 + i * j % 3) % 2,
        ((i + j) % 2 + i * j % 3) % 2,
    )
    turned: np.ndarray = conditions[mask] == 0
    return turned


@dataclass(slots=True)
class _Message:
    parts: dict[int, Code]
    newest_ns: int


class Assembler:
    """Joins the symbols of messages. Pure: the time of the frame is an argument."""

    def __init__(self) -> None:
        self._messages: OrderedDict[tuple[int, int], _Message] = OrderedDict()
        self.missing: tuple[int, int] | None = None
        """How many parts of how many have been read, of the message that was last added to; None: none is open."""

    def take(self, code: Code, now_ns: int) -> Code | None:
        """Return `code` where it stands alone, the whole message where all its parts have been read, else None.

        A message that is whole stays so while one of its parts is held up.
        """
        part = code.part
        if part is None:
            return code
        key = (part.count, part.parity)
        message = self._messages.setdefault(key, _Message({}, now_ns))
        self._messages.move_to_end(key)
        if len(self._messages) > _MESSAGES:
            self._messages.popitem(last=False)
        known = message.parts.get(part.index)
        if known is not None and known.data != code.data:
            message.parts.clear()  # another message with the same number of parts and the same parity
        message.parts[part.index], message.newest_ns = code, now_ns
        whole = b"".join(message.parts[index].data for index in sorted(message.parts))
        if len(message.parts) == part.count and reduce(xor, whole, 0) != part.parity:
            message.parts = {part.index: code}  # parts of two messages
        if len(message.parts) < part.count:
            self.missing = (len(message.parts), part.count)
            return None
        self.missing = None
        return replace(code, data=whole, text=whole.decode(errors="replace"), part=None)

    def forget(self, now_ns: int) -> None:
        """Forget messages to which nothing has been added for PART_NS."""
        for key in [key for key, message in self._messages.items() if now_ns - message.newest_ns > PART_NS]:
            del self._messages[key]
        if not self._messages:
            self.missing = None


def join(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Put together what one picture shows: whole messages, and the parts of those that are not all there."""
    assembler, read = Assembler(), tuple(codes)
    for code in read:
        assembler.take(code, 0)
    return once(assembler.take(code, 0) or code for code in read)
