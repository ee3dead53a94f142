"""When to look for codes: in every frame while something moves, five times a second while nothing does. Pure.

It looks at some 3,600 points, whatever the size of the picture. Frames of an exposure bracket are
compared with those of the same exposure only.
"""

import numpy as np

from kiosk.vision.codes import Luma
from kiosk.vision.sight import sample

NS = 1_000_000_000
IDLE_NS = NS // 5
"""Time between two looks while nothing moves. It is never off."""
LINGER_NS = NS
"""How long every frame is still looked at after the last motion, or after the last code."""
_LEAST = 14.0
"""Steps of luma by which a point must change, in good light."""
_MOST = 40.0
_NOISE_TIMES = 6.0
"""Times the median change by which a point must change: in the dark all points flicker."""
_POINTS = 6
"""Points that must change; a code is never smaller than about 60 × 60 pixels of 720p."""


class MotionGate:
    """Decides frame by frame. One instance a camera."""

    def __init__(self) -> None:
        self._before: dict[int, np.ndarray] = {}
        self._compared: dict[int, np.ndarray] = {}
        self._awake_until = 0
        self._next_look = 0
        self.moved_ns = 0
        """When something last moved."""
        self.moving = False
        """Whether something moved in the last frame."""

    def look(self, luma: Luma, now_ns: int, bracket: int = 0) -> bool:
        """Take a frame, whole or small, and return whether to look for codes in it.

        What appears from one frame to the next is looked at in the very frame in which it appears. `bracket`
        says which exposure it has.
        """
        points = sample(luma).astype(np.int16)
        self.moving = _differ(points, self._before.get(bracket)) or _differ(points, self._compared.get(bracket))
        self._before[bracket] = points
        if self.moving:
            self.moved_ns = now_ns
            self._awake_until = now_ns + LINGER_NS
        if now_ns >= self._awake_until and now_ns < self._next_look:
            return False
        self._compared[bracket] = points
        self._next_look = now_ns + IDLE_NS
        return True

    def code_seen(self, now_ns: int) -> None:
        """Keep looking at every frame for a while: a code is in view."""
        self._awake_until = max(self._awake_until, now_ns + LINGER_NS)


def _differ(points: np.ndarray, others: np.ndarray | None) -> bool:
    if others is None or points.shape != others.shape:
        return True
    change = np.abs(points - others)
    least = min(max(_LEAST, _NOISE_TIMES * float(np.median(change))), _MOST)
    return int(np.count_nonzero(change > least)) >= _POINTS
