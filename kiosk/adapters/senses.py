"""Sensors' lines through gpiozero: edges from its threads, bounded on their way to the loop.

A thread only keeps an edge and wakes the loop; the loop takes all of them at once, each with its own time. Were edges
sent to the loop one by one, a time-out there could believe a level whose end is still on its way.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from gpiozero import InputDevice
from gpiozero.pins import Factory

from kiosk.adapters.gpio import PinError, pin_errors
from kiosk.board_file import Input
from kiosk.domain.lines import Sense

LineEdge = tuple[Sense, bool, int, int]
"""Sense, whether it is active, CLOCK_MONOTONIC ns, and the edges since the one before (kiosk/domain/debounce.py)."""
APART_NS = 5_000_000
"""How far apart a line wakes the loop at least: one that chatters must not flood it. The next poll takes the rest."""
KEPT = 64
"""Edges of a line that are kept for the next poll; of more the oldest are counted only."""
_LATE_NS = 1_000_000_000


class SenseInput:
    """One sensor's line."""

    def __init__(
        self, sense: Sense, line: Input, *, active_high: bool, factory: Factory, wake: Callable[[], None],
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Take the line. `on_failure` is called when it cannot be read any more.

        Raises PinError where it is busy or missing.
        """
        self._sense, self._active_high, self._wake, self._on_failure = sense, active_high, wake, on_failure
        self._lock = threading.Lock()
        self._kept: deque[tuple[bool, int]] = deque(maxlen=KEPT)
        self._uncounted, self._woke_ns = 0, 0
        self._said: bool | None = None
        pull = {"up": True, "down": False, "none": None}[line.pull]
        try:
            # Without a pull gpiozero asks which level is the active one; here the level itself is wanted.
            active = None if pull is not None else True
            self._device = InputDevice(line.pin, pull_up=pull, active_state=active, pin_factory=factory)
            self._pin = self._device.pin
            self._pin.edges = "both"
            self._pin.when_changed = self._changed
        except pin_errors() as error:
            where = f"{sense}: pin {line.pin}"
            raise PinError(f"{where} cannot be read; is it in use or missing? (docs/boards.md)") from error
        wake()

    def _changed(self, ticks: float, state: int) -> None:
        """Keep an edge, in a thread of the pin factory."""
        now = time.monotonic_ns()
        with self._lock:
            self._uncounted += len(self._kept) == KEPT
            self._kept.append((bool(state) is self._active_high, edge_ns(ticks, now)))
            if now - self._woke_ns < APART_NS:
                return
            self._woke_ns = now
        self._wake()

    def poll(self) -> list[LineEdge]:
        """Return the edges since the last call, or what an edge that was lost would have said."""
        with self._lock:
            kept, uncounted = list(self._kept), self._uncounted
            self._kept.clear()
            self._uncounted = 0
        if not kept:
            return self._look()
        self._said = kept[-1][0]
        counts = [1 + uncounted] + [1] * (len(kept) - 1)
        return [(self._sense, *edge, count) for edge, count in zip(kept, counts, strict=True)]

    def _look(self) -> list[LineEdge]:
        try:
            active = bool(self._pin.state) is self._active_high
        except pin_errors():
            self._on_failure()  # a fire input that keeps its last level would be none
            return []
        if active is self._said:
            return []
        self._said = active
        return [(self._sense, active, time.monotonic_ns(), 0)]

    def close(self) -> None:
        """Give the line back."""
        with suppress(*pin_errors()):
            self._pin.when_changed = None
            self._device.close()


def edge_ns(ticks: float, now_ns: int) -> int:
    """Return when an edge was: the kernel's time of it, so that a thread that comes late shortens no level.

    Where that cannot be CLOCK_MONOTONIC (kernels before 5.7 have the time of day there), it is now.
    """
    at_ns = round(ticks * 1e9)
    return at_ns if 0 <= now_ns - at_ns < _LATE_NS else now_ns
