"""How many events a second the centre's database takes, with one consumer or several side by side.

Each writer is a process of its own with a connection of its own, as consumers are. The events are dealt out as a broker
deals them: every batch holds the next events of all kiosks, and neighbours go to different writers. What is measured is
the store alone, from events in memory to the commit; the database is the caller's, and should be empty.
"""

import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from kiosk.bench.spread import Spread
from kiosk.domain.events import GENESIS
from kiosk.testing.fake_gate import make_record
from mqtt_bridge.central.databases import open_store
from mqtt_bridge.central.store import Arrival

BATCH = 500
"""Events of one commit, as the ingest makes them (`mqtt_bridge.central.ingest.BATCH`)."""
READY_S = 120.0
"""How long a writer may take to make its events."""
RUN_S = 600.0


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What one arrangement measures."""

    writers: int
    kiosks: int
    batch: int
    events: int
    events_per_s: float
    """From the first writer's first event to the last writer's last commit."""
    batch_ms: Spread
    """One call of `Store.add`."""


def measure(where: str, *, writers: int = 1, kiosks: int = 20, batches: int = 60, batch: int = BATCH) -> StoreFigures:
    """Store `batches` of `batch` events in an empty database, as `--database` names it, with so many writers.

    Raises StoreError where the database cannot be used, RuntimeError where a writer fails.
    """
    open_store(where).close()
    context = multiprocessing.get_context("spawn")
    pairs = [context.Pipe() for _ in range(writers)]
    processes = [
        context.Process(target=_write, args=(theirs, where, kiosks, batches, batch, (place, writers)), daemon=True)
        for place, (_, theirs) in enumerate(pairs)
    ]
    try:
        for process in processes:
            process.start()
        for ours, theirs in pairs:
            theirs.close()
            _told(ours, READY_S)
        for ours, _ in pairs:
            ours.send("go")
        runs = [_told(ours, RUN_S) for ours, _ in pairs]
    finally:
        for process in processes:
            process.kill()
            process.join()
        for ours, _ in pairs:
            ours.close()
    times = [moment for run in runs for moment in run]
    took_s = max(end for _, end in times) - min(begin for begin, _ in times)
    return StoreFigures(
        writers=writers,
        kiosks=kiosks,
        batch=batch,
        events=batches * batch,
        events_per_s=round(batches * batch / took_s, 1),
        batch_ms=Spread.of([(end - begin) * 1000 for begin, end in times]),
    )


def _told(writer: Connection, timeout_s: float) -> Any:
    try:
        if writer.poll(timeout_s):
            return writer.recv()
    except EOFError:
        pass
    raise RuntimeError("a writer of the measurement has ended or takes too long; its own words stand above")


def _write(
    parent: Connection, where: str, kiosks: int, batches: int, batch: int, place: tuple[int, int]
) -> None:  # fmt: skip
    """Be one writer: make every batch, keep those dealt to this one, store them when told to, and send the times."""
    mine, writers = place
    stream = _events(kiosks)
    dealt = [list(islice(stream, batch)) for _ in range(batches)][mine::writers]
    store = open_store(where)
    parent.send("ready")
    parent.recv()
    times: list[tuple[float, float]] = []
    for arrivals in dealt:
        begin = time.monotonic()
        store.add(arrivals, [], int(time.time()))
        times.append((begin, time.monotonic()))
    store.close()
    parent.send(times)


def _events(kiosks: int) -> Iterator[Arrival]:
    """Yield events of kiosks that send at one pace, without an end."""
    heads = [GENESIS] * kiosks
    number = 0
    while True:
        number += 1
        for place, head in enumerate(heads):
            record = make_record(number, head, kiosk=f"gate-{place}")
            heads[place] = record.hash
            yield Arrival(record, f"local/main/gate-{place}")
