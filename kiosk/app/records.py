"""Journal events on their way to the bridge."""

from collections.abc import Sequence

from kiosk.api import messages as wire
from kiosk.domain.door_io import Mode
from kiosk.domain.events import Event, EventDraft, EventType


def fitting(events: Sequence[Event]) -> tuple[wire.EventRecord, ...]:
    """Return as many events, in order, as one line can hold; at least one, which a draft's bounds keep small."""
    records: list[wire.EventRecord] = []
    size = 0
    for event in events:
        record = to_wire(event)
        size += len(record.model_dump_json())
        if records and size > wire.MAX_LINE // 2:
            break
        records.append(record)
    return tuple(records)


def to_wire(event: Event) -> wire.EventRecord:
    """Return an event as it goes over the wire."""
    # Not looked at again: it was checked when it was read from the journal, and a backlog has a million of them.
    return wire.EventRecord.model_construct(
        epoch=event.epoch, seq=event.seq, kiosk=event.kiosk, boot=event.boot, type=event.type.value, visit=event.visit,
        time=event.time, clock=event.clock.value, mono_ns=event.mono_ns, data=dict(event.data), sealed=event.sealed,
        prev=event.prev, hash=event.hash,
    )  # fmt: skip


_TAKEN_UP = (Mode.LOCKDOWN, Mode.MAINTENANCE, Mode.OUT_OF_ORDER)


def mode_after_start(newest: Event | None) -> tuple[Mode, list[EventDraft]]:
    """Return how the door is run after a start, and what has to be put on record of that.

    What locked it locks it on. Free passage does not come back by itself: an opening that somebody asked for long ago
    must not fire again with the power.
    """
    asked = str(newest.data.get("mode", "")) if newest is not None else ""
    taken_up = next((mode for mode in _TAKEN_UP if mode.value == asked), None)
    if taken_up is not None:
        return taken_up, []
    ended = asked == Mode.FREE_PASSAGE.value
    said = {"mode": Mode.NORMAL.value, "by": "restart"}
    return Mode.NORMAL, [EventDraft(EventType.MODE_CHANGED, data=said)] if ended else []


_ENDS = (EventType.GATE_LOCKED, EventType.GATE_INTERRUPTED, EventType.VISIT_ANNULLED)


def interrupted(newest: Sequence[Event]) -> list[EventDraft]:
    """Return what has to be put on record at a start: that the last release was cut short, where it was."""
    ended: set[str] = set()
    for event in reversed(newest):
        if event.type in _ENDS:
            ended.add(event.visit)
        elif event.type is EventType.VISIT_ADMITTED:
            # What ended before this admission was an earlier one of the same visit, which had been annulled.
            return [] if event.visit in ended else [EventDraft(EventType.GATE_INTERRUPTED, event.visit)]
    return []
