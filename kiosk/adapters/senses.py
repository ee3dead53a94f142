"""Sensors' lines through gpiozero: edges from its threads, bounded on their way to the loop."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from gpiozero import InputDevice
from gpiozero.pins import Factory

from kiosk.adapters.gpio import PinError, pin_errors
from kiosk.board_file import Input
from kiosk.domain.lines import Sense

LineCallback = Callable[[Sense, bool, int, int], None]
"""Called with sense, whether it is active, CLOCK_MONOTONIC ns of its last edge, and the edges since the last call."""
APART_NS = 5_000_000
"""How far apart calls are at least: a line that chatters must not flood the loop. What comes between is counted."""


class SenseInput:
    """One sensor's line."""

    def __init__(
        self, sense: Sense, line: Input, *, active_high: bool, factory: Factory, on_line: LineCallback
    ) -> None:
        """Take the line, and say how it stands. Raises PinError where it is busy or missing."""
        self._sense, self._active_high, self._on_line = sense, active_high, on_line
        self._lock = threading.Lock()
        self._edges, self._at_ns, self._said_ns, self._said = 0, 0, 0, False
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
        self._say(self._active(), time.monotonic_ns(), 1)

    def _active(self) -> bool:
        return bool(self._pin.state) is self._active_high

    def _changed(self, ticks: float, state: int) -> None:  # noqa: ARG002 - the factory's own clock has another zero
        """Take in an edge, in a thread of the pin factory."""
        now = time.monotonic_ns()
        with self._lock:
            self._edges, self._at_ns = self._edges + 1, now
            if now - self._said_ns < APART_NS:
                return  # `poll` says it
            edges, self._edges, self._said_ns = self._edges, 0, now
        self._say(bool(state) is self._active_high, now, edges)

    def poll(self) -> None:
        """Say what came since the last call, and what an edge that was lost would have said. For the loop, often."""
        try:
            active = self._active()
        except pin_errors():
            return  # the relay's line says that the chip is gone
        with self._lock:
            edges, at_ns = self._edges, self._at_ns
            if not edges and active is self._said:
                return
            self._edges, self._said_ns = 0, time.monotonic_ns()
        self._say(active, at_ns if edges else self._said_ns, max(edges, 1))

    def _say(self, active: bool, at_ns: int, edges: int) -> None:
        self._said = active
        self._on_line(self._sense, active, at_ns, edges)

    def close(self) -> None:
        """Give the line back."""
        with suppress(*pin_errors()):
            self._pin.when_changed = None
            self._device.close()
