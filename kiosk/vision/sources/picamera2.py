"""The Raspberry Pi's own camera through libcamera. The library is imported only when the source is entered.

The luma of the main stream is looked at where the camera has written it: a frame holds its buffers until it is closed.
Nothing that the library does is waited for without an end. An error in its listening thread makes every later call
hang, so each call has a time, and a camera that does not even close in its time ends the process.
"""

import atexit
import contextlib
import gc
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError
from functools import partial
from types import TracebackType
from typing import Any, Self

from kiosk.config import CameraSection
from kiosk.vision.codes import Luma
from kiosk.vision.exposure import ExposureControl, Limits
from kiosk.vision.sight import sample
from kiosk.vision.sources.base import AWAY_NS, Frame, SourceLostError, Stamps, bounded

FRAME_S = 1.5
"""How long a frame is waited for; three frames where they come slowly."""
OPEN_S = 8.0
CLOSE_S = 2.0
_BUFFERS = 6
"""One is looked at, one waits in the slot, one is being handed over; the camera keeps three to write to."""
_STALE_AT_MOST = 8
"""Pictures left out in a row for being stale; a clock that cannot be compared must not cost all of them."""
_SMALL_WIDTH = 320
_PLANAR = frozenset({"YUV420", "YVU420", "NV12", "NV21"})
"""Formats in which the rows of luma come first."""
_SETTABLE = frozenset({"ExposureTime", "AnalogueGain", "ExposureTimeMode"})
"""The mode, which libcamera has since 0.5, is set by picamera2 itself, and an older libcamera breaks on it."""
_AF_MANUAL = 0
_AE_SHORT = 1
_DENOISE_FAST = 1


def controls(available: dict[str, Any], settings: CameraSection) -> dict[str, Any]:
    """Return what to set at the start, of what this camera can do: cameras with a fixed lens know no focus."""
    frame_us = 1_000_000 // settings.fps
    wanted: dict[str, Any] = {
        "FrameDurationLimits": (frame_us, frame_us),
        "AfMode": _AF_MANUAL,
        "AeExposureMode": _AE_SHORT,
        "NoiseReductionMode": _DENOISE_FAST,
        "Sharpness": 1.5,
    }
    if "LensPosition" in available:
        least, most, _ = available["LensPosition"]
        wanted["LensPosition"] = min(max(100 / settings.focus_cm, least), most)  # in dioptres
    return {name: value for name, value in wanted.items() if name in available}


def exposure_control(available: dict[str, Any], settings: CameraSection) -> ExposureControl | None:
    """Return a control for a camera whose time and gain can be set; None: it exposes by itself."""
    if not available.keys() >= _SETTABLE:
        return None
    short, long = (ms * 1000 for ms in settings.exposure_ms)
    long = min(long, 1_000_000 / settings.fps)
    limits = Limits(
        least_us=min(max(float(available["ExposureTime"][0]), 1.0), short),
        short_us=min(short, long),
        long_us=long,
        gain=max(min(settings.gain_max, float(available["AnalogueGain"][1])), 1.0),
    )
    return ExposureControl(limits, bracket=settings.bracket)


class Picamera2Source:
    """Main stream in YUV 4:2:0, and a small one for the motion gate."""

    live = True

    def __init__(self, camera: CameraSection) -> None:
        self._settings = camera
        self._wait_s = max(FRAME_S, 3 / camera.fps)
        self._camera: Any = None
        self._mapped: Any = None
        self._exposure: ExposureControl | None = None
        self._stamps, self._gave_ns = Stamps(), 0

    def __enter__(self) -> Self:
        """Start the camera. Raises SourceLostError, and SourceStuckError where the library hangs."""
        try:
            bounded(self._open, OPEN_S, "opening the camera")
        except SourceLostError:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the camera and give it back. Raises SourceStuckError where it does not let go."""
        self._close()

    def _open(self) -> None:
        try:
            from picamera2 import MappedArray, Picamera2
        except ImportError as error:
            raise SourceLostError("picamera2 is not installed; install python3-picamera2 or use webcam") from error
        settings, self._mapped = self._settings, MappedArray
        # Asked first: each Picamera2 that cannot be made leaves a pipe open, and this is tried every second.
        if settings.device >= len(Picamera2.global_camera_info()):
            raise SourceLostError(f"no Raspberry Pi camera number {settings.device}; check the ribbon cable")
        try:
            self._camera = camera = Picamera2(settings.device)
        except (RuntimeError, IndexError) as error:
            raise SourceLostError("the Raspberry Pi camera does not open; is another program using it?") from error
        # It would be closed at the end of the process again, and without an end where it hangs.
        atexit.unregister(camera.close)
        try:
            camera.configure(self._configuration(camera))
            self._exposure = exposure_control(camera.camera_controls, settings)
            camera.start()
        except RuntimeError as error:
            raise SourceLostError("the Raspberry Pi camera does not start; is another program using it?") from error
        kind = camera.stream_configuration("main")["format"]
        if kind not in _PLANAR:
            raise SourceLostError(f"the camera gives {kind[:16]} instead of YUV420; use another camera or webcam")

    def _configuration(self, camera: Any) -> Any:
        width, height = self._settings.width, self._settings.height
        small = (_SMALL_WIDTH, max(round(_SMALL_WIDTH * height / width / 2) * 2, 2))
        return camera.create_video_configuration(
            main={"size": (width, height), "format": "YUV420"},
            lores={"size": small, "format": "YUV420"},
            raw=None,
            buffer_count=_BUFFERS,
            queue=False,
            display=None,
            encode=None,
            controls=controls(camera.camera_controls, self._settings),
        )

    def _close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is None:
            return

        with contextlib.suppress(RuntimeError):
            bounded(partial(_close, camera), CLOSE_S, "closing the camera")
        camera = None
        gc.collect()  # The library's objects point at each other; their files and buffers are few.

    def frames(self) -> Iterator[Frame]:
        """Yield frames, each with its camera's own memory. Raises SourceLostError where none comes in time."""
        while True:
            frame = self._frame(self._request())
            self._gave_ns = time.monotonic_ns()
            yield frame

    def _request(self) -> Any:
        """Return the next picture; where nobody has asked for a while, the next that was exposed after this moment."""
        asked_ns = time.monotonic_ns()
        flush = asked_ns - self._gave_ns > AWAY_NS
        for left in range(_STALE_AT_MOST if flush else 1, 0, -1):
            try:
                request = self._camera.capture_request(wait=self._wait_s)
            except (TimeoutError, CancelledError, RuntimeError) as error:
                raise SourceLostError("the Raspberry Pi camera has stopped; check the ribbon cable") from error
            if left == 1 or _exposed_ns(request.get_metadata(), asked_ns) >= asked_ns:
                break
            _give_back(request)
        return request

    def _frame(self, request: Any) -> Frame:
        with contextlib.ExitStack() as stack:
            stack.callback(_give_back, request)
            metadata = request.get_metadata()
            luma, small = self._luma(request, "main", stack), self._luma(request, "lores", stack)
            at_ns = self._stamps.at_ns(metadata.get("SensorTimestamp"))
            return Frame(luma, at_ns, small, self._bracket(metadata, small), stack.pop_all().close)

    def _luma(self, request: Any, stream: str, stack: contextlib.ExitStack) -> Luma:
        """Return the luma of a stream where it lies, until `stack` is closed. Its rows may lie apart."""
        width, height = request.config[stream]["size"]
        luma: Luma = stack.enter_context(self._mapped(request, stream, write=False)).array[:height, :width]
        return luma

    def _bracket(self, metadata: dict[str, Any], small: Luma) -> int:
        """Tell the exposure control what came of it, and set the next request; return the frame's own number."""
        us, gain = metadata.get("ExposureTime"), metadata.get("AnalogueGain")
        if self._exposure is None or us is None or gain is None:
            return 0
        bracket = self._exposure.seen(us, gain, middle(small))
        asked = self._exposure.next()
        if asked is not None:
            self._camera.set_controls({"ExposureTime": round(asked.us), "AnalogueGain": asked.gain})
        return bracket


def _give_back(request: Any) -> None:
    """Release a picture. A camera that has stopped meanwhile refuses it; that is said when the next is asked for."""
    with contextlib.suppress(RuntimeError):
        request.release()


def _close(camera: Any) -> None:
    camera.cancel_all_and_flush()
    camera.close()


def _exposed_ns(metadata: dict[str, Any], otherwise_ns: int) -> int:
    """Return when the exposure of a picture began, as far as the camera says so."""
    stamp: int | None = metadata.get("SensorTimestamp")
    return otherwise_ns if stamp is None else stamp - 1000 * int(metadata.get("ExposureTime", 0))


def middle(luma: Luma) -> float:
    """Return the mean luma of the middle two thirds, where codes are held up."""
    points = sample(luma)
    high, wide = points.shape
    return float(points[high // 6 : high - high // 6, wide // 6 : wide - wide // 6].mean())
