"""What is behind a code: an entrance hall out of focus, in linear light, with what confuses a detector."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

Light = NDArray[np.float32]
"""Linear light; 1.0 is what fills a pixel."""

HEIGHT, WIDTH = 720, 1280
_SPARE = 120
"""Pixels that a room is larger than a frame on each side, so that no two frames show the same part."""
ROOMS = 10


def _squares(into: Light, rng: Generator) -> None:
    """Tiles, a rack, a window with bars: rows of things with sharp contrasts."""
    x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
    pitch, share = int(rng.integers(14, 60)), rng.uniform(0.3, 0.8)
    columns, rows = int(rng.integers(2, 12)), int(rng.integers(2, 9))
    for column in range(columns):
        for row in range(rows):
            corner = x + column * pitch, y + row * pitch
            end = int(corner[0] + pitch * share), int(corner[1] + pitch * share)
            cv2.rectangle(into, corner, end, rng.uniform(0.02, 0.6), -1)


def _person(into: Light, rng: Generator) -> None:
    """Somebody at the back of the hall."""
    x, head = int(rng.integers(80, WIDTH)), int(rng.integers(26, 70))
    y = int(rng.integers(150, 420))
    cloth = rng.uniform(0.02, 0.3)
    cv2.ellipse(into, (x, y + head * 5), (head * 2, head * 4), 0, 0, 360, cloth, -1)
    cv2.ellipse(into, (x, y), (int(head * 0.75), head), 0, 0, 360, rng.uniform(0.12, 0.35), -1)
    cv2.ellipse(into, (x, y - head // 2), (int(head * 0.8), head * 2 // 3), 0, 180, 360, 0.02, -1)


def _furniture(into: Light, rng: Generator) -> None:
    """Doors, notices, lamps, counters."""
    x, y = int(rng.integers(-60, WIDTH + 60)), int(rng.integers(-60, HEIGHT + 60))
    wide, high = int(rng.integers(40, 420)), int(rng.integers(40, 460))
    level = float(rng.choice([0.03, 0.08, 0.15, 0.3, 0.5, 0.9]))
    cv2.rectangle(into, (x, y), (x + wide, y + high), level, -1)
    cv2.rectangle(into, (x, y), (x + wide, y + high), level * rng.uniform(0.3, 1.6), int(rng.integers(2, 9)))
    if rng.random() < 0.5:
        for line in range(y + 12, y + high - 8, int(rng.integers(9, 22))):
            cv2.line(into, (x + 10, line), (x + int(wide * rng.uniform(0.4, 0.9)), line), level * 0.4, 3)


@lru_cache(maxsize=ROOMS)
def _room(number: int) -> Light:
    """Draw a hall, larger than a frame."""
    rng = default_rng((720, number))
    high, wide = HEIGHT + 2 * _SPARE, WIDTH + 2 * _SPARE
    corners = rng.uniform(0.06, 0.35, (3, 3)).astype(np.float32)
    light: Light = cv2.resize(corners, (wide, high), interpolation=cv2.INTER_LINEAR)
    cv2.rectangle(light, (0, int(high * rng.uniform(0.6, 0.8))), (wide, high), float(corners[2].mean() * 0.6), -1)
    for _ in range(int(rng.integers(10, 22))):
        _furniture(light, rng)
    for _ in range(int(rng.integers(1, 4))):
        _squares(light, rng)
    for _ in range(int(rng.integers(0, 3))):
        _person(light, rng)
    for cells in (12, 60, 300):  # Nothing in a real hall is of one even grey.
        grain = rng.normal(1, 0.06, (cells * 9 // 16, cells)).astype(np.float32)
        light *= cv2.resize(grain, (wide, high), interpolation=cv2.INTER_CUBIC)
    blurred: Light = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.8, 3.5))
    return np.clip(blurred, 0.004, 1.2)


def make_room(rng: Generator) -> Light:
    """Return a frame's worth of one of the halls. The array belongs to the caller."""
    room = _room(int(rng.integers(ROOMS)))
    x, y = rng.integers(0, 2 * _SPARE, 2)
    part = room[y : y + HEIGHT, x : x + WIDTH]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    return part * np.float32(rng.uniform(0.5, 1.5))
