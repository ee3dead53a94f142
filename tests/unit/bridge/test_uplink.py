"""What goes under each number: an event, what stands in for it where it can never go, or nothing at all."""

import pytest

from kiosk.api.messages import CommandResult, DeadLetter
from kiosk.testing.fake_gate import make_record
from mqtt_bridge.central.judging import batch_of, findings
from mqtt_bridge.central.store import Arrival
from mqtt_bridge.codec import dead_letter_code, decode_event, is_whole, stand_in
from mqtt_bridge.dead_letters import MOST, DeadLetters
from mqtt_bridge.session import Acked, SessionFullError, Up
from mqtt_bridge.topics import KioskAddress
from mqtt_bridge.uplink import Uplink
from mqtt_bridge.window import Window

ADDRESS = KioskAddress("local", "main", "gate-1")
LARGE = {"note": "x" * 2000}


class ScriptedSession:
    """Takes what is published, while it has room."""

    def __init__(self):
        self.published = []
        self.room = 1000

    def packet_size(self, topic, payload):
        return len(topic) + len(payload)

    def publish(self, topic, payload):
        if len(self.published) >= self.room:
            raise SessionFullError("full")
        self.published.append((topic, payload))
        return len(self.published)


class ScriptedLines:
    def __init__(self):
        self.up = ScriptedSession()


def chain(*datas):
    records = []
    for number, data in enumerate(datas, 1):
        records.append(make_record(number, records[-1].hash if records else "0" * 64, data=data))
    return records


def opened(*datas, limits=None):
    """Return an uplink with a connection and a journal of events with this data, and the session."""
    records, lines = chain(*datas), ScriptedLines()
    uplink = Uplink(ADDRESS, Window(lambda: 0.0))
    uplink.begin(len(records), 0)
    uplink.connected(limits or Up(100, 1000))
    uplink.outbox.answer(records, 1)
    uplink.send(lines, 0.0)
    return uplink, lines, records


def events(lines):
    return [decode_event(payload)[0] for topic, payload in lines.up.published if "/evt/" in topic]


def test_what_is_too_large_has_a_stand_in_with_its_number_hash_and_link():
    uplink, lines, records = opened(None, LARGE, None)
    assert events(lines) == [records[0], stand_in(records[1], "too_large"), records[2]]
    assert uplink.take_buried() == [DeadLetter(seq=2, code="too_large")]
    assert (uplink.take_buried(), uplink.dead.count) == ([], 1)
    for mid in (1, 2, 3):
        uplink.puback(Acked(mid, 0), 0.0)
    assert uplink.window.sent_upto == 3
    assert uplink.confirm(3, 0.0), "the centre has every number"


@pytest.mark.parametrize("code", [0x95, 0x99])
def test_what_the_broker_refuses_for_good_goes_as_its_stand_in_next_and_in_order(code):
    uplink, lines, records = opened(None, None, None)
    uplink.puback(Acked(1, 0), 0.0)
    uplink.puback(Acked(2, code), 0.0)
    uplink.outbox.answer(records[1:], 2)
    uplink.send(lines, 0.0)
    (letter,) = uplink.take_buried()
    assert letter.seq == 2
    assert events(lines)[3:] == [stand_in(records[1], letter.code), records[2]]
    assert uplink.refused == 1


def test_where_not_even_the_stand_in_is_taken_nothing_behind_it_waits():
    uplink, lines, records = opened(None, None, limits=Up(100, 10))
    assert lines.up.published == []
    assert uplink.window.skipped == 2
    uplink.connected(Up(100, 1000))
    uplink.outbox.answer(records, 1)
    uplink.send(lines, 0.0)
    assert events(lines) == records, "another connection may take it"
    for mid in (1, 2):
        uplink.puback(Acked(mid, 0x99), 0.0)
        uplink.outbox.answer(records, 1)
        uplink.send(lines, 0.0)
    uplink.puback(Acked(3, 0x99), 0.0)
    uplink.outbox.answer(records, 1)
    uplink.send(lines, 0.0)
    assert uplink.dead.is_stuck(1)
    assert uplink.window.sent_upto == 0


def test_a_socket_that_takes_nothing_more_ends_the_turn_and_loses_nothing():
    records, lines = chain(None, None), ScriptedLines()
    lines.up.room = 1
    uplink = Uplink(ADDRESS, Window(lambda: 0.0))
    uplink.begin(2, 0)
    uplink.connected(Up())
    uplink.outbox.answer(records, 1)
    uplink.send(lines, 0.0)
    lines.up.room = 10
    uplink.send(lines, 0.0)
    assert events(lines) == records


def test_results_go_before_events_and_both_keep_to_what_the_broker_lets_be_on_its_way():
    uplink, lines, _ = opened(None, None, None, limits=Up(2, 1000))
    uplink.add(CommandResult(id="ab", command="open", state="done"))
    uplink.send(lines, 0.0)
    assert len(lines.up.published) == 2
    uplink.puback(Acked(1, 0), 0.0)
    uplink.send(lines, 0.0)
    uplink.send(lines, 0.0)
    assert [topic.rpartition("/")[2] for topic, _ in lines.up.published[2:]] == ["ab"]
    uplink.disconnected()
    uplink.connected(Up())
    uplink.send(lines, 0.0)
    assert lines.up.published[3] == lines.up.published[2], "it had not been answered"


def test_a_stand_in_is_known_by_a_hash_that_covers_something_else():
    record = make_record(1, data=LARGE)
    assert dead_letter_code(stand_in(record, "too_large")) == "too_large"
    assert not is_whole(stand_in(record, "too_large"))
    honest = make_record(1, data={"dead_letter": "too_large"})
    assert (dead_letter_code(honest), dead_letter_code(record)) == ("", "")


@pytest.mark.parametrize("late", [False, True], ids=["stand_in_first", "event_first"])
def test_the_centre_has_a_finding_of_its_own_for_it_and_no_broken_link(late):
    records = chain(None, LARGE, None)
    came = [records[0], stand_in(records[1], "too_large"), records[2], records[1]]
    if late:
        came.reverse()
    batch = batch_of(Arrival(record, "local/main/gate-1") for record in came)
    found = findings(batch, batch.keys, {})
    assert [(finding.row.seq, finding.kind) for finding in found] == ([] if late else [(2, "dead")])


def test_what_is_remembered_of_dead_letters_is_bounded():
    dead = DeadLetters()
    assert all(dead.add(seq, "too_large") for seq in range(1, MOST + 101))
    assert (dead.code(100), dead.code(101), dead.count) == ("", "too_large", MOST + 100)
    dead.confirmed(MOST + 99)
    assert (dead.code(MOST + 99), dead.code(MOST + 100)) == ("", "too_large")
