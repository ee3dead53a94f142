"""What both databases promise, in the same words."""

import pytest

from kiosk.testing.fake_gate import make_record
from kiosk.testing.journals import chain
from mqtt_bridge.central.store import MAX_DEAD_LETTERS, Arrival, DeadLetter, State

PLACE = "local/main/gate-1"
JOURNAL = ("gate-1", "e1")


def add(store, *records, place=PLACE, received=1_700_000_000):
    return store.add([Arrival(record, place) for record in records], [], received)


def findings(store):
    return store.rows("SELECT seq, kind FROM findings ORDER BY seq, kind")


def test_a_whole_chain_is_stored_once_without_a_finding(store):
    records = chain(5)
    assert add(store, *records[:3]) == {JOURNAL: 3}
    assert add(store, *records) == {JOURNAL: 5}
    assert store.rows("SELECT seq FROM events ORDER BY seq") == [(number,) for number in range(1, 6)]
    assert findings(store) == []
    assert store.contiguous(*JOURNAL) == 5


def test_an_event_is_stored_with_all_that_it_says(store):
    event = make_record(1)
    add(store, event)
    ((kind, visit, time, clock, prev, digest, record, received, place),) = store.rows(
        "SELECT type, visit, time, clock, prev, hash, record, received, place FROM events"
    )
    assert (kind, visit, time, clock, prev, digest) == (
        event.type, event.visit, event.time, event.clock, event.prev, event.hash
    )  # fmt: skip
    assert type(event).model_validate_json(record) == event
    assert (received, place) == (1_700_000_000, PLACE)


def test_only_what_joins_counts_as_contiguous(store):
    records = chain(6)
    for record, upto in [(records[2], 0), (records[1], 0), (records[0], 3), (records[5], 3)]:
        assert add(store, record) == {JOURNAL: upto}
        assert store.contiguous(*JOURNAL) == upto
    assert store.contiguous("gate-1", "e2") == store.contiguous("gate-2", "e1") == 0


def test_a_number_that_closes_a_gap_moves_the_cursor_to_the_next_gap_and_no_further(store):
    records = chain(12)
    add(store, *records[2:6], *records[7:12])
    assert add(store, records[0]) == {JOURNAL: 1}
    assert add(store, records[1]) == {JOURNAL: 6}
    assert add(store, records[6]) == {JOURNAL: 12}


def test_another_epoch_is_another_journal(store):
    add(store, *chain(3))
    assert add(store, *chain(2, epoch="e2"), *chain(4)) == {JOURNAL: 4, ("gate-1", "e2"): 2}
    assert findings(store) == []


def test_repeats_are_counted_within_a_batch_and_over_batches(store):
    records = chain(3)
    add(store, *records, records[0], received=100)
    add(store, *records[1:], received=200)
    add(store, *chain(1, kiosk="gate-2"), place="local/main/gate-2", received=300)
    assert store.rows("SELECT kiosk, upto, repeats, began, heard FROM cursors ORDER BY kiosk") == [
        ("gate-1", 3, 3, 100, 200),
        ("gate-2", 1, 0, 300, 300),
    ]


def test_a_repeat_with_another_content_is_a_finding_and_the_first_stays(store):
    first = make_record(1)
    second = make_record(1, data={"reasons": ["other"]})
    add(store, first)
    add(store, second)
    add(store, second)
    assert store.rows("SELECT hash FROM events") == [(first.hash,)]
    assert store.rows("SELECT kind, hash FROM findings") == [("conflict", second.hash)]


def test_two_contents_for_one_number_in_one_batch_are_a_finding(store):
    first, second = make_record(1), make_record(1, data={"reasons": ["other"]})
    add(store, first, second)
    assert store.rows("SELECT hash FROM events") == [(first.hash,)]
    assert store.rows("SELECT kind, hash FROM findings") == [("conflict", second.hash)]


def test_an_event_whose_hash_does_not_cover_it_is_stored_and_found(store):
    records = chain(2)
    assert add(store, records[0], records[1].model_copy(update={"visit": "other"})) == {JOURNAL: 2}
    assert findings(store) == [(2, "hash")]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 2, 1)])
def test_a_broken_link_is_found_once_in_whatever_order_events_come(store, order):
    records = chain(3, broken=frozenset({2}))
    for place in order:
        add(store, records[place])
    assert len(findings(store)) == 1


def test_a_broken_link_within_one_batch_is_found_at_its_later_end(store):
    add(store, *chain(3, broken=frozenset({2})))
    assert findings(store) == [(2, "link")]


def test_a_link_to_an_event_that_another_content_stands_for_is_found(store):
    add(store, make_record(1, data={"reasons": ["other"]}))
    add(store, *chain(2))
    assert findings(store) == [(1, "conflict"), (2, "link")]


def test_a_first_event_that_names_one_before_it_is_a_finding(store):
    add(store, make_record(1, "f" * 64))
    assert findings(store) == [(1, "link")]


def test_a_kiosk_that_speaks_from_another_place_is_a_finding(store):
    records = chain(2)
    add(store, records[0])
    add(store, records[1], place="local/other/gate-1")
    assert findings(store) == [(2, "place")]


def test_dead_letters_are_kept_bounded_and_all_are_counted(store):
    first = DeadLetter("first", b"", "json")
    letter = DeadLetter("t" * 5000, b"x" * 5000, "json")
    assert store.add([], [first], 1) == {}
    store.add([], [letter] * (MAX_DEAD_LETTERS + 10), 1)
    assert store.rows("SELECT count(*), min(length(topic)), max(length(payload)) FROM dead_letters") == [
        (MAX_DEAD_LETTERS, 256, 1024)
    ]
    assert store.rows("SELECT value FROM counters") == [(MAX_DEAD_LETTERS + 11,)]


def test_text_that_one_of_the_databases_cannot_hold_stops_neither(store):
    event = make_record(1, data={"note": "\0", "emoji": "🚪"}).model_copy(update={"visit": "a\0b"})
    assert store.add([Arrival(event, PLACE)], [DeadLetter("a\0\ud800", b"\0", "topic")], 1) == {JOURNAL: 1}
    assert store.rows("SELECT visit FROM events") == [("a\N{REPLACEMENT CHARACTER}b",)]
    assert store.rows("SELECT topic FROM dead_letters") == [("a\N{REPLACEMENT CHARACTER}?",)]


def test_the_newest_word_of_each_kiosk_is_kept(store):
    presence = State(PLACE, "presence", b"online")
    store.note_state([presence, State(PLACE, "tele/health", b"1"), State(PLACE, "tele/health", b"2")], 100)
    store.note_state([State("local/main/gate-2", "presence", b"online")], 100)
    store.note_state([State(PLACE, "presence", b"lost")], 200)
    store.note_state([presence], 150)  # by a consumer that was slower
    store.note_state([], 300)
    assert store.rows("SELECT place, name, payload, received FROM kiosk_state ORDER BY place, name") == [
        (PLACE, "presence", b"lost", 200),
        (PLACE, "tele/health", b"2", 100),
        ("local/main/gate-2", "presence", b"online", 100),
    ]
