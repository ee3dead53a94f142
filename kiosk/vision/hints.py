"""What would help to read a code that is held up: said of what was located and could not be read. Pure.

One hint at a time, not before it is clear that reading has stalled, and long enough to be taken in.
"""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from kiosk.vision.codes import Located, Look, Luma
from kiosk.vision.regions import box

NS = 1_000_000_000
STALLED_NS = NS // 2
"""How long something has to be located and unread before anything is said."""
SHOWN_NS = 8 * NS // 10
"""The shortest time that a hint stays."""
AWAY_NS = 7 * NS // 10
"""How long nothing has to be located before the hint goes."""
ASKED_NS = 8 * NS
"""How long the next part of a message is asked for: a part that hangs on a wall is no visitor's."""
_LEAST_MODULE = 2.0
"""Pixels a module must have to be read well."""
_LEAST_SIDE = 90
"""The same for a whole symbol of unknown version."""
_DARK = 70
"""Luma of the light modules, below which it is too dark."""
_GRAIN = 0.05
"""Share of the contrast that single pixels differ from their neighbours in light too poor."""
_GLARE = 0.12
"""Share of the symbol's pixels at full white, where whole patches have no dark module left."""
_PATCHES = 0.05
_CRISP = 0.56
"""Change of brightness over a module's width, as a share of the contrast, below which a symbol is blurred."""
_TOO_NEAR = 0.75
"""Share of the frame's height at which a blurred symbol is nearer than the lens is focused."""

Trouble = Literal["closer", "farther", "light", "still", "tilt", "flat"]


@dataclass(frozen=True, slots=True)
class Advice:
    """What to say; nothing where `hint` is empty."""

    hint: Trouble | Literal["", "next_part"] = ""
    part: int = 0
    parts: int = 0


def trouble(luma: Luma, located: Located) -> Trouble:
    """Return what most likely keeps a located symbol from being read."""
    symbol = box(luma, located.corners, 0).of(luma)
    side, module = located.side, located.module
    if min(symbol.shape) < 3 or (module < _LEAST_MODULE if module else side < _LEAST_SIDE):
        return "closer"
    low, high = (float(value) for value in np.percentile(symbol, (5, 95)))
    contrast = max(high - low, 1.0)
    grain = float(np.median(cv2.absdiff(symbol, cv2.medianBlur(symbol, 3)))) / contrast
    if high < _DARK or grain > _GRAIN:
        return "light"
    patch = cv2.erode(symbol, np.ones((max(int(side / 6), 3),) * 2, np.uint8))
    if np.mean(symbol >= 250) > _GLARE and np.mean(patch > low + 0.6 * contrast) > _PATCHES:
        return "tilt"
    smooth = cv2.GaussianBlur(symbol, (0, 0), 1)
    steps = cv2.absdiff(smooth[:, 1:], smooth[:, :-1]).mean() + cv2.absdiff(smooth[1:], smooth[:-1]).mean()
    if steps * max(module, 3.0) / contrast < _CRISP:
        return "farther" if side > _TOO_NEAR * len(luma) else "still"
    return "flat"


class Hints:
    """Decides from look to look what to say."""

    def __init__(self) -> None:
        self._since = self._located_ns = self._shown_ns = 0
        self._shown = Advice()
        self._missing: tuple[int, int] | None = None
        self._asked_ns = 0

    def see(self, luma: Luma, look: Look, missing: tuple[int, int] | None, now_ns: int) -> Advice:
        """Take a look and return what to say now.

        `missing` says how many symbols of how many have been read, of a message whose parts are being shown.
        """
        if look.codes or not look.located:
            if look.codes or now_ns - self._located_ns > AWAY_NS:
                self._since = 0
        else:
            self._since, self._located_ns = self._since or now_ns, now_ns
        if missing != self._missing:
            self._missing, self._asked_ns = missing, now_ns
        wanted = Advice()
        if missing is not None and now_ns - self._asked_ns < ASKED_NS:
            wanted = Advice("next_part", *missing)
        elif self._since and now_ns - self._since >= STALLED_NS:
            wanted = Advice(trouble(luma, look.located[0])) if look.located and not look.codes else self._shown
        if wanted != self._shown and (now_ns - self._shown_ns >= SHOWN_NS or not self._shown.hint or look.codes):
            self._shown, self._shown_ns = wanted, now_ns
        return self._shown
