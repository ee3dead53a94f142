"""A door on simulated lines: the real gate process with the real pin driver, and an imager.

What runs the gate is run as systemd runs it (systemd/kiosk-gate.service): after the process has ended, in whatever way,
`firmware_config/relay-off` puts the relay's line to rest.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from kiosk.adapters.entry_counts import read_numbers
from kiosk.adapters.journal import event_of
from kiosk.demo.world import World
from kiosk.domain.events import Event, EventType
from kiosk.testing.gpio_probe import Pulse
from kiosk.testing.gpio_sim import SimulatedChip
from kiosk.testing.scanners import SerialImager

RELAY, EXIT_BUTTON, FIRE_NC, FIRE_NO = 17, 16, 20, 21
PULSE_MS, EXIT_MS = 300, 1000
WAIT_S = 120
"""A guest is slow, and nothing here is right or wrong by how long it takes to come."""
_ROOT = Path(__file__).resolve().parents[2]
_RELAY_OFF = _ROOT / "firmware_config" / "relay-off"
_BOARD = """\
name = "simulated lines"

[relay]
pin = 17
max_pulse_ms = 5000

# What is wired pulls by itself here.
[exit_button]
pin = 16
active_high = false
pull = "none"
debounce_ms = 10

[fire_nc]
pin = 20
active_high = true
pull = "none"
debounce_ms = 10

[fire_no]
pin = 21
active_high = false
pull = "none"
debounce_ms = 10
"""


def wire(world: World, run: Path, imager: Path) -> None:
    """Change a demonstration's settings: real pins, its sockets in `run`, and a serial imager."""
    changed = world.config.read_text().replace('pins = "mock"', 'pins = "lgpio"').replace('"run"', f'"{run}"')
    table = f'\n[[scanner]]\nname = "desk"\nkind = "serial"\ndevice = "{imager}"\n'
    world.config.write_text(changed + table + f"\n[door]\nexit_ms = {EXIT_MS}\n")
    (world.folder / "board.toml").write_text(_BOARD)


def until(condition: Callable[[], object], what: str, seconds: float = WAIT_S) -> None:
    """Wait for what has to come true. Raises TimeoutError, which says `what`, where it does not."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:.0f} s still not: {what}")
        time.sleep(0.002)


class WiredDoor:
    """A gate process that is started, killed and started again, and the imager before it."""

    def __init__(self, world: World, chip: SimulatedChip, imager: SerialImager) -> None:
        self.world, self._chip, self._imager = world, chip, imager
        self._log = world.logs / "gate.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, and wait until it takes codes."""
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        # lgpio writes its notification pipes into a folder that has to be there.
        environment = {**os.environ, "LG_WD": str(self.world.logs), "PYTHONUNBUFFERED": "1"}
        with self._log.open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self._process = process
        until(lambda: b"scanner desk: ready" in self.said() or process.poll() is not None, "the gate is ready")
        if process.poll() is not None:
            raise OSError(f"the gate has not started: {self.said().decode()[-500:]}")

    def said(self) -> bytes:
        """Return what the process has printed since its start."""
        return self._log.read_bytes()

    def show(self, text: str) -> None:
        """Hold a code before the imager."""
        self._imager.send(text.encode() + b"\r")

    def kill(self) -> int:
        """Kill the process, and return when it was gone, in nanoseconds."""
        return self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as systemd does."""
        self._end(signal.SIGTERM)
        self.relay_off()

    def ended(self) -> int:
        """Wait until the process has ended by itself, and return its status."""
        process, self._process = self._process, None
        if process is None:
            raise OSError("the gate does not run")
        return process.wait(WAIT_S)

    def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            raise OSError("the gate does not run")
        process.send_signal(number)
        process.wait(WAIT_S)
        return time.monotonic_ns()

    def relay_off(self) -> None:
        """Do what systemd does once the process has gone."""
        subprocess.run([_RELAY_OFF, self.world.folder / "board.toml"], check=True, timeout=WAIT_S)

    def released(self) -> int:
        """Return the level of the relay's line."""
        return self._chip.level(RELAY)

    def events(self) -> list[Event]:
        """Return what is in the journal."""
        return events(self.world.journal)

    def admissions(self) -> list[int]:
        """Return when each admission was put on record, in nanoseconds."""
        return [event.mono_ns for event in self.events() if event.type is EventType.VISIT_ADMITTED]


@contextmanager
def _copied(journal: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a journal's file: to recover the file itself is for the gate."""
    copy = journal.parent.with_name(f"{journal.parent.name}-copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(journal.parent, copy)
    with closing(sqlite3.connect(copy / journal.name)) as database:
        database.row_factory = sqlite3.Row
        yield database


def events(journal: Path) -> list[Event]:
    """Return what is in a journal's file."""
    with _copied(journal) as database:
        meta = {row["key"]: row["value"] for row in database.execute("SELECT key, value FROM meta")}
        rows = database.execute("SELECT * FROM events ORDER BY seq").fetchall()
    return [event_of(meta["epoch"], meta["kiosk"], row) for row in rows]


def inside(journal: Path, since: datetime) -> int:
    """Return how many people are inside by the counts in a journal's file."""
    with _copied(journal) as database:
        return read_numbers(database, since).inside


def lengths(pulses: list[Pulse]) -> list[float]:
    """Return the lengths in ms of the pulses whose end was seen."""
    return [pulse.ms for pulse in pulses if pulse.fall_ns is not None]
