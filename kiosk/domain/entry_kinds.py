"""What a list of entries can be narrowed to."""

from collections.abc import Mapping
from enum import StrEnum

from kiosk.domain.events import EventType


class EntryKind(StrEnum):
    """Some of the journal's events, as a manager thinks of them."""

    ALL = "all"
    ADMITTED = "admitted"
    REFUSED = "refused"
    """Refused, asked for more, or let in and taken back."""
    STAFF = "staff"
    """What staff has done or was called for."""
    ALARMS = "alarms"
    """Alarms, and parts that have failed."""
    SYSTEM = "system"
    """Everything else: starts, documents, look-ups."""


_TYPES: Mapping[EntryKind, frozenset[EventType]] = {
    EntryKind.ADMITTED: frozenset({EventType.VISIT_ADMITTED}),
    EntryKind.REFUSED: frozenset(
        {EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE, EventType.VISIT_ANNULLED}
    ),
    EntryKind.STAFF: frozenset({
        EventType.STAFF_CALLED, EventType.STAFF_NOT_NEEDED, EventType.STAFF_ACTED, EventType.MODE_CHANGED,
        EventType.OCCUPANCY_SET, EventType.ALARM_SEEN, EventType.COMMAND_RECEIVED, EventType.COMMAND_FINISHED,
        EventType.COMMAND_REFUSED, EventType.EXIT_REQUESTED,
    }),
    EntryKind.ALARMS: frozenset({
        EventType.ALARM_RAISED, EventType.ALARM_CLEARED, EventType.FAULT_RAISED, EventType.FAULT_CLEARED,
        EventType.GATE_INTERRUPTED,
    }),
}  # fmt: skip
_WITH_REASONS = frozenset({
    EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE, EventType.VISIT_ANNULLED, EventType.STAFF_CALLED,
})  # fmt: skip
"""Events that say why, in a list of reasons; an admission does so only where staff or the centre let somebody in."""
_DOOR = frozenset({
    EventType.GATE_RELEASED, EventType.GATE_LOCKED, EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT,
})  # fmt: skip
"""What follows from the others, and stands in the whole list alone."""


def narrowed(kind: EntryKind, *, by_reason: bool) -> tuple[frozenset[EventType], bool]:
    """Return which types a list has, and whether those admissions as well by which staff or the centre opened."""
    types = types_of(kind)
    if by_reason:
        return types & _WITH_REASONS, kind is EntryKind.STAFF or EventType.VISIT_ADMITTED in types
    return types, kind is EntryKind.STAFF


def types_of(kind: EntryKind) -> frozenset[EventType]:
    """Return the types of events that belong to a kind."""
    if kind is EntryKind.ALL:
        return frozenset(EventType)
    if kind is EntryKind.SYSTEM:
        return frozenset(EventType) - _DOOR - frozenset().union(*_TYPES.values())
    return _TYPES[kind]
