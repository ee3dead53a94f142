"""The moment and place of a decision: everything beside the evidence that a policy may ask for. A pure value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.domain.events import ClockConfidence


class Direction(StrEnum):
    """Which way a door is used."""

    ENTRY = "entry"
    EXIT = "exit"


class FaceCheck(StrEnum):
    """How far a face check of this visit has got."""

    UNAVAILABLE = "unavailable"
    """This door has none, or it is turned off: rules that ask for one go to staff."""
    OPEN = "open"
    """It can be made, and has not been yet."""
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a person was last seen to go, by this kiosk's count."""

    direction: Direction
    ago_s: int
    """How long ago; less than 0 where the clock was wrong then, or is now."""


@dataclass(frozen=True, slots=True)
class Situation:
    """When and where. Held still for the whole of a decision, and kept with it for a replay."""

    now: datetime
    """Aware, in the venue's time zone: hours and dates of rules are those of the door."""
    clock: ClockConfidence
    direction: Direction = Direction.ENTRY
    inside: int | None = None
    """How many people are inside; None: not known here."""
    used: Mapping[str, int] = field(default_factory=dict)
    """How often each counted credential of the evidence has been let in, by its credential id."""
    face: FaceCheck = FaceCheck.UNAVAILABLE
    with_adult: bool = False
    """An adult of the same party was let in just before."""
    stay: Stay | None = None
    """Where the person of the evidence was last seen to go; None: nowhere, or nobody asked."""
    stays_known: bool = True
    """Whether it can be told where the person was last seen to go."""
