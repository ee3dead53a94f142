"""Whether the camera sees anything: frames that come and show nothing, or the same thing for ever. Pure."""

import math
import zlib
from collections import deque
from typing import Literal

import numpy as np

from kiosk.vision.codes import Luma

NS = 1_000_000_000
DARK_NS = 3 * NS
"""How long nothing but black has to come."""
FROZEN_NS = 2 * NS
"""How long nothing new has to come from a camera that looks at the world."""
_MEAN, _BRIGHT = 12.0, 32.0
"""Mean luma below which a frame is black, and the luma of a point that is not."""
_LIT = 0.005
"""Part of a black frame's points that may be bright. A telephone that is lit, held so far away that its code can just
be read, covers more."""
_PLAY = 1.3
"""Times as bright has to be what ends the dark, so that the state does not flutter at its edge."""
_RING = 8
"""Different pictures that are remembered: a driver that has stopped writing may hand out its buffers in turn."""
_POINTS = 3600
_WHITE = 250

State = Literal["ok", "dark", "frozen"]


def sample(luma: Luma) -> Luma:
    """Return about 3,600 points of a picture, evenly spread; at least one."""
    high, wide = luma.shape
    step = max(round(math.sqrt(high * wide / _POINTS)), 1)
    return luma[min(step // 2, high // 2) :: step, min(step // 2, wide // 2) :: step]


class Sight:
    """Takes every frame of one camera; `live` says whether its frames are never the same twice."""

    def __init__(self, *, live: bool, dark_ns: int = DARK_NS, frozen_ns: int = FROZEN_NS) -> None:
        self._live, self._dark_ns, self._frozen_ns = live, dark_ns, frozen_ns
        self._seen: deque[int] = deque(maxlen=_RING)
        self._at_ns = 0
        self._light_ns: int | None = None
        self._new_ns: int | None = None
        self.state: State = "ok"
        self.fresh = not live
        """Whether the last frame shows something that has not been there before, as far as can be known."""

    def see(self, luma: Luma, at_ns: int, now_ns: int) -> State:
        """Take a frame captured at `at_ns` that has come at `now_ns`, and return how the camera is."""
        points = sample(luma)
        dark = self._is_dark(points)
        if not dark or self._light_ns is None:
            self._light_ns = now_ns
        self.fresh = not self._live or self._is_new(points, at_ns)
        if self.fresh or self._new_ns is None:
            self._new_ns = now_ns
        # Black without any noise is a lens that is covered: opening the camera anew would not help.
        if now_ns - self._light_ns >= self._dark_ns:
            self.state = "dark"
        elif now_ns - self._new_ns >= self._frozen_ns:
            self.state = "frozen"
        elif self.fresh:
            self.state = "ok"
        return self.state

    def reopened(self) -> None:
        """Begin to count anew: the camera has been opened. What was known of it stays until a frame says otherwise."""
        self._light_ns = self._new_ns = None

    def _is_dark(self, points: Luma) -> bool:
        times = _PLAY if self.state == "dark" else 1.0
        bright = int(np.count_nonzero(points >= _BRIGHT * times))
        return bright <= points.size * _LIT and float(points.mean()) < _MEAN * times

    def _is_new(self, points: Luma, at_ns: int) -> bool:
        digest, first = zlib.crc32(points.tobytes()), not self._seen
        repeated = digest in self._seen
        if not repeated:
            self._seen.append(digest)
        late, self._at_ns = at_ns <= self._at_ns, at_ns
        # Blinded by a lamp a sensor has no noise either, and what is all white holds no code.
        blind = int(points.min()) >= _WHITE or int(points.max()) <= _BRIGHT
        # Of the first picture alone nobody can know whether it is new.
        return not late and (blind or not (repeated or first))
