"""The gate: one pure state machine from what was decided to what the door and the screen do.

`step(gate, input, now)` returns the next gate and the effects that the shell must perform, in order.
Times are monotonic nanoseconds. The rule that everything here serves: what opens the door for somebody is committed to
the journal first, and only then does the door (`kiosk.domain.door`, a machine of its own in this one) hear of it.

Inputs and effects are in `gate_io` and `door_io`, what the gate knows in `gate_state`, who is told what when in
`gate_screen`, when staff is called in `gate_calls`.
"""

from dataclasses import replace
from typing import assert_never

from kiosk.domain.decision import Admit, Deny, Need, reasons
from kiosk.domain.door_io import (
    AlarmsSeen,
    Granted,
    HoldOpen,
    Input,
    LongerAsked,
    ModeAsked,
    Occupied,
    OpenAsked,
    RelayTestAsked,
    RelayTried,
    Sensed,
    SensorFault,
)
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_calls import (
    CALL_AGAIN_MS,
    CALLED,
    CALLS_MAX,
    call_once,
    help_asked,
    nobody_came,
    not_needed,
    show_call,
)
from kiosk.domain.gate_door import asked, passback, shut, to_door
from kiosk.domain.gate_io import (
    CodeSeen,
    CommitFailed,
    Committed,
    Effect,
    Fault,
    FaultSeen,
    HelpAsked,
    HelpOver,
    Judged,
    Lock,
    Record,
    RelayMoved,
    Release,
    Reopen,
    StaffDone,
    Tick,
    Touched,
    View,
)
from kiosk.domain.gate_records import Step, fault_seen
from kiosk.domain.gate_records import record as put
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
    "ADMITTED_MS", "CALLED", "CALLS_MAX", "CALL_AGAIN_MS", "CHECKING_MAX_MS", "MS", "REFUSED_MS", "RETRY_MS",
    "TOUCH_MS", "TURNS", "AlarmsSeen", "CodeSeen", "CommitFailed", "Committed", "Effect", "Fault", "FaultSeen",
    "Gate", "HelpAsked", "HelpOver", "HoldOpen", "Input", "Judged", "Lock", "LongerAsked", "ModeAsked", "Occupied",
    "OpenAsked", "Pending", "Record", "RelayMoved", "RelayTestAsked", "Release", "Reopen", "Sensed", "SensorFault",
    "StaffDone", "Step", "Tick", "Touched", "Turn", "View", "step",
]  # fmt: skip

CHECKING_MAX_MS = 3_000
RETRY_MS = 2_000
"""How often a journal that failed is tried again."""


# what was decided


_DECIDED = {Admit: EventType.VISIT_ADMITTED, Deny: EventType.VISIT_DENIED, Need: EventType.VISIT_NEEDS_MORE}


def _judged(gate: Gate, judged: Judged, now: int) -> Step:
    decision, visit, party = judged.decision, judged.visit, judged.party or judged.visit
    closed = shut(gate) if isinstance(decision, Admit) else None
    if closed is not None:
        # Nobody is told to go in at a gate that stays shut.
        why: tuple[Reason, ...] = (closed,)
        refused = replace(judged, decision=Deny(why, call_staff=closed is Reason.RELAY_FAULT))
        gate, effects = _judged(gate, refused, now)
        return gate, (*effects, Reopen(visit, why))
    why = reasons(decision)
    data = {**judged.data, "reasons": list(why)}
    draft = EventDraft(_DECIDED[type(decision)], visit, data, judged.personal, kept=judged.kept, terms=judged.terms)
    gate, record = put(gate, draft)
    match decision:
        case Admit():
            # Nothing is shown or opened yet: the admission has to be durable first.
            granted = Granted(visit, judged.direction, judged.longer)
            gate = replace(gate, pending=(*gate.pending, Pending(record.token, granted, now, party)))
            return passback(gate, judged, record, now)
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
    gate, called = call_once(answer(gate, turn, now), turn.visit, turn.reasons, now)
    return gate, (denied, *called)


def _take_pending(gate: Gate, token: int) -> tuple[Gate, Pending | None]:
    """Return the gate without the pending admission of this token, and that admission."""
    taken = next((one for one in gate.pending if one.token == token), None)
    return replace(gate, pending=tuple(one for one in gate.pending if one is not taken)), taken


def _committed(gate: Gate, token: int, now: int) -> Step:
    gate, pending = _take_pending(gate, token)
    effects: tuple[Effect, ...] = ()
    if Fault.JOURNAL in gate.faults:
        gate, effects = _journal_works(gate)
    if pending is None:
        return gate, effects
    late = now - pending.at_ns > CHECKING_MAX_MS * MS
    if isinstance(pending.then, RelayTried) and late:
        return gate, effects  # whoever asked is told that nothing moved, and may have gone
    if isinstance(pending.then, Granted):
        closed = Reason.JOURNAL_UNAVAILABLE if late else shut(gate)
        if closed is not None:
            gate, annulled = _too_late(gate, pending, closed, now)
            return gate, (*annulled, *effects)
        gate = welcome(gate, pending, now)
    gate, opened = to_door(gate, pending.then, now)
    return gate, (*opened, *effects)


# journal, time


def _journal_works(gate: Gate) -> Step:
    """End the journal's fault, and say so unless a record on its way already does."""
    said = bool(gate.retry_token)
    gate = replace(gate, faults=gate.faults - {Fault.JOURNAL}, retry_ns=0, retry_token=0)
    if said:
        return gate, ()
    gate, record = put(gate, _journal_cleared())
    return gate, (record,)


def _journal_cleared() -> EventDraft:
    return EventDraft(EventType.FAULT_CLEARED, data={"fault": Fault.JOURNAL.value})


def _too_late(gate: Gate, late: Pending, closed: Reason, now: int) -> Step:
    """Annul an admission whose record took so long that its visitor may have gone, or that the door was shut."""
    why = (closed,)
    gate, annulled = put(gate, EventDraft(EventType.VISIT_ANNULLED, late.visit, {"reasons": list(why)}))
    gate, called = show_call(gate, late.visit, late.party, why, now)
    return gate, (annulled, *called, Reopen(late.visit, why))


def _commit_failed(gate: Gate, token: int, now: int) -> Step:
    gate, failed = _take_pending(gate, token)
    retry_token = 0 if token == gate.retry_token else gate.retry_token
    gate = replace(gate, retry_ns=now + RETRY_MS * MS, retry_token=retry_token)
    # The record that the journal failed is kept by the shell until it can be written.
    gate, effects = fault_seen(gate, Fault.JOURNAL, present=True)
    if failed is None or not failed.visit:
        return gate, effects
    # Never admitted without a record; staff is told on the screen, as no record of the call can be made.
    why = (Reason.JOURNAL_UNAVAILABLE,)
    turn = Turn(View.STAFF, failed.visit, failed.party, why, next_step(why[0]))
    return take_turn(gate, turn, now), (*effects, Reopen(failed.visit, why))


def _tick(gate: Gate, now: int) -> Step:
    effects: list[Effect] = []
    if gate.view is View.CODE_READ and now - gate.since_ns > CHECKING_MAX_MS * MS:
        gate, called = show_call(gate, gate.visit, gate.party, (Reason.JOURNAL_UNAVAILABLE,), now)
        effects += called
    gate, called = nobody_came(pass_time(gate, now), now)
    effects += called
    gate, of_the_door = to_door(gate, Tick(), now)
    effects += of_the_door
    if gate.retry_ns and now >= gate.retry_ns:
        # Trying to record that the journal works again is the test of whether it does.
        gate, record = put(gate, _journal_cleared())
        gate = replace(gate, retry_ns=now + RETRY_MS * MS, retry_token=record.token)
        effects.append(record)
    return gate, tuple(effects)


def _touched(gate: Gate, now: int) -> Gate:
    more = gate.until_ns + TOUCH_MS * MS if gate.view is View.REFUSED and gate.until_ns else gate.until_ns
    # One extension a touch would let a child hold the page for ever: it never ends later than from now.
    return replace(gate, until_ns=min(more, now + (REFUSED_MS + TOUCH_MS) * MS))


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
        case OpenAsked() | RelayTestAsked() | ModeAsked() | HoldOpen():
            return asked(gate, event, now)
        case FaultSeen(fault=fault, present=present):
            return fault_seen(gate, fault, present=present)
        case Touched():
            return _touched(gate, now), ()
        case HelpAsked():
            return help_asked(gate, now)
        case HelpOver():
            return not_needed(gate, now)
        case StaffDone():
            gate = idle(replace(gate, calls=()), now) if gate.view is View.STAFF else gate
            return to_door(gate, AlarmsSeen(), now)
        case Tick():
            return _tick(gate, now)
        case _:
            return to_door(gate, event, now)
