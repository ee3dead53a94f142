"""A power cut that can be had on any Linux machine: an ext4 file system of its own, whose power goes at one moment.

The file system lies on a loop device over a disk whose cache is emptied by a cut (kiosk.testing.volatile_disk). What a
program has written and not synchronised is in the kernel's page cache and has never come to that disk; what came there
and was not flushed is lost in part, by a seed. The cut is taken while the writer runs, at one moment, under the disk's
lock: nothing is tidied up before it. Mounting what is left replays ext4's own journal, as a machine does that starts
again.

As a module it is the writer: `python -m kiosk.testing.power_cut FOLDER SEED [--careless]` appends to a journal in
FOLDER, and prints `NUMBER VISIT` for each event once `append` has returned.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal, open_journal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import EventDraft, EventType
from kiosk.testing.volatile_disk import VolatileDisk, served


class _Settings(TypedDict):
    kiosk: str
    boot: str
    clock: Clock
    sealer: Sealer


SIZE_MB = 32
_SETTINGS: _Settings = {"kiosk": "cut", "boot": "b", "clock": SystemClock(), "sealer": Sealer(None)}
_LEFT = (0.0, 0.5, 0.9)
"""Shares of what was not flushed that a cut leaves all the same: any of it may be there, in any order."""
MARK_EVERY = 20
"""Appends between two marks of the journal: far more often than in the gate, so that cuts fall beside them."""
_TOOLS = ("mkfs.ext4", "losetup", "mount", "umount")


class CarelessJournal(SqliteJournal):
    """The control: it does not wait for the disk, and has to lose what it acknowledged."""

    SYNCHRONOUS = "NORMAL"


def why_not() -> str:
    """Return why there can be no power cuts on this machine; empty: there can."""
    if os.geteuid() != 0:
        return "only root can mount a file system; run this as root"
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        return f"{' and '.join(missing)} is not there: apt install e2fsprogs mount"
    if not Path("/dev/fuse").exists():
        return "there is no /dev/fuse for a disk that loses its cache"
    found = subprocess.run(["losetup", "--find"], capture_output=True, check=False)
    return "" if found.returncode == 0 else "this machine has no loop devices"


def make(image: Path, size_mb: int = SIZE_MB) -> None:
    """Make an empty file system in a file."""
    with image.open("wb") as file:
        file.truncate(size_mb << 20)
    # Nothing is left to be initialised in the background, which would write at moments of its own; and no blocks are
    # held back for root, who is the writer here.
    _run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))


@contextmanager
def mounted(image: Path, at: Path, options: str = "noatime") -> Iterator[Path]:
    """Mount a file system, and take everything back at the end."""
    at.mkdir(exist_ok=True)
    device = _run("losetup", "--find", "--show", str(image)).strip()
    try:
        _run("mount", "-t", "ext4", "-o", options, device, str(at))
        try:
            yield at
        finally:
            _run("umount", str(at))
    finally:
        _run("losetup", "--detach", device)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@dataclass(slots=True)
class Cut:
    """What came of one cut."""

    acknowledged: dict[int, str] = field(default_factory=dict)
    """The visits that `append` had returned for, by their numbers."""
    stored: Mapping[int, str] = field(default_factory=dict)
    """The visits that were in the journal afterwards."""
    is_chained: bool = False
    faults: list[str] = field(default_factory=list)
    """What the journal said of itself when it was opened again."""
    longest_gap_s: float = 0.0
    """The longest time without an acknowledgement."""
    sectors_gone: int = 0
    """Sectors that had come to the disk, and were not flushed."""

    @property
    def lost(self) -> int:
        """How many acknowledged events were not there, or were others."""
        return sum(self.stored.get(seq) != visit for seq, visit in self.acknowledged.items())

    @property
    def repeated(self) -> int:
        """How many visits were there more than once."""
        return len(self.stored) - len(set(self.stored.values()))


def cut(folder: Path, *, seed: int, acknowledgements: int, careless: bool = False) -> Cut:
    """Write, cut after so many acknowledgements, and look at what is left. `folder` is used up."""
    image = folder / "disk.img"
    make(image)
    disk = VolatileDisk(image.read_bytes())
    with served(disk, folder / "device") as device, mounted(device, folder / "live") as live:
        result, left = _write_until(live, disk, seed, acknowledgements, careless=careless)
    image.write_bytes(left)
    with mounted(image, folder / "left") as after:
        _look(after / "journal.db", result, open_again=not careless)
    image.unlink()
    return result


def _write_until(
    live: Path, disk: VolatileDisk, seed: int, acknowledgements: int, *, careless: bool
) -> tuple[Cut, bytes]:  # fmt: skip
    command = [sys.executable, "-m", __name__, str(live), str(seed), *(["--careless"] if careless else [])]
    result, left, heard = Cut(), b"", time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        for line in writer.stdout or ():
            now = time.monotonic()
            if result.acknowledged:  # the first one waits for the program to start
                result.longest_gap_s = max(result.longest_gap_s, now - heard)
            heard = now
            number, visit = line.split()
            result.acknowledged[int(number)] = visit
            if len(result.acknowledged) == acknowledgements:
                # What is said from now on comes too late.
                left, result.sectors_gone = disk.cut(seed, _LEFT[seed % len(_LEFT)])
                writer.kill()
                break
    if writer.returncode != -signal.SIGKILL:
        raise RuntimeError("the writer ended by itself; what it said stands above")
    return result, left


def _look(journal: Path, result: Cut, *, open_again: bool) -> None:
    try:
        with closing(JournalReader(journal)) as reader:
            events = [reader.event(seq) for seq in range(1, reader.last() + 1)]
            result.stored = {event.seq: event.visit for event in events if event is not None and event.visit}
            result.is_chained = reader.is_whole()
    except JournalError:
        return  # nothing is left of it
    if open_again:
        with closing(open_journal(journal, **_SETTINGS)) as again:
            read = again.read(0, len(result.stored) + 10)
        result.faults = [str(event.data["fault"]) for event in read if event.type is EventType.FAULT_RAISED]


def _write(folder: Path, seed: int, *, careless: bool) -> None:
    kind = CarelessJournal if careless else SqliteJournal
    chance, journal, appended = random.Random(seed), kind(folder / "journal.db", **_SETTINGS), 0  # noqa: S311 - sizes
    # The file is there for good, so that what is lost afterwards are commits.
    subprocess.run(["sync", "--file-system", str(folder)], check=True, timeout=60)
    while True:
        size = chance.choice((1, 1, 1, 2, 5, 20))
        names = [f"v{seed}-{appended}-{number}" for number in range(size)]
        events = journal.append([EventDraft(EventType.VISIT_DENIED, name, {"filler": "x" * 200}) for name in names])
        print(*(f"{event.seq} {event.visit}" for event in events), sep="\n", flush=True)
        appended += 1
        if appended % MARK_EVERY == 0:
            journal.mark()


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]), careless="--careless" in sys.argv[3:])
