"""A USB camera through V4L2."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import cv2

from kiosk.config import CameraSection
from kiosk.vision.sources.base import Frame, SourceLostError, grey

_MISSES = 5
"""Captures that may fail in a row before the camera counts as gone."""


class WebcamSource:
    """`/dev/videoN` with the size and rate of the settings, or the nearest that the camera has."""

    live = True

    def __init__(self, camera: CameraSection) -> None:
        self._camera = camera
        self._capture: cv2.VideoCapture | None = None

    def __enter__(self) -> Self:
        """Open the device. Raises SourceLostError."""
        camera = self._camera
        capture = cv2.VideoCapture(camera.device, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceLostError(f"no camera at /dev/video{camera.device}; check its cable and `[camera] device`")
        # MJPG first: at 720p most USB cameras give 30 frames a second in no other format.
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, camera.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, camera.height)
        capture.set(cv2.CAP_PROP_FPS, camera.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the device back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def frames(self) -> Iterator[Frame]:
        """Yield frames as the camera delivers them. Raises SourceLostError when it stops."""
        capture, misses = self._capture, 0
        while capture is not None and misses < _MISSES:
            if not capture.grab():
                misses += 1
                continue
            at_ns = time.monotonic_ns()
            ok, pixels = capture.retrieve()
            if not ok:
                misses += 1
                continue
            misses = 0
            yield Frame(grey(pixels), at_ns)
        raise SourceLostError(f"the camera at /dev/video{self._camera.device} has stopped; check its cable")
