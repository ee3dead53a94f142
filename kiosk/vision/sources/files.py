"""A video, or a folder of pictures, in place of a camera."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from kiosk.vision.codes import Luma
from kiosk.vision.pictures import PictureError, load_file
from kiosk.vision.sources.base import NS, Frame, Pace, SourceLostError, grey

HOLD_S = 1.5
"""How long each picture of a folder is in view."""
EMPTY_S = 1.0
"""How long nothing is in view before the next."""
_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".pgm", ".ppm"})
_GREY = 96


class _FileSource:
    """Nothing to start and nothing to give back."""

    live = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""


class VideoSource(_FileSource):
    """A video at its own pace, once; then its last frame for ever."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def frames(self) -> Iterator[Frame]:
        """Yield the frames of the video. Raises SourceLostError where there are none."""
        capture = cv2.VideoCapture(str(self._path))
        try:
            fps = capture.get(cv2.CAP_PROP_FPS)
            pace = Pace(fps if 1 <= fps <= 240 else 30)
            last = None
            for last in _decoded(capture):
                yield _paced(last, pace)
        finally:
            capture.release()
        if last is None:
            raise SourceLostError(f"'{self._path}' holds no video that can be read; give another file")
        while True:
            yield _paced(last, pace)


def _decoded(capture: cv2.VideoCapture) -> Iterator[Luma]:
    while True:
        ok, pixels = capture.read()
        if not ok:
            return
        yield grey(pixels)


def _paced(luma: Luma, pace: Pace) -> Frame:
    at_ns = pace.advance()
    pace.wait()
    return Frame(luma, at_ns)


class FolderSource(_FileSource):
    """Each picture of a folder in the order of its name: in view for 1.5 s, then nothing for 1 s; then nothing."""

    def __init__(self, path: Path, fps: int) -> None:
        self._path, self._fps = path, fps

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures as a camera would. Raises SourceLostError where the folder holds none."""
        try:
            names = sorted(path for path in self._path.iterdir() if path.suffix.lower() in _ENDINGS)
        except OSError as error:
            raise SourceLostError(f"the folder '{self._path}' cannot be read") from error
        if not names:
            raise SourceLostError(f"'{self._path}' holds no pictures; put PNG or JPEG files into it")
        pace = Pace(self._fps)
        for name in names:
            with contextlib.suppress(PictureError):
                luma = load_file(name)
                yield from self._for(luma, HOLD_S, pace)
                yield from self._for(np.full_like(luma, _GREY), EMPTY_S, pace)
        while True:
            yield _paced(np.full((720, 1280), _GREY, np.uint8), pace)

    def _for(self, luma: Luma, seconds: float, pace: Pace) -> Iterator[Frame]:
        end = time.monotonic_ns() + round(seconds * NS)
        while time.monotonic_ns() < end:
            yield _paced(luma, pace)
