"""What every source of frames is."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

import cv2
import numpy as np

from kiosk.vision.codes import Luma

NS = 1_000_000_000
AWAY_NS = NS // 4
"""Who takes so long over a frame, or asks for the first one, gets none that was exposed before the question."""
MAX_PIXELS = 1 << 24
"""Of one frame. The largest that the settings allow has 12 million."""


class SourceLostError(Exception):
    """The camera is not there, or has gone away. The text is one sentence that says what to look at."""


class SourceStuckError(Exception):
    """A library does not come back from a call. Its thread cannot be ended, only the process can."""


_NOTHING: Luma = np.zeros((0, 0), np.uint8)


@dataclass(slots=True, eq=False)
class Frame:
    """One picture of the camera, on loan: its memory may be the camera's own.

    Each frame has one owner at a time, who closes it: a source hands it to whoever iterates `frames`, a slot to
    whoever takes it; a slot closes the frame that it replaces. Until then the camera has a buffer less, so nobody
    keeps one. What is to outlive `close`, and what goes to another thread, is a copy.
    """

    luma: Luma
    """Rows of brightness. Whoever gets it must not write to it. Nothing is in it after `close`."""
    at_ns: int
    """CLOCK_MONOTONIC nanoseconds at which it was captured."""
    small: Luma | None = None
    """The same picture at a fraction of the size, about 320 pixels wide, where the camera makes one itself."""
    bracket: int = 0
    """Which exposure of a bracket it has: 0 the usual one, 1 a darker one. Only frames of the same one compare."""
    release: Callable[[], None] | None = None
    """Gives the memory back; None where it is nobody's."""

    def close(self) -> None:
        """Give the memory back; again: nothing."""
        release, self.release = self.release, None
        self.luma, self.small = _NOTHING, None
        if release is not None:
            release()

    def __enter__(self) -> Self:
        """Return the frame, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


class Source(Protocol):
    """A camera, or what stands in for one. Entering it starts it, leaving it gives it back."""

    live: bool
    """Whether it looks at the world: then no two frames are the same, for a sensor always has noise. Files repeat."""

    def __enter__(self) -> Self:
        """Start. Raises SourceLostError."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop and give the camera back."""

    def frames(self) -> Iterator[Frame]:
        """Yield frames as they are captured, without end; the caller closes each.

        Raises SourceLostError when the camera goes away.
        """


_T = TypeVar("_T")


def bounded(call: Callable[[], _T], seconds: float, what: str) -> _T:
    """Return what `call` returns, or raise what it raises. Raises SourceStuckError where it takes longer.

    `what` names the call in the sentence. It runs in a thread of its own, which is left behind when it hangs.
    """
    result: Future[_T] = Future()

    def work() -> None:
        try:
            result.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed on, to be raised where it is waited for
            result.set_exception(error)

    threading.Thread(target=work, name=what, daemon=True).start()
    if not wait((result,), seconds).done:
        raise SourceStuckError(f"the camera's library hangs ({what})")
    return result.result()


class Stamps:
    """Turns a driver's time stamps into times of CLOCK_MONOTONIC."""

    def __init__(self) -> None:
        self._stamp: int | None = None
        self._at_ns = 0

    def at_ns(self, stamp: int | None) -> int:
        """Return when a picture was taken that has come just now. None, and what cannot be: now.

        A stamp that stands still gives a time that stands still: that tells a camera that is frozen.
        """
        now = time.monotonic_ns()
        if stamp is None or stamp != self._stamp:
            self._stamp = stamp
            self._at_ns = stamp if stamp is not None and 0 <= now - stamp < NS else now
        return self._at_ns


class Pace:
    """Absolute deadlines, so that small delays do not add up. A deadline that has passed is left out."""

    def __init__(self, fps: float) -> None:
        self.step_ns = round(NS / fps)
        self.next_ns = time.monotonic_ns()

    def advance(self) -> int:
        """Return the next deadline that lies ahead."""
        self.next_ns += self.step_ns
        late = time.monotonic_ns() - self.next_ns
        if late > 0:
            self.next_ns += (late // self.step_ns + 1) * self.step_ns
        return self.next_ns

    def wait(self, early_ns: int = 0) -> None:
        """Sleep until `early_ns` nanoseconds before the deadline."""
        ahead = self.next_ns - early_ns - time.monotonic_ns()
        if ahead > 0:
            time.sleep(ahead / NS)


def grey(pixels: Luma) -> Luma:
    """Return a picture that OpenCV has decoded, in colour or not, as luma."""
    luma: Luma = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return luma
