"""Codes drawn for tests: flat, bent, in a frame, and in several parts."""

from collections.abc import Sequence

import cv2
import numpy as np
import segno
import zxingcpp

from kiosk.vision.codes import Code, Corners, Look, Luma, Part

QUIET = 4
"""Modules of white around every code drawn here."""


def drawn(content: str | bytes, scale: int = 4, *, version: int | None = None, error: str = "m") -> Luma:
    """Return a code as a picture with `scale` pixels a module: bytes as bytes, text as segno likes it best."""
    mode = "byte" if isinstance(content, bytes) else None
    return picture(segno.make(content, mode=mode, version=version, error=error, micro=False, boost_error=False), scale)


def picture(code: segno.QRCode, scale: int = 4) -> Luma:
    """Return a symbol of segno as a picture."""
    rows = [list(row) for row in code.matrix_iter(scale=scale, border=QUIET)]
    return np.where(np.array(rows, bool), 0, 255).astype(np.uint8)


def label(text: str, scale: int = 2) -> Luma:
    """Return a Code 128 as a picture, as on the label of a sample tube; `scale` pixels are its narrowest bar."""
    drawing = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=scale)
    return np.array(drawing, np.uint8)


def parts(content: str | bytes, count: int, scale: int = 4) -> list[Luma]:
    """Return a message in so many symbols of a structured append."""
    encoding = "utf-8" if isinstance(content, str) else None
    return [picture(code, scale) for code in segno.make_sequence(content, symbol_count=count, encoding=encoding)]


def in_frame(*codes: Luma, size: tuple[int, int] = (1280, 720), left: int = 300, top: int = 80) -> Luma:
    """Return a grey frame of `size` (width, height) with codes beside each other, 60 pixels apart."""
    frame = np.full(size[::-1], 110, np.uint8)
    for code in codes:
        high, wide = code.shape
        frame[top : top + high, left : left + wide] = code
        left += wide + 60
    return frame


def bent(code: Luma, by: float) -> Luma:
    """Return a code on a sheet that waves: its points move by up to `by` of its side."""
    high, wide = code.shape
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    wave = by * wide
    moved_x = x + wave * np.sin(np.pi * y / high).astype(np.float32)
    moved_y = y + wave * np.sin(2 * np.pi * x / wide).astype(np.float32)
    edge = int(wave) + 1
    padded = np.pad(code, edge, constant_values=255)
    waved: Luma = cv2.remap(padded, moved_x + edge, moved_y + edge, cv2.INTER_LINEAR, borderValue=255)
    return waved


def square(side: int, left: int = 0, top: int = 0) -> Corners:
    """Return the corners of an upright square."""
    return (left, top), (left + side, top), (left + side, top + side), (left, top + side)


def code(data: bytes, part: Part | None = None, corners: Corners | None = None) -> Code:
    """Return a code as an engine gives it."""
    return Code(data, data.decode(errors="replace"), "QRCode", corners or square(100), part)


class ScriptedEngine:
    """An engine that gives the looks it is told, one after the other, then the last for ever."""

    def __init__(self, looks: Sequence[Look]) -> None:
        self._looks = list(looks)
        self.closed = False

    def look(self, luma: Luma) -> Look:
        """Return the next look, whatever the frame shows."""
        del luma
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    def close(self) -> None:
        """Remember it."""
        self.closed = True


class PatientOpinion:
    """A second opinion that is given when the test says so."""

    def __init__(self) -> None:
        self.offered: list[tuple[tuple[int, ...], int, int]] = []
        """Shape, left and top of each region."""
        self.answers: tuple[Code, ...] = ()
        self.closed = False

    def offer(self, region: Luma, left: int, top: int) -> None:
        """Remember the region."""
        self.offered.append((region.shape, left, top))

    def take(self) -> tuple[Code, ...]:
        """Return the answers, once."""
        answers, self.answers = self.answers, ()
        return answers

    def close(self) -> None:
        """Remember it."""
        self.closed = True
