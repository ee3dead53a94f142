"""The gate's machine towards the door: what opens it, when that is on record, and what it answers."""

from dataclasses import replace
from typing import assert_never

from kiosk.domain import alarms, door
from kiosk.domain.door_io import (
    Alarm,
    Annulled,
    DoorInput,
    Granted,
    HoldOpen,
    Mode,
    ModeAsked,
    OpenAsked,
    RelayTestAsked,
    RelayTried,
)
from kiosk.domain.door_table import refusal
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.gate_io import Effect, Fault, FaultSeen, Judged, Lock, Record, Release, Reopen, View
from kiosk.domain.gate_records import Step, fault_seen, record, recorded
from kiosk.domain.gate_screen import take_turn
from kiosk.domain.gate_state import Gate, Pending, Turn
from kiosk.domain.reasons import Reason, next_step
from kiosk.domain.situation import Direction


def shut(gate: Gate) -> Reason | None:
    """Return why nobody is let in now, whatever they show."""
    return Reason.RELAY_FAULT if Fault.RELAY in gate.faults else refusal(gate.door)


def to_door(gate: Gate, event: DoorInput, now: int) -> Step:
    """Let the door's machine take a step, and put its word into the order of this one."""
    new, outputs = door.step(gate.door, event, now)
    gate, effects = replace(gate, door=new), list[Effect]()
    for output in outputs:
        more: tuple[Effect, ...]
        match output:
            case Release() | Lock():
                more = (output,)
            case EventDraft():
                gate, more = recorded(gate, (output,))
            case FaultSeen(fault=fault, present=present):
                gate, more = fault_seen(gate, fault, present=present)
            case Annulled(visit=visit, reasons=why):
                gate, more = _not_passed(gate, visit, why, now)
            case _:
                assert_never(output)
        effects += more
    return gate, tuple(effects)


def _not_passed(gate: Gate, visit: str, why: tuple[Reason, ...], now: int) -> Step:
    """Take an admission back that nobody has used, and say so where nobody else is being answered."""
    gate, one = record(gate, EventDraft(EventType.VISIT_ANNULLED, visit, {"reasons": list(why)}))
    if gate.view is View.IDLE:
        gate = take_turn(gate, Turn(View.REFUSED, visit, visit, why, next_step(why[0])), now)
    return gate, (one, Reopen(visit, why))


def asked(gate: Gate, event: OpenAsked | RelayTestAsked | ModeAsked | HoldOpen, now: int) -> Step:
    """Take in what somebody with the right to do so, or the schedule, wants of the door."""
    match event:
        case OpenAsked():
            return open_asked(gate, event, now)
        case RelayTestAsked():
            return relay_test_asked(gate, event, now)
        case ModeAsked() | HoldOpen():
            return asked_for_long(gate, event, now)
        case _:
            assert_never(event)


def open_asked(gate: Gate, asked: OpenAsked, now: int) -> Step:
    """Put on record that staff or the centre lets somebody through; the door hears of it when that is durable."""
    if shut(gate) is not None:
        return gate, ()
    entry = asked.direction is Direction.ENTRY
    said = {"by": asked.by, "direction": asked.direction.value, "reasons": [asked.reason] if asked.reason else []}
    draft = EventDraft(EventType.VISIT_ADMITTED, asked.visit, said, count=Count(change=1 if entry else -1))
    gate, one = record(gate, draft)
    granted = Granted(asked.visit, asked.direction, asked.longer, by_command=True)
    return replace(gate, pending=(*gate.pending, Pending(one.token, granted, now, asked.visit))), (one,)


def relay_test_asked(gate: Gate, asked: RelayTestAsked, now: int) -> Step:
    """Put on record that a relay is tried, in maintenance only; the door hears of it when that is durable."""
    if gate.door.running is not Mode.MAINTENANCE or gate.door.fire:
        return gate, ()
    draft = EventDraft(EventType.SELF_TEST_MADE, data={**asked.said, "part": asked.out.value})
    gate, one = record(gate, draft)
    return replace(gate, pending=(*gate.pending, Pending(one.token, RelayTried(asked.out), now))), (one,)


def asked_for_long(gate: Gate, asked: ModeAsked | HoldOpen, now: int) -> Step:
    """Lock the door at once where that is asked for; let it stand open only when that is on record."""
    standing = asked.mode is gate.door.mode if isinstance(asked, ModeAsked) else asked == gate.door.hold
    # What is asked for last counts: an opening still on its way to the journal must not come after a locking.
    waiting = tuple(one for one in gate.pending if type(one.then) is type(asked))
    if waiting and waiting[-1].then == asked:
        return gate, ()
    gate = replace(gate, pending=tuple(one for one in gate.pending if one not in waiting))
    if standing:
        return gate, ()
    if isinstance(asked, ModeAsked):
        opens = asked.mode is Mode.FREE_PASSAGE
        mode, was = asked.mode.value, gate.door.mode.value
        draft = EventDraft(EventType.MODE_CHANGED, data={"mode": mode, "was": was, "by": asked.by})
    else:
        opens = asked.active
        said = {"hold_open": asked.active, "first_person": asked.first_person}
        draft = EventDraft(EventType.SCHEDULE_CHANGED, data=said)
    gate, one = record(gate, draft)
    if opens:
        return replace(gate, pending=(*gate.pending, Pending(one.token, asked, now))), (one,)
    gate, effects = to_door(gate, asked, now)
    return gate, (*effects, one)


def passback(gate: Gate, judged: Judged, admitted: Record, now: int) -> Step:
    """Let staff know of somebody who is let in although they are inside already (soft anti-passback)."""
    if "passback" not in judged.data:
        return gate, (admitted,)
    standing, raised = alarms.raised(gate.door.alarms, Alarm.PASSBACK, now, visit=judged.visit)
    gate, effects = recorded(replace(gate, door=replace(gate.door, alarms=standing)), raised)
    return gate, (admitted, *effects)
