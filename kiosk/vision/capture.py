"""The capture thread: keeps the camera open, and hands over the newest frame only."""

import threading
import time
from collections import deque
from typing import Literal

from kiosk.config import CameraSection
from kiosk.vision.sources import Frame, SourceLostError, open_source

NS = 1_000_000_000
REOPEN_S = 1.0
"""How often a camera that is gone is tried again."""
STALE_NS = 2 * NS
"""A camera that has given no frame for so long is lost, whatever it says."""

State = Literal["ok", "starting", "lost"]


class Slot:
    """Holds one frame: the newest. A frame that nobody took in time is closed and dropped."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._frame: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Put a frame in place of the one before. The slot owns it until somebody takes it."""
        with self._condition:
            before, self._frame = self._frame, frame
            self._condition.notify()
        if before is not None:
            before.close()

    def clear(self) -> None:
        """Close the frame that is in here."""
        with self._condition:
            before, self._frame = self._frame, None
        if before is not None:
            before.close()

    def take(self, timeout_s: float) -> Frame | None:
        """Return the newest frame, waiting for one up to `timeout_s` seconds; None where none comes.

        The caller owns it, and closes it.
        """
        with self._condition:
            if self._frame is None:
                self._condition.wait(timeout_s)
            frame, self._frame = self._frame, None
            return frame


class Capture(threading.Thread):
    """Opens the source, and opens it again for as long as the process runs."""

    def __init__(self, camera: CameraSection) -> None:
        super().__init__(name="capture", daemon=True)
        self.slot = Slot()
        self._camera = camera
        self._ending = threading.Event()
        self._opened = False
        self._last_ns = 0
        self._times: deque[int] = deque(maxlen=256)
        self.attempt_ns = time.monotonic_ns()
        """When the camera was last tried or last gave a frame: the sign of life of this thread."""
        self.fault = ""
        """Why the camera is lost, in one sentence; empty while it is not."""
        self.broken: Exception | None = None
        """An error that nobody foresaw: the process must end, so that it is started anew."""

    def run(self) -> None:
        """Capture until `stop`."""
        try:
            while not self._ending.is_set():
                self._once()
                self._ending.wait(REOPEN_S)
        except Exception as error:  # noqa: BLE001 - a task's top: the main thread ends the process
            self.broken = error

    def _once(self) -> None:
        self.attempt_ns = time.monotonic_ns()
        try:
            with open_source(self._camera) as source:
                for frame in source.frames():
                    self._last_ns, self.attempt_ns = frame.at_ns, time.monotonic_ns()
                    self._times.append(frame.at_ns)
                    self._opened, self.fault = True, ""
                    self.slot.put(frame)
                    if self._ending.is_set():
                        return
        except SourceLostError as error:
            self._opened, self.fault = True, str(error)

    def state(self, now_ns: int) -> State:
        """Return how the camera is."""
        if not self._opened:
            return "starting"
        return "lost" if self.fault or now_ns - self._last_ns > STALE_NS else "ok"

    def fps(self, now_ns: int) -> float:
        """Return how many frames came during the last second."""
        return float(sum(now_ns - at_ns <= NS for at_ns in tuple(self._times)))

    def stop(self) -> None:
        """End the thread and give the camera back, if it lets go within a second."""
        self._ending.set()
        self.join(1.0)
