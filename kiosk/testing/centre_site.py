"""`scripts/centre` without its set-up, as a child process: broker, consumers and database on free ports."""

import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.centre_keys import load_centre_keys
from kiosk.testing.fake_kiosk import FakeKiosk
from mqtt_bridge.central.child import free_port

WAIT_S = 60


class CentreSite:
    """A centre on this machine, ended by its own handle."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder, self.port = folder, free_port()
        self.keys = folder / "centre-keys.toml"
        where = ["--folder", str(folder), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mqtt_bridge.central.site", *where, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def await_start(self) -> "CentreSite":
        """Wait until it has said everything. Raises AssertionError with what it says instead."""
        for line in self.process.stdout or ():
            self.said += line
            if line.startswith("Ctrl-C"):
                return self
        raise AssertionError(self.process.communicate()[1])

    def children(self, what: str) -> list[int]:
        """Return the process ids of its children whose command holds this word."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in pids if what in Path(f"/proc/{pid}/cmdline").read_text()]

    def deliver(self, name: str, count: int) -> None:
        """Let a kiosk send so many events and wait for its receipts. Raises TimeoutError."""
        kiosk = FakeKiosk(name, [self.port], count, keys=load_centre_keys(self.keys))
        kiosk.start()
        try:
            kiosk.await_confirmed(count, WAIT_S)
        finally:
            kiosk.stop()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with contextlib.closing(sqlite3.connect(self.folder / "centre.db")) as database:
            return database.execute(sql).fetchall()

    def stop(self) -> int:
        """Send what Ctrl-C sends; return the status. Raises AssertionError at a traceback."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=WAIT_S)
        if "Traceback" in err:
            raise AssertionError(err)
        return self.process.returncode
