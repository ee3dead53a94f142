"""The gate: one pure state machine from what was decided to what the relay and the screen do.

`step(gate, input, now)` returns the next gate and the effects that the shell must perform, in order.
Times are monotonic nanoseconds. The rule that everything here serves: an admission is committed to the
journal first, and only then does `Release` appear among the effects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import assert_never

from kiosk.domain.decision import Admit, Decision, Deny, Need, reasons
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.reasons import NextStep, Reason, next_step

MS = 1_000_000
ADMITTED_MS = 2_500
REFUSED_MS = 8_000
TOUCH_MS = 15_000
CHECKING_MAX_MS = 3_000
RELAY_GRACE_MS = 1_000
"""How long the relay may take to report that it has fallen back, after its pulse."""
RETRY_MS = 2_000
"""How often a journal that failed is tried again."""


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
    RELAY = Reason.RELAY_FAULT


# inputs


@dataclass(frozen=True, slots=True)
class CodeSeen:
    """A code has been read; its verification has begun."""

    visit: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The decision on a visit. `data` goes into the event as it is, `personal` only sealed."""

    visit: str
    decision: Decision
    data: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


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
class StaffDone:
    """Staff has come."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Input = (
    CodeSeen | Judged | Committed | CommitFailed | RelayMoved | FaultSeen | Touched | HelpAsked | StaffDone | Tick
)  # fmt: skip


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


Effect = Record | Release


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything the gate knows."""

    pulse_ms: int
    view: View = View.IDLE
    visit: str = ""
    reasons: tuple[Reason, ...] = ()
    next_step: NextStep | None = None
    more: bool = False
    since_ns: int = 0
    until_ns: int = 0
    """When the view ends by itself; 0: it does not."""
    pending: tuple[tuple[int, str, int], ...] = ()
    """Admissions on their way into the journal: (token, visit, when it was judged)."""
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

    @property
    def works(self) -> bool:
        """Tell whether a visitor can be served."""
        return not self.faults


Step = tuple[Gate, tuple[Effect, ...]]


def _show(gate: Gate, view: View, now: int, **more: object) -> Gate:
    blank = {"reasons": (), "next_step": None, "more": False, "until_ns": 0}
    return replace(gate, view=view, since_ns=now, **{**blank, **more})  # type: ignore[arg-type]


def _idle(gate: Gate, now: int) -> Gate:
    return replace(_show(gate, View.IDLE, now), visit="")


def _record(gate: Gate, draft: EventDraft) -> tuple[Gate, Record]:
    return replace(gate, token=gate.token + 1), Record(gate.token + 1, draft)


def _staff(gate: Gate, visit: str, why: tuple[Reason, ...], now: int) -> Step:
    """Show that staff is coming, and put the call on record, once a visit."""
    if gate.view is View.STAFF and gate.visit == visit:
        return gate, ()
    gate = replace(_show(gate, View.STAFF, now, reasons=why, next_step=NextStep.WAIT_FOR_STAFF), visit=visit)
    gate, record = _record(gate, EventDraft(EventType.STAFF_CALLED, visit, {"reasons": list(why)}))
    return gate, (record,)


_DECIDED = {Admit: EventType.VISIT_ADMITTED, Deny: EventType.VISIT_DENIED, Need: EventType.VISIT_NEEDS_MORE}


def _judged(gate: Gate, judged: Judged, now: int) -> Step:
    decision = judged.decision
    if isinstance(decision, Admit) and Fault.RELAY in gate.faults:
        decision = Deny((Reason.RELAY_FAULT,), call_staff=True)  # nobody is told to go in at a gate that stays shut
    why = reasons(decision)
    draft = EventDraft(
        _DECIDED[type(decision)], judged.visit, {**judged.data, "reasons": list(why)}, judged.personal
    )
    gate, record = _record(gate, draft)
    match decision:
        case Admit():
            # Nothing is shown or opened yet: the admission has to be durable first.
            return replace(gate, pending=(*gate.pending, (record.token, judged.visit, now))), (record,)
        case Deny(call_staff=True):
            gate, effects = _staff(gate, judged.visit, why, now)
            return gate, (record, *effects)
        case Deny() | Need():
            shown = _show(
                gate, View.REFUSED, now, reasons=why, next_step=next_step(why[0]),
                more=isinstance(decision, Need), until_ns=now + REFUSED_MS * MS,
            )  # fmt: skip
            return replace(shown, visit=judged.visit), (record,)
        case _:
            assert_never(decision)


def _take_pending(gate: Gate, token: int) -> tuple[Gate, str, int]:
    """Return the gate without the pending admission of this token, its visit (or nothing) and its moment."""
    visit, at_ns = next(((v, at) for t, v, at in gate.pending if t == token), ("", 0))
    return replace(gate, pending=tuple(p for p in gate.pending if p[0] != token)), visit, at_ns


def _committed(gate: Gate, token: int, now: int) -> Step:
    gate, visit, at_ns = _take_pending(gate, token)
    effects: tuple[Effect, ...] = ()
    if Fault.JOURNAL in gate.faults:
        gate, effects = _journal_works(gate)
    if not visit:
        return gate, effects
    if now - at_ns > CHECKING_MAX_MS * MS:
        gate, late = _too_late(gate, visit, now)
        return gate, (*late, *effects)
    gate = replace(_show(gate, View.ADMITTED, now, until_ns=now + ADMITTED_MS * MS), visit=visit)
    overdue = now + (gate.pulse_ms + RELAY_GRACE_MS) * MS
    gate = replace(gate, releasing=visit, told_ns=now, overdue_ns=overdue)
    if not gate.released_ns:
        return gate, (Release(visit, gate.pulse_ms), *effects)
    # The gate is open for somebody else: no edge will come to say that it is open for this visit as well.
    gate, extended = _record(gate, EventDraft(EventType.GATE_RELEASED, visit, {"extends": gate.open_for}))
    return gate, (Release(visit, gate.pulse_ms), extended, *effects)


def _journal_works(gate: Gate) -> Step:
    """End the journal's fault, and say so unless a record on its way already does."""
    said = bool(gate.retry_token)
    gate = replace(gate, faults=gate.faults - {Fault.JOURNAL}, retry_ns=0, retry_token=0)
    if said:
        return gate, ()
    gate, record = _record(gate, _journal_cleared())
    return gate, (record,)


def _journal_cleared() -> EventDraft:
    return EventDraft(EventType.FAULT_CLEARED, data={"fault": Fault.JOURNAL.value})


def _too_late(gate: Gate, visit: str, now: int) -> Step:
    """Annul an admission whose record took so long that its visitor may have gone: no gate opens for nobody."""
    why = (Reason.JOURNAL_UNAVAILABLE,)
    gate, annulled = _record(gate, EventDraft(EventType.VISIT_ANNULLED, visit, {"reasons": list(why)}))
    gate, called = _staff(gate, visit, why, now)
    return gate, (annulled, *called)


def _commit_failed(gate: Gate, token: int, now: int) -> Step:
    gate, visit, _ = _take_pending(gate, token)
    retry_token = 0 if token == gate.retry_token else gate.retry_token
    gate = replace(gate, retry_ns=now + RETRY_MS * MS, retry_token=retry_token)
    # The record that the journal failed is kept by the shell until it can be written.
    gate, effects = _fault_seen(gate, Fault.JOURNAL, present=True)
    if not visit:
        return gate, effects
    # Never admitted without a record; staff is told on the screen, as no record of the call can be made.
    why = (Reason.JOURNAL_UNAVAILABLE,)
    shown = _show(gate, View.STAFF, now, reasons=why, next_step=next_step(why[0]))
    return replace(shown, visit=visit), effects


def _relay_moved(gate: Gate, moved: RelayMoved) -> Step:
    if moved.released:
        gate = replace(gate, released_ns=moved.at_ns, open_for=gate.releasing)
        gate, record = _record(gate, EventDraft(EventType.GATE_RELEASED, gate.releasing))
        return gate, (record,)
    open_ms = round((moved.at_ns - gate.released_ns) / MS) if gate.released_ns else 0
    # An edge from before the newest release ends the one before; the newest is still awaited.
    early = moved.at_ns < gate.told_ns
    visit = gate.open_for if early else gate.releasing
    gate, record = _record(gate, EventDraft(EventType.GATE_LOCKED, visit, {"released_ms": open_ms}))
    gate = replace(gate, released_ns=0, open_for="")
    if not early:
        gate = replace(gate, releasing="", told_ns=0, overdue_ns=0)
    gate, cleared = _fault_seen(gate, Fault.RELAY, present=False)
    return gate, (record, *cleared)


def _fault_seen(gate: Gate, fault: Fault, present: bool) -> Step:
    if present == (fault in gate.faults):
        return gate, ()
    faults = gate.faults | {fault} if present else gate.faults - {fault}
    if fault is Fault.JOURNAL and not present:
        gate = replace(gate, retry_ns=0, retry_token=0)
    kind = EventType.FAULT_RAISED if present else EventType.FAULT_CLEARED
    gate, record = _record(replace(gate, faults=faults), EventDraft(kind, data={"fault": fault.value}))
    return gate, (record,)


def _tick(gate: Gate, now: int) -> Step:
    effects: list[Effect] = []
    if gate.view is View.CODE_READ and now - gate.since_ns > CHECKING_MAX_MS * MS:
        gate, called = _staff(gate, gate.visit, (Reason.JOURNAL_UNAVAILABLE,), now)
        effects += called
    if gate.until_ns and now >= gate.until_ns:
        gate = _idle(gate, now)
    if gate.overdue_ns and now >= gate.overdue_ns:
        gate, raised = _fault_seen(replace(gate, overdue_ns=0), Fault.RELAY, present=True)
        effects += raised
    if gate.retry_ns and now >= gate.retry_ns:
        # Trying to record that the journal works again is the test of whether it does.
        gate, record = _record(gate, _journal_cleared())
        gate = replace(gate, retry_ns=now + RETRY_MS * MS, retry_token=record.token)
        effects.append(record)
    return gate, tuple(effects)


def step(gate: Gate, event: Input, now: int) -> Step:
    """Return the gate after `event`, and the effects in the order in which they must happen."""
    match event:
        case CodeSeen(visit=visit):
            return replace(_show(gate, View.CODE_READ, now), visit=visit), ()
        case Judged():
            return _judged(gate, event, now)
        case Committed(token=token):
            return _committed(gate, token, now)
        case CommitFailed(token=token):
            return _commit_failed(gate, token, now)
        case RelayMoved():
            return _relay_moved(gate, event)
        case FaultSeen(fault=fault, present=present):
            return _fault_seen(gate, fault, present)
        case Touched():
            more = gate.until_ns + TOUCH_MS * MS if gate.view is View.REFUSED and gate.until_ns else gate.until_ns
            # One extension a touch would let a child hold the page for ever: it never ends later than from now.
            return replace(gate, until_ns=min(more, now + (REFUSED_MS + TOUCH_MS) * MS)), ()
        case HelpAsked():
            return _staff(gate, gate.visit, (Reason.HELP_REQUESTED,), now)
        case StaffDone():
            return (_idle(gate, now) if gate.view is View.STAFF else gate), ()
        case Tick():
            return _tick(gate, now)
        case _:
            assert_never(event)
