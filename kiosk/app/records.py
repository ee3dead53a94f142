"""Journal events on their way to the bridge."""

from collections.abc import Sequence

from kiosk.api import messages as wire
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
    return wire.EventRecord(
        epoch=event.epoch, seq=event.seq, kiosk=event.kiosk, boot=event.boot, type=event.type, visit=event.visit,
        time=event.time, clock=event.clock.value, mono_ns=event.mono_ns, data=dict(event.data), sealed=event.sealed,
        prev=event.prev, hash=event.hash,
    )  # fmt: skip


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
