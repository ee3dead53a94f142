"""Staff is called: once a visit, at once for whoever asks for it, and again while nobody comes.

What calls it a second time is that the page still stands: staff clears it, or whoever asked says that it is no longer
needed.
"""

from dataclasses import replace

from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_io import View
from kiosk.domain.gate_records import Step
from kiosk.domain.gate_records import record as put
from kiosk.domain.gate_screen import MS, idle, take_turn
from kiosk.domain.gate_state import Call, Gate, Turn
from kiosk.domain.reasons import NextStep, Reason

CALLED = 16
"""Visits of which is known that staff was called for them."""
CALL_AGAIN_MS = 60_000
"""How long staff has to come before it is called again."""
CALLS_MAX = 5
"""How often it is called for one page: nobody is there, and the journal is not for that alone."""


def call(gate: Gate, visit: str, why: tuple[Reason, ...], now: int, **more: object) -> Step:
    """Call staff. Who has called before keeps the time of the first call."""
    gate, record = put(gate, EventDraft(EventType.STAFF_CALLED, visit, {"reasons": list(why), **more}))
    before = next((one for one in gate.calls if one.visit == visit), None)
    since = before.since_ns if before is not None else now
    return replace(gate, calls=(*_without(gate, visit), Call(visit, since, why))[-CALLED:]), (record,)


def _without(gate: Gate, visit: str) -> tuple[Call, ...]:
    return tuple(one for one in gate.calls if one.visit != visit)


def call_once(gate: Gate, visit: str, why: tuple[Reason, ...], now: int) -> Step:
    """Call staff unless it was called for this visit and has not come yet."""
    waits = any(one.visit == visit for one in gate.calls)
    return (gate, ()) if waits else call(gate, visit, why, now)


def show_call(gate: Gate, visit: str, party: str, why: tuple[Reason, ...], now: int) -> Step:
    """Show at once that staff is coming, and call it, once a visit."""
    if gate.view is View.STAFF and gate.visit == visit:
        return gate, ()
    gate = take_turn(gate, Turn(View.STAFF, visit, party, why, NextStep.WAIT_FOR_STAFF), now)
    return call_once(gate, visit, why, now)


def help_asked(gate: Gate, now: int) -> Step:
    """Call staff for whoever asks for it: who presses is heard, whatever was called for before."""
    if gate.view is View.STAFF:
        return gate, ()
    why = (Reason.HELP_REQUESTED,)
    gate = take_turn(gate, Turn(View.STAFF, gate.visit, gate.party, why, NextStep.WAIT_FOR_STAFF), now)
    return call(gate, gate.visit, why, now)


def not_needed(gate: Gate, now: int) -> Step:
    """End a call that somebody asked for. What the kiosk itself has called for, staff alone can clear."""
    if gate.view is not View.STAFF or gate.reasons != (Reason.HELP_REQUESTED,):
        return gate, ()
    visit = gate.visit
    gate, record = put(gate, EventDraft(EventType.STAFF_NOT_NEEDED, visit))
    return idle(replace(gate, calls=_without(gate, visit)), now), (record,)


def nobody_came(gate: Gate, now: int) -> Step:
    """Call again where the page has stood for another minute."""
    due = gate.view is View.STAFF and now - gate.since_ns >= gate.called * CALL_AGAIN_MS * MS
    if not due or gate.called >= CALLS_MAX:
        return gate, ()
    called = gate.called + 1
    return call(replace(gate, called=called), gate.visit, gate.reasons, now, call=called)
