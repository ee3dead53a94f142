"""The words of the door's machine: its modes and states, what a door is like, what goes in and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, auto

from kiosk.domain.events import EventDraft
from kiosk.domain.gate_io import (
    CodeSeen,
    CommitFailed,
    Committed,
    FaultSeen,
    HelpAsked,
    HelpOver,
    Judged,
    Lock,
    RelayMoved,
    Release,
    StaffDone,
    Tick,
    Touched,
)
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction


class Mode(StrEnum):
    """How the door is run."""

    NORMAL = "normal"
    LOCKDOWN = "lockdown"
    FREE_PASSAGE = "free_passage"
    MAINTENANCE = "maintenance"
    OUT_OF_ORDER = "out_of_order"
    """Something that the door needs has failed; it ends by itself with the fault."""


class DoorState(StrEnum):
    """How one leaf stands."""

    LOCKED = "locked"
    RELEASED = "released"
    OPEN = "open"
    HELD = "held"
    """Open for longer than a passage takes."""
    FORCED = "forced"
    """Open without having been released."""
    FAULT = "fault"
    """The relay has not done what it was told."""


class DoorKind(StrEnum):
    """What locks the door."""

    MAGNETIC_LOCK = "magnetic_lock"
    STRIKE = "strike"
    TURNSTILE = "turnstile"
    """One person a release, one way."""
    LANE = "lane"
    """Two ways, a relay for each."""
    INTERLOCK = "interlock"
    """A mantrap: two doors, of which one at a time may be open."""


class Alarm(StrEnum):
    """What somebody has to look into."""

    FIRE = "fire"
    FIRE_WIRING = "fire_wiring"
    """The two contacts of the fire input contradict each other: a wire is cut, or two touch."""
    DOOR_FORCED = "door_forced"
    TAMPER = "tamper"
    DOOR_HELD = "door_held"
    WRONG_DIRECTION = "wrong_direction"
    TAILGATING = "tailgating"
    PASSBACK = "passback"
    OCCUPANCY_FULL = "occupancy_full"
    OCCUPANCY_HIGH = "occupancy_high"
    SENSOR = "sensor"
    """A sensor chatters or contradicts another one."""


@dataclass(frozen=True, slots=True)
class DoorSetup:
    """What the door is like: from the settings (`[door]`) and the board file. Times are milliseconds."""

    kind: DoorKind = DoorKind.STRIKE
    senses: frozenset[Sense] = frozenset()
    """The sensors that are wired."""
    direction: Direction = Direction.ENTRY
    """Which way this kiosk lets people go."""
    pulse_ms: int = 3_000
    """How long a release lasts; the driver clamps it besides."""
    longer_ms: int = 10_000
    """The same, for people who need longer."""
    exit_ms: int = 5_000
    """How long the exit button releases."""
    passage_ms: int = 8_000
    """How long after its release somebody may still go through; then the admission is annulled."""
    held_ms: int = 20_000
    """How long the door may stand open."""
    escalate_ms: int = 60_000
    """How long an alarm may go unanswered until it is raised to level 2."""
    free_exit: bool = False
    """Whoever leaves need not ask: a turnstile that always turns outwards."""
    fire_wiring_releases: bool = True
    """A contradiction of the fire input's contacts releases the door, as the alarm itself does."""


# inputs


@dataclass(frozen=True, slots=True)
class Sensed:
    """A sensor's line has settled at a level, since `at_ns`."""

    sense: Sense
    active: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class SensorFault:
    """A sensor's line chatters, or is quiet again: its level says nothing meanwhile."""

    sense: Sense
    present: bool


@dataclass(frozen=True, slots=True)
class ModeAsked:
    """Somebody with the right to do so wants the door run in another way."""

    mode: Mode
    by: str
    """`staff`, `centre` or `schedule`."""


@dataclass(frozen=True, slots=True)
class OpenAsked:
    """Somebody with the right to do so wants the door opened once, for a person whom no code admits."""

    visit: str
    """A new name for this opening, as visits have."""
    by: str
    """`staff` or `centre`."""
    direction: Direction = Direction.ENTRY
    longer: bool = False
    reason: str = ""
    """A code, for the record."""


@dataclass(frozen=True, slots=True)
class RelayTestAsked:
    """Somebody with the right to do so wants to see whether a relay moves; only in maintenance."""

    out: Out
    said: Mapping[str, object]
    """For the record: who, and what else there is to say."""


@dataclass(frozen=True, slots=True)
class RelayTried:
    """The test of a relay is on record."""

    out: Out


@dataclass(frozen=True, slots=True)
class Granted:
    """What lets somebody through is on record: an admission, or an opening that staff or the centre asked for."""

    visit: str
    direction: Direction
    longer: bool = False
    by_command: bool = False


@dataclass(frozen=True, slots=True)
class LongerAsked:
    """Whoever is on the way through needs longer."""


@dataclass(frozen=True, slots=True)
class HoldOpen:
    """The schedule's word: whether the door stands unlocked now, and whether somebody has to come in first."""

    active: bool = False
    first_person: bool = False


@dataclass(frozen=True, slots=True)
class Occupied:
    """How many people are inside, by this kiosk's count, against the policy's limits."""

    people: int
    level: int
    """0: room; 1: the first level is reached; 2: full."""


@dataclass(frozen=True, slots=True)
class AlarmsSeen:
    """Staff has seen the alarms: no more escalation, no more sound."""


Outside = Sensed | SensorFault | RelayMoved | ModeAsked | LongerAsked | HoldOpen | Occupied | AlarmsSeen | Tick
DoorInput = Outside | Granted | RelayTried
"""What the door's machine takes. What opens the door for a time (Granted, RelayTried, free passage, hold open) comes
to it only when its record is durable."""
Input = (
    CodeSeen | Judged | Committed | CommitFailed | FaultSeen | Touched | HelpAsked | HelpOver | StaffDone | OpenAsked
    | RelayTestAsked | Outside
)  # fmt: skip
"""What the gate's machine takes: nothing that says of itself that it is on record."""


# what comes out, beside effects and events


@dataclass(frozen=True, slots=True)
class Annulled:
    """An admitted person did not go through: the credential may be used again."""

    visit: str
    reasons: tuple[Reason, ...]


DoorOutput = Release | Lock | EventDraft | Annulled | FaultSeen
"""In the order in which it has to happen."""


class Signal(StrEnum):
    """What lamps and buzzer say; `kiosk.app.signals` makes levels of it."""

    NONE = auto()
    GO = auto()
    STOP = auto()
    CALL = auto()
    ALARM = auto()


@dataclass(frozen=True, slots=True)
class RaisedAlarm:
    """An alarm that stands."""

    alarm: Alarm
    since_ns: int
    level: int = 1
    seen: bool = False
    where: Out | Sense | None = None
    """The leaf or sensor that it is about, where there are several."""
