"""What the gate's machine puts on record, and the faults that it knows."""

from dataclasses import replace

from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_io import Effect, Fault, Record
from kiosk.domain.gate_state import Gate

Step = tuple[Gate, tuple[Effect, ...]]


def record(gate: Gate, draft: EventDraft) -> tuple[Gate, Record]:
    """Return the gate and the effect that makes an event durable."""
    return replace(gate, token=gate.token + 1), Record(gate.token + 1, draft)


def recorded(gate: Gate, drafts: tuple[EventDraft, ...]) -> Step:
    """Return the gate and the effects that make events durable, in order."""
    effects: list[Effect] = []
    for draft in drafts:
        gate, one = record(gate, draft)
        effects.append(one)
    return gate, tuple(effects)


def fault_seen(gate: Gate, fault: Fault, *, present: bool) -> Step:
    """Take in that something has failed, or works again; said once."""
    if present == (fault in gate.faults):
        return gate, ()
    faults = gate.faults | {fault} if present else gate.faults - {fault}
    if fault is Fault.JOURNAL and not present:
        gate = replace(gate, retry_ns=0, retry_token=0)
    kind = EventType.FAULT_RAISED if present else EventType.FAULT_CLEARED
    gate, one = record(replace(gate, faults=faults), EventDraft(kind, data={"fault": fault.value}))
    return gate, (one,)
