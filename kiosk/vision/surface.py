"""Codes on what is not flat: creased paper, a sleeve, a bottle. Their modules are followed over the surface.

A reader lays a flat grid over a symbol from its corners. Where the paper bulges, the grid's lines run through
the middle of modules. Here the symbol is straightened by its corners first; then small tiles of the grid are
moved, from the finder patterns on, each as its neighbours were and then to where it fits best: modules that every
symbol has (finder, timing and alignment patterns) as they must be, all others clearly dark or clearly light.
What comes out is drawn as a flat symbol, and read as any other: error correction tells whether it was right.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from kiosk.vision.codes import Corners, Luma
from kiosk.vision.symbol import alignment_centres

_PER_MODULE = 6
"""Pixels of a module in the straightened symbol."""
_TILE = 4
"""Modules a side of a tile. Sides have one module more than a multiple of four: it moves with the last tile."""
_OVERLAP = 1
"""Modules around a tile that have a say in where it fits."""
_AROUND = 6
"""Modules by which the symbol is straightened beyond its corners, so that tiles can move outwards."""
_REACH = 3
"""Pixels that a tile may move from where its neighbours say: half a module."""
_STIFFNESS = 0.02
"""Share of the fit that is lost a pixel of difference to the neighbours."""
_KNOWN = 2
"""Weight of a module whose colour is known beforehand."""
_INSIDE = np.arange(-_OVERLAP, _TILE + _OVERLAP)
_STEPS = range(-_REACH, _REACH + 1)
_SHIFTS = np.array([(down, across) for down in _STEPS for across in _STEPS], np.int32)
_FARTHEST = (_AROUND - 1) * _PER_MODULE - _REACH
"""Pixels that a tile may be away from the flat grid."""
_LOCAL = 5
"""Modules of the surroundings that say what is dark and what is light."""
_DRAWN = 4
"""Pixels of a module as it is drawn."""
_QUIET = 4


@dataclass(frozen=True, slots=True)
class _Turn:
    """Tiles that are moved at the same time, as far as it is known before a picture is."""

    tiles: np.ndarray
    """Their places among all tiles, counted along rows of a field with an edge of one tile around it."""
    around: np.ndarray
    """By tile: the places of the nine tiles around and at it."""
    moved: np.ndarray
    """By tile: how many of those have been moved before, at least 1."""
    places: np.ndarray
    """By tile and module: where the module is in `_Sheet.fits`, were nothing moved."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that depends on a symbol's version alone."""

    known: np.ndarray
    """By module: 1 where it must be light, -1 where it must be dark, 0 where it may be both."""
    side: int
    """Pixels a side of the straightened symbol."""
    across: int
    """Tiles a side, the edge included."""
    turns: tuple[_Turn, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The symbol, straightened by its corners."""

    grey: np.ndarray
    """Brightness less the middle between dark and light around."""
    fits: np.ndarray
    """How well a module fits there: a plane where it may be both, one where it must be light, one for dark."""


def flatten(luma: Luma, corners: Corners, version: int) -> Luma:
    """Return the symbol as a flat drawing with a quiet zone: 3 ms for version 3, 8 ms for version 12.

    `corners` and `version` (1 to 40) are what an engine found out before it gave up.
    """
    plan = _plan(version)
    sheet = _straightened(luma, corners, plan)
    light = np.where(plan.known, plan.known, _sampled(sheet, _followed(sheet, plan), len(plan.known))) > 0
    drawing = np.pad(np.where(light, 255, 0).astype(np.uint8), _QUIET, constant_values=255)
    return drawing.repeat(_DRAWN, axis=0).repeat(_DRAWN, axis=1)


@cache
def _plan(version: int) -> _Plan:
    known = _known(version)
    modules, tiles = len(known), len(known) // _TILE
    side, across = (modules + 2 * _AROUND) * _PER_MODULE, tiles + 2
    middles, plane, ranks = _middles(modules), known.astype(np.int32) % 3, _ranks(tiles)
    order = np.pad(ranks, 1, constant_values=int(ranks.max()) + 1).ravel()
    turns = []
    for turn in range(int(ranks.max()) + 1):
        rows, columns = np.nonzero(ranks == turn)
        at = (rows + 1) * across + columns + 1
        around = at[:, None] + np.array([down * across + right for down in (-1, 0, 1) for right in (-1, 0, 1)])
        row = np.clip(rows[:, None] * _TILE + _INSIDE, 0, modules - 1)
        column = np.clip(columns[:, None] * _TILE + _INSIDE, 0, modules - 1)
        places = middles[row][:, :, None] * side + middles[column][:, None, :]
        places = places + plane[row[:, :, None], column[:, None, :]] * side * side
        moved = np.maximum((order[around] < turn).sum(axis=1), 1)
        turns.append(_Turn(at, around, moved[:, None], places.reshape(len(rows), 1, -1)))
    return _Plan(known, side, across, tuple(turns))


@cache
def _known(version: int) -> np.ndarray:
    """Return the modules that every symbol of a version has (ISO/IEC 18004, section 6.3): see _Sheet.known."""
    size = 17 + 4 * version
    known = np.zeros((size, size), np.int8)
    known[6, 8:-8] = known[8:-8, 6] = np.where(np.arange(8, size - 8) % 2, 1, -1)
    finder = _rings(4)
    known[:8, :8], known[:8, -8:], known[-8:, :8] = finder[1:, 1:], finder[1:, :-1], finder[:-1, 1:]
    for row, column in alignment_centres(version):
        known[row - 2 : row + 3, column - 2 : column + 3] = _rings(2)
    return known


def _rings(radius: int) -> np.ndarray:
    """Return an alignment pattern (2), or a finder pattern with the light line around it (4)."""
    row, column = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    ring = np.maximum(np.abs(row), np.abs(column))
    light = (ring == 1) if radius == 2 else (ring == 2) | (ring == 4)
    rings: np.ndarray = np.where(light, 1, -1).astype(np.int8)
    return rings


def _straightened(luma: Luma, corners: Corners, plan: _Plan) -> _Sheet:
    low, high, side = _AROUND * _PER_MODULE, plan.side - _AROUND * _PER_MODULE, plan.side
    onto = np.array([[low, low], [high, low], [high, high], [low, high]], np.float32)
    way = cv2.getPerspectiveTransform(np.array(corners, np.float32), onto)
    straight = cv2.warpPerspective(luma, way, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    smooth = cv2.blur(straight, (3, 3))
    small = cv2.resize(smooth, (side // 3, side // 3), interpolation=cv2.INTER_AREA)
    reach = np.ones((_LOCAL * _PER_MODULE // 3,) * 2, np.uint8)
    middle = cv2.addWeighted(cv2.dilate(small, reach), 0.5, cv2.erode(small, reach), 0.5, 0)
    around = cv2.resize(cv2.blur(middle, reach.shape), (side, side), interpolation=cv2.INTER_LINEAR)
    grey = cv2.subtract(smooth, around, dtype=cv2.CV_16S)
    fits = np.empty((3, *grey.shape), np.int16)
    np.abs(grey, out=fits[0])
    np.multiply(grey, _KNOWN, out=fits[1])
    np.negative(fits[1], out=fits[2])
    return _Sheet(grey, fits.ravel())


def _middles(modules: int) -> np.ndarray:
    """Return where the middles of the modules are, in pixels of the straightened symbol, along one side."""
    middles: np.ndarray = (np.arange(modules) + _AROUND) * _PER_MODULE + _PER_MODULE // 2
    return middles


def _followed(sheet: _Sheet, plan: _Plan) -> np.ndarray:
    """Return by how many pixels (down, across) each tile is moved: an array of tiles × tiles × 2."""
    wide, shifts = plan.side, np.zeros((plan.across * plan.across, 2), np.float32)
    steps = _SHIFTS[:, 0] * wide + _SHIFTS[:, 1]
    for turn in plan.turns:
        expected = shifts[turn.around].sum(axis=1) / turn.moved
        base = np.clip(np.rint(expected), -_FARTHEST, _FARTHEST).astype(np.int32)
        there = turn.places + (base[:, 0] * wide + base[:, 1])[:, None, None]
        fit = sheet.fits.take(there + steps[:, None]).sum(axis=2, dtype=np.int32)
        away = np.abs((base - expected)[:, None] + _SHIFTS).sum(axis=2)
        best = (fit - np.abs(fit) * _STIFFNESS * away).argmax(axis=1)
        shifts[turn.tiles] = base + _SHIFTS[best]
    return shifts.reshape(plan.across, plan.across, 2)[1:-1, 1:-1]


def _ranks(tiles: int) -> np.ndarray:
    """Return when each tile's turn is: its distance from the nearest finder pattern."""
    row, column = np.mgrid[:tiles, :tiles]
    top, left = np.maximum(row - 1, 0), np.maximum(column - 1, 0)
    bottom, right = np.maximum(tiles - 2 - row, 0), np.maximum(tiles - 2 - column, 0)
    ranks: np.ndarray = np.minimum(np.minimum(top + left, top + right), bottom + left)
    return ranks


def _sampled(sheet: _Sheet, shifts: np.ndarray, modules: int) -> np.ndarray:
    """Return the brightness of every module, its tile's shift spread smoothly between the tiles."""
    tiles = len(shifts)
    smooth = cv2.blur(shifts, (3, 3), borderType=cv2.BORDER_REPLICATE) * 0.5 + shifts * 0.5
    side = tiles * _TILE
    whole = cv2.resize(smooth, (side, side), interpolation=cv2.INTER_LINEAR)
    whole = np.pad(whole, ((0, modules - side), (0, modules - side), (0, 0)), mode="edge")
    middles = _middles(modules)
    y = np.rint(middles[:, None] + whole[..., 0]).astype(int)
    x = np.rint(middles[None, :] + whole[..., 1]).astype(int)
    limit = len(sheet.grey) - 1
    values: np.ndarray = sheet.grey[np.clip(y, 0, limit), np.clip(x, 0, limit)]
    return values
