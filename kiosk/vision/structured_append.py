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
_BYTE = 0b0100
_MODES = frozenset({0b0001, 0b0010, _BYTE, 0b0101, 0b0111, 0b1000, 0b1001})
"""Mode indicators that may follow the header: numeric, alphanumeric, byte, FNC1, ECI, Kanji."""
_LEVELS = {"L": consts.ERROR_LEVEL_L, "M": consts.ERROR_LEVEL_M, "Q": consts.ERROR_LEVEL_Q, "H": consts.ERROR_LEVEL_H}
_HEADER_CODEWORDS = 9
"""Structured append header (20 bits), the next mode (4), up to 16 bits of a length, and 4 bytes of content."""
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
    """The bytes behind the header are those that were read."""


def _parsed(dark: np.ndarray, version: int, data: bytes) -> _Header | None:
    bits = "".join("1" if bit else "0" for bit in dark)

    def field(at: int, wide: int) -> int:
        return int(bits[at : at + wide], 2)

    index, count, mode = field(4, 4), field(8, 4) + 1, field(20, 4)
    if field(0, 4) != _STRUCTURED_APPEND or count < 2 or index >= count or mode not in _MODES:
        return None
    if mode == _BYTE:
        begin = 24 + (8 if version < 10 else 16)
        seen = bits[begin:]
        told = "".join(f"{byte:08b}" for byte in data[: -(-len(seen) // 8)])[: len(seen)]
        if field(24, begin - 24) > len(data) or not _agree(seen[: len(told)], told):
            return None
    return _Header(Part(index, count, field(12, 8)), mode == _BYTE)


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
