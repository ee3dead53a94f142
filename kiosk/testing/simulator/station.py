"""The kiosk under simulation: the real gate process with its real journal, and relays and sensors that are played."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.adapters.count_keys import PersonKeys, load_key
from kiosk.adapters.journal import Sealer, open_journal
from kiosk.adapters.late_journal import LateJournal
from kiosk.api import messages as wire
from kiosk.app.ports import JournalError
from kiosk.app.shell import Shell
from kiosk.app.tally import Door as Place
from kiosk.app.tally import Tally
from kiosk.domain.door_io import DoorSetup, DoorState, HoldOpen, OpenAsked
from kiosk.domain.events import Event, EventDraft
from kiosk.domain.gate import CHECKING_MAX_MS, Gate, Input, View
from kiosk.domain.lines import RELAYS, Out, Sense
from kiosk.domain.policy import Policy
from kiosk.domain.schedule import hold_open
from kiosk.domain.trust import TrustList
from kiosk.testing.centre_keys import KEYS
from kiosk.testing.shell import RecordingPeer, RecordingPeers
from kiosk.testing.simulator.scenario import Scenario
from kiosk.testing.simulator.timeline import Timeline

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MS = 1_000_000


@dataclass(slots=True)
class Disk:
    """The journal of the kiosk, on a disk that may be full."""

    journal: LateJournal
    written: Callable[[Sequence[EventDraft]], None]
    full: bool = False

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Event]:
        """Commit events. Raises JournalError, also while the disk is full."""
        if self.full:
            raise JournalError("the disk is full")
        events = self.journal.append(drafts)
        self.written(drafts)
        return events

    def __getattr__(self, name: str) -> Any:
        return getattr(self.journal, name)


@dataclass(slots=True)
class Relay:
    """A relay on virtual time, which falls back by itself unless it sticks."""

    out: Out
    timeline: Timeline
    moved: Callable[[Out, bool], None]
    sticks: bool = False
    released: bool = False
    until_ns: int = 0

    def release(self, ms: int) -> None:
        """Release for a time."""
        self.until_ns = self.timeline.now_ns + ms * MS
        self.timeline.at(self.until_ns, self.follow)
        self.follow()

    def lock(self) -> None:
        """Fall back now."""
        self.until_ns = 0
        self.follow()

    def follow(self) -> None:
        """Let the line follow what was told."""
        wanted = self.timeline.now_ns < self.until_ns
        if wanted is not self.released and not self.sticks:
            self.released = wanted
            self.moved(self.out, wanted)


@dataclass(slots=True)
class Centre(RecordingPeer):
    """A bridge with a centre behind it that stores what it gets, in order, while there is a network."""

    up: bool = True
    stored: int = 0
    wrong: int = 0
    """Events that came twice, or not in their order."""

    def send(self, message: wire.Message, fd: int | None = None) -> None:  # noqa: ARG002 - as every peer
        """Store events."""
        if isinstance(message, wire.Events):
            for event in message.events:
                self.wrong += event.seq != self.stored + 1
                self.stored = event.seq


@dataclass(slots=True)
class Station:
    """The gate process and what is wired to it. It may die, and is started again on the same files."""

    scenario: Scenario
    setup: DoorSetup
    policy: Policy
    trust: TrustList
    folder: Path
    timeline: Timeline
    on_record: Callable[[EventDraft], None]
    on_release: Callable[[Out], None]
    renew: Callable[[], TrustList]
    """Returns a trust list of now: what a centre sends that can be reached."""
    relays: dict[Out, Relay] = field(init=False)
    edges: list[tuple[int, Out, bool]] = field(default_factory=list)
    """Every edge of every relay: nanoseconds, which, released."""
    shell: Shell | None = None
    disk: Disk | None = None
    centre: Centre = field(default_factory=lambda: Centre(wire.Role.BRIDGE))
    camera: wire.CameraState = "ok"
    active: set[Sense] = field(default_factory=set)
    _due_ns: int = 0
    _seen_ns: int = 0
    _vision: RecordingPeer | None = None

    def __post_init__(self) -> None:
        names = [out for out in RELAYS if out is Out.RELAY or out in _outs(self.setup)]
        self.relays = {out: Relay(out, self.timeline, self._moved) for out in names}

    # its life

    def start(self) -> None:
        """Start the gate process; sensors say how they stand."""
        clock = self.timeline.clock
        journal = LateJournal(
            lambda: open_journal(
                self.folder / "journal.db", kiosk="simulated", boot=str(self.timeline.now_ns), clock=clock,
                sealer=Sealer(None),
            )
        )  # fmt: skip
        self.disk = Disk(journal, self._written, full=self.disk.full if self.disk else False)
        tally = Tally(self.disk, load_key(self.folder / "entries.key"), PersonKeys(self.folder / "persons.key", clock))
        peers = RecordingPeers()
        self.shell = Shell(
            "simulated", Gate.of(self.setup), self.policy, lambda: self.trust, self.disk, self.relays, clock, peers,
            door=Place(self.setup.direction, ZONE, tally, frozenset(self.scenario.door.longer_for)),
            schedule=self._hold_open, address="local/main/simulated", centre_keys=KEYS,
        )  # fmt: skip
        self.shell.recorder.thread = None
        self._vision = peers.add(wire.Role.VISION)
        peers.peers.append(self.centre)
        self.shell.begin()
        for sense in sorted(self.active):
            self.shell.line_moved(sense, active=True, at_ns=self.timeline.now_ns, edges=1)
        self._due_ns = 0
        self.plan()

    def die(self) -> None:
        """End the process as a kill does: relays fall back (`ExecStopPost`, the pull-down)."""
        if self.shell is None or self.disk is None:
            return
        self.shell = None
        self.disk.close()
        for relay in self.relays.values():
            relay.lock()

    async def settle(self) -> None:
        """Let the journal take what is queued, and look when something is due."""
        if self.shell is None:
            return
        if not self.shell.recorder.is_idle:
            await self.shell.recorder.commit_queued()
        self.plan()

    # what it senses and is told

    async def show(self, data: bytes, visit: str, beside: tuple[str, ...] = ()) -> None:
        """Let the camera read a code."""
        if self.shell is None or self._vision is None or self.camera != "ok":
            return
        now = self.timeline.now_ns
        scan = wire.Scan(scan=visit, data=base64.b64encode(data), frame_ns=now, read_ns=now, beside=beside)
        await self.shell.received(self._vision, scan, None)

    def sense(self, sense: Sense, *, active: bool, edges: int = 1) -> None:
        """Let a sensor's line take a level."""
        if sense not in self.setup.senses and sense is not Sense.TAMPER:
            return
        (self.active.add if active else self.active.discard)(sense)
        if self.shell is not None:
            self.shell.line_moved(sense, active=active, at_ns=self.timeline.now_ns, edges=edges)

    def put(self, event: Input | OpenAsked) -> None:
        """Let staff or the centre ask for something."""
        if self.shell is not None:
            self.shell.dispatch(event)

    def _moved(self, out: Out, released: bool) -> None:
        self.edges.append((self.timeline.now_ns, out, released))
        if released:
            self.on_release(out)
        if self.shell is not None:
            self.shell.relay_moved(out, released, self.timeline.now_ns)

    def _written(self, drafts: Sequence[EventDraft]) -> None:
        for draft in drafts:
            self.on_record(draft)

    def _hold_open(self) -> HoldOpen:
        now, confidence = self.timeline.clock.now().astimezone(ZONE), self.timeline.clock.confidence()
        return hold_open(self.scenario.door.windows, now, confidence, self.policy.holidays)

    @property
    def inside(self) -> int | None:
        """How many people are inside by the kiosk's count, wherever it begins; None: nobody can tell."""
        if self.shell is None:
            return None
        occupied = self.shell.door.occupied(self.policy, self.timeline.clock)
        return occupied.people if occupied is not None else None

    # time

    async def tick(self) -> None:
        """Let the process know the time; vision says that it is there."""
        self._due_ns = 0
        if self.shell is None or self._vision is None:
            return
        if self.timeline.now_ns - self._seen_ns >= 1_900 * MS or self.camera != "ok":
            self._seen_ns = self.timeline.now_ns
            health = wire.VisionHealth(camera=self.camera, source="simulated")
            await self.shell.received(self._vision, health, None)
        self.shell.watch()

    def _senses_due(self, now: int) -> list[int]:
        due = self.shell.senses.due_ns if self.shell is not None else 0
        return [due] if due > now else []

    def plan(self) -> None:
        """Let the next tick come when something is due, in two seconds at the latest while somebody is at the door."""
        if self.shell is None:
            return
        now, gate = self.timeline.now_ns, self.shell.gate
        due = min([*_deadlines(gate, now), *self._senses_due(now), now + (60_000 if _at_rest(gate) else 2_000) * MS])
        due = max(due, now + MS)
        if not self._due_ns or due < self._due_ns:
            self._due_ns = due
            self.timeline.at(due, lambda: self.tick() if self._due_ns == due else None)


def _outs(setup: DoorSetup) -> tuple[Out, ...]:
    return tuple(leaf.relay for leaf in Gate.of(setup).door.leaves)


def _at_rest(gate: Gate) -> bool:
    door = gate.door
    locked = all(leaf.state is DoorState.LOCKED for leaf in door.leaves)
    return gate.view is View.IDLE and locked and not (door.openings or gate.pending or gate.faults or door.split_ns)


def _deadlines(gate: Gate, now: int) -> list[int]:
    """Return the moments after now at which a tick changes something."""
    door, setup = gate.door, gate.door.setup
    found = [gate.until_ns, gate.retry_ns]
    found += [one.at_ns + CHECKING_MAX_MS * MS + MS for one in gate.pending]
    for opening in door.openings:
        found += [opening.until_ns, opening.annul_ns]
    for leaf in door.leaves:
        found += [leaf.until_ns, leaf.until_ns - 950 * MS, leaf.overdue_ns]
        if leaf.state is DoorState.OPEN:
            found.append(leaf.opened_ns + setup.held_ms * MS)
    found += [one.since_ns + setup.escalate_ms * MS for one in door.alarms if one.level == 1 and not one.seen]
    if door.split_ns:
        found.append(door.split_ns + 500 * MS)
    return [moment for moment in found if moment > now]

