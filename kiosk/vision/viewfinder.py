"""What the screen's preview gets: the newest picture, small, only while somebody looks and something moves."""

import cv2
import numpy as np

from kiosk.api.link import Link
from kiosk.api.messages import PreviewOffer
from kiosk.api.preview import PreviewWriter
from kiosk.vision.codes import Luma

NS = 1_000_000_000
WIDTH = 480
EVERY_NS = NS // 15 - NS // 200
"""Shortest time between two pictures: 15 a second, less half a frame of play."""
STILL_NS = 2 * NS
"""How long after the last motion the picture is zeroed."""
STEADY_NS = 3 * NS
"""How long it stays though nothing moves, after somebody who aims the camera has asked for it."""


class Viewfinder:
    """Writes pictures of a camera of the given size, in pixels. Zeroed at once when nobody wants it."""

    def __init__(self, camera_width: int, camera_height: int) -> None:
        height = min(max(round(WIDTH * camera_height / camera_width / 2) * 2, 2), 1080)
        self._writer = PreviewWriter(WIDTH, height)
        self._picture = np.zeros((height, WIDTH), np.uint8)
        self._wanted = False
        self._steady_ns = 0
        self._written_ns = 0
        self._shows = False

    def offer(self, link: Link) -> None:
        """Hand the memory over to a gate process that has just been reached."""
        link.send(PreviewOffer(width=self._writer.width, height=self._writer.height), fd=self._writer.fd)

    def want(self, wanted: bool, *, steady_ns: int = 0) -> None:
        """Take whether anybody looks; `steady_ns`: when somebody who aims the camera asked, 0: nobody did."""
        self._wanted = wanted
        self._steady_ns = max(self._steady_ns, steady_ns)
        if not wanted:
            self._clear()

    def show(self, luma: Luma, at_ns: int, moved_ns: int) -> None:
        """Take a frame captured at `at_ns`; `moved_ns` is when something last moved."""
        if at_ns - moved_ns > STILL_NS and at_ns - self._steady_ns > STEADY_NS:
            self._clear()
        elif self._wanted and at_ns - self._written_ns >= EVERY_NS:
            self._written_ns, self._shows = at_ns, True
            self._writer.write(self._fitted(luma).data.cast("B"), at_ns)

    def blind(self) -> None:
        """Leave no picture behind: the camera is gone."""
        self._clear()

    def _fitted(self, luma: Luma) -> Luma:
        """Return `luma` in the size of the preview; a frame of another shape gets black edges."""
        high, wide = self._picture.shape
        scale = min(wide / luma.shape[1], high / luma.shape[0])
        size = (max(min(round(luma.shape[1] * scale), wide), 1), max(min(round(luma.shape[0] * scale), high), 1))
        small: Luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
        if small.shape == self._picture.shape:
            return small
        left, top = (wide - size[0]) // 2, (high - size[1]) // 2
        self._picture.fill(0)
        self._picture[top : top + size[1], left : left + size[0]] = small
        return self._picture

    def _clear(self) -> None:
        if self._shows:
            self._shows = False
            self._writer.clear()

    def close(self) -> None:
        """Zero and give back the memory."""
        self._writer.close()
