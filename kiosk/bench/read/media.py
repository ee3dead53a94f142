"""What carries a code: a telephone's screen or a sheet of paper, drawn flat and in linear light."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from kiosk.bench.read.payloads import QUIET
from kiosk.vision.codes import Luma

_SKIN = 96
_BEZEL = 5


@dataclass(frozen=True, slots=True)
class Medium:
    """A flat thing with a code on it. Light is linear: 0 is none, 255 the medium's own white."""

    name: str
    """`phone` or `paper`."""
    pixels: Luma
    """Two channels: light, and 255 where the medium covers what is behind it."""
    middle: tuple[float, float]
    """Where the code's middle is, in pixels of the drawing."""
    modules: tuple[int, int]
    """Width and height of the code without its quiet zone."""
    scale: int
    """Pixels of the drawing for one module."""


def make_medium(name: str, modules: Luma, module_px: float, rng: Generator) -> Medium:
    """Draw a medium with `modules` (quiet zone included) on it, fine enough for `module_px` pixels a module."""
    scale = max(2, round(1.5 * module_px))
    code = modules.repeat(scale, axis=0).repeat(scale, axis=1)
    draw = _phone if name == "phone" else _paper
    light, cover, (left, top) = draw(code, rng)
    high, wide = modules.shape
    middle = left + wide * scale / 2, top + high * scale / 2
    return Medium(name, np.dstack((light, cover)), middle, (wide - 2 * QUIET, high - 2 * QUIET), scale)


def _drawn(code: Luma, ink: float, white: float) -> Luma:
    return np.round(255 * (ink + code * ((white - ink) / 255))).astype(np.uint8)


def _text(into: Luma, box: tuple[int, int, int, int], grey: int, rng: Generator) -> None:
    """Draw what reads as lines of text from afar."""
    left, top, right, bottom = box
    pitch = max((right - left) // 22, 7)
    for y in range(top, bottom - pitch, pitch):
        x, end = left, left + int((right - left) * rng.uniform(0.4, 1.0))
        while x < end:
            word = int(rng.uniform(0.8, 4.0) * pitch * 0.6)
            cv2.rectangle(into, (x, y), (min(x + word, end), y + pitch // 3), grey, -1)
            x += word + pitch // 3


def _finger(light: Luma, cover: Luma, tip: tuple[int, int], root: tuple[int, int], thick: int) -> None:
    cv2.line(cover, root, tip, 255, thick, cv2.LINE_AA)
    for part, grey in ((1.0, _SKIN * 5 // 10), (0.8, _SKIN * 7 // 10), (0.5, _SKIN)):
        cv2.line(light, root, tip, grey, max(round(thick * part), 1), cv2.LINE_AA)


Drawing = tuple[Luma, Luma, tuple[int, int]]
"""Light, cover, and where the code's quiet zone begins."""


def _phone(code: Luma, rng: Generator) -> Drawing:
    """Draw a telephone: a bright screen with an app around the code, a dark bezel, a hand around it."""
    high, wide = code.shape
    side = max(high, wide)
    screen_wide = int(side * rng.uniform(1.04, 1.25))
    bezel, fingers = max(side // 28, 3), side // 7
    before, after = int(side * rng.uniform(0.25, 0.45)), int(side * rng.uniform(0.35, 0.6))
    left, top = fingers + bezel, fingers // 2 + bezel
    bottom, right = top + before + high + after, left + screen_wide
    light = np.full((bottom + bezel + fingers // 2, right + bezel + fingers), _BEZEL, np.uint8)
    cover = np.zeros_like(light)
    cv2.rectangle(cover, (left - bezel, top - bezel), (right + bezel, bottom + bezel), 255, -1)
    white = int(rng.integers(215, 250))
    cv2.rectangle(light, (left, top), (right, bottom), white, -1)
    cv2.rectangle(light, (left, top), (right, top + before // 3), int(rng.integers(10, 70)), -1)
    inner = left + screen_wide // 12, right - screen_wide // 12
    _text(light, (inner[0], top + before // 2, inner[1], top + before - 2), 30, rng)
    _text(light, (inner[0], top + before + high + 4, inner[1], bottom - after // 3), 40, rng)
    start = left + (screen_wide - wide) // 2, top + before
    light[start[1] : start[1] + high, start[0] : start[0] + wide] = _drawn(code, rng.uniform(0.01, 0.04), white / 255)
    for part in range(3):
        y = int(top + before + high * (0.55 + 0.22 * part))
        _finger(light, cover, (left - bezel // 2, y), (0, y + fingers // 2), fingers)
    y = int(top + before + high * rng.uniform(0.7, 1.0))
    _finger(light, cover, (right + bezel // 2, y), (right + bezel + fingers, y + fingers * 2), int(fingers * 1.3))
    return light, cover, start


def _paper(code: Luma, rng: Generator) -> Drawing:
    """Draw a printed sheet: text around the code, two folds beside it, a thumb on its lower edge."""
    high, wide = code.shape
    side = max(high, wide)
    margin, before, after = (int(side * rng.uniform(low, low + 0.2)) for low in (0.06, 0.12, 0.2))
    thumb = side // 6
    bottom, right = before + high + after, 2 * margin + wide
    light = np.full((bottom + thumb, right), 235, np.uint8)
    cover = np.zeros_like(light)
    cover[:bottom] = 255
    inner = margin + side // 16, right - margin - side // 16
    _text(light, (inner[0], before // 6, inner[1], before - 2), 40, rng)
    _text(light, (inner[0], before + high + 4, inner[1], bottom - after // 4), 40, rng)
    light[before : before + high, margin : margin + wide] = _drawn(code, rng.uniform(0.05, 0.13), 235 / 255)
    fold = before + high + after // 6
    light[fold : fold + max(side // 80, 1)] = light[fold : fold + max(side // 80, 1)] // 5 * 4
    x = int(right * rng.uniform(0.25, 0.75))
    _finger(light, cover, (x, bottom - thumb // 3), (x + thumb // 3, bottom + thumb), thumb)
    return light, cover, (margin, before)
