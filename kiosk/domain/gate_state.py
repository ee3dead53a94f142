"""What the gate knows: the state of its machine."""

from dataclasses import dataclass

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
class Pending:
    """An admission on its way into the journal."""

    token: int
    visit: str
    at_ns: int
    """When it was judged."""
    party: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything the gate knows."""

    pulse_ms: int
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
    releasing: str = ""
    """The visit for which the relay was last told to release; empty once it has fallen back."""
    told_ns: int = 0
    """When it was told so."""
    open_for: str = ""
    """The visit for which the relay took the released level."""
    released_ns: int = 0
    """When the relay took the released level; 0: it is locked."""
    overdue_ns: int = 0
    """When a released relay that has not fallen back becomes a fault; 0: nothing is awaited."""
    retry_ns: int = 0
    """When a journal that failed is tried again; 0: it works."""
    retry_token: int = 0
    """The record that tries it."""
    faults: frozenset[Fault] = frozenset()
    called: tuple[str, ...] = ()
    """The visits for which staff was called since it last came."""

    @property
    def works(self) -> bool:
        """Tell whether a visitor can be served."""
        return not self.faults
