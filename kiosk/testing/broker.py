"""A real MQTT broker as a child process, for tests and for the demonstration."""

import os
import pwd
import shutil
import signal
import socket
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mqtt_bridge.central.child import Child, Server, answers

START_S = 10.0
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


def free_port() -> int:
    """Return a loopback port on which nobody listens at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Mosquitto(Server):
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
        file = self.directory / "mosquitto.conf"
        self._child = Child([str(self._program), "-c", str(file)], log=self.log_file)

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises PortBusyError or BrokerError."""
        if self.pid is not None:
            return
        if self._answers():
            raise PortBusyError(f"port {self.port} is in use; stop the program that listens there or give another port")
        self.directory.mkdir(parents=True, exist_ok=True)
        file = self.directory / "mosquitto.conf"
        file.write_text("\n".join(self._lines()) + "\n", encoding="utf-8")
        self._child.start()
        if not self._child.await_true(self._answers, START_S):
            self.kill()
            raise BrokerError(f"the broker did not start; its last words: {self._child.last_words()}")

    def stop(self) -> None:
        """End it in good order; kill it where it does not."""
        self._child.stop()

    def kill(self) -> None:
        """Kill it with -9: what it only held in memory is gone."""
        self._child.kill()

    def reload(self) -> None:
        """Have it read its certificates and its access list anew."""
        self._child.tell(signal.SIGHUP)

    def close(self) -> None:
        """Stop it and remove a temporary directory."""
        self.stop()
        if self._own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

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
        return answers(self.port)
