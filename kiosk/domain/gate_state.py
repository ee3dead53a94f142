"""What the gate knows: the state of its machine."""

from dataclasses import dataclass
from typing import Self

from kiosk.domain.door_io import DoorSetup, Granted, HoldOpen, ModeAsked, RelayTried
from kiosk.domain.door_state import Door
from kiosk.domain.gate_io import Fault, View
from kiosk.domain.reasons import NextStep, Reason


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer that waits until the one before it has been seen."""

    view: View
    visit: str
    party: str
    reasons: tuple[Reason, ...]
    next_step: NextStep | None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody for whom staff was called."""

    visit: str
    """Empty: nobody had shown a code."""
    since_ns: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """What opens the door as soon as its record is durable."""

    token: int
    then: Granted | ModeAsked | HoldOpen | RelayTried
    at_ns: int
    """When it was judged, or asked for."""
    party: str = ""

    @property
    def visit(self) -> str:
        """The visit that it lets in; empty: none."""
        return self.then.visit if isinstance(self.then, Granted) else ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything the gate knows."""

    door: Door
    view: View = View.IDLE
    visit: str = ""
    party: str = ""
    """Who is being answered: the visits of codes that were in view together."""
    people: int = 1
    """How many people the admission on the screen is for."""
    later: tuple[Turn, ...] = ()
    """Answers that have not been shown yet, or not for long enough."""
    reasons: tuple[Reason, ...] = ()
    next_step: NextStep | None = None
    more: bool = False
    since_ns: int = 0
    until_ns: int = 0
    """When the view ends by itself; 0: it does not."""
    pending: tuple[Pending, ...] = ()
    token: int = 0
    retry_ns: int = 0
    """When a journal that failed is tried again; 0: it works."""
    retry_token: int = 0
    """The record that tries it."""
    faults: frozenset[Fault] = frozenset()
    calls: tuple[Call, ...] = ()
    """For whom staff was called since it last came, oldest first; one a visit."""
    called: int = 0
    """How often staff has been called for what is on the screen."""
    welcomed: bool = False
    """At rest: the last one to be answered was let in."""

    @classmethod
    def of(cls, setup: DoorSetup) -> Self:
        """Return the gate at rest, before a door."""
        return cls(Door.of(setup))

    @property
    def works(self) -> bool:
        """Tell whether a visitor can be served."""
        return not self.faults

    @property
    def is_quiet(self) -> bool:
        """Tell whether nobody is served, on the way through, or kept from going: the process may start anew."""
        door = self.door
        at_rest = not (door.openings or door.exit_ns or door.fire or any(leaf.released_ns for leaf in door.leaves))
        return at_rest and self.view is View.IDLE and not (self.later or self.pending)
