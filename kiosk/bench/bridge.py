"""The bridge, measured on real processes: the gate with its journal, the bridge, mosquitto; only the centre stands in.

How fast a backlog drains is compared with a bare paho loop that publishes the same payloads from memory with the same
window, in turns in the same run: on one machine both meet the same broker, the same stand-in and the same neighbours.
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Retention, Sealer, SqliteJournal
from kiosk.api.messages import Trace
from kiosk.app.records import to_wire
from kiosk.bench.bridge_centre import Count, CountingCentre
from kiosk.demo.script import make_issuers
from kiosk.demo.supervisor import ChildError, Supervisor
from kiosk.demo.world import Choices, World, make_world
from kiosk.domain.centre import ack_topic
from kiosk.domain.events import EventDraft, EventType
from kiosk.signing_key import read_signing_key
from kiosk.testing.broker import Mosquitto
from mqtt_bridge.codec import encode_event
from mqtt_bridge.topics import KioskAddress

ADDRESS = KioskAddress("demo", "lobby", "demo-door")
UNCONFIRMED = 50
"""Events that the centre's stand-in holds back before the broker goes: what is confirmed first when it comes back."""
_BATCH, _READY_S, _PER_EVENT_S = 5000, 30.0, 0.01
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BridgeFigures:
    """Everything that one run measures. The names are those of `--json`."""

    drain_ratio: float
    """Events a second of the bridge, from the journal to the centre's word written down, over those of the bare loop
    from memory to the PUBACK: of the medians."""
    drain_per_s: float
    bare_per_s: float
    events: int
    """In each drain."""
    runs: int
    rss_mb_at_1m: float
    """The most that the bridge held while it drained the large backlog."""
    waiting: int
    """How large that was."""
    first_confirmation_s: float
    """From the broker taking connections again to the first confirmation: the longest of all outages."""
    first_confirmations_s: tuple[float, ...]
    lost: int
    repeated: int
    """Events that came more than once, of all drains without an outage."""


@dataclass(slots=True)
class Stage:
    """A folder with a kiosk in it, a broker and a centre that counts."""

    world: World
    broker: Mosquitto
    centre: CountingCentre
    progress: Progress
    lost: int = 0
    repeated: int = 0

    def fill(self, count: int) -> str:
        """Begin a new journal with `count` events that wait; return its epoch."""
        for suffix in ("", "-wal", "-shm"):
            self.world.journal.with_name(self.world.journal.name + suffix).unlink(missing_ok=True)
        journal = SqliteJournal(
            self.world.journal, kiosk=ADDRESS.kiosk, boot="bench", clock=SystemClock(),
            sealer=Sealer(None), retention=Retention(max_mb=16_384),
        )  # fmt: skip
        for first in range(0, count, _BATCH):
            journal.append([_draft(number) for number in range(first, min(first + _BATCH, count))])
        epoch = journal.head().epoch
        journal.close()
        return epoch

    def messages(self, count: int) -> Path:
        """Write what the bridge would publish of the journal that is there; return the file."""
        journal = SqliteJournal(
            self.world.journal, kiosk=ADDRESS.kiosk, boot="bench", clock=SystemClock(), sealer=Sealer(None),
            retention=Retention(max_mb=16_384),
        )  # fmt: skip
        path = self.world.folder / "messages"
        with path.open("wb") as file:
            for event in journal.read(0, count):
                file.write(ADDRESS.event(event.type).encode() + b"\t" + encode_event(to_wire(event), ADDRESS) + b"\n")
        journal.close()
        return path

    def bare(self, messages: Path, count: int) -> float:
        """Publish them by the bare loop; return events a second."""
        command = [sys.executable, "-m", "kiosk.bench.bridge_bare", str(self.broker.port), str(messages)]
        said = subprocess.run(command, capture_output=True, check=True, timeout=_READY_S + count * _PER_EVENT_S)
        return count / float(said.stdout)

    @contextmanager
    def kiosk(self) -> Iterator["Kiosk"]:
        """Run gate and bridge, and end them."""
        kiosk = Kiosk(self.world)
        try:
            kiosk.supervisor.start_kiosk(("gate", "bridge"))
            yield kiosk
        finally:
            kiosk.supervisor.stop()

    def drain(self, epoch: str, count: int) -> tuple[float, float]:
        """Let the kiosk drain its journal; return events a second and the most MB that the bridge held."""
        with self.kiosk() as kiosk:
            kiosk.await_confirmed(count)
            found = self.centre.counts[epoch]
            self._note(found, count)
            return count / (kiosk.confirmed_at - found.first_at), kiosk.rss_mb

    def outage(self, epoch: str, count: int, seconds: float) -> float:
        """Take the broker away while events wait to be confirmed; return how long their confirmation took after."""
        self.centre.hold_at = count - UNCONFIRMED
        with self.kiosk() as kiosk:
            kiosk.await_confirmed(count - UNCONFIRMED)
            self.broker.kill()
            kiosk.wait(seconds)
            self.centre.hold_at = count + 1
            self.broker.start()
            began = time.monotonic()
            kiosk.await_confirmed(count)
            self.lost += count - min(count, self.centre.counts[epoch].upto)
            return kiosk.confirmed_at - began

    def _note(self, found: Count, count: int) -> None:
        self.lost += count - min(count, found.upto)
        self.repeated += found.repeated


class Kiosk:
    """A running gate and bridge, watched by the gate's trace."""

    def __init__(self, world: World) -> None:
        self.supervisor = Supervisor(world, self._take, lambda _: None)
        self.confirmed = 0
        self.confirmed_at = 0.0
        self.rss_mb = 0.0

    def _take(self, trace: Trace) -> None:
        if trace.step == "confirmed" and trace.seq > self.confirmed:
            self.confirmed, self.confirmed_at = trace.seq, trace.at_ns / 1e9

    def await_confirmed(self, upto: int) -> None:
        """Wait until the gate has written down that the centre has everything up to here. Raises ChildError."""
        if not self.supervisor.run_until(lambda: self._looked() >= upto, _READY_S + upto * _PER_EVENT_S):
            raise ChildError(f"only {self.confirmed} of {upto} events were confirmed")

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = time.monotonic() + seconds
        self.supervisor.run_until(lambda: time.monotonic() >= end, seconds + 1)

    def _looked(self) -> int:
        self.rss_mb = max(self.rss_mb, self.supervisor.children["bridge"].rss_mb())
        return self.confirmed


def _draft(number: int) -> EventDraft:
    """Return an admission as a door writes it, without a person in it."""
    data = {
        "reasons": [], "policy": "bench-1", "policy_digest": "0" * 64, "trust_version": "7", "trust_age_s": 3600,
        "at": "2026-01-02T03:04:05+07:00", "clock": "synced", "direction": "entry", "verdict": "valid",
        "format": "HC1", "kind": "vaccination", "issuer": "VN", "rule": "vaccinated",
    }  # fmt: skip
    return EventDraft(EventType.VISIT_ADMITTED, f"bench-{number}", data)


def measure(  # noqa: PLR0913 - how much of what is measured
    folder: Path, broker: Mosquitto, *, events: int, runs: int, waiting: int, outages: int, seed: int,
    progress: Progress,
) -> BridgeFigures:  # fmt: skip
    """Measure everything once in `folder`. Raises ChildError where a process fails."""
    now = SystemClock().now()
    world = make_world(folder, make_issuers(now), Choices(), broker.port)
    with world.config.open("a") as file:
        file.write("\n[journal]\nmax_mb = 16384\n")
    key, topic = read_signing_key(world.centre_key), ack_topic(f"{ADDRESS.tenant}/{ADDRESS.site}/{ADDRESS.kiosk}")
    world.journal.parent.mkdir(exist_ok=True)
    drained: list[float] = []
    bare: list[float] = []
    with CountingCentre(broker.port, key, topic) as centre:
        stage = Stage(world, broker, centre, progress)
        for number in range(runs):
            progress(f"run {number + 1} of {runs}: {events} events, bare and by the bridge")
            epoch = stage.fill(events)
            messages = stage.messages(events)
            bare.append(stage.bare(messages, events))
            centre.counts.clear()
            drained.append(stage.drain(epoch, events)[0])
            progress(f"bare {bare[-1]:.0f}/s, bridge {drained[-1]:.0f}/s")
        waits = _outages(stage, outages, random.Random(seed))  # noqa: S311 - a bench
        rss_mb = 0.0
        if waiting:
            progress(f"{waiting} events wait")
            rss_mb = stage.drain(stage.fill(waiting), waiting)[1]
    return BridgeFigures(
        round(statistics.median(drained) / statistics.median(bare), 3), round(statistics.median(drained), 1),
        round(statistics.median(bare), 1), events, runs, round(rss_mb, 1), waiting,
        round(max(waits, default=0.0), 2), tuple(round(wait, 2) for wait in waits), stage.lost, stage.repeated,
    )  # fmt: skip


def _outages(stage: Stage, count: int, rng: random.Random) -> list[float]:
    """Take the broker away for a while, `count` times; return how long each first confirmation took."""
    waits: list[float] = []
    for number in range(count):
        seconds = rng.uniform(2, 20)
        stage.progress(f"outage {number + 1} of {count}: the broker is away for {seconds:.0f} s")
        stage.centre.counts.clear()
        waits.append(stage.outage(stage.fill(200), 200, seconds))
        stage.centre.hold_at = 1 << 62
    return waits
