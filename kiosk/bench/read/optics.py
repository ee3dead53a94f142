"""From a medium in front of a camera to the frame that the camera gives.

linear light → bent surface → perspective at twice the resolution → reflections and haze → defocus and motion →
interference of a screen's pixels with the sensor's → photon and read noise → gamma. Lengths are in pixels of the
frame unless they say modules; what is relative to a module is as hard for a large code as for a small one.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from kiosk.bench.read.media import Medium
from kiosk.bench.read.rooms import HEIGHT, WIDTH, Light
from kiosk.vision.codes import Luma

Points = NDArray[np.floating[Any]]
"""Points, or a matrix that moves them."""

_FOCAL = 985.0
"""Focal length in pixels: 66° across 1280."""
_CELL = 16
"""Pixels (at twice the resolution) between the points at which a surface is reckoned exactly."""
_NOISE = 2048
_GAMMA = np.round(255 * np.linspace(0, 1, 4096) ** (1 / 2.2)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a medium is: the code's middle in the frame, its size, and how it is turned, in degrees."""

    x: float
    y: float
    module_px: float
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0


@dataclass(frozen=True, slots=True)
class Patch:
    """A reflection: a lamp (soft) or a window (square)."""

    x: float
    y: float
    wide: float
    high: float
    turn: float
    """Radians."""
    light: float
    """Added to the light in its middle; the medium's white is 1."""
    square: bool


@dataclass(frozen=True, slots=True)
class Conditions:
    """Everything that is between a flat code and a perfect picture of it."""

    white: float = 0.7
    """Light of the medium's white; above 1 it is clipped."""
    haze: float = 0.0
    """Even light over the medium."""
    patches: tuple[Patch, ...] = ()
    bend: float = 0.0
    """How far round a cylinder the medium goes: half its angle in radians."""
    crumple: float = 0.0
    """How far points of the surface are moved, in modules."""
    defocus: float = 0.0
    """Radius of the blur disc."""
    motion: tuple[float, float] = (0.0, 0.0)
    """Way of the medium during the exposure, x and y."""
    softness: float = 0.5
    """Standard deviation of the lens' own blur."""
    grid: float = 0.0
    """Depth of the interference with a screen's pixels, 0 to 1."""
    grid_off: tuple[float, float] = (0.1, 0.07)
    """How far the screen's pixels are from the sensor's, across and down: 0.1 makes fringes of ten pixels."""
    photons: float = 3000.0
    """Photons that a full pixel counts."""
    read_noise: float = 0.002
    exposure: float = 1.0
    """Light that is left of all before the sensor turns it into a picture."""
    bumps: Light = field(default_factory=lambda: np.zeros((2, 5, 5), np.float32))
    """How the surface is crumpled: from -1 to 1, multiplied by `crumple`."""


def make_bumps(rng: Generator) -> Light:
    """Return a random crumpled surface."""
    return rng.uniform(-1, 1, (2, 7, 7)).astype(np.float32)


def homography(pose: Pose) -> Points:
    """Return the matrix from the medium's plane, in modules from the code's middle, to the frame."""
    roll, yaw, pitch = np.radians((pose.roll, pose.yaw, pose.pitch))
    about_z = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    turned = about_z @ about_y @ about_x
    plane = np.column_stack((turned[:, 0], turned[:, 1], (0, 0, _FOCAL / pose.module_px)))
    lens = np.array([[_FOCAL, 0, pose.x], [0, _FOCAL, pose.y], [0, 0, 1]])
    matrix: Points = lens @ plane
    return matrix


def outline(medium: Medium, pose: Pose) -> Points:
    """Return the four corners of the code (without quiet zone) in the frame."""
    wide, high = medium.modules[0] / 2, medium.modules[1] / 2
    return _through(homography(pose), np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]))


def _through(matrix: Points, points: Points) -> Points:
    moved = np.column_stack((points, np.ones(len(points)))) @ matrix.T
    flat: Points = moved[:, :2] / moved[:, 2:]
    return flat


Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def _box(medium: Medium, matrix: Points, spare: float) -> Box:
    """Return the part of the frame in which the medium can be."""
    high, wide = medium.pixels.shape[:2]
    corners = np.array([[0.0, 0.0], [wide, 0], [wide, high], [0, high]])
    flat = _through(matrix, (corners - medium.middle) / medium.scale)
    low, top = np.floor(flat.min(0) - spare).astype(int), np.ceil(flat.max(0) + spare).astype(int)
    return (
        int(np.clip(low[0], 0, WIDTH)), int(np.clip(low[1], 0, HEIGHT)),
        int(np.clip(top[0], 0, WIDTH)), int(np.clip(top[1], 0, HEIGHT)),
    )  # fmt: skip


def _surface(medium: Medium, pose: Pose, matrix: Points, box: Box, how: Conditions) -> tuple[Light, Light]:
    """Return, at twice the resolution, which pixel of the drawing is seen, and how the surface is lit."""
    left, top, right, bottom = box
    cells = -(-2 * (right - left) // _CELL) + 2, -(-2 * (bottom - top) // _CELL) + 2
    x = left + (np.arange(cells[0]) - 0.5) * (_CELL / 2) - 0.5
    y = top + (np.arange(cells[1]) - 0.5) * (_CELL / 2) - 0.5
    points = np.column_stack([axis.ravel() for axis in np.meshgrid(x, y)])
    across, down = _through(np.linalg.inv(matrix), points).T
    shade = np.ones_like(across)
    half = max(medium.modules) / 2
    if how.bend:
        radius = half / how.bend
        inside = np.clip(across / radius, -0.999, 0.999)
        across = radius * np.arcsin(inside) + (across - inside * radius)
        down = down * (1 + radius * (1 - np.sqrt(1 - inside**2)) * pose.module_px / _FOCAL)
        shade = shade * (0.45 + 0.55 * np.sqrt(1 - inside**2))
    if how.crumple:
        spread = (across / half + 1.4) * 2.1, (down / half + 1.4) * 2.1
        at = [axis.astype(np.float32).reshape(cells[::-1]) for axis in spread]
        shift = [
            cv2.remap(plane, at[0], at[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) for plane in how.bumps
        ]
        across, down = across + how.crumple * shift[0].ravel(), down + how.crumple * shift[1].ravel()
        lit = shift[0] + cv2.blur(shift[1], (3, 3))
        shade = shade * (1 + np.clip(0.16 * how.crumple, 0, 0.3) * lit.ravel())
    coarse = np.column_stack((across, down, shade)).astype(np.float32).reshape(*cells[::-1], 3)
    coarse[..., :2] = coarse[..., :2] * medium.scale + np.asarray(medium.middle, np.float32) - 0.5
    fine = cv2.resize(coarse, (cells[0] * _CELL, cells[1] * _CELL), interpolation=cv2.INTER_LINEAR)
    fine = fine[_CELL : _CELL + 2 * (bottom - top), _CELL : _CELL + 2 * (right - left)]
    return fine[..., :2], fine[::2, ::2, 2]


def _reflections(box: Box, patches: tuple[Patch, ...]) -> Light:
    """Return the light of reflections. They are soft: a quarter of the resolution is enough."""
    left, top, right, bottom = box
    x = np.arange(left, right + 4, 4, dtype=np.float32)[None, :]
    y = np.arange(top, bottom + 4, 4, dtype=np.float32)[:, None]
    light = np.zeros((y.size, x.size), np.float32)
    for patch in patches:
        cos, sin = np.cos(patch.turn), np.sin(patch.turn)
        along = ((x - patch.x) * cos + (y - patch.y) * sin) / patch.wide
        across = ((y - patch.y) * cos - (x - patch.x) * sin) / patch.high
        reach = np.maximum(np.abs(along), np.abs(across)) ** 8 if patch.square else along**2 + across**2
        light += patch.light * np.exp(-np.minimum(reach, 30))
    soft: Light = cv2.resize(light, (x.size * 4, y.size * 4), interpolation=cv2.INTER_LINEAR)
    return soft[: bottom - top, : right - left]


def _fringes(seen: Light, medium: Medium, pose: Pose, how: Conditions) -> Light:
    """Return what a grid of screen pixels leaves of the light, sampled where the sensor's pixels are."""
    turns = np.float32(2 * np.pi * pose.module_px / medium.scale)
    across = np.cos(seen[..., 0] * (turns * np.float32(1 + how.grid_off[0])))
    down = np.cos(seen[..., 1] * (turns * np.float32(1 + how.grid_off[1])))
    left: Light = (1 - how.grid / 2 + (how.grid / 2) * across) * (1 - how.grid / 2 + (how.grid / 2) * down)
    return left


def kernel(defocus: float, motion: tuple[float, float]) -> Light:
    """Return the picture that a point of light makes: a disc drawn along a line."""
    way = float(np.hypot(*motion))
    reach = int(np.ceil(defocus + way / 2 + 0.5))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    if way > 0.2:
        along = np.clip((x * motion[0] + y * motion[1]) / way, -way / 2, way / 2)
        x, y = x - along * motion[0] / way, y - along * motion[1] / way
    point: Light = np.clip(max(defocus, 0.3) + 0.5 - np.hypot(x, y), 0, 1)
    point /= point.sum()
    return point


@lru_cache(maxsize=1)
def _noise() -> Light:
    """Return normal noise, a little smooth as a camera's own processing leaves it."""
    raw = default_rng(1).standard_normal((_NOISE, _NOISE), np.float32)
    smooth: Light = cv2.GaussianBlur(raw, (0, 0), 0.7)
    smooth /= smooth.std()
    return smooth


def develop(light: Light, how: Conditions, rng: Generator) -> Luma:
    """Return the picture that a sensor makes of `light`, which is used up."""
    light *= np.float32(how.exposure)
    np.clip(light, 0, 1.0, out=light)
    x, y = rng.integers(0, _NOISE - WIDTH), rng.integers(0, _NOISE - HEIGHT)
    spread = cv2.sqrt(light * np.float32(1 / how.photons) + np.float32(how.read_noise**2))
    spread *= _noise()[y : y + light.shape[0], x : x + light.shape[1]]
    light += spread
    light *= np.float32(4095)
    np.clip(light, 0, 4095, out=light)
    return _GAMMA[light.astype(np.uint16)]


def place(room: Light, medium: Medium, pose: Pose, how: Conditions) -> None:
    """Put `medium` into `room`, as it is seen under `how`."""
    matrix = homography(pose)
    box = _box(medium, matrix, how.defocus + float(np.hypot(*how.motion)) / 2 + 3)
    left, top, right, bottom = box
    if right - left < 2 or bottom - top < 2:
        return
    seen, shade = _surface(medium, pose, matrix, box, how)
    fine = cv2.remap(medium.pixels, seen, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    drawn = cv2.resize(fine, (right - left, bottom - top), interpolation=cv2.INTER_AREA).astype(np.float32)
    light = drawn[..., 0] * shade
    light *= np.float32(how.white / 255)
    if how.grid:
        light *= _fringes(seen[::2, ::2], medium, pose, how)
    if how.patches:
        light += _reflections(box, how.patches) * np.float32(how.white)
    light += np.float32(how.haze * how.white)
    cover = drawn[..., 1] * np.float32(1 / 255)
    part = room[top:bottom, left:right]
    light -= part
    light *= cover
    part += light
    _soften(part, how)


def _soften(part: Light, how: Conditions) -> None:
    """Blur `part` in place."""
    if how.defocus > 0.3 or np.hypot(*how.motion) > 0.2:
        part[:] = cv2.filter2D(part, -1, kernel(how.defocus, how.motion), borderType=cv2.BORDER_REPLICATE)
    if how.softness > 0.2:
        part[:] = cv2.GaussianBlur(part, (0, 0), how.softness)
