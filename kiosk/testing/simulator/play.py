"""Plays a scenario: everything that happens, in virtual time, and what was seen of it."""

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from kiosk.api import messages as wire
from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.door_io import DoorSetup, Mode
from kiosk.domain.door_state import Cause
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.lines import RELAYS, Out, Sense
from kiosk.door_setup import door_setup
from kiosk.policy_file import load_policy
from kiosk.testing.centre_keys import stored
from kiosk.testing.clock import FakeClock
from kiosk.testing.simulator.doors import Doorway
from kiosk.testing.simulator.happenings import Stagehand
from kiosk.testing.simulator.people import Crowd, Desk
from kiosk.testing.simulator.scenario import Event, Happening, Scenario
from kiosk.testing.simulator.station import ZONE, Station
from kiosk.testing.simulator.timeline import Process, Timeline

SAMPLE_S = 60.0
_ADMITS = (EventType.VISIT_ADMITTED, EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE)
_TOLD = frozenset(EventType) - {EventType.GATE_RELEASED, EventType.GATE_LOCKED, *_ADMITS, EventType.PASSAGE_ENTERED}
"""Events that a manager follows one by one; the others are counted."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    at: datetime
    what: str
    data: dict[str, object]


@dataclass(frozen=True, slots=True)
class Sample:
    """How it stood at one moment."""

    at: datetime
    really_inside: int
    counted_inside: int | None
    entered: int
    """People whom the kiosk has seen go in or out so far."""
    alarms: int


@dataclass(slots=True)
class Result:
    """What was seen."""

    scenario: Scenario
    counts: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    edges: int = 0
    undecided: int = 0
    """Releases of a relay without a record, a fire or an exit button before them."""
    worst_error: int = 0
    most_inside: int = 0
    really_inside: int = 0
    counted_inside: int | None = None
    unconfirmed: int = 0
    disordered: int = 0
    busiest: float = 0.0
    """People a minute through the door in the busiest five minutes."""
    longest_wait_s: float = 0.0
    journal_mb: float = 0.0
    took_s: float = 0.0

    @property
    def inside_error(self) -> float:
        """The largest difference between counted and real, in hundredths of the most people inside."""
        return 100 * self.worst_error / max(1, self.most_inside)


def settings(scenario: Scenario) -> DoorSetup:
    """Return the door of a scenario, as the settings of a kiosk would have it. Raises ConfigError."""
    config = KioskConfig.model_validate(
        {
            "kiosk": {"id": "simulated"}, "paths": {"policy": "policy.toml", "trust": "trust"},
            "gate": {"board": "board.toml", "pins": "mock", "pulse_ms": scenario.pulse_ms,
                     "direction": scenario.direction},
            "door": scenario.door,
        }
    )  # fmt: skip
    relays = {"lane": RELAYS[:2], "interlock": (RELAYS[0], RELAYS[2])}.get(scenario.door.kind.value, RELAYS[:1])
    return door_setup(config, frozenset(line.value for line in (*relays, *scenario.sensors)))


def _deaf(_: EventDraft) -> None:
    """Hear nothing."""


def play(scenario: Scenario, heard: Callable[[EventDraft], None] = _deaf) -> Result:
    """Play a scenario from its beginning to its end; `heard` is called with each event that is put on record.

    Raises ConfigError where it does not fit together.
    """
    began = time.monotonic()
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - a disk that is as fast as time here
    with tempfile.TemporaryDirectory(prefix="kiosk-simulate-", dir=memory) as folder:
        stage = _Stage(scenario, Path(folder), heard)
        asyncio.run(stage.play())
    stage.result.took_s = time.monotonic() - began
    return stage.result


class _Stage:
    """A scenario while it is played."""

    def __init__(self, scenario: Scenario, folder: Path, heard: Callable[[EventDraft], None]) -> None:
        self.scenario, self.result, self._heard = scenario, Result(scenario), heard
        starts = scenario.starts.replace(tzinfo=ZONE).astimezone(UTC)
        self.clock = FakeClock(starts)
        self.timeline, self.rng = Timeline(self.clock), random.Random(scenario.seed)  # noqa: S311 - people, not keys
        policy_file = folder / "policy.toml"
        policy_file.write_text(scenario.policy)
        try:
            policy = load_policy(policy_file)
        except ConfigError as error:
            raise ConfigError(f"'policy': {str(error).removeprefix(f'{policy_file}: ')}") from error
        desk = Desk(policy.zone, starts)
        self.station = Station(
            scenario, settings(scenario), policy, desk.trust, folder, self.timeline, self._recorded, self._moved,
            lambda: desk.trusted_at(self.clock.now()),
        )  # fmt: skip
        self.doorway = Doorway(self.station, self.rng, scenario.misses)
        self.answers: dict[str, bool] = {}
        self.crowd = Crowd(self.station, self.doorway, desk, self.rng, self.answers, self._venue_time)
        self.stagehand = Stagehand(self.station, self.doorway)
        self._on_record: set[str] = set()
        """Visits that may go in, by the journal."""
        self._stands_open = False
        """Free passage, or hours in which the door stands unlocked, are on record."""
        self._journal = folder / "journal.db"

    async def play(self) -> None:
        scenario = self.scenario
        if any(event.what is Happening.CLOCK_UNSET and not scenario.seconds(event.at) for event in scenario.happens):
            self.stagehand.unset_clock()  # before the process starts
        self.station.start()
        for group in scenario.people:
            first = scenario.seconds(group.at)
            days = round(scenario.lasts_min / 1440 + 0.5) if group.every_day else 1
            for day in range(days):
                if first + day * 86_400 <= scenario.lasts_min * 60:
                    self.crowd.arrive(group, first + day * 86_400)
        for event in scenario.happens:
            self.timeline.after(scenario.seconds(event.at), lambda event=event: self._happens(event))  # type: ignore[misc]
        self.timeline.begin(self._sample())
        self.timeline.begin(self._bridge())
        await self.timeline.run(self.clock.mono_ns() + round(scenario.lasts_min * 60e9), self.station.settle)
        self._close()

    # what is seen

    def _recorded(self, draft: EventDraft) -> None:
        kind, data = draft.type, draft.data
        self._heard(draft)
        if kind in _ADMITS:
            self.answers[draft.visit] = kind is EventType.VISIT_ADMITTED
        result = self.result
        match kind:
            case EventType.VISIT_ADMITTED:
                result.counts["admitted"] += 1
                self._on_record.add(draft.visit)
            case EventType.VISIT_DENIED | EventType.VISIT_NEEDS_MORE:
                result.counts["refused"] += 1
                reasons = data.get("reasons")
                result.reasons[str(reasons[0]) if isinstance(reasons, list) and reasons else ""] += 1
            case EventType.VISIT_ANNULLED:
                result.counts["annulled"] += 1
            case EventType.PASSAGE_ENTERED:
                result.counts["entered" if draft.visit else "extra" if data.get("extra") else "free"] += 1
            case EventType.PASSAGE_LEFT:
                result.counts["left"] += 1
            case EventType.ALARM_RAISED if data.get("level") == 1:
                result.alarms[str(data["alarm"])] += 1
            case EventType.FAULT_RAISED:
                result.faults[str(data["fault"])] += 1
            case EventType.MODE_CHANGED | EventType.SCHEDULE_CHANGED:
                self._stands_open = data.get("mode") == Mode.FREE_PASSAGE or bool(data.get("hold_open"))
            case _:
                pass
        if kind in _TOLD or (kind is EventType.PASSAGE_ENTERED and not draft.visit):
            self._say(kind.value, dict(data))

    def _moved(self, out: Out) -> None:
        """Look whether a release was decided: by a record before it, or by what needs none."""
        door = self.station.shell.gate.door if self.station.shell else None
        active = self.station.active
        flees = bool(active & {Sense.FIRE_NC, Sense.FIRE_NO})
        leaves = any(one.cause is Cause.EXIT_BUTTON for one in door.openings) if door else False
        visit = door.leaf(out).visit if door else ""
        self.result.undecided += not (visit in self._on_record or flees or leaves or self._stands_open)

    def _happens(self, event: Event) -> None:
        mode = {"mode": event.mode.value} if event.what is Happening.MODE else {}
        self._say(f"» {event.what.value.replace('_', ' ')}", {**mode})
        self.timeline.begin(self.stagehand.happen(event))

    def _venue_time(self) -> datetime:
        """Return the time by the clocks of people, which are right."""
        return self.clock.now() + self.stagehand.behind

    def _say(self, what: str, data: dict[str, object] | None = None) -> None:
        self.result.lines.append(Line(self._venue_time().astimezone(ZONE).replace(tzinfo=None), what, data or {}))

    def _sample(self) -> Process:
        while True:
            yield SAMPLE_S
            inside, doorway = self.station.inside, self.doorway
            at = self._venue_time().astimezone(ZONE).replace(tzinfo=None)
            gate = self.station.shell.gate if self.station.shell else None
            passed = self.result.counts["entered"] + self.result.counts["left"]
            alarms = len(gate.door.alarms) if gate else 0
            self.result.samples.append(Sample(at, doorway.inside, inside, passed, alarms))
            waits = bool(gate and (gate.door.openings or gate.pending))
            if inside is not None and not waits and not doorway.passing:
                self.result.worst_error = max(self.result.worst_error, abs(inside - max(0, doorway.inside)))

    def _bridge(self) -> Process:
        while True:
            yield 30.0
            station, shell = self.station, self.station.shell
            if shell is None or not station.centre.up:
                continue
            for _ in range(1_000):
                head = shell.journal.head()
                if head.last <= station.centre.stored:
                    break
                yield shell.received(station.centre, wire.Fetch(after=station.centre.stored, limit=200), None)
                said = stored(head.epoch, station.centre.stored, shell.address)
                yield shell.received(station.centre, said, None)

    def _close(self) -> None:
        result, station = self.result, self.station
        result.edges = len(station.edges)
        result.most_inside, result.really_inside = self.doorway.most, self.doorway.inside
        result.counted_inside = station.inside
        if result.counted_inside is not None:
            last = abs(result.counted_inside - max(0, result.really_inside))
            result.worst_error = max(result.worst_error, last)
        result.longest_wait_s = max(self.crowd.queue.waits_s, default=0.0)
        result.journal_mb = self._journal.stat().st_size / 1e6 if self._journal.exists() else 0.0
        if station.shell is not None:
            result.unconfirmed = station.shell.journal.head().last - station.centre.stored
        result.disordered = station.centre.wrong
        passed = [sample.entered for sample in result.samples]
        spans = [after - before for before, after in zip(passed, passed[5:], strict=False)]
        result.busiest = max(spans, default=0) / 5
