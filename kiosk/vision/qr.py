"""Reading QR codes: luma in, exact bytes out. One small Protocol, so that engines can follow each other.

Two profiles. At the door a frame must be done in a few milliseconds and the next one comes at once, so one
look is enough. A still picture has no next frame, so what one look does not read is enlarged, blurred and
thresholded until something reads or the list is at its end.

What is read: QR model 2. Micro QR, rMQR and everything else are none of the kiosk's formats.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

cv2.setNumThreads(1)

Luma = NDArray[np.uint8]
"""Rows of brightness, 0 to 255. Rows may lie apart in memory (a slice of a camera's buffer)."""
Point = tuple[int, int]
Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left of the code as printed; x, y in pixels of the frame."""

_QR = zxingcpp.BarcodeFormat.QRCodeModel2
_LOCAL = zxingcpp.Binarizer.LocalAverage
_GLOBAL = zxingcpp.Binarizer.GlobalHistogram
_FIXED = zxingcpp.Binarizer.FixedThreshold

_DARKEN: Luma = np.round(255 * (np.arange(256) / 255) ** 2).astype(np.uint8)
"""Gamma 2: pulls the grey of glare and haze apart from white."""
_ENLARGE_UP_TO = 2_000_000
"""Pixels above which a picture is not enlarged as a whole: its modules are not the problem."""
_MAX_CROPS = 4


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was read."""

    data: bytes
    """Exactly what the code holds."""
    text: str
    """`data` as UTF-8 where it is valid UTF-8, with or without ECI; else in the character set that the code
    names or, where it names none, the likeliest (Latin-1, Shift JIS …). For people; decisions use `data`."""
    symbology: str
    corners: Corners


class Engine(Protocol):
    """Something that finds and reads codes."""

    def read(self, luma: Luma) -> list[Code]:
        """Return every code that is read in `luma`, a two-dimensional array; empty where there is none."""


def _corners(barcode: zxingcpp.Barcode) -> Corners:
    spot = barcode.position
    top_left, top_right = spot.top_left, spot.top_right
    bottom_right, bottom_left = spot.bottom_right, spot.bottom_left
    return (
        (top_left.x, top_left.y),
        (top_right.x, top_right.y),
        (bottom_right.x, bottom_right.y),
        (bottom_left.x, bottom_left.y),
    )


def _code(barcode: zxingcpp.Barcode) -> Code:
    data = bytes(barcode.bytes)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = barcode.text
    return Code(data, text, "QRCode", _corners(barcode))


def _scan(
    luma: Luma,
    binarizer: zxingcpp.Binarizer = _LOCAL,
    *,
    effort: bool,
    errors: bool = False,
) -> list[zxingcpp.Barcode]:
    found: list[zxingcpp.Barcode] = zxingcpp.read_barcodes(
        luma,
        formats=_QR,
        try_rotate=effort,
        try_invert=effort,
        try_downscale=True,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=binarizer,
        return_errors=errors,
    )
    return found


class DoorEngine:
    """One look at a frame: 2 to 3 ms at 720p on a current x86 core."""

    def read(self, luma: Luma) -> list[Code]:
        """Return the codes of one camera frame."""
        return [_code(barcode) for barcode in _scan(luma, effort=False)]


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
    (_darken, _LOCAL),
    (lambda luma: luma, _GLOBAL),
    (_blur, _LOCAL),
    (_sharpen, _GLOBAL),
    (_threshold, _FIXED),
)


def _moved(code: Code, left: int, top: int, scale: int) -> Code:
    """Return `code` with the corners that it has in the whole picture."""
    a, b, c, d = ((left + x // scale, top + y // scale) for x, y in code.corners)
    return Code(code.data, code.text, code.symbology, (a, b, c, d))


def _crops(luma: Luma, located: list[zxingcpp.Barcode]) -> Iterator[tuple[Luma, int, int]]:
    """Yield the surroundings (a quarter more on each side) of codes that were located and not read."""
    height, width = luma.shape
    for barcode in located[:_MAX_CROPS]:
        xs, ys = zip(*_corners(barcode), strict=True)
        margin = max(max(xs) - min(xs), max(ys) - min(ys)) // 4
        left, right = max(min(xs) - margin, 0), min(max(xs) + margin, width)
        top, bottom = max(min(ys) - margin, 0), min(max(ys) + margin, height)
        if right - left >= 21 and bottom - top >= 21:
            yield luma[top:bottom, left:right], left, top


class StillEngine:
    """A picture that is all there is: several looks, inverted and turned codes too."""

    def read(self, luma: Luma) -> list[Code]:
        """Return the codes of one picture, each once."""
        found = _scan(luma, effort=True, errors=True)
        codes = [_code(barcode) for barcode in found if barcode.valid]
        codes += self._closer(luma, [barcode for barcode in found if not barcode.valid])
        if not codes and luma.size <= _ENLARGE_UP_TO:
            codes = [_moved(_code(barcode), 0, 0, 2) for barcode in _scan(_enlarge(luma), effort=True)]
        if not codes:
            codes = self._changed(luma)
        return list({code.data: code for code in codes}.values())

    def _closer(self, luma: Luma, located: list[zxingcpp.Barcode]) -> Iterator[Code]:
        for crop, left, top in _crops(luma, located):
            for change in _CROP_TRIES:
                if again := _scan(change(crop), effort=True):
                    yield from (_moved(_code(barcode), left, top, 2) for barcode in again)
                    break

    def _changed(self, luma: Luma) -> list[Code]:
        for change, binarizer in _WHOLE_TRIES:
            if found := _scan(change(luma), binarizer, effort=True):
                return [_code(barcode) for barcode in found]
        return []
