"""What goes into the gate's machine and what comes out of it: inputs, effects, and the words for its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from kiosk.domain.decision import Decision
from kiosk.domain.events import EventDraft
from kiosk.domain.lines import Out
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction


class View(Enum):
    """What the visitor is told now."""

    IDLE = auto()
    CODE_READ = auto()
    ADMITTED = auto()
    REFUSED = auto()
    STAFF = auto()


class Fault(Enum):
    """What keeps the kiosk from doing its work."""

    JOURNAL = Reason.JOURNAL_UNAVAILABLE
    CAMERA = Reason.CAMERA_UNAVAILABLE
    CAMERA_DARK = Reason.CAMERA_DARK
    CAMERA_FROZEN = Reason.CAMERA_FROZEN
    RELAY = Reason.RELAY_FAULT


# inputs


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code has been read; its verification has begun."""

    visit: str
    party: str = ""
    """Visits of codes that were in view together have one party. Empty: the visit is one by itself."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The decision on a visit. `data` goes into the event as it is, `personal` only sealed, `kept` only encrypted."""

    visit: str
    decision: Decision
    data: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    party: str = ""
    """As in CodeSeen."""
    kept: bytes = b""
    """As in EventDraft."""
    terms: tuple[bytes, ...] = ()
    """As in EventDraft; of an admission only."""
    longer: bool = False
    """Whoever is let in needs the gate open for longer."""
    direction: Direction = Direction.ENTRY
    """Which way they go."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The record with this token is durable."""

    token: int


@dataclass(frozen=True, slots=True)
class CommitFailed:
    """The record with this token could not be made durable."""

    token: int


@dataclass(frozen=True, slots=True)
class RelayMoved:
    """The relay driver reports the line's level, at the moment it changed."""

    released: bool
    at_ns: int
    out: Out = Out.RELAY


@dataclass(frozen=True, slots=True)
class FaultSeen:
    """A part of the appliance has failed, or works again."""

    fault: Fault
    present: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """The visitor wants longer to read."""


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """The visitor asks for a person."""


@dataclass(frozen=True, slots=True)
class HelpOver:
    """Whoever asked for a person no longer needs one."""


@dataclass(frozen=True, slots=True)
class StaffDone:
    """Staff has come."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


# effects


@dataclass(frozen=True, slots=True)
class Record:
    """Commit this event durably, then answer with Committed or CommitFailed and the token."""

    token: int
    draft: EventDraft


@dataclass(frozen=True, slots=True)
class Release:
    """Release the gate for `ms`. The driver clamps it and falls back by itself."""

    visit: str
    ms: int
    out: Out = Out.RELAY


@dataclass(frozen=True, slots=True)
class Lock:
    """Let the relay fall back now."""

    out: Out = Out.RELAY


@dataclass(frozen=True, slots=True)
class Reopen:
    """Nobody was let in by this visit after all: let what was shown count again."""

    visit: str
    reasons: tuple[Reason, ...]


Effect = Record | Release | Lock | Reopen
