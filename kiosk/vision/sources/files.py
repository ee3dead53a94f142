"""A video, or a folder of pictures, in place of a camera."""

import heapq
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from kiosk.vision.codes import Luma
from kiosk.vision.pictures import MAX_SIDE, PictureError, load_file
from kiosk.vision.sources.base import MAX_PIXELS, NS, Frame, Pace, SourceLostError, grey

HOLD_S = 1.5
"""How long each picture of a folder is in view."""
EMPTY_S = 1.0
"""How long nothing is in view before the next."""
MAX_PICTURES = 10_000
"""Of a folder; the rest is left out."""
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
    """A video at its own pace, once; then its last frame for ever. Of a damaged one the frames that are there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def frames(self) -> Iterator[Frame]:
        """Yield the frames of the video. Raises SourceLostError where there are none, or frames that are too large."""
        # By name, so that no other reader takes the path for a pattern or for an address.
        capture = cv2.VideoCapture(str(self._path), cv2.CAP_FFMPEG)
        try:
            width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
            if width * height > MAX_PIXELS:
                raise SourceLostError(
                    f"'{self._path}' has frames of {width:.0f} × {height:.0f} pixels; give a smaller video"
                )
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
    """Yield what can be decoded, up to the end or to where it is damaged for good."""
    while True:
        try:
            ok, pixels = capture.read()
        except cv2.error:
            return
        if not ok or pixels.shape[0] * pixels.shape[1] > MAX_PIXELS or max(pixels.shape) > MAX_SIDE:
            return
        yield grey(pixels)


def _paced(luma: Luma, pace: Pace) -> Frame:
    at_ns = pace.advance()
    pace.wait()
    return Frame(luma, at_ns)


class FolderSource(_FileSource):
    """Each picture of a folder in the order of its name: in view for 1.5 s, then nothing for 1 s; then nothing."""

    def __init__(
        self, path: Path, fps: int, *, hold_s: float = HOLD_S, empty_s: float = EMPTY_S, most: int = MAX_PICTURES
    ) -> None:
        self._path, self._fps, self._hold_s, self._empty_s, self._most = path, fps, hold_s, empty_s, most

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures as a camera would. Raises SourceLostError where the folder holds none.

        Those that cannot be read are left out, and named and counted in one line at the end.
        """
        paths, pace = self._pictures(), Pace(self._fps)
        bad: list[PictureError] = []
        for path in paths:
            try:
                luma = load_file(path)
            except PictureError as error:
                bad.append(error)
                continue
            yield from self._for(luma, self._hold_s, pace)
            yield from self._for(np.full_like(luma, _GREY), self._empty_s, pace)
        if len(bad) == len(paths):
            raise SourceLostError(f"'{self._path}' holds no picture that can be read; the first: {bad[0]}")
        if bad:
            print(
                f"kiosk-vision: {len(bad)} of {len(paths)} pictures cannot be read; the first: {bad[0]}",
                file=sys.stderr,
                flush=True,
            )
        while True:
            yield _paced(np.full((720, 1280), _GREY, np.uint8), pace)

    def _pictures(self) -> list[Path]:
        """Return the files, links to files included; a link to a pipe or a device would never be read to its end."""
        try:
            found = (path for path in self._path.iterdir() if path.suffix.lower() in _ENDINGS)
            paths = heapq.nsmallest(self._most, (path for path in found if path.is_file()))
        except OSError as error:
            raise SourceLostError(f"the folder '{self._path}' cannot be read") from error
        if not paths:
            raise SourceLostError(f"'{self._path}' holds no pictures; put PNG or JPEG files into it")
        return paths

    def _for(self, luma: Luma, seconds: float, pace: Pace) -> Iterator[Frame]:
        end = time.monotonic_ns() + round(seconds * NS)
        while time.monotonic_ns() < end:
            yield _paced(luma, pace)
