"""The Raspberry Pi's own camera through libcamera. The library is imported only when the source is entered."""

import contextlib
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from kiosk.config import CameraSection
from kiosk.vision.sources.base import NS, Frame, SourceLostError

_TIMEOUT_S = 2.0
_EXPOSURE_US = (2_000, 8_000)
"""Short, so that a hand that moves does not smear the code."""
_FOCUS_DIOPTRES = 4.0
"""A code is held up at about 25 cm."""


def _controls(available: dict[str, Any], fps: int) -> dict[str, Any]:
    """Return what to set, of what this camera can do: cameras with a fixed lens know no focus."""
    frame_us = 1_000_000 // fps
    wanted: dict[str, Any] = {
        "FrameDurationLimits": (frame_us, frame_us),
        "AfMode": 0,
        "LensPosition": _FOCUS_DIOPTRES,
        "AeExposureMode": 1,
        "NoiseReductionMode": 1,
        "Sharpness": 1.5,
    }
    return {name: value for name, value in wanted.items() if name in available}


class Picamera2Source:
    """Main stream in YUV 4:2:0, of which the luma is taken in one copy, so that the buffer goes back at once."""

    live = True

    def __init__(self, camera: CameraSection) -> None:
        self._settings = camera
        self._camera: Any = None
        self._mapped: Any = None

    def __enter__(self) -> Self:
        """Start the camera. Raises SourceLostError."""
        try:
            from picamera2 import MappedArray, Picamera2
        except ImportError as error:
            raise SourceLostError("picamera2 is not installed; install python3-picamera2 or use webcam") from error
        settings = self._settings
        try:
            camera = Picamera2(settings.device)
        except (RuntimeError, IndexError) as error:
            raise SourceLostError(f"no Raspberry Pi camera number {settings.device}; check the ribbon cable") from error
        self._camera, self._mapped = camera, MappedArray
        try:
            camera.configure(
                camera.create_video_configuration(
                    main={"size": (settings.width, settings.height), "format": "YUV420"},
                    buffer_count=4,
                    queue=False,
                    controls=_controls(camera.camera_controls, settings.fps),
                )
            )
            camera.start()
        except RuntimeError as error:
            self._close()
            raise SourceLostError("the Raspberry Pi camera does not start; is another program using it?") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the camera and give it back."""
        self._close()

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            with contextlib.suppress(RuntimeError):
                camera.stop()
            camera.close()

    def frames(self) -> Iterator[Frame]:
        """Yield frames. Raises SourceLostError where none comes for 2 s."""
        while True:
            try:
                request = self._camera.capture_request(wait=_TIMEOUT_S)
            except (TimeoutError, RuntimeError) as error:
                raise SourceLostError("the Raspberry Pi camera has stopped; check the ribbon cable") from error
            try:
                yield self._frame(request)
            finally:
                request.release()

    def _frame(self, request: Any) -> Frame:
        width, height = self._settings.width, self._settings.height
        stamp = request.get_metadata().get("SensorTimestamp")
        with self._mapped(request, "main", write=False) as mapped:
            luma = mapped.array[:height, :width].copy()
        return Frame(luma, _monotonic(stamp))


def _monotonic(stamp: int | None) -> int:
    """Return a sensor's time stamp. It counts since boot, as CLOCK_MONOTONIC does on a board that never sleeps."""
    now = time.monotonic_ns()
    return stamp if stamp is not None and 0 <= now - stamp < NS else now
