"""The capture thread: keeps the camera open, watches what it gives, and hands over the newest frame only."""

import threading
import time
from collections import deque
from collections.abc import Callable

from kiosk.api.messages import CameraState
from kiosk.config import CameraSection
from kiosk.vision.sight import Sight
from kiosk.vision.sources import Frame, Source, SourceLostError, SourceStuckError, open_source

NS = 1_000_000_000
REOPEN_S = 1.0
"""How often a camera that is gone is tried again."""
STALE_NS = 2 * NS
"""A camera that has given no frame for so long is lost, whatever it says."""
REOPEN_FROZEN_NS = 3 * NS
"""How long a camera may be frozen before it is opened anew."""
SILENT_NS = 4 * NS
"""A live camera's thread that has shown no sign of life for so long hangs: what a source waits for itself is
shorter. With the second that systemd waits, the process is new within 5 s."""
SILENT_SLOW_NS = 15 * NS
"""The same while a camera is being opened, and for files, where one large picture takes its time."""
_SAYS: dict[CameraState, str] = {
    "dark": "the camera shows nothing but black; uncover its lens or switch a light on",
    "frozen": "the camera gives the same picture again and again; it is opened anew",
}


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

    def __init__(
        self, camera: CameraSection, opener: Callable[[CameraSection], Source] = open_source,
        *, sight: Callable[..., Sight] = Sight, mono_ns: Callable[[], int] = time.monotonic_ns,
        reopen_s: float = REOPEN_S, silent_ns: int = SILENT_NS,
    ) -> None:  # fmt: skip
        super().__init__(name="capture", daemon=True)
        self.slot = Slot()
        self._camera, self._opener, self._make_sight, self._mono_ns = camera, opener, sight, mono_ns
        self._reopen_s, self._live_silent_ns = reopen_s, silent_ns
        self._ending = threading.Event()
        self._opened = False
        self._lost = ""
        self._sight: Sight | None = None
        self._last_ns = 0
        self._times: deque[int] = deque(maxlen=256)
        self._sign_ns, self._silent_ns = mono_ns(), SILENT_SLOW_NS
        self.broken: Exception | None = None
        """An error that nobody foresaw: the process must end, so that it is started anew."""

    def run(self) -> None:
        """Capture until `stop`."""
        try:
            while not self._ending.is_set():
                self._sign(SILENT_SLOW_NS)
                self._once()
                self._sign(SILENT_SLOW_NS)
                self._ending.wait(self._reopen_s)
        except Exception as error:  # noqa: BLE001 - a task's top: the main thread ends the process
            self.broken = error

    def _sign(self, silent_ns: int) -> None:
        """Show a sign of life; the next one comes within `silent_ns` nanoseconds."""
        self._sign_ns, self._silent_ns = self._mono_ns(), silent_ns

    def _once(self) -> None:
        try:
            with self._opener(self._camera) as source:
                self._watch(source)
        except SourceLostError as error:
            self._opened, self._lost = True, str(error)
        self.slot.clear()  # A picture of a camera that is gone says nothing about the door.

    def _watch(self, source: Source) -> None:
        """Take frames until the end of the process, or until it is time to open the camera anew."""
        sight = self._sight = self._sight or self._make_sight(live=source.live)
        sight.reopened()
        frozen_ns: int | None = None
        for frame in source.frames():
            now = self._mono_ns()
            self._sign(self._live_silent_ns if source.live else SILENT_SLOW_NS)
            self._times.append(now)
            frozen = sight.see(frame.luma if frame.small is None else frame.small, frame.at_ns, now) == "frozen"
            self._opened, self._lost, self._last_ns = True, "", now
            # A code in a picture that stands still may have left the door long ago: nobody gets to see it.
            if frozen or not sight.fresh:
                frame.close()
            else:
                self.slot.put(frame)
            frozen_ns = (frozen_ns or now) if frozen else None
            if self._ending.is_set() or (frozen_ns is not None and now - frozen_ns >= REOPEN_FROZEN_NS):
                return

    @property
    def fault(self) -> str:
        """What is wrong with the camera, in one sentence; empty where nothing is."""
        return self._lost or (_SAYS.get(self._sight.state, "") if self._sight is not None else "")

    def state(self, now_ns: int) -> CameraState:
        """Return how the camera is."""
        if not self._opened:
            return "starting"
        if self._lost or self._sight is None:
            return "lost"
        if self._sight.state != "frozen" and now_ns - self._last_ns > STALE_NS:
            return "lost"
        return self._sight.state

    def fps(self, now_ns: int) -> float:
        """Return how many frames came during the last second."""
        return float(sum(now_ns - at_ns <= NS for at_ns in tuple(self._times)))

    def works(self, now_ns: int) -> bool:
        """Return whether the thread runs; where it broke or hangs, `broken` says why."""
        if self.broken is None and now_ns - self._sign_ns > self._silent_ns:
            self.broken = SourceStuckError("the camera's library does not answer any more")
        return self.broken is None

    def stop(self) -> None:
        """End the thread and give the camera back, if it lets go within a second."""
        self._ending.set()
        self.join(1.0)
        self.slot.clear()
