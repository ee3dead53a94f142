"""How long a camera exposes, and how often darker than usual. Pure: figures in, figures out.

The camera's own automatic exposure knows nothing of codes: it exposes as long as a frame lasts, and a hand that moves
smears the code. This one keeps to a range of exposure times and a highest gain. With a bracket every third frame has
half the exposure, one EV less: a telephone's screen that is all white in the others can be read there. libcamera's
ExposureValue cannot do that, for its automatic exposure takes many frames to follow; a time and a gain that are set
with each request can.
"""

import math
from collections import deque
from dataclasses import dataclass

TARGET = 110.0
"""Mean luma that is aimed at, of 255: half-way between what is too dark and what is washed out."""
_GAMMA = 2.2
"""Luma grows with the light to the power of 1 / 2.2."""
_PLAY = 0.2
"""EV by which the light may be off before anything is changed: the mains flicker, and hands come and go."""
_STRIDE_EV = 2.0
_DAMPING = 0.4
"""Part of the way that is made with each frame."""
_EVERY = 3
_ASKED = 12
"""Settings that are remembered: some frames pass before one has arrived in a picture."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One exposure."""

    us: float
    """Time in microseconds."""
    gain: float
    """Of the sensor's amplifier; 1: none."""
    bracket: int = 0
    """1: darker than usual."""

    @property
    def light(self) -> float:
        """What it makes of the same scene: time by gain."""
        return self.us * self.gain


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be set."""

    least_us: float
    """The shortest time that the camera can do."""
    short_us: float
    """Up to this time no gain is used."""
    long_us: float
    """The longest time."""
    gain: float
    """The highest gain. Between short and long, time and gain grow together."""

    def split(self, light: float, bracket: int = 0) -> Exposure:
        """Return time and gain that together make `light`, or the nearest that is allowed."""
        light = min(max(light, self.least_us), self.long_us * self.gain)
        if light <= self.short_us:
            return Exposure(light, 1.0, bracket)
        room = math.log(self.long_us * self.gain / self.short_us)
        share = math.log(light / self.short_us) / room if room else 0.0
        us = self.short_us * (self.long_us / self.short_us) ** share
        return Exposure(us, light / us, bracket)


class ExposureControl:
    """One instance a camera. Feed it every frame; set with the next request what `next` returns."""

    def __init__(self, limits: Limits, *, bracket: bool) -> None:
        self._limits, self._bracket = limits, bracket
        self._light: float | None = None
        self._asked: deque[Exposure] = deque(maxlen=_ASKED)
        self._count = 0

    def seen(self, us: float, gain: float, mean: float) -> int:
        """Take a frame that was exposed like this and has this mean luma; return its number in the bracket."""
        frame = Exposure(max(us, 1.0), max(gain, 0.01))
        bracket = self._number(frame)
        if bracket == 0:
            self._aim(frame, mean)
        return bracket

    def _number(self, frame: Exposure) -> int:
        """Return the number of the setting that comes nearest: sensors round what they are set to."""
        asked = min(self._asked, key=lambda a: abs(math.log(a.light / frame.light)), default=frame)
        return asked.bracket

    def _aim(self, frame: Exposure, mean: float) -> None:
        off = _GAMMA * math.log2(TARGET / max(mean, 1.0))
        if self._light is not None and abs(off) < _PLAY:
            return
        # From what this frame had, not from what was set last: so it makes no difference how late that arrives.
        wanted = frame.light * 2 ** min(max(off, -_STRIDE_EV), _STRIDE_EV)
        before = self._light or frame.light
        light = before * (wanted / before) ** _DAMPING
        self._light = min(max(light, self._limits.least_us), self._limits.long_us * self._limits.gain)

    def next(self) -> Exposure | None:
        """Return what the next request is to be set to; None before the first frame has been seen."""
        if self._light is None:
            return None
        self._count += 1
        darker = self._bracket and self._count % _EVERY == 0
        exposure = self._limits.split(self._light / 2, 1) if darker else self._limits.split(self._light)
        self._asked.append(exposure)
        return exposure
