"""The gate: one pure state machine from what was decided to what the relay and the screen do.

`step(gate, input, now)` returns the next gate and the effects that the shell must perform, in order.
Times are monotonic nanoseconds. The rule that everything here serves: an admission is committed to the
journal first, and only then does `Release` appear among the effects.

Inputs and effects are in `gate_io`, what the gate knows in `gate_state`, who is told what when in `gate_screen`.
"""

from dataclasses import replace
from typing import assert_never

from kiosk.domain.decision import Admit, Deny, Need, reasons
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_io import (
    CodeSeen,
    CommitFailed,
    Committed,
    Effect,
    Fault,
    FaultSeen,
    HelpAsked,
    Input,
    Judged,
    Record,
    RelayMoved,
    Release,
    Reopen,
    StaffDone,
    Tick,
    Touched,
    View,
)
from kiosk.domain.gate_screen import (
    ADMITTED_MS,
    MS,
    REFUSED_MS,
    TOUCH_MS,
    TURNS,
    answer,
    code_seen,
    idle,
    pass_time,
    take_turn,
    welcome,
)
from kiosk.domain.gate_state import Gate, Pending, Turn
from kiosk.domain.reasons import NextStep, Reason, next_step

__all__ = [
    "ADMITTED_MS", "CALLED", "CHECKING_MAX_MS", "MS", "REFUSED_MS", "RELAY_GRACE_MS", "RETRY_MS", "TOUCH_MS", "TURNS",
    "CodeSeen", "CommitFailed", "Committed", "Effect", "Fault", "FaultSeen", "Gate", "HelpAsked", "Input", "Judged",
    "Pending", "Record", "RelayMoved", "Release", "Reopen", "StaffDone", "Step", "Tick", "Touched", "Turn", "View",
    "step",
]  # fmt: skip

CHECKING_MAX_MS = 3_000
RELAY_GRACE_MS = 1_000
"""How long the relay may take to report that it has fallen back, after its pulse."""
RETRY_MS = 2_000
"""How often a journal that failed is tried again."""
CALLED = 16
"""Visits of which is known that staff was called for them."""

Step = tuple[Gate, tuple[Effect, ...]]


def _record(gate: Gate, draft: EventDraft) -> tuple[Gate, Record]:
    return replace(gate, token=gate.token + 1), Record(gate.token + 1, draft)


def _call(gate: Gate, visit: str, why: tuple[Reason, ...]) -> Step:
    gate, record = _record(gate, EventDraft(EventType.STAFF_CALLED, visit, {"reasons": list(why)}))
    return replace(gate, called=(*gate.called, visit)[-CALLED:]), (record,)


def _call_once(gate: Gate, visit: str, why: tuple[Reason, ...]) -> Step:
    """Call staff unless it was called for this visit and has not come yet."""
    return (gate, ()) if visit in gate.called else _call(gate, visit, why)


def _staff(gate: Gate, visit: str, party: str, why: tuple[Reason, ...], now: int) -> Step:
    """Show at once that staff is coming, and call it, once a visit."""
    if gate.view is View.STAFF and gate.visit == visit:
        return gate, ()
    gate = take_turn(gate, Turn(View.STAFF, visit, party, why, NextStep.WAIT_FOR_STAFF), now)
    return _call_once(gate, visit, why)


def _help(gate: Gate, now: int) -> Step:
    """Call staff for whoever asks for it: who presses is heard, whatever was called for before."""
    if gate.view is View.STAFF:
        return gate, ()
    why = (Reason.HELP_REQUESTED,)
    gate = take_turn(gate, Turn(View.STAFF, gate.visit, gate.party, why, NextStep.WAIT_FOR_STAFF), now)
    return _call(gate, gate.visit, why)


# what was decided


_DECIDED = {Admit: EventType.VISIT_ADMITTED, Deny: EventType.VISIT_DENIED, Need: EventType.VISIT_NEEDS_MORE}


def _judged(gate: Gate, judged: Judged, now: int) -> Step:
    decision, visit, party = judged.decision, judged.visit, judged.party or judged.visit
    if isinstance(decision, Admit) and Fault.RELAY in gate.faults:
        # Nobody is told to go in at a gate that stays shut.
        shut = (Reason.RELAY_FAULT,)
        gate, effects = _judged(gate, replace(judged, decision=Deny(shut, call_staff=True)), now)
        return gate, (*effects, Reopen(visit, shut))
    why = reasons(decision)
    data = {**judged.data, "reasons": list(why)}
    draft = EventDraft(_DECIDED[type(decision)], visit, data, judged.personal, kept=judged.kept)
    gate, record = _record(gate, draft)
    match decision:
        case Admit():
            # Nothing is shown or opened yet: the admission has to be durable first.
            return replace(gate, pending=(*gate.pending, Pending(record.token, visit, now, party))), (record,)
        case Deny(call_staff=True):
            return _staff_wanted(gate, Turn(View.STAFF, visit, party, why, NextStep.WAIT_FOR_STAFF), record, now)
        case Deny() | Need():
            turn = Turn(View.REFUSED, visit, party, why, next_step(why[0]), more=isinstance(decision, Need))
            return answer(gate, turn, now), (record,)
        case _:
            assert_never(decision)


def _staff_wanted(gate: Gate, turn: Turn, denied: Record, now: int) -> Step:
    """Call staff at once, once a visit; say so when it is this visit's turn."""
    told = (gate.view, gate.visit) == (View.STAFF, turn.visit) or turn in gate.later
    if told:
        return gate, (denied,)
    gate, called = _call_once(answer(gate, turn, now), turn.visit, turn.reasons)
    return gate, (denied, *called)


def _take_pending(gate: Gate, token: int) -> tuple[Gate, Pending | None]:
    """Return the gate without the pending admission of this token, and that admission."""
    taken = next((one for one in gate.pending if one.token == token), None)
    return replace(gate, pending=tuple(one for one in gate.pending if one is not taken)), taken


def _committed(gate: Gate, token: int, now: int) -> Step:
    gate, admitted = _take_pending(gate, token)
    effects: tuple[Effect, ...] = ()
    if Fault.JOURNAL in gate.faults:
        gate, effects = _journal_works(gate)
    if admitted is None:
        return gate, effects
    if now - admitted.at_ns > CHECKING_MAX_MS * MS:
        gate, late = _too_late(gate, admitted, now)
        return gate, (*late, *effects)
    visit = admitted.visit
    gate = welcome(gate, admitted, now)
    overdue = now + (gate.pulse_ms + RELAY_GRACE_MS) * MS
    gate = replace(gate, releasing=visit, told_ns=now, overdue_ns=overdue)
    if not gate.released_ns:
        return gate, (Release(visit, gate.pulse_ms), *effects)
    # The gate is open for somebody else: no edge will come to say that it is open for this visit as well.
    gate, extended = _record(gate, EventDraft(EventType.GATE_RELEASED, visit, {"extends": gate.open_for}))
    return gate, (Release(visit, gate.pulse_ms), extended, *effects)


# journal, relay, time


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


def _too_late(gate: Gate, late: Pending, now: int) -> Step:
    """Annul an admission whose record took so long that its visitor may have gone: no gate opens for nobody."""
    why = (Reason.JOURNAL_UNAVAILABLE,)
    gate, annulled = _record(gate, EventDraft(EventType.VISIT_ANNULLED, late.visit, {"reasons": list(why)}))
    gate, called = _staff(gate, late.visit, late.party, why, now)
    return gate, (annulled, *called, Reopen(late.visit, why))


def _commit_failed(gate: Gate, token: int, now: int) -> Step:
    gate, failed = _take_pending(gate, token)
    retry_token = 0 if token == gate.retry_token else gate.retry_token
    gate = replace(gate, retry_ns=now + RETRY_MS * MS, retry_token=retry_token)
    # The record that the journal failed is kept by the shell until it can be written.
    gate, effects = _fault_seen(gate, Fault.JOURNAL, present=True)
    if failed is None:
        return gate, effects
    # Never admitted without a record; staff is told on the screen, as no record of the call can be made.
    why = (Reason.JOURNAL_UNAVAILABLE,)
    turn = Turn(View.STAFF, failed.visit, failed.party, why, next_step(why[0]))
    return take_turn(gate, turn, now), (*effects, Reopen(failed.visit, why))


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
        gate, called = _staff(gate, gate.visit, gate.party, (Reason.JOURNAL_UNAVAILABLE,), now)
        effects += called
    gate = pass_time(gate, now)
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
        case CodeSeen(visit=visit, party=party):
            return code_seen(gate, visit, party or visit, now), ()
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
            return _help(gate, now)
        case StaffDone():
            return (idle(replace(gate, called=()), now) if gate.view is View.STAFF else gate), ()
        case Tick():
            return _tick(gate, now)
        case _:
            assert_never(event)
