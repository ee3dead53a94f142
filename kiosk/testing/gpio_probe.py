"""A probe on a wire: a process of its own that looks at a line more than a thousand times a second and notes edges.

As a command: `python -m kiosk.testing.gpio_probe VALUE_FILE LOG`, until SIGTERM.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PERIOD_S = 0.0004
_PRIORITY = 50
_TOLD = re.compile(r" (?P<seconds>\d+)\.(?P<micros>\d{6}): gpio_value: \d+ set (?P<level>[01])$")
BELONGS_NS = 2_000_000_000
"""How long after its record a release may come: far longer than it takes, far shorter than from one to the next."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A time during which the line was at 1. Moments are CLOCK_MONOTONIC in nanoseconds: when it was first seen."""

    rise_ns: int
    fall_ns: int | None = None
    """None: it was at 1 as long as anybody looked."""

    @property
    def ms(self) -> float:
        """How long it lasted; 0 where nobody saw its end."""
        return (self.fall_ns - self.rise_ns) / 1e6 if self.fall_ns is not None else 0.0


def undecided(pulses: Iterable[Pulse], records: Iterable[int]) -> list[Pulse]:
    """Return the pulses that no record stands behind: each record, a moment in nanoseconds, releases once, after it."""
    left, found = sorted(records), []
    for pulse in sorted(pulses, key=lambda pulse: pulse.rise_ns):
        before = [at_ns for at_ns in left if 0 < pulse.rise_ns - at_ns <= BELONGS_NS]
        if before:
            left.remove(before[-1])
        else:
            found.append(pulse)
    return found


def pulses(lines: Sequence[str]) -> list[Pulse]:
    """Return the pulses of a log. A line of it is `level nanoseconds`; the first says how the line stood."""
    found: list[Pulse] = []
    for line in lines:
        level, at_ns = line.split()
        if level == "1":
            found.append(Pulse(int(at_ns)))
        elif found and found[-1].fall_ns is None:
            found[-1] = Pulse(found[-1].rise_ns, int(at_ns))
    return found


def traced(trace: str) -> list[Pulse]:
    """Return the pulses in the kernel's own account of one line (its event gpio_value, by the clock `mono`)."""
    lines: list[str] = []
    for line in trace.splitlines():
        told = _TOLD.search(line)
        if told and (not lines or lines[-1][0] != told["level"]):
            lines.append(f"{told['level']} {int(told['seconds']) * 10**9 + int(told['micros']) * 1000}")
    return pulses(lines)


class Probe:
    """The process, and what it has noted so far."""

    def __init__(self, line: Path, log: Path) -> None:
        self._log = log
        self._process = subprocess.Popen([sys.executable, "-m", "kiosk.testing.gpio_probe", str(line), str(log)])
        end = time.monotonic() + 60
        while not (log.exists() and log.read_text().endswith("\n")):
            if time.monotonic() > end or self._process.poll() is not None:
                raise OSError("the probe does not start")
            time.sleep(0.01)

    def pulses(self) -> list[Pulse]:
        """Return the pulses so far."""
        return pulses(self.edges())

    def edges(self) -> list[str]:
        """Return the lines of the log that are whole."""
        return [line for line in self._log.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def stop(self) -> tuple[float, float]:
        """End it. Return how often a second it has looked, and the longest time in ms that it has not."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        per_second, longest_ms = self._log.with_suffix(".looks").read_text().split()
        return float(per_second), float(longest_ms)


def _watch(line: Path, log: Path) -> None:
    """Look at the line until SIGTERM, and write each change down at once."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    with suppress(OSError):  # before everything else on this machine, so that no look comes late
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_PRIORITY))
    seen, out = os.open(line, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_DSYNC, 0o600)
    level, looks, longest_ns = b"", 0, 0
    began = last = time.monotonic_ns()
    while not ended:
        now, at_ns = os.pread(seen, 1, 0), time.monotonic_ns()
        looks, longest_ns, last = looks + 1, max(longest_ns, at_ns - last), at_ns
        if now != level:
            os.write(out, b"%s %d\n" % (now, at_ns))
            level = now
        time.sleep(PERIOD_S)
    figures = f"{looks * 1e9 / (last - began):.0f} {longest_ns / 1e6:.1f}\n"
    log.with_suffix(".looks").write_text(figures)


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), Path(sys.argv[2]))
