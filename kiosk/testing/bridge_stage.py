"""A stage for the bridge: a stand-in for the gate, a real broker, and real processes of the bridge and the centre."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.testing.broker import Mosquitto
from kiosk.testing.centre_keys import STORE_KEY, write_centre_keys
from kiosk.testing.fake_gate import FakeGate

MQTT = '[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
Process = subprocess.Popen[str]


class FellOverError(AssertionError):
    """A process ended with a traceback, or did not begin as it should."""


class Stage:
    """Starts processes and ends every one of them by its own handle."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = str(path / "centre.db")
        """What the centre stores in; a test may name a PostgreSQL instead."""
        self._stack = contextlib.ExitStack()

    def gate(self, **options: Any) -> FakeGate:
        """Put a stand-in for the gate process up, with these options of FakeGate."""
        return self._stack.enter_context(FakeGate(self.path, **options))

    def broker(self, **options: Any) -> Mosquitto:
        """Start a broker, with these options of Mosquitto."""
        return self._stack.enter_context(Mosquitto(self.path / "broker", **options))

    def bridge(self, port: int | None = None, mqtt: str = MQTT) -> Process:
        """Start the bridge; without a port its settings name no centre."""
        write_centre_keys(self.path)
        file = self.path / "kiosk.toml"
        file.write_text(
            '[kiosk]\nid = "gate-1"\n[paths]\nrun = "."\npolicy = "p"\ntrust = "t"\n'
            '[gate]\nboard = "b"\npins = "mock"\n[centre]\nkeys = "centre-keys.toml"\n'
            + (mqtt.format(port=port) if port else "")
        )
        return self._run("mqtt_bridge", "--config", str(file))

    def centre(self, port: int) -> Process:
        """Start the centre and wait until it listens. Raises FellOverError where it says something else."""
        process = self.begin_centre(port)
        line = process.stdout.readline() if process.stdout else ""
        if line != f"kiosk-centre: subscribed at 127.0.0.1:{port}\n":
            raise FellOverError(line or process.communicate()[1])
        return process

    def begin_centre(self, port: int) -> Process:
        """Start the centre."""
        write_centre_keys(self.path)
        return self._run(
            "mqtt_bridge.central", "--port", str(port), "--database", self.database,
            "--key", str(self.path / STORE_KEY),
        )  # fmt: skip

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the centre's database answers."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute(sql).fetchall()

    def numbers(self) -> list[int]:
        """Return the numbers of the events that the centre has stored."""
        return [seq for (seq,) in self.rows("SELECT seq FROM events ORDER BY seq")]

    def close(self) -> None:
        """End everything that was started."""
        self._stack.close()

    def _run(self, *arguments: str) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._stack.callback(self.stop, process)
        return process

    @staticmethod
    def stop(process: Process) -> tuple[int, str, str]:
        """End a process; return its status and what it said. Raises FellOverError at a traceback."""
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
        if "Traceback" in err:
            raise FellOverError(err)
        return process.returncode, out, err
