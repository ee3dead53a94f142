"""A real MQTT broker as a child process, for tests and for the demonstration. Standard library only."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

START_S = 10.0
STOP_S = 5.0
_FALLBACK = Path("/usr/sbin/mosquitto")
"""Debian puts it where the PATH of an ordinary user does not lead."""


class BrokerError(RuntimeError):
    """The broker cannot be used. The text is one sentence that says what to do next."""


class BrokerMissingError(BrokerError):
    """There is no broker on this machine."""


class PortBusyError(BrokerError):
    """Somebody else listens on the port."""


def find_mosquitto() -> Path:
    """Return the program; `KIOSK_MOSQUITTO` may name another one. Raises BrokerMissingError."""
    found = shutil.which(os.environ.get("KIOSK_MOSQUITTO", "mosquitto"))
    if found:
        return Path(found)
    if "KIOSK_MOSQUITTO" not in os.environ and os.access(_FALLBACK, os.X_OK):
        return _FALLBACK
    raise BrokerMissingError(
        "no MQTT broker found; install one with 'sudo apt install mosquitto', or leave out the [mqtt] section"
    )


def ends_with_us() -> list[str]:
    """Return a prefix to a command that ends it when this process ends, however that may be; empty without one."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def free_port() -> int:
    """Return a loopback port on which nobody listens at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def quiet_port() -> int:
    """Return a loopback port on which nobody listens, and that no outgoing connection gets while a slow server starts.

    The kernel takes ports for outgoing connections from 32768 on.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


class Mosquitto:
    """A mosquitto on a loopback port, for as long as the `with` lasts.

    `directory` holds its settings and log (a temporary one where none is given). With `persistence` it keeps
    its queues there as well. `settings` are more lines for its configuration. The port stays the same over
    `stop`, `kill` and `start`.
    """

    def __init__(
        self,
        directory: Path | None = None,
        *,
        port: int | None = None,
        persistence: bool = False,
        settings: Sequence[str] = (),
    ) -> None:
        self._program = find_mosquitto()
        self._own_directory = directory is None
        self.directory = Path(tempfile.mkdtemp(prefix="kiosk-broker-")) if directory is None else directory
        self.log_file = self.directory / "mosquitto.log"
        self.host = "127.0.0.1"
        self.port = port or free_port()
        self._persistence = persistence
        self._settings = tuple(settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises PortBusyError or BrokerError."""
        if self.pid is not None:
            return
        if self._answers():
            raise PortBusyError(f"port {self.port} is in use; stop the program that listens there or give another port")
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "mosquitto.conf"
        file.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*ends_with_us(), str(self._program), "-c", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._await_start(self._process)

    def stop(self) -> None:
        """End it in good order; kill it where it does not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it with -9: what it only held in memory is gone."""
        self._end(signal.SIGKILL)

    def reload(self) -> None:
        """Have it read its certificates and its access list anew."""
        if self._process is not None:
            self._process.send_signal(signal.SIGHUP)

    def close(self) -> None:
        """Stop it and remove a temporary directory."""
        self.stop()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lines(self) -> list[str]:
        lines = [
            f"listener {self.port} {self.host}",
            "allow_anonymous true",
            # Started by root, it would become a user that may not write here.
            f"user {pwd.getpwuid(os.geteuid()).pw_name}",
            "log_dest stderr",
            "set_tcp_nodelay true",
            "log_timestamp_format %Y-%m-%dT%H:%M:%S",
            # The defaults, 20 and 1,000, are for small devices; 0 messages queued means no limit.
            "max_inflight_messages 500",
            "max_queued_messages 0",
            f"persistence {str(self._persistence).lower()}",
        ]
        if self._persistence:
            lines.append(f"persistence_location {self.directory}/")
        return [*lines, *self._settings]

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), timeout=0.5):
            return True
        return False

    def _await_start(self, process: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_S
        while process.poll() is None and time.monotonic() < end:
            if self._answers():
                return
            time.sleep(0.02)
        self.kill()
        words = self.log_file.read_text(errors="replace").strip().rpartition("\n")[2]
        raise BrokerError(f"the broker did not start; its last words: {words[:200] or 'none'}")

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
