"""One parent for all four processes, a broker and a centre, on any laptop. A kiosk in the field has systemd."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Role, Trace, WireError
from kiosk.demo.world import World
from kiosk.testing.broker import Mosquitto
from mqtt_bridge.central.child import ends_with_us

BACK_OFF_S = 0.5
STOP_S = 5.0
POLL_S = 0.02
_HERTZ = os.sysconf("SC_CLK_TCK")


class ChildError(RuntimeError):
    """A child does not stay up; the text says which, and its last words."""


class WindowClosedError(Exception):
    """The person has closed the screen's window."""


@dataclass(slots=True)
class Child:
    """One process under supervision."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    output: IO[bytes] | None = None
    started: float = 0.0
    starts: int = 0
    quick_ends: int = 0
    """How often in a row it ended within 2 s of its start."""

    def start(self, env: Mapping[str, str]) -> None:
        """Start it, its output going to its log."""
        self.output = self.output or self.log.open("ab")
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, env=env,
            start_new_session=True,
        )  # fmt: skip
        self.started = time.monotonic()
        self.starts += 1

    @property
    def runs(self) -> bool:
        """Tell whether it is running."""
        return self.process is not None and self.process.poll() is None

    def rss_mb(self) -> float:
        """Return its resident memory in MB; pages that processes share are counted in each."""
        assert self.process is not None  # noqa: S101 - only asked of running children
        with contextlib.suppress(OSError, ValueError):
            for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0.0

    def cpu_s(self) -> float:
        """Return the processor seconds it has used, its threads included."""
        assert self.process is not None  # noqa: S101 - only asked of running children
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / _HERTZ
        return 0.0


def _python(*module: str) -> list[str]:
    return [sys.executable, "-m", *module]


@dataclass(slots=True)
class Supervisor:
    """Starts children, starts them again when they end, and hands on the gate's trace."""

    world: World
    on_trace: Callable[[Trace], None]
    on_note: Callable[[str], None]
    """Told in one sentence when a child ends and is started again."""
    broker: Mosquitto | None = None
    """Started again as well, where it is given."""
    windowed: bool = False
    """Whether the screen is a window, whose closing means the end."""
    children: dict[str, Child] = field(default_factory=dict)
    _monitor: Link | None = None
    _env: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Two malloc arenas: threads of these small processes do not need one each.
        self._env = {**os.environ, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}

    def add(self, name: str, command: list[str]) -> Child:
        """Start a child of any kind."""
        child = Child(name, [*ends_with_us(), *command], self.world.logs / f"{name}.log")
        self.children[name] = child
        child.start(self._env)
        return child

    def start_centre(self, port: int) -> None:
        """Start the small centre."""
        database = str(self.world.centre_database)
        key = str(self.world.centre_key)
        options = ("--host", "127.0.0.1", "--port", str(port), "--database", database, "--key", key)
        self.add("centre", _python("mqtt_bridge.central", *options))

    def start_kiosk(self, names: tuple[str, ...] = ("gate", "vision", "ui", "bridge")) -> None:
        """Start the kiosk's own processes, or some of them."""
        modules = {
            "gate": ("kiosk", "run"), "vision": ("kiosk.vision",), "ui": ("ui",), "bridge": ("mqtt_bridge",),
        }  # fmt: skip
        for name in names:
            self.add(name, _python(*modules[name], "--config", str(self.world.config)))

    def poll(self) -> None:
        """Do a round: hand on what the gate says, start again what has ended.

        Raises ChildError and WindowClosedError.
        """
        for trace in self._traces():
            self.on_trace(trace)
        for child in self.children.values():
            if not child.runs:
                self._restart(child)
        if self.broker is not None and self.broker.pid is None:
            self.broker.start()
            self.on_note("the broker ended; started again")

    def run_until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Poll until `done` says so; return whether it did within `timeout_s`."""
        end = time.monotonic() + timeout_s
        while not done():
            if time.monotonic() > end:
                return False
            self.poll()
        return True

    def _restart(self, child: Child) -> None:
        assert child.process is not None  # noqa: S101 - every child in the table was started
        since = time.monotonic() - child.started
        if since < BACK_OFF_S:
            return
        child.quick_ends = child.quick_ends + 1 if since < 2 else 0
        status = child.process.returncode
        if child.name == "ui" and self.windowed and status == 0:
            raise WindowClosedError
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        if child.quick_ends >= 5:
            raise ChildError(f"{child.name} does not stay up (ended {how}); {last_words(child.log)}")
        child.start(self._env)
        self.on_note(f"{child.name} ended {how}; started again")

    def _traces(self) -> Iterator[Trace]:
        try:
            if self._monitor is None:
                self._monitor = Link(self.world.run, Role.MONITOR)
            for message in self._monitor.receive(POLL_S):
                if isinstance(message, Trace):
                    yield message
        except (LinkClosedError, WireError):
            if self._monitor is not None:
                self._monitor.close()
            self._monitor = None
            time.sleep(POLL_S)

    def stop(self) -> list[str]:
        """End every child by its own handle; return the names of those that had to be killed."""
        stubborn: list[str] = []
        if self._monitor is not None:
            self._monitor.close()
            self._monitor = None
        for child in reversed(self.children.values()):
            if child.runs and child.process is not None:
                child.process.terminate()
        end = time.monotonic() + STOP_S
        for child in reversed(self.children.values()):
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.05, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
                stubborn.append(child.name)
            if child.output is not None:
                child.output.close()
        return stubborn


def last_words(log: Path) -> str:
    """Return the last line of a log, for a message."""
    with contextlib.suppress(OSError):
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        if lines:
            return f"it said: {lines[-1][:200]}"
    return "it said nothing"
