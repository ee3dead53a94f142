"""Pictures of the screen that were looked at and kept, small, to compare later ones with.

Each is at most 48 pixels long with 32 levels a colour: what differs between processors and versions of Qt (the edges of
letters) vanishes, what a person would notice (something moved, missing, or of another colour) stays. All of a glass are
in one file, compressed together: a line of JSON with their names and sizes, then the pixels.
"""

import json
import lzma
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.testing.gallery import Pixels, shrunk

Thumb = NDArray[np.uint8]
"""Height × width × 3, 0 to 31."""
LONGER = 48
_BITS = 3
NOTICED = 3
"""Levels by which a pixel differs where something has changed; drawn elsewhere, letters differ by one or two."""


def thumb(picture: Pixels) -> Thumb:
    """Return what is kept of a picture."""
    return np.asarray(shrunk(picture, LONGER) >> _BITS, dtype=np.uint8)


def difference(one: Thumb, other: Thumb) -> int:
    """Return the levels by which the pixels that differ most do; as many as there are for other sizes."""
    if one.shape != other.shape:
        return 1 << (8 - _BITS)
    return int(np.abs(one.astype(np.int16) - other).max())


def write_kept(path: Path, thumbs: Mapping[str, Thumb]) -> None:
    """Keep pictures by name. Raises OSError."""
    sizes = {name: one.shape[:2] for name, one in thumbs.items()}
    pixels = b"".join(one.tobytes() for one in thumbs.values())
    path.write_bytes(lzma.compress(json.dumps(sizes).encode() + b"\n" + pixels, preset=9))


def read_kept(path: Path) -> dict[str, Thumb]:
    """Return the pictures that were kept in `path`. Raises OSError, ValueError."""
    head, _, pixels = lzma.decompress(path.read_bytes()).partition(b"\n")
    kept: dict[str, Thumb] = {}
    for name, (high, wide) in json.loads(head).items():
        size = high * wide * 3
        kept[name] = np.frombuffer(pixels[:size], np.uint8).reshape(high, wide, 3)
        pixels = pixels[size:]
    return kept


def beside(was: Thumb, now: Pixels) -> Pixels:
    """Return a picture as it is now, with what was kept of it to its left, as large."""
    high, wide = now.shape[:2]
    before = cv2.resize(was << _BITS, (wide, high), interpolation=cv2.INTER_NEAREST)
    return np.hstack([np.asarray(before, np.uint8), now])
