"""A relay board on the secure side of the wall: coils over Modbus, RTU on RS-485 or TCP, through pymodbus.

The kiosk ends each pulse itself, as with pins. An edge is reported when the board, read back, says so. What only the
board can do when the line to it is lost is in docs/remote-relay.md.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from pymodbus import ModbusException
from pymodbus.client import ModbusSerialClient, ModbusTcpClient

from kiosk.adapters.gpio import PinError
from kiosk.adapters.timed_relay import TimedRelay
from kiosk.app.ports import EdgeCallback
from kiosk.board_file import ModbusTable

RETRY_S = 0.25
"""How soon a board that did not answer is tried again."""
LOST_S = 3.0
"""How long a relay that is to fall back may not be reached until the process gives up: systemd starts it anew."""


class ModbusLink:
    """One board. Relays' threads call it one at a time."""

    def __init__(self, table: ModbusTable) -> None:
        """Take the settings; nothing is sent yet."""
        self._unit, self._lock = table.unit, threading.Lock()
        timeout = table.timeout_ms / 1000
        self._client: ModbusTcpClient | ModbusSerialClient
        if table.host is not None:
            self.where = f"{table.host}:{table.port}"
            self._client = ModbusTcpClient(table.host, port=table.port, timeout=timeout, retries=0)
        else:
            self.where = str(table.device)
            self._client = ModbusSerialClient(
                self.where, baudrate=table.baud, parity=table.parity, timeout=timeout, retries=0
            )

    def put(self, coil: int, *, on: bool) -> None:
        """Write a coil and read it back. Raises PinError where the board did not do it, or cannot be reached."""
        with self._lock:
            try:
                if not self._client.connected:
                    self._connect()
                answers = [
                    self._client.write_coil(coil, on, device_id=self._unit),
                    self._client.read_coils(coil, count=1, device_id=self._unit),
                ]
            except PinError:
                raise
            except (ModbusException, OSError) as error:
                self._client.close()  # type: ignore[no-untyped-call]
                raise PinError(f"{self.where}: the relay board does not answer; check unit, wires and speed") from error
        if any(answer.isError() for answer in answers) or answers[1].bits[:1] != [on]:
            raise PinError(f"{self.where}: the relay board does not have coil {coil}, or does not obey")

    def _connect(self) -> None:
        if not self._client.connect():
            raise PinError(f"{self.where}: the relay board cannot be reached; check its supply and bus")

    def close(self) -> None:
        """End the connection."""
        with self._lock, suppress(ModbusException, OSError):
            self._client.close()  # type: ignore[no-untyped-call]


class ModbusRelay(TimedRelay):
    """One coil that releases a leaf. `on_edge` is called from its own thread."""

    def __init__(
        self, link: ModbusLink, coil: int, max_pulse_ms: int, on_edge: EdgeCallback,
        *, name: str = "relay", on_failure: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Lock it. Raises PinError where the board cannot be reached: nobody knows then how the door stands."""
        super().__init__(max_pulse_ms, name)
        self._link, self._coil, self._on_edge, self._on_failure = link, coil, on_edge, on_failure
        self._released = False
        link.put(coil, on=False)
        self._begin()

    def _run(self) -> None:
        """Follow `_until_ns` with the coil, and leave it locked whatever happens, where the board can be reached."""
        try:
            self._follow()
        except Exception:  # noqa: BLE001 - a thread's top: whatever the board sent, the door does not stay open unnoticed
            with suppress(PinError):
                self._link.put(self._coil, on=False)
            self._on_failure()

    def _follow(self) -> None:
        """Follow the time; the bus is never waited for while the condition is held."""
        unreached_ns = 0
        while True:
            with self._change:
                left_ns = self._until_ns - time.monotonic_ns()
                wanted = left_ns > 0 and not self._closing
                if wanted is self._released and not unreached_ns:
                    if self._closing:
                        return
                    self._change.wait(left_ns / 1e9 if wanted else None)
                    continue
            now = time.monotonic_ns()
            try:
                self._link.put(self._coil, on=wanted)
            except PinError:
                unreached_ns = unreached_ns or now
                if now - unreached_ns > LOST_S * 1e9 or self._closing:
                    self._on_failure()
                    return
                with self._change:
                    self._change.wait(RETRY_S)
                continue
            unreached_ns = 0
            if wanted is not self._released:
                self._released = wanted
                self._on_edge(wanted, time.monotonic_ns())
