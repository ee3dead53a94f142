"""A USB camera through V4L2. Its frames are taken as they come: what is needed of them is the luma."""

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from kiosk.config import CameraSection
from kiosk.vision.codes import Luma
from kiosk.vision.headers import read_header
from kiosk.vision.sources.base import AWAY_NS, MAX_PIXELS, Frame, SourceLostError, Stamps, grey

MISSES = 5
"""Captures that may fail in a row before the camera counts as gone."""
GONE_S = 1.0
"""Time without a frame after which one more failure is enough."""
_BUFFERS = 3
"""One is read, one waits, one is written to. With a single one every second frame would be lost."""
_FORMATS = ("MJPG", "GREY", "YUYV")
"""MJPG first: at 720p most USB cameras give 30 frames a second in no other format."""
_RAW = frozenset({"MJPG", "JPEG", "GREY", "YUYV", "UYVY", "NV12", "NV21", "YU12", "YV12"})
"""Of these the luma is taken without converting the colours, which takes two to four times as long."""
_STALE_AT_MOST = 4
_HEADER = 64 << 10
"""Bytes of a JPEG in which its size has to stand."""
_SET_CONTROL = 0xC008561C
"""VIDIOC_S_CTRL"""
_EXPOSURE_AUTO_PRIORITY = 0x009A0903


def luma_of(pixels: Luma, fourcc: str, width: int, height: int) -> Luma | None:
    """Return the luma of a frame of this format and size, as the driver gave it; None where it is none.

    `pixels` in three dimensions has been converted by OpenCV already.
    """
    if pixels.ndim == 3 and pixels.shape[2] == 3:
        return grey(pixels)
    data = pixels.reshape(-1)
    match fourcc:
        case "MJPG" | "JPEG":
            header = read_header(data[:_HEADER].tobytes())
            if header is None or header.kind != "JPEG" or not 0 < header.width * header.height <= MAX_PIXELS:
                return None
            with contextlib.suppress(cv2.error):
                decoded: Luma | None = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)
                return decoded
            return None
        case "GREY":
            return _rows(data, width, height)
        case "YUYV" | "UYVY":
            both = _rows(data, 2 * width, height)
            return None if both is None else np.ascontiguousarray(both[:, fourcc != "YUYV" :: 2])
        case _:  # planes of which luma is the first, and two thirds of all
            return _rows(data[: data.size * 2 // 3], width, height)


def _rows(data: Luma, width: int, height: int) -> Luma | None:
    """Return bytes as rows, without what pads them; None where there are too few."""
    stride = data.size // height if height else 0
    return data[: stride * height].reshape(height, stride)[:, :width] if 0 < width <= stride else None


class WebcamSource:
    """`/dev/videoN` with the size and rate of the settings, or the nearest that the camera has."""

    live = True

    def __init__(self, camera: CameraSection) -> None:
        self._camera = camera
        self._capture: cv2.VideoCapture | None = None
        self._stamps, self._gave_ns = Stamps(), 0
        self._fourcc, self._size = "", (0, 0)

    def __enter__(self) -> Self:
        """Open the device. Raises SourceLostError."""
        camera = self._camera
        capture = cv2.VideoCapture(camera.device, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceLostError(_why_not(camera.device))
        any(_takes(capture, name) for name in _FORMATS)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, camera.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, camera.height)
        capture.set(cv2.CAP_PROP_FPS, camera.fps)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, _BUFFERS)
        _expose_no_longer_than_a_frame(camera.device)
        self._use(capture)
        return self

    def _use(self, capture: cv2.VideoCapture) -> None:
        """Take frames of `capture` as they come, where their format is known."""
        self._fourcc = _fourcc(capture)
        if self._fourcc in _RAW:
            capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
        self._size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        self._capture = capture

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the device back."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def frames(self) -> Iterator[Frame]:
        """Yield frames as the camera delivers them. Raises SourceLostError when it stops."""
        misses, came = 0, time.monotonic()
        while self._capture is not None and (misses == 0 or (misses < MISSES and time.monotonic() - came < GONE_S)):
            frame = self._next(self._capture)
            if frame is None:
                misses += 1
                continue
            self._gave_ns = time.monotonic_ns()
            yield frame
            misses, came = 0, time.monotonic()
        raise SourceLostError(f"the camera at /dev/video{self._camera.device} has stopped; check its cable")

    def _next(self, capture: cv2.VideoCapture) -> Frame | None:
        """Return the next frame; where nobody has asked for a while, the next that was taken after this moment."""
        asked_ns = time.monotonic_ns()
        stale = _STALE_AT_MOST if asked_ns - self._gave_ns > AWAY_NS else 1
        for left in range(stale, 0, -1):
            if not capture.grab():
                return None
            stamp = int(capture.get(cv2.CAP_PROP_POS_MSEC) * 1_000_000)
            if left == 1 or stamp <= 0 or stamp >= asked_ns:
                break
        at_ns = self._stamps.at_ns(stamp if stamp > 0 else None)
        ok, pixels = capture.retrieve()
        luma = luma_of(pixels, self._fourcc, *self._size) if ok else None
        return None if luma is None or luma.size == 0 else Frame(luma, at_ns)


def _why_not(device: int) -> str:
    """Return one sentence on a device that does not open."""
    if not Path(f"/dev/video{device}").exists():
        return f"no camera at /dev/video{device}; check its cable and `[camera] device`"
    return f"the camera at /dev/video{device} does not open; end the program that uses it, or correct `[camera] device`"


def _fourcc(capture: cv2.VideoCapture) -> str:
    """Return the name of the format that `capture` gives."""
    code = int(capture.get(cv2.CAP_PROP_FOURCC))
    return code.to_bytes(4, "little", signed=code < 0).decode("ascii", "replace")


def _takes(capture: cv2.VideoCapture, name: str) -> bool:
    """Ask for a format, and return whether it is given: OpenCV says yes also where it has taken one of its own."""
    return bool(capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*name))) and _fourcc(capture) == name


def _expose_no_longer_than_a_frame(device: int) -> None:
    """Ask the driver to keep its rate in the dark. Most lengthen the exposure instead, and hands are smeared."""
    with contextlib.suppress(OSError):
        file = os.open(f"/dev/video{device}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.ioctl(file, _SET_CONTROL, struct.pack("Ii", _EXPOSURE_AUTO_PRIORITY, 0))
        finally:
            os.close(file)
