"""What a hand holds up to the synthetic camera: a telephone or a sheet of paper with a code, drawn once an item.

Everything here is a pure function of the item: no clock, and every chance comes from the item's seed.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import segno
from numpy.random import Generator, default_rng

from kiosk.vision.codes import Luma
from kiosk.vision.sources.scene import Item

_QUIET = 4
"""Modules of white around a code (ISO/IEC 18004)."""
_NOISE_MODULES = 69
_MODULE_PX = 4.0
"""Pixels of the frame that a module is meant to take; at least 3 with the largest codes at 720p."""
_FINER = 1.5
"""A card is drawn so much finer than it is shown."""
_SKIN = 150


@dataclass(frozen=True, slots=True)
class Card:
    """A drawing of something that carries a code."""

    texture: Luma
    mask: Luma
    """255 where the card covers what is behind it."""
    centre: tuple[float, float]
    """The middle of the code, in pixels of the texture."""
    side: float
    """The code's side with its quiet zone, in pixels of the frame."""
    scale: float
    """Pixels of the frame for one of the texture."""


def code_modules(payload: bytes) -> Luma:
    """Return a code as 0 for dark and 255 for light, one pixel a module, quiet zone included."""
    if payload.isascii():
        code = segno.make(payload.decode("ascii"), micro=False)
    else:
        code = segno.make(payload, mode="byte", micro=False)
    dark = np.array([list(row) for row in code.matrix], dtype=bool)
    return np.pad(np.where(dark, 0, 255).astype(np.uint8), _QUIET, constant_values=255)


def _noise_modules(rng: Generator) -> Luma:
    """Return what looks like a code from afar and has nothing that a code is found by."""
    dark = rng.random((_NOISE_MODULES, _NOISE_MODULES)) < 0.5
    return np.pad(np.where(dark, 0, 255).astype(np.uint8), _QUIET, constant_values=255)


def make_card(item: Item, frame_height: int) -> Card:
    """Draw the card of `item` for frames of `frame_height` pixels."""
    rng = default_rng(item.seed)
    modules = _noise_modules(rng) if item.payload is None else code_modules(item.payload)
    count = len(modules)
    side = float(np.clip(count * _MODULE_PX, frame_height * 0.36, frame_height * 0.84))
    module_px = max(round(side * _FINER / count), 1)
    code = modules.repeat(module_px, axis=0).repeat(module_px, axis=1)
    draw = _phone if item.medium == "phone" else _paper
    texture, mask, centre = draw(code, rng)
    return Card(texture, mask, centre, side, side / len(code))


def _rounded(into: Luma, box: tuple[int, int, int, int], radius: int, grey: int) -> None:
    """Fill a rectangle (left, top, right, bottom) with round corners."""
    left, top, right, bottom = box
    cv2.rectangle(into, (left + radius, top), (right - radius, bottom), grey, -1)
    cv2.rectangle(into, (left, top + radius), (right, bottom - radius), grey, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(into, (x, y), radius, grey, -1, cv2.LINE_AA)


def _finger(texture: Luma, mask: Luma, tip: tuple[int, int], root: tuple[int, int], thick: int) -> None:
    """Draw a finger from `root` to `tip`: darker at its edge, with a nail at its end."""
    cv2.line(mask, root, tip, 255, thick, cv2.LINE_AA)
    for part, grey in ((1.0, _SKIN - 38), (0.86, _SKIN - 14), (0.6, _SKIN)):
        cv2.line(texture, root, tip, grey, max(round(thick * part), 1), cv2.LINE_AA)
    along = np.subtract(tip, root) / max(np.hypot(*np.subtract(tip, root)), 1)
    nail = tuple(int(v) for v in np.add(tip, along * thick * 0.12))
    turn = float(np.degrees(np.arctan2(along[1], along[0])))
    cv2.ellipse(texture, nail, (thick // 3, thick // 4), turn, 0, 360, _SKIN + 26, -1, cv2.LINE_AA)


def _arm(texture: Luma, mask: Luma, wrist: tuple[int, int], thick: int) -> None:
    """Draw what a hand belongs to: its heel at `wrist`, a sleeve from there down and out of the picture."""
    end = (wrist[0] + thick // 2, len(mask) + thick)
    cv2.ellipse(mask, wrist, (thick * 2 // 3, thick), -12, 0, 360, 255, -1, cv2.LINE_AA)
    for part, grey in ((1.0, _SKIN - 42), (0.9, _SKIN - 20), (0.7, _SKIN - 8)):
        axes = (int(thick * part * 2 / 3), int(thick * part))
        cv2.ellipse(texture, wrist, axes, -12, 0, 360, grey, -1, cv2.LINE_AA)
    cuff = (wrist[0] + thick // 6, wrist[1] + thick * 4 // 3)
    cv2.line(mask, cuff, end, 255, thick * 5 // 4, cv2.LINE_AA)
    cv2.line(texture, cuff, end, 44, thick * 5 // 4, cv2.LINE_AA)
    cv2.line(texture, cuff, end, 56, thick, cv2.LINE_AA)


def _lines(into: Luma, box: tuple[int, int, int, int], grey: int, rng: Generator) -> None:
    """Draw what reads as lines of text from afar."""
    left, top, right, bottom = box
    pitch = max((bottom - top) // 5, 6)
    for y in range(top, bottom - pitch // 2, pitch):
        x, end = left, left + int((right - left) * rng.uniform(0.55, 1.0))
        while x < end:
            word = int(rng.uniform(1.0, 4.5) * pitch / 2)
            cv2.rectangle(into, (x, y), (min(x + word, end), y + pitch // 3), grey, -1)
            x += word + pitch // 3


def _light(shape: tuple[int, int], rng: Generator, strength: float) -> np.ndarray:
    """Return a gentle gradient of light around 1.0, in a random direction."""
    turn = rng.uniform(0, 2 * np.pi)
    y = np.linspace(-1, 1, shape[0], dtype=np.float32)[:, None] * np.float32(np.sin(turn))
    x = np.linspace(-1, 1, shape[1], dtype=np.float32)[None, :] * np.float32(np.cos(turn))
    gradient: np.ndarray = (1 + strength * x) + strength * y
    return gradient


def _lit(texture: Luma, light: np.ndarray) -> Luma:
    """Return `texture` under `light`, which is used up: large arrays are not worth a copy."""
    np.multiply(texture, light, out=light)
    np.clip(light, 0, 255, out=light)
    lit: Luma = light.astype(np.uint8)
    return lit


def _phone(code: Luma, rng: Generator) -> tuple[Luma, Luma, tuple[float, float]]:
    """Draw a telephone: a bright screen with an app around the code, a dark bezel, a hand around it."""
    side = len(code)
    wide, margin, bezel = int(side * 1.1), int(side * 0.24), max(side // 28, 4)
    high = int(wide * 1.85)
    shape = (high + 2 * bezel + margin // 3 + side, wide + 2 * (bezel + margin))
    texture, mask = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    left, top = margin, margin // 3
    right, bottom = left + wide + 2 * bezel, top + high + 2 * bezel
    thick = side // 6
    _arm(texture, mask, (right - wide // 4, int(top + high * 0.9)), int(wide * 0.62))
    for part in range(4):  # Four fingertips come round the left edge, from behind.
        y = int(top + high * (0.56 + 0.115 * part))
        _finger(texture, mask, (left + thick // 3, y), (left - thick, y + thick // 2), thick)
    _rounded(mask, (left, top, right, bottom), wide // 10, 255)
    _rounded(texture, (left, top, right, bottom), wide // 10, 70)
    _rounded(texture, (left + 2, top + 2, right - 2, bottom - 2), wide // 10 - 1, 14)
    screen = (left + bezel, top + bezel, right - bezel, bottom - bezel)
    _rounded(texture, screen, wide // 12, 236)
    code_top = top + bezel + int((high - side) * 0.42)
    bar = (left + bezel, top + bezel, right - bezel, top + bezel + int(high * 0.09))
    _rounded(texture, bar, wide // 12, 96)
    cv2.rectangle(texture, (bar[0], bar[1] + wide // 12), bar[2:], 96, -1)
    inner_left, inner_right = left + bezel + wide // 10, right - bezel - wide // 10
    _lines(texture, (inner_left, bar[3] + high // 30, inner_right, code_top - high // 40), 120, rng)
    _lines(texture, (inner_left, code_top + side + high // 30, inner_right, bottom - high // 8), 90, rng)
    code_left = left + bezel + (wide - side) // 2
    lit = np.round(22 + code * ((240 - 22) / 255)).astype(np.uint8)
    texture[code_top : code_top + side, code_left : code_left + side] = lit
    texture = _lit(texture, _light(shape, rng, 0.05))
    thumb = (right - bezel - thick // 6, int(top + high * 0.78))
    _finger(texture, mask, thumb, (right + thick // 5, int(top + high * 0.93)), int(thick * 1.25))
    return texture, mask, (code_left + side / 2, code_top + side / 2)


def _paper(code: Luma, rng: Generator) -> tuple[Luma, Luma, tuple[float, float]]:
    """Draw a printed sheet: text, two folds, a slight curl, a thumb on its lower edge."""
    side = len(code)
    left = top = side // 5
    wide, high = int(side * 1.45), int(side * 1.75)
    shape = (high + 2 * top + side, wide + 2 * left)
    texture, mask = np.full(shape, 206, np.uint8), np.zeros(shape, np.uint8)
    cv2.rectangle(mask, (left, top), (left + wide, top + high), 255, -1)
    code_left, code_top = left + (wide - side) // 2, top + side // 3
    ink = np.round(48 + code * ((206 - 48) / 255)).astype(np.uint8)
    texture[code_top : code_top + side, code_left : code_left + side] = ink
    _lines(texture, (left + side // 8, top + side // 14, left + wide - side // 8, code_top - side // 30), 80, rng)
    text_top = code_top + side + side // 20
    _lines(texture, (left + side // 8, text_top, left + wide - side // 8, top + high - side // 16), 90, rng)
    light = _light(shape, rng, 0.13)
    light *= _folds(shape, (left + wide // 2, text_top - side // 40), side)
    texture, mask = _curl(_lit(texture, light), mask, rng, side)
    thick = side // 5
    tip = (left + wide // 2 + int(side * rng.uniform(-0.3, 0.3)), top + high - thick // 3)
    _arm(texture, mask, (tip[0] + thick, top + high + 2 * thick), side // 3)
    _finger(texture, mask, tip, (tip[0] + thick // 2, top + high + thick), thick)
    return texture, mask, (code_left + side / 2, code_top + side / 2)


def _folds(shape: tuple[int, int], at: tuple[int, int], side: int) -> np.ndarray:
    """Return the shading of a vertical and a horizontal fold: light on one flank, dark on the other."""
    away_x = (np.arange(shape[1], dtype=np.float32) - at[0]) / (side * 0.03)
    away_y = (np.arange(shape[0], dtype=np.float32) - at[1]) / (side * 0.03)
    across = 1 + 0.16 * np.tanh(away_x) * np.exp(-np.abs(away_x) / 4)
    down = 1 + 0.20 * np.tanh(away_y) * np.exp(-np.abs(away_y) / 4)
    folds: np.ndarray = down[:, None] * across[None, :]
    return folds


def _curl(texture: Luma, mask: Luma, rng: Generator, side: int) -> tuple[Luma, Luma]:
    """Bend the sheet a little: no point moves by more than about one hundredth of the code's side."""
    high, wide = texture.shape
    bumps = rng.uniform(-1, 1, (2, 4, 4)).astype(np.float32) * side * 0.011
    x, y = (cv2.resize(plane, (wide, high), interpolation=cv2.INTER_CUBIC) for plane in bumps)
    x += np.arange(wide, dtype=np.float32)
    y += np.arange(high, dtype=np.float32)[:, None]
    bent = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    bent_mask = cv2.remap(mask, x, y, cv2.INTER_NEAREST)
    return bent, bent_mask
