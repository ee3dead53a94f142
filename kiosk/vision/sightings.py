"""What the gate process is told of the codes in view: a Scan for each that has come, and what else is there."""

import base64
import secrets
from collections.abc import Sequence

from kiosk.api.messages import MAX_CODE, Scan
from kiosk.domain.presence import CAPACITY, Presence
from kiosk.domain.symbology import Symbology
from kiosk.vision.codes import CODE128, Code

_BESIDE = CAPACITY
"""Codes that a Scan names beside its own, at most."""
_REMEMBERED = 4 * CAPACITY


class Sightings:
    """Turns the codes of each frame into Scans. A code that stays in view is one Scan."""

    def __init__(self) -> None:
        self._presence = Presence()
        self._name, self._count = secrets.token_hex(4), 0
        self._ids: dict[bytes, str] = {}
        """The newest Scan of each code that was in view lately."""

    def see(self, codes: Sequence[Code], size: tuple[int, int], frame_ns: int, read_ns: int) -> list[Scan]:
        """Take what one frame of `size` (width, height) showed, nothing included, and return what is to be told.

        The code nearest to the middle comes first: it is the one that is held up.
        """
        # A QR code and a label with the same bytes are told as the label: it comes last, and no QR code means that.
        fitting = {code.data: code for code in codes if 0 < len(code.data) <= MAX_CODE}
        nearest = sorted(fitting.values(), key=lambda code: _from_middle(code, size))
        new = self._presence.see((code.data for code in nearest), frame_ns)
        for data in new:
            self._count += 1
            self._ids[data] = f"{self._name}-{self._count}"
        known = [code.data for code in nearest if code.data in self._ids]
        for data in known:  # what is in view stands last, and is the last to be forgotten
            self._ids[data] = self._ids.pop(data)
        while len(self._ids) > max(_REMEMBERED, len(known)):
            del self._ids[next(iter(self._ids))]
        here = [self._ids[data] for data in known]
        return [
            Scan(
                scan=self._ids[data],
                data=base64.b64encode(data),
                symbology=Symbology.CODE128 if fitting[data].symbology == CODE128 else Symbology.QR,
                beside=tuple(other for other in here if other != self._ids[data])[:_BESIDE],
                frame_ns=frame_ns,
                read_ns=read_ns,
            )
            for data in new
        ]

    def forget(self) -> None:
        """Begin anew: nobody has heard of what is in view now."""
        self._presence.forget()
        self._ids.clear()


def _from_middle(code: Code, size: tuple[int, int]) -> float:
    """Return how far a code's middle is from the frame's, squared, in pixels."""
    x, y = (sum(corner[axis] for corner in code.corners) / 4 for axis in (0, 1))
    return (x - size[0] / 2) ** 2 + (y - size[1] / 2) ** 2
