"""One more look at a spot where something is and could not be read: what can be tried, and in which order.

The order is that of a measurement (`kiosk bench read --only tries --seed 2`): on frames kept for tuning, what reads
most of what is still unread comes next. What was located has finder patterns, so blur and creases are its trouble;
what is only textured like a code has grain or a screen's grid over them.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import zxingcpp

from kiosk.vision.changes import (
    Change,
    calm,
    darken,
    deblur,
    despeckle,
    each,
    keep,
    scaled,
    sharpen,
    soften,
    stretch,
    threshold,
)
from kiosk.vision.codes import Code, Located, Look, Luma, moved
from kiosk.vision.engines.zxing import FIXED, GLOBAL, LOCAL, ZxingEngine
from kiosk.vision.regions import Region, apart, box, textured
from kiosk.vision.surface import flatten


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of a frame to look at again."""

    region: Region
    located: Located | None = None
    """What was located there; None where there is only texture."""

    @property
    def module(self) -> float:
        """Return how wide a module is, in pixels; a guess where the version is not known."""
        return (self.located.module if self.located is not None else 0.0) or _USUAL_MODULE


class Try(Protocol):
    """One way to look at a spot again."""

    @property
    def name(self) -> str:
        """Return what it is called in a table."""
        ...

    def cost(self, spot: Spot, work: int) -> int:
        """Return how much work it is, in pixels that are changed and looked at: about 4 ns each on an x86 core."""
        ...

    def read(self, engine: ZxingEngine, luma: Luma, spot: Spot, *, work: int, effort: bool = False) -> list[Code]:
        """Return what is read, in coordinates of `luma`. `work` bounds the pixels that a spot is enlarged to."""
        ...


@dataclass(frozen=True, slots=True)
class Changed:
    """Cut out, enlarge, change, and look."""

    name: str
    times: float
    change: Change
    binarizer: zxingcpp.Binarizer = LOCAL

    def cost(self, spot: Spot, work: int) -> int:
        """Return the pixels of the enlarged spot."""
        return _enlarged(spot, self.times, work)[1]

    def read(self, engine: ZxingEngine, luma: Luma, spot: Spot, *, work: int, effort: bool = False) -> list[Code]:
        """Return what is read."""
        part, times = spot.region.of(luma), _enlarged(spot, self.times, work)[0]
        found = engine.scan(self.change(scaled(part, times)), self.binarizer, effort=effort).codes
        return [moved(code, spot.region[:2], times) for code in found]


@dataclass(frozen=True, slots=True)
class Sharpened:
    """Cut out, stretch, sharpen as far as the modules are wide, enlarge, and look."""

    reach: float
    """Modules."""
    amount: float
    times: float = 2

    @property
    def name(self) -> str:
        """Return how far and how much it sharpens."""
        return f"sharpen {self.reach:g} modules × {self.amount:g}, ×{self.times:g}"

    def cost(self, spot: Spot, work: int) -> int:
        """Return the pixels of the enlarged spot."""
        return _enlarged(spot, self.times, work)[1]

    def read(self, engine: ZxingEngine, luma: Luma, spot: Spot, *, work: int, effort: bool = False) -> list[Code]:
        """Return what is read."""
        times = _enlarged(spot, self.times, work)[0]
        part = sharpen(stretch(spot.region.of(luma)), self.reach * spot.module, self.amount)
        found = engine.scan(scaled(part, times), effort=effort).codes
        return [moved(code, spot.region[:2], times) for code in found]


@dataclass(frozen=True, slots=True)
class Deblurred:
    """Cut out, undo the blur of so many modules, enlarge, and look. Ten times the cost of the others."""

    radius: float

    @property
    def name(self) -> str:
        """Return which blur it undoes."""
        return f"deblur {self.radius:g} modules"

    def cost(self, spot: Spot, work: int) -> int:
        """Return ten times the pixels of the enlarged spot."""
        return 10 * _enlarged(spot, 2, work)[1]

    def read(self, engine: ZxingEngine, luma: Luma, spot: Spot, *, work: int, effort: bool = False) -> list[Code]:
        """Return what is read."""
        # The work grows with the third power of a module's width, and a wide module is seen without all its pixels.
        times = min(_WIDEST_MODULE / spot.module, (work / spot.region.area) ** 0.5, 1.0)
        part = deblur(scaled(spot.region.of(luma), times), self.radius * spot.module * times)
        found = engine.scan(scaled(part, 2), effort=effort).codes
        return [moved(code, spot.region[:2], 2 * times) for code in found]


class Flattened:
    """Follow the modules over a surface that is not flat, and look at a drawing of them."""

    name = "flatten"

    def cost(self, spot: Spot, work: int) -> int:
        """Return what was measured: it grows with the modules, however large they are in the picture."""
        del work
        version = _followed_version(spot)
        return 300_000 + 190 * (17 + 4 * version) ** 2 if version else 0

    def read(self, engine: ZxingEngine, luma: Luma, spot: Spot, *, work: int, effort: bool = False) -> list[Code]:
        """Return what is read. Only a symbol whose version is known can be followed."""
        del work, effort  # a drawing is as large as it must be, and neither turned nor inverted
        version, located = _followed_version(spot), spot.located
        if located is None or not version:
            return []
        found = engine.scan(flatten(luma, located.corners, version)).codes
        return [replace(code, corners=located.corners) for code in found]


def _followed_version(spot: Spot) -> int:
    """Return the version of a symbol that can be followed, else 0."""
    version = spot.located.version if spot.located is not None else 0
    return version if version <= _MAX_VERSION else 0


_MAX_VERSION = 25
"""Larger symbols take too long to follow, and nobody carries them."""
_USUAL_MODULE = 3.0
_WIDEST_MODULE = 6.0
"""Pixels to which a module is reduced before its blur is undone."""
LOCATED: tuple[Try, ...] = (
    Sharpened(0.8, 1.5),
    Flattened(),
    Changed("darken, ×2", 2, darken),
    Changed("stretch, sharpen, ×2", 2, each(stretch, sharpen)),
    Sharpened(1.2, 2.5),
    Changed("threshold 31, ×2", 2, threshold(31), FIXED),
    Changed("despeckle, stretch, sharpen, ×2", 2, each(despeckle, stretch, sharpen)),
    Sharpened(0.7, 1.5, times=3),
)
TEXTURED: tuple[Try, ...] = (
    Changed("calm, global threshold, ×2", 2, calm, GLOBAL),
    Changed("darken, stretch, sharpen, ×2", 2, each(darken, stretch, sharpen)),
    Changed("soften, ×2", 2, soften),
    Sharpened(1.3, 1.5),
    Changed("global threshold, ×2", 2, keep, GLOBAL),
    Changed("threshold 21", 1, threshold(21), FIXED),
    Changed("threshold 31 less 6, ×2", 2, threshold(31, 6), FIXED),
)
PATIENT: tuple[Try, ...] = (Deblurred(0.5), Deblurred(0.65))
"""What is worth its time only where no next frame comes."""


def spots(luma: Luma, first: Look) -> list[Spot]:
    """Return where to look again, the largest first: what was located; where nothing was seen, what is textured."""
    if not first.located:
        return [] if first.codes else [Spot(region) for region in textured(luma)]
    read = [box(luma, code.corners, 0) for code in first.codes]
    regions = {box(luma, located.corners): located for located in first.located}
    return [Spot(region, regions[region]) for region in apart(regions, read)]


def tries_for(spot: Spot) -> tuple[Try, ...]:
    """Return what to try at a spot, the most telling first."""
    return LOCATED if spot.located is not None else TEXTURED


def _enlarged(spot: Spot, times: float, work: int) -> tuple[float, int]:
    """Return how many times as large a spot may be made, and the pixels that it has then."""
    if times > 1:
        times = min(times, max((work / spot.region.area) ** 0.5, 1))
    return times, round(spot.region.area * times**2)
