"""Frames and clips as picture files, so that people can judge whether they look like a door."""

from pathlib import Path

import cv2

from kiosk.bench.read.clips import FRAMES, Clip
from kiosk.bench.read.frames import AXES, CELLS, frames_for, make_frame
from kiosk.vision.codes import Luma

_ROUNDS = 3
"""Rounds through all axes and levels: every kind of negative is among them."""


def save_pictures(folder: Path, seed: int, rounds: int = _ROUNDS) -> int:
    """Write frames of every kind, and six moments of one clip an axis; return how many. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for index in range(frames_for(rounds * CELLS)):
        frame = make_frame(seed, index)
        level = f"-{frame.level}" if frame.level else ""
        count += _write(folder / f"frame-{index:03d}-{frame.axis}{level}.png".replace(" ", "-"), frame.luma)
    for number, axis in enumerate(AXES):
        clip = Clip(seed, number)
        for moment in range(FRAMES // 6 - 1, FRAMES, FRAMES // 6):
            name = f"clip-{number}-{axis}-at-{moment:02d}.png".replace(" ", "-")
            count += _write(folder / name, clip.frame(moment))
    return count


def _write(path: Path, luma: Luma) -> int:
    done, data = cv2.imencode(".png", luma)
    if not done:
        raise OSError(f"{path} cannot be drawn")
    path.write_bytes(data.tobytes())
    return 1
