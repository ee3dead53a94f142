"""Every event is in the whole list, and in one of the others at most."""

from itertools import combinations

from kiosk.domain.entry_kinds import EntryKind, narrowed, types_of
from kiosk.domain.events import EventType

PARTS = [kind for kind in EntryKind if kind is not EntryKind.ALL]


def test_the_whole_list_has_every_event():
    assert types_of(EntryKind.ALL) == frozenset(EventType)


def test_no_event_is_in_two_of_the_others():
    assert all(types_of(one).isdisjoint(other_types) for one, other in combinations(PARTS, 2)
               for other_types in [types_of(other)])  # fmt: skip


def test_what_only_follows_from_others_is_in_the_whole_list_alone():
    listed = frozenset().union(*map(types_of, PARTS))
    assert frozenset(EventType) - listed == {
        EventType.GATE_RELEASED, EventType.GATE_LOCKED, EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT,
    }  # fmt: skip


def test_a_manager_finds_things_where_they_are_looked_for():
    assert types_of(EntryKind.ADMITTED) == {EventType.VISIT_ADMITTED}
    assert EventType.VISIT_NEEDS_MORE in types_of(EntryKind.REFUSED)
    assert EventType.LOOKUP_MADE in types_of(EntryKind.SYSTEM)
    assert EventType.FAULT_RAISED in types_of(EntryKind.ALARMS)
    assert EventType.COMMAND_RECEIVED in types_of(EntryKind.STAFF)


def test_what_staff_let_in_is_with_what_staff_did():
    assert narrowed(EntryKind.STAFF, by_reason=False) == (types_of(EntryKind.STAFF), True)
    assert narrowed(EntryKind.ALL, by_reason=False) == (types_of(EntryKind.ALL), False)


def test_by_a_reason_only_what_says_one_is_looked_through():
    refused, opened = narrowed(EntryKind.REFUSED, by_reason=True)
    assert (refused, opened) == (types_of(EntryKind.REFUSED), False)
    assert narrowed(EntryKind.ADMITTED, by_reason=True) == (frozenset(), True)
    assert narrowed(EntryKind.STAFF, by_reason=True) == ({EventType.STAFF_CALLED}, True)
    assert narrowed(EntryKind.ALARMS, by_reason=True) == (frozenset(), False)
