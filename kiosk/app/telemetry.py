"""What the gate process tells of itself: gathered all the time, told once a minute, at once where something breaks.

The bridge publishes `health` to the centre; `door` and `event` stay on this machine and its local broker, as the centre
has the events themselves. `kiosk.api.telemetry` says what each figure means.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time

from kiosk import __version__
from kiosk.api import messages as wire
from kiosk.api import telemetry as told
from kiosk.api.telemetry import Series
from kiosk.app.ports import Clock, JournalHead, Peers, TrustSource
from kiosk.app.screen import Line
from kiosk.app.tally import Door
from kiosk.domain.door_io import Alarm, DoorState
from kiosk.domain.events import EventType
from kiosk.domain.gate import Gate
from kiosk.domain.occupancy import counting_since, reset_of
from kiosk.domain.policy import Policy

SECOND_NS = 1_000_000_000
EVERY_NS = 60 * SECOND_NS
"""Between two reports of health where nothing happens."""
AT_ONCE_NS = 5 * SECOND_NS
"""The least time between two of them, however much happens."""
START_NS = 10 * SECOND_NS
"""Within which the first one comes after the bridge did: kiosks that the power came back to together must part."""
_VERSION = 64
"""Signs told of a version."""
_ORDER = (
    DoorState.LOCKED, DoorState.RELEASED, DoorState.OPEN, DoorState.HELD, DoorState.FORCED, DoorState.FAULT,
)  # fmt: skip
"""From how a door should stand to how it should least."""


@dataclass(frozen=True, slots=True)
class MachineHealth:
    """One look at the machine (kiosk.adapters.machine_health). None: not known here."""

    temperature_c: float | None = None
    """The hottest of the kernel's thermal zones."""
    throttled: tuple[str, ...] = ()
    """Why a Pi runs slower than it could now, by the names of its manual; empty: it does not, or is no Pi."""
    disk_used_percent: float | None = None
    """Of the file system of the state directory, as far as this user may fill it."""
    memory_available_mb: float | None = None
    """What new work may still take without swapping."""
    memory_process_mb: float | None = None
    """Resident memory of this process."""
    uptime_s: int | None = None
    """Since the machine's start."""


@dataclass(slots=True)
class _Window:
    """What has been gathered since the last report."""

    since_ns: int
    fps: Series = field(default_factory=Series)
    decoded_fps: Series = field(default_factory=Series)
    decode_ms: Series = field(default_factory=Series)
    light: Series = field(default_factory=Series)
    temperature_c: Series = field(default_factory=Series)
    waiting: Series = field(default_factory=Series)
    throttled: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Codes:
    """What is told at once where it changes."""

    mode: str
    faults: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    camera: wire.CameraState
    clock: str


@dataclass(slots=True)
class Reporter:
    """Gathers and tells. `jitter` returns 0 to 1."""

    gate: Callable[[], Gate]
    line: Line
    clock: Clock
    head: Callable[[], JournalHead]
    trust: TrustSource
    policy: Callable[[], Policy]
    door: Door
    peers: Peers
    jitter: Callable[[], float] = float
    _machine: MachineHealth = field(default_factory=MachineHealth)
    _window: _Window = field(init=False)
    _began_ns: int = field(init=False)
    _looked_ns: int = 0
    _due_ns: int | None = None
    """When the next report is due; None: nobody is there to hear it."""
    _told_ns: int = 0
    _codes: Codes | None = None
    _door: told.DoorNow | None = None

    def __post_init__(self) -> None:
        self._began_ns = self.clock.mono_ns()
        self._window = _Window(self._began_ns)

    def joined(self) -> None:
        """Notice that a bridge has come: it knows nothing yet."""
        self._due_ns = self.clock.mono_ns() + round(self.jitter() * START_NS)
        self._door = None

    def vision(self, health: wire.VisionHealth) -> None:
        """Take in what vision says of its camera."""
        self._window.fps.add(health.fps)
        self._window.light.add(health.light)
        self._window.decoded_fps.add(health.decoded_fps)
        if health.decoded_fps:
            self._window.decode_ms.add(health.decode_ms)

    def machine(self, health: MachineHealth) -> None:
        """Take in a look at the machine."""
        self._machine = health
        self._window.throttled.update(health.throttled)
        if health.temperature_c is not None:
            self._window.temperature_c.add(health.temperature_c)

    @property
    def machine_now(self) -> MachineHealth:
        """The last look at the machine."""
        return self._machine

    def watch(self) -> None:
        """Let time pass: look once a second, and tell what is due."""
        now = self.clock.mono_ns()
        if now - self._looked_ns < SECOND_NS and self._looked_ns:
            return
        self._looked_ns = now
        head, codes = self.head(), self._now()
        self._window.waiting.add(head.last - head.confirmed)
        if self._due_ns is None:
            return
        if not self.peers.of(wire.Role.BRIDGE):
            self._due_ns = None
            return
        self._tell_door()
        at_once = self._codes not in (None, codes) and now - self._told_ns >= AT_ONCE_NS
        if at_once or now >= self._due_ns:
            self._tell(told.HEALTH, self._health(codes, head, now))
            self._window, self._codes, self._told_ns = _Window(now), codes, now
            self._due_ns = now + EVERY_NS

    def recorded(self, kind: EventType) -> None:
        """Tell that the journal has an event more."""
        self._tell(told.EVENT, told.Happened(type=kind))

    def _tell(self, name: str, said: told.Health | told.DoorNow | told.Happened) -> None:
        message = wire.Telemetry(name=name, data=said.model_dump(mode="json"))
        for peer in self.peers.of(wire.Role.BRIDGE):
            peer.send(message)

    def _now(self) -> Codes:
        gate = self.gate()
        return Codes(
            mode=gate.door.running,
            faults=tuple(sorted(fault.value.value for fault in gate.faults)),
            alarms=tuple(sorted({one.alarm for one in gate.door.alarms})),
            camera=self.line.camera,
            clock=self.clock.confidence().value,
        )

    def _health(self, codes: Codes, head: JournalHead, now: int) -> told.Health:
        return told.Health.model_validate(
            {
                "window_s": (now - self._window.since_ns) // SECOND_NS,
                "uptime_s": (now - self._began_ns) // SECOND_NS,
                "mode": codes.mode,
                "faults": codes.faults,
                "alarms": codes.alarms,
                "clock": codes.clock,
                "camera": self._camera(),
                "machine": self._computer(),
                "events": told.Queue(
                    last=head.last, confirmed=head.confirmed, waiting=self._window.waiting.range() or _none(),
                    used_percent=self.line.journal_percent,
                ),
                "trust": self._trust(),
                "versions": told.Versions(
                    kiosk=__version__[:_VERSION], policy=self.policy().version[:_VERSION],
                    trust=self.trust().version[:_VERSION], protocol=wire.PROTOCOL_VERSION,
                ),
            }
        )  # fmt: skip

    def _camera(self) -> told.Camera:
        window = self._window
        return told.Camera(
            state=self.line.camera, fps=window.fps.range(), decoded_fps=window.decoded_fps.range(),
            decode_ms=window.decode_ms.range(), light=window.light.range(),
        )  # fmt: skip

    def _computer(self) -> told.Machine:
        machine, window = self._machine, self._window
        return told.Machine(
            temperature_c=window.temperature_c.range(), throttled=tuple(sorted(window.throttled)),
            disk_used_percent=machine.disk_used_percent, memory_available_mb=machine.memory_available_mb,
            memory_process_mb=machine.memory_process_mb, uptime_s=machine.uptime_s,
        )  # fmt: skip

    def _trust(self) -> told.Trust:
        trust, now = self.trust(), self.clock.now()
        return told.Trust(age_s=int(trust.age(now).total_seconds()), stale=trust.is_stale(now), keys=len(trust))

    def _tell_door(self) -> None:
        door, now = self.gate().door, self.clock.now().astimezone(self.door.zone)
        state = max((leaf.state for leaf in door.leaves), key=_ORDER.index)
        inside, today = self._people(now)
        shown = told.DoorNow(state=state, mode=door.running, inside=inside, visits_today=today)
        if shown != self._door:
            self._door = shown
            self._tell(told.DOOR, shown)

    def _people(self, now: datetime) -> tuple[int | None, int | None]:
        """Return how many people are inside and how many came today, as far as this door counts."""
        tally = self.door.tally
        if tally is None:
            return None, None
        midnight = datetime.combine(now.date(), time.min, tzinfo=now.tzinfo)
        return tally.inside(counting_since(now, reset_of(self.policy()))), tally.arrivals(midnight)


def _none() -> told.Range:
    return told.Range(min=0, mean=0, max=0)
