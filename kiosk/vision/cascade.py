"""The cascade: one cheap look at every frame, and more effort where a code was located and not read.

Two profiles. At the door a frame must be done in a few milliseconds and the next one comes at once. A still
picture has no next frame, so what one look does not read is enlarged, blurred and thresholded until something
reads or the list is at its end.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import cv2
import numpy as np
import zxingcpp

from kiosk.vision.codes import Code, Corners, Look, Luma
from kiosk.vision.engines.zxing import FIXED, GLOBAL, LOCAL, scan

cv2.setNumThreads(1)

_DARKEN: Luma = np.round(255 * (np.arange(256) / 255) ** 2).astype(np.uint8)
"""Gamma 2: pulls the grey of glare and haze apart from white."""
_ENLARGE_UP_TO = 2_000_000
"""Pixels above which a picture is not enlarged as a whole: its modules are not the problem."""
_MAX_CROPS = 4


class Cascade:
    """One look at a frame of the door."""

    def look(self, luma: Luma) -> Look:
        """Return the codes of one camera frame."""
        return scan(luma)


def _enlarge(luma: Luma) -> Luma:
    enlarged: Luma = cv2.resize(luma, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    return enlarged


def _sharpen(luma: Luma) -> Luma:
    sharpened: Luma = cv2.addWeighted(luma, 2.5, cv2.GaussianBlur(luma, (0, 0), 2), -1.5, 0)
    return sharpened


def _blur(luma: Luma) -> Luma:
    blurred: Luma = cv2.GaussianBlur(luma, (0, 0), 2)
    return blurred


def _darken(luma: Luma) -> Luma:
    darkened: Luma = cv2.LUT(luma, _DARKEN)
    return darkened


def _threshold(luma: Luma) -> Luma:
    smooth = cv2.GaussianBlur(luma, (0, 0), 1.2)
    binary: Luma = cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 51, 2)
    return binary


Change = Callable[[Luma], Luma]

_CROP_TRIES: tuple[Change, ...] = (
    lambda crop: _darken(_enlarge(crop)),
    lambda crop: _sharpen(_enlarge(crop)),
    lambda crop: _blur(_enlarge(crop)),
)
_WHOLE_TRIES: tuple[tuple[Change, zxingcpp.Binarizer], ...] = (
    (_darken, LOCAL),
    (lambda luma: luma, GLOBAL),
    (_blur, LOCAL),
    (_sharpen, GLOBAL),
    (_threshold, FIXED),
)


def _moved(code: Code, left: int, top: int, scale: int) -> Code:
    """Return `code` with the corners that it has in the whole picture."""
    a, b, c, d = ((left + x // scale, top + y // scale) for x, y in code.corners)
    return replace(code, corners=(a, b, c, d))


def _crops(luma: Luma, located: tuple[Corners, ...]) -> Iterator[tuple[Luma, int, int]]:
    """Yield the surroundings (a quarter more on each side) of codes that were located and not read."""
    height, width = luma.shape
    for corners in located[:_MAX_CROPS]:
        xs, ys = zip(*corners, strict=True)
        margin = max(max(xs) - min(xs), max(ys) - min(ys)) // 4
        left, right = max(min(xs) - margin, 0), min(max(xs) + margin, width)
        top, bottom = max(min(ys) - margin, 0), min(max(ys) + margin, height)
        if right - left >= 21 and bottom - top >= 21:
            yield luma[top:bottom, left:right], left, top


class StillReader:
    """A picture that is all there is: several looks, inverted and turned codes too."""

    def look(self, luma: Luma) -> Look:
        """Return the codes of one picture, each once."""
        first = scan(luma, effort=True)
        codes = [*first.codes, *self._closer(luma, first.located)]
        if not codes and luma.size <= _ENLARGE_UP_TO:
            codes = [_moved(code, 0, 0, 2) for code in scan(_enlarge(luma), effort=True).codes]
        if not codes:
            codes = self._changed(luma)
        return Look(tuple({code.data: code for code in codes}.values()), first.located)

    def _closer(self, luma: Luma, located: tuple[Corners, ...]) -> Iterator[Code]:
        for crop, left, top in _crops(luma, located):
            for change in _CROP_TRIES:
                if again := scan(change(crop), effort=True).codes:
                    yield from (_moved(code, left, top, 2) for code in again)
                    break

    def _changed(self, luma: Luma) -> list[Code]:
        for change, binarizer in _WHOLE_TRIES:
            if found := scan(change(luma), binarizer, effort=True).codes:
                return list(found)
        return []
