"""Clips of a hand that brings a code towards the camera, at 30 frames a second, made from a seed.

The code comes in from outside the frame, grows, is held with a tremor and gets better with time: the focus hunts and
settles, the glare moves on, the hand comes closer, the paper is straightened. How good it gets differs from clip to
clip: of three clips of an axis one ends easy, one hard, one close to unreadable.

As with single frames, even seeds are for tuning and odd ones for reporting, and the hardness was set once, on even
seeds, with zxing-cpp alone, to 11 of 18 at `--slow 1.4` (seeds 2, 4, 6, 8: 13, 9, 13, 10; pyzbar 5, 5, 6, 7), and never
with the cascade.
"""

from dataclasses import dataclass, replace
from math import exp, pi, sin

import numpy as np
from numpy.random import Generator, default_rng

from kiosk.bench.read.frames import AXES, HARDER, LEVELS, ROOM_FOR, hardness, usual
from kiosk.bench.read.media import make_medium
from kiosk.bench.read.optics import Conditions, Pose, develop, outline, place
from kiosk.bench.read.payloads import QUIET, Payload, code_modules, make_payload
from kiosk.bench.read.rooms import HEIGHT, WIDTH, make_room
from kiosk.vision.codes import Luma

FPS = 30
FRAMES = 84
"""Frames a clip: 2.8 s."""
CLIPS = 18
_ENDS = (2.6, 3.4, 4.0)
"""The level that the clips of an axis settle at."""
_PHOTONS = (25.0, 250.0)
"""Photons of a full pixel: an entrance in the evening."""
_MORE = {"low light": 1.0}
"""Levels to add where a clip is otherwise not harder than the light of clips alone."""


@dataclass(frozen=True, slots=True)
class _Hand:
    """How somebody brings a code: drawn once a clip."""

    start: tuple[float, float]
    target: tuple[float, float]
    arrive_s: float
    """Time that the hand takes."""
    far: float
    """Size of the code at the start, as a share of its size at the end."""
    tremor: tuple[tuple[float, float, float, float], ...]
    """Pixels across and down, turns a second, phase."""
    exposure_s: float
    settle_s: float
    """Time constant with which things get better once the hand is there."""
    wobble: float
    """Levels by which it gets better and worse again: a focus that hunts, glare that comes back."""
    wobble_hz: float
    end_level: float

    def way(self, seconds: float) -> float:
        """Return how far the hand has come, 0 to 1."""
        share = min(max(seconds / self.arrive_s, 0.0), 1.0)
        return share * share * (3 - 2 * share)

    def level(self, seconds: float) -> float:
        """Return how hard the axis is at this moment: a level, with what lies between two."""
        since = max(seconds - 0.6 * self.arrive_s, 0.0)
        left = exp(-since / self.settle_s)
        swing = self.wobble * sin(2 * pi * self.wobble_hz * since)
        return self.end_level + (LEVELS + 0.8 - self.end_level) * left + swing


def _hand(rng: Generator, module_px: float, count: int, end_level: float) -> _Hand:
    half = (count / 2 + QUIET) * module_px * 1.1
    target = (
        rng.uniform(min(half + 60, WIDTH / 2), max(WIDTH - half - 60, WIDTH / 2)),
        rng.uniform(min(half, HEIGHT / 2), max(HEIGHT - half, HEIGHT / 2)),
    )
    side = rng.choice((-1.0, 0.0, 1.0))
    start = (target[0] + rng.uniform(-150, 150), HEIGHT + half * 0.7)
    if side:
        start = (WIDTH / 2 + side * (WIDTH / 2 + half * 0.7), target[1] + rng.uniform(0, 150))
    tremor = tuple((*rng.normal(0, 2.2, 2), rng.uniform(1.5, 8.0), rng.uniform(0, 2 * pi)) for _ in range(3))
    return _Hand(
        start, target, arrive_s=rng.uniform(0.55, 1.1), far=rng.uniform(0.45, 0.75), tremor=tremor,
        exposure_s=rng.uniform(0.004, 0.009), settle_s=rng.uniform(0.12, 0.35), wobble=rng.uniform(0.1, 0.7),
        wobble_hz=rng.uniform(0.8, 2.2), end_level=end_level,
    )  # fmt: skip


class Clip:
    """One code brought to the camera. Frames are drawn when they are asked for, always the same."""

    def __init__(self, seed: int, number: int) -> None:
        rng = default_rng((seed, number, FPS))
        self.axis = AXES[number % len(AXES)]
        self.payload: Payload = make_payload(rng)
        self._key = (seed, number)
        modules = code_modules(self.payload, rng)
        self._count = len(modules) - 2 * QUIET
        self._module_px = min(rng.uniform(3.2, 4.8), HEIGHT * ROOM_FOR / (self._count + 2 * QUIET))
        name = "phone" if self.axis == "moiré" or (self.axis != "warp" and rng.random() < 0.6) else "paper"
        self.what = f"{self.payload.kind} on {name}"
        end_level = _ENDS[number // len(AXES) % len(_ENDS)] + _MORE.get(self.axis, 0.0) + rng.uniform(-0.35, 0.35)
        self._hand = _hand(rng, self._module_px, self._count, end_level)
        self._turn = Pose(0, 0, 1, rng.normal(0, 5), rng.uniform(-12, 12), rng.uniform(-12, 12))
        photons = float(np.exp(rng.uniform(*np.log(_PHOTONS))))
        self._usual = replace(usual(rng, name, self._module_px), photons=photons)
        self._room = make_room(rng)
        self._medium = make_medium(name, modules, self._module_px, rng)

    @property
    def in_view_s(self) -> float:
        """When the whole code is in the frame for the first time: the time of the first such frame."""
        for number in range(FRAMES):
            corners = outline(self._medium, self._seen(number / FPS)[0])
            if corners.min() >= 0 and (corners <= (WIDTH, HEIGHT)).all():
                return number / FPS
        raise ValueError("the code never comes into the frame")

    def frame(self, number: int) -> Luma:
        """Draw frame `number`, 0 to FRAMES - 1."""
        pose, how = self._seen(number / FPS)
        room = self._room.copy()
        place(room, self._medium, pose, how)
        return develop(room, how, default_rng((*self._key, number, FPS)))

    def _seen(self, seconds: float) -> tuple[Pose, Conditions]:
        """Return where the code is at a moment, and everything between it and the sensor."""
        pose, before = self._pose(seconds), self._pose(seconds - 0.01)
        level = self._hand.level(seconds)
        # The same draws for every frame: what differs from frame to frame is only how hard the axis is.
        draws = default_rng((*self._key, FPS, 1))
        pose, how = HARDER[self.axis](draws, hardness(self.axis, level), self._count, pose, self._usual)
        if self.axis == "distance":
            pose = replace(pose, module_px=hardness(self.axis, level))
        share = self._hand.exposure_s / 0.01
        moved = (pose.x - before.x) * share, (pose.y - before.y) * share
        sweep = (0.5 - self._hand.way(seconds)) * self._count * pose.module_px
        patches = tuple(replace(patch, x=patch.x + sweep) for patch in how.patches)
        return pose, replace(how, motion=(how.motion[0] + moved[0], how.motion[1] + moved[1]), patches=patches)

    def _pose(self, seconds: float) -> Pose:
        hand, way = self._hand, self._hand.way(seconds)
        x = hand.start[0] + (hand.target[0] - hand.start[0]) * way
        y = hand.start[1] + (hand.target[1] - hand.start[1]) * way
        for across, down, hz, phase in hand.tremor:
            swing = float(np.sin(2 * pi * hz * seconds + phase))
            x, y = x + across * swing, y + down * swing
        return replace(self._turn, x=x, y=y, module_px=self._module_px * (hand.far + (1 - hand.far) * way))
