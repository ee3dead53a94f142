"""RabbitMQ for tests: three real nodes on loopback that are a cluster, and the centre's consumers side by side.

One node alone is `RabbitNode` itself; a kiosk's end of the line is `FakeKiosk`, or the real bridge.
"""

import contextlib
import secrets
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from kiosk.testing.centre_keys import STORE_KEY, write_centre_keys
from mqtt_bridge.central.child import Server
from mqtt_bridge.central.rabbit_node import START_S, Cluster, PortMapper, RabbitNode

SIZE = 3


class RabbitCluster(Server):
    """Nodes that keep everything three times: one of them may be gone at any moment."""

    def __init__(self, directory: Path) -> None:
        self._mapper = PortMapper()
        names = tuple(f"node{number}" for number in range(1, SIZE + 1))
        shared = Cluster(names, secrets.token_hex(20), self._mapper)
        self.nodes = [RabbitNode(directory / name, name, cluster=shared) for name in names]

    @property
    def amqp(self) -> str:
        """All its nodes, as the centre's option `--amqp` takes them."""
        return ",".join(f"{node.host}:{node.ports.amqp}" for node in self.nodes)

    def start(self) -> None:
        """Start what does not run, all at once: a new cluster's nodes wait for one another. Raises RabbitError."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.await_start(SIZE * START_S)

    def close(self) -> None:
        """Stop all."""
        for node in self.nodes:
            # In good order, each would wait for the others to take over what it leads.
            node.kill()
        self._mapper.stop()


class Consumers:
    """Processes of the centre that share one queue and one database; each is ended by its own handle."""

    def __init__(self, folder: Path, amqp: str) -> None:
        self.folder, self._amqp = folder, amqp
        self.database = folder / "centre.db"
        self._started: list[subprocess.Popen[str]] = []
        write_centre_keys(folder)

    def start(self) -> subprocess.Popen[str]:
        """Start one and wait until it takes messages. Raises AssertionError with what it says instead."""
        files = ["--database", str(self.database), "--key", str(self.folder / STORE_KEY)]
        command = [sys.executable, "-m", "mqtt_bridge.central", "--amqp", self._amqp, *files]
        with (self.folder / "consumers.log").open("a") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        self._started.append(process)
        line = process.stdout.readline() if process.stdout else ""
        if not line.startswith("kiosk-centre: subscribed at "):
            raise AssertionError(line or (self.folder / "consumers.log").read_text())
        return process

    @staticmethod
    def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> int:
        """End one and return its status."""
        if process.poll() is None:
            process.send_signal(number)
        if process.stdout and not process.stdout.closed:
            process.communicate(timeout=10)
        return process.returncode

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what the database answers."""
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return database.execute(sql).fetchall()

    def close(self) -> None:
        """End all that still run. Raises AssertionError where one fell over."""
        for process in self._started:
            self.stop(process)
        log = self.folder / "consumers.log"
        if log.exists() and "fault of its own" in log.read_text():
            raise AssertionError(log.read_text())
