"""Where in a frame something might be a code: rectangles around what was located, or around busy texture."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from kiosk.vision.codes import Corners, Luma

LEAST = 42
"""Pixels a side must have: a code of 21 modules with less than 2 pixels a module is not read by any means."""
_MARGIN = 0.25
_CELL = 8
"""Pixels of the halved frame that make one cell of the map."""
_LEAST_TEXTURE = 8.0
"""Mean step between neighbouring pixels of the halved frame, in steps of luma, that a code shows at least."""
_ABOVE_MEDIAN = (1.3, 5.0)
"""Times the frame's median, and steps more, that a code's texture is: grain and print are everywhere, a code is not."""
_PEAK_SHARE = 0.45
_LEAST_CELLS = 9
_LONGEST = 4
"""Times its width that a region may be long: a code seen at a slant, not a line of text."""


class Region(NamedTuple):
    """A rectangle in pixels of the frame; right and bottom lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        """Pixels that it has."""
        return (self.right - self.left) * (self.bottom - self.top)

    def of(self, luma: Luma) -> Luma:
        """Return this part of a frame, not copied."""
        return luma[self.top : self.bottom, self.left : self.right]

    def overlaps(self, other: "Region") -> bool:
        """Tell whether both share more than half of the smaller one."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide > 0 and high > 0 and wide * high * 2 > min(self.area, other.area)


NOWHERE = Region(0, 0, 0, 0)


def _within(luma: Luma, left: int, top: int, right: int, bottom: int) -> Region:
    height, width = luma.shape
    return Region(max(left, 0), max(top, 0), min(right, width), min(bottom, height))


def box(luma: Luma, corners: Corners, margin: float = _MARGIN) -> Region:
    """Return the rectangle around `corners`, with a margin on each side as a part of its longer side."""
    xs, ys = zip(*corners, strict=True)
    more = int(max(max(xs) - min(xs), max(ys) - min(ys)) * margin)
    return _within(luma, min(xs) - more, min(ys) - more, max(xs) + more, max(ys) + more)


def apart(regions: Iterable[Region], taken: Sequence[Region] = ()) -> list[Region]:
    """Return the regions, largest first, without the too small ones and those that overlap others or `taken`."""
    kept: list[Region] = []
    for region in sorted(regions, key=lambda region: -region.area):
        if min(region.right - region.left, region.bottom - region.top) < LEAST:
            continue
        if not any(region.overlaps(other) for other in (*kept, *taken)):
            kept.append(region)
    return kept


def textured(luma: Luma) -> list[Region]:
    """Return regions that are busy in both directions, as codes are, largest first: about 0.3 ms at 720p.

    Codes whose finder patterns are drowned in noise or in a screen's grid are found by this, and nothing else.
    """
    high, wide = (luma.shape[0] // 2 - 1) // _CELL, (luma.shape[1] // 2 - 1) // _CELL
    if high < 3 or wide < 3:
        return []
    half = cv2.resize(luma, (luma.shape[1] // 2, luma.shape[0] // 2), interpolation=cv2.INTER_AREA)
    part = half[: high * _CELL, : wide * _CELL]
    across = cv2.absdiff(half[: high * _CELL, 1 : wide * _CELL + 1], part)
    down = cv2.absdiff(half[1 : high * _CELL + 1, : wide * _CELL], part)
    cells = [cv2.resize(step, (wide, high), interpolation=cv2.INTER_AREA) for step in (across, down)]
    texture = cv2.blur(cv2.min(cells[0], cells[1]), (3, 3))
    times, more = _ABOVE_MEDIAN
    least = max(
        _LEAST_TEXTURE, times * float(np.median(texture)) + more, _PEAK_SHARE * float(texture.max())
    )
    busy = cv2.morphologyEx((texture >= least).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, _, found, _ = cv2.connectedComponentsWithStats(busy)
    return apart(_region(luma, *map(int, one)) for one in found[1:] if _like_a_code(*map(int, one)))


def _like_a_code(_: int, __: int, wide: int, high: int, cells: int) -> bool:
    return cells >= _LEAST_CELLS and max(wide, high) <= _LONGEST * min(wide, high)


def _region(luma: Luma, left: int, top: int, wide: int, high: int, _: int) -> Region:
    more, cell = max(max(wide, high) // 5, 2), 2 * _CELL
    return _within(
        luma, (left - more) * cell, (top - more) * cell, (left + wide + more) * cell, (top + high + more) * cell
    )
