"""What every relay's driver has: a time up to which it is released, and a thread of its own that follows it."""

import threading
import time
from abc import ABC, abstractmethod

MIN_PULSE_MS = 50


class TimedRelay(ABC):
    """A relay that falls back by itself. A hold is a release that is renewed before it ends."""

    def __init__(self, max_pulse_ms: int, name: str) -> None:
        """Prepare; `_begin` starts the thread when the line is there."""
        self._max_ms = max_pulse_ms
        self._change = threading.Condition()
        self._until_ns = 0
        self._closing = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @abstractmethod
    def _run(self) -> None:
        """Follow `_until_ns` with the line until `_closing`, and leave it locked."""

    def _begin(self) -> None:
        self._thread.start()

    def release(self, ms: int) -> None:
        """Release for `ms`, clamped to the board's limits; a second call while released starts the time anew."""
        clamped = min(max(ms, MIN_PULSE_MS), self._max_ms)
        with self._change:
            self._until_ns = time.monotonic_ns() + clamped * 1_000_000
            self._change.notify()

    def lock(self) -> None:
        """Lock now."""
        with self._change:
            self._until_ns = 0
            self._change.notify()

    def close(self) -> None:
        """Lock, and end the thread."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join(2)
