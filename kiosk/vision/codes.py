"""What engines take and give: luma in, codes with their exact bytes out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import hypot
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

QR, CODE128 = "QRCode", "Code128"
"""Symbologies, as people know them."""
Luma = NDArray[np.uint8]
"""Rows of brightness, 0 to 255. Rows may lie apart in memory (a slice of a camera's buffer)."""
Point = tuple[int, int]
Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left of the code as printed; x, y in pixels of the frame."""


@dataclass(frozen=True, slots=True)
class Part:
    """Where a symbol stands in a structured append (ISO/IEC 18004, section 8)."""

    index: int
    """From 0."""
    count: int
    """2 to 16."""
    parity: int
    """XOR of all bytes of the whole message: parts of one message have the same."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read."""

    data: bytes
    """Exactly what the code holds."""
    text: str
    """`data` as UTF-8 where it is valid UTF-8, with or without ECI; else in the character set that the code
    names or, where it names none, the likeliest (Latin-1, Shift JIS …). For people; decisions use `data`."""
    symbology: str
    corners: Corners
    part: Part | None = None
    """Set where this is one symbol of several that make one message."""


def once(codes: Iterable[Code]) -> tuple[Code, ...]:
    """Return each code once. Two parts of a message may hold the same bytes."""
    return tuple({(code.data, code.part): code for code in codes}.values())


def moved(code: Code, to: tuple[int, int], times: float = 1.0) -> Code:
    """Return `code`, read in a part of a picture that begins at `to` and was enlarged, where it is in the whole."""
    a, b, c, d = ((to[0] + int(x / times), to[1] + int(y / times)) for x, y in code.corners)
    return replace(code, corners=(a, b, c, d))


@dataclass(frozen=True, slots=True)
class Located:
    """Something that looks like a code and could not be read."""

    corners: Corners
    version: int = 0
    """Its version (size), 1 to 40; 0 where the engine does not know it."""

    @property
    def side(self) -> float:
        """Return the shorter of its sides at the top left corner, in pixels."""
        (ax, ay), (bx, by), _, (dx, dy) = self.corners
        return min(hypot(bx - ax, by - ay), hypot(dx - ax, dy - ay))

    @property
    def module(self) -> float:
        """Return how wide a module is, in pixels; 0 where the version is not known."""
        return self.side / (17 + 4 * self.version) if self.version else 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a frame gave."""

    codes: tuple[Code, ...] = ()
    located: tuple[Located, ...] = ()


class Engine(Protocol):
    """Something that finds and reads codes."""

    def look(self, luma: Luma) -> Look:
        """Return every code that is read in `luma`, a two-dimensional array, and what was found and not read.

        Frames of a camera come in their order; an engine may go on at one where it stopped at the one before.
        """
        ...

    def close(self) -> None:
        """Give back what the engine holds."""
        ...
