"""Pins through gpiozero: the same adapter on a Pi (lgpio) and without one (gpiozero's own mock factory).

The driver clamps every pulse and ends it in a thread of its own, whatever the rest of the process does.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gpiozero import DigitalOutputDevice, GPIOZeroError
from gpiozero.pins import Factory

from kiosk.adapters.timed_relay import TimedRelay
from kiosk.app.ports import EdgeCallback
from kiosk.board_file import Output, RelayPin


class PinError(OSError):
    """The pins of the board file cannot be driven; the text says why and what to do."""


def pin_errors() -> tuple[type[Exception], ...]:
    """Return what pins raise, and a driver that is not there.

    lgpio has an error of its own, neither gpiozero's nor the system's. It is not loaded to know it: that would start a
    thread and leave a pipe in the working directory.
    """
    return ImportError, GPIOZeroError, OSError, getattr(sys.modules.get("lgpio"), "error", OSError)


def pin_factory(driver: str) -> Factory:
    """Return the pin factory that the settings name. Raises PinError; there is no silent fall-back."""
    try:
        if driver == "mock":
            from gpiozero.pins.mock import MockFactory

            return MockFactory()
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory()
    except pin_errors() as error:
        raise PinError(f"the pin driver '{driver}' does not work here: use a Pi with lgpio, or name 'mock'") from error


class PinLog:
    """Writes every level of a simulated line to a file, unbuffered: what a probe on the wire would see."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def edge(self, pin: int, level: int, at_ns: int) -> None:
        """Append `pin level nanoseconds`."""
        os.write(self._fd, f"{pin} {level} {at_ns}\n".encode())

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)


def output_device(name: str, line: Output, factory: Factory) -> DigitalOutputDevice:
    """Take an output's line, at rest. Raises PinError where it is busy or missing."""
    try:
        return DigitalOutputDevice(line.pin, active_high=line.active_high, initial_value=False, pin_factory=factory)
    except pin_errors() as error:
        raise PinError(f"{name}: pin {line.pin} cannot be driven; is it in use or missing? (docs/boards.md)") from error


class SwitchOutput:
    """A lamp, a buzzer, a light."""

    def __init__(self, name: str, line: Output, factory: Factory) -> None:
        """Take the line, dark. Raises PinError."""
        self._device = output_device(name, line, factory)

    def set(self, *, on: bool) -> None:
        """Take a level. A lamp that does not obey keeps nobody from going in."""
        with suppress(*pin_errors()):
            if on:
                self._device.on()
            else:
                self._device.off()

    def close(self) -> None:
        """Put it out and give the line back."""
        self.set(on=False)
        with suppress(*pin_errors()):
            self._device.close()


class RelayOutput(TimedRelay):
    """The relay that releases the gate. `on_edge` is called from the pulse's own thread."""

    def __init__(
        self, relay: RelayPin, factory: Factory, on_edge: EdgeCallback, log: PinLog | None = None,
        *, name: str = "relay", on_failure: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Take the line, locked. `on_failure` is called, from the pulse's thread, when the line obeys no more.

        Raises PinError where the line is busy or missing.
        """
        super().__init__(relay.max_pulse_ms, name)
        self._pin, self._on_edge, self._log, self._on_failure = relay.pin, on_edge, log, on_failure
        self._device = output_device(name, relay, factory)
        self._begin()

    def _set(self, *, released: bool) -> None:
        if released:
            self._device.on()
        else:
            self._device.off()
        at_ns = time.monotonic_ns()
        if self._log and self._pin is not None:
            self._log.edge(self._pin, int(released), at_ns)
        self._on_edge(released, at_ns)

    def _run(self) -> None:
        """Follow `_until_ns` with the line, and leave it locked whatever happens."""
        try:
            self._follow()
        except pin_errors():
            self._on_failure()
        finally:
            with suppress(*pin_errors()):
                self._device.off()

    def _follow(self) -> None:
        with self._change:
            while not self._closing:
                left_ns = self._until_ns - time.monotonic_ns()
                released = bool(self._device.value)
                if (left_ns > 0) is not released:
                    self._set(released=left_ns > 0)
                    continue
                self._change.wait(left_ns / 1e9 if released else None)

    def close(self) -> None:
        """Lock and give the line back."""
        super().close()
        with suppress(*pin_errors()):
            self._device.close()
