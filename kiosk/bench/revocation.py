"""Lists of withdrawn codes: what an entry costs in memory and on disk, a look-up in time, and a build.

Memory is that of a fresh process, as the kernel counts it (proportional set size, file pages included), before the
list is opened and after all look-ups. What the system caches of the file counts for nobody: it gives that up when
memory is short. So hits and misses are also timed with the file thrown out of that cache before each of them.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import SIZE, RevocationStore
from kiosk.bench.spread import Spread

LOOKUPS = 20_000
"""Of each kind, hits and misses."""
COLD = 500
"""Of those, how many are looked up without the system's cache."""
_CHILD_S = 120


@dataclass(frozen=True, slots=True)
class RevocationFigures:
    """What one size of list measures. Spreads are in microseconds."""

    entries: int
    build_s: float
    """With the making of random entries."""
    build_peak_mb: float
    """The most that this process has held so far."""
    check_s: float
    """Reading the whole file against its checksum."""
    open_ms: float
    disk_bytes: float
    """Per entry."""
    ram_bytes: float
    """Per entry."""
    hit_us: Spread
    miss_us: Spread
    cold_hit_us: Spread | None
    """With nothing of the file in the system's cache; None where it could not be thrown out of it."""
    cold_miss_us: Spread | None


def _pss_kb() -> int:
    """Return the memory of this process with its share of what it shares."""
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    raise OSError("the kernel does not say how much memory a process has")


def _peak_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("the kernel does not say how much memory a process had")


def _made(count: int, rng: random.Random, kept: bytearray) -> Iterator[bytes]:
    """Yield random identifiers, and keep some of them to look up."""
    every = max(1, count // LOOKUPS)
    for number in range(count):
        identifier = rng.randbytes(SIZE)
        if number % every == 0:
            kept += identifier
        yield identifier


def measure(count: int, seed: int) -> RevocationFigures:
    """Build a list of `count` random entries, and look some up. Raises OSError where there is no room."""
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        path, rng = Path(folder) / "bench.revoked", random.Random(seed)  # noqa: S311 - a bench
        hits = bytearray()
        began = time.perf_counter()
        now = datetime.fromtimestamp(0, UTC)
        header = build(path, _made(count, rng, hits), source="bench", version=1, now=now)
        build_s = time.perf_counter() - began
        peak_mb = _peak_mb()
        asked = Path(folder) / "asked"
        asked.write_bytes(bytes(hits[: LOOKUPS * SIZE]) + rng.randbytes(LOOKUPS * SIZE))
        command = [sys.executable, "-m", "kiosk.bench.revocation", str(path), str(asked)]
        child = subprocess.run(command, capture_output=True, check=True, timeout=_CHILD_S)
        found = json.loads(child.stdout)
        began = time.perf_counter()
        RevocationStore(path).check()
        check_s = time.perf_counter() - began
    return RevocationFigures(
        header.count, round(build_s, 2), round(peak_mb, 1), round(check_s, 3), round(found["open_ms"], 2),
        round(header.file_size / header.count, 2), round(found["ram_bytes"] / header.count, 3),
        Spread.of(found["hit_us"]), Spread.of(found["miss_us"]),
        *(Spread.of(found[kind]) if found[kind] else None for kind in ("cold_hit_us", "cold_miss_us")),
    )  # fmt: skip


def _timed(store: RevocationStore, asked: Sequence[bytes], expected: Callable[[bool], bool]) -> list[float]:
    took: list[float] = []
    for identifier in asked:
        began = time.perf_counter_ns()
        found = identifier in store
        took.append((time.perf_counter_ns() - began) / 1e3)
        if not expected(found):
            raise ValueError("a look-up gave a wrong answer")
    return took


def _forget(descriptor: int) -> bool:
    """Throw a file out of the system's cache; tell whether its first page is gone."""
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT)
    except BlockingIOError:
        return True
    except OSError:  # a file system that lives in memory does not know the question
        return False
    return False


def _timed_cold(
    path: Path, store: RevocationStore, asked: Sequence[bytes], expected: Callable[[bool], bool],
    forget: Callable[[int], bool],
) -> list[float]:  # fmt: skip
    """Time look-ups of a file that is read from its disk each time; none where it cannot be thrown out of the cache."""
    took: list[float] = []
    with path.open("rb") as file:
        for identifier in asked:
            if forget(file.fileno()):  # seldom a page is just being read, and stays
                took += _timed(store, [identifier], expected)
    return took


def look_up(path: Path, asked: Path, forget: Callable[[int], bool] = _forget) -> dict[str, object]:
    """Do the look-ups of one list in this process. Raises ValueError for a wrong answer.

    `forget` throws a file out of the cache, by its descriptor, and tells whether it is out.
    """
    data = asked.read_bytes()
    identifiers = [data[at : at + SIZE] for at in range(0, len(data), SIZE)]
    misses, hits = identifiers[-LOOKUPS:], identifiers[:-LOOKUPS]
    random.Random(len(hits)).shuffle(hits)  # noqa: S311 - in no order of the file
    before_kb, began = _pss_kb(), time.perf_counter()
    store = RevocationStore(path)
    open_ms = (time.perf_counter() - began) * 1e3
    # Memory first: what the figures themselves need is not the list's.
    for identifier in (*hits[:1000], *misses[:1000]):
        _ = identifier in store
    ram_bytes = max(0, _pss_kb() - before_kb) * 1024
    hit_us = _timed(store, hits, lambda found: found)
    miss_us = _timed(store, misses, lambda found: not found)
    return {
        "open_ms": open_ms, "ram_bytes": ram_bytes, "hit_us": hit_us, "miss_us": miss_us,
        "cold_hit_us": _timed_cold(path, store, hits[:COLD], lambda found: found, forget),
        "cold_miss_us": _timed_cold(path, store, misses[:COLD], lambda found: not found, forget),
    }  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(look_up(Path(sys.argv[1]), Path(sys.argv[2]))))
