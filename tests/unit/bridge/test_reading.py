import pytest

from kiosk.testing.fake_gate import make_record
from mqtt_bridge.central.reading import MAX_ANSWER, read
from mqtt_bridge.central.store import Arrival, State
from mqtt_bridge.codec import CodecError, encode_event
from mqtt_bridge.session import Received
from mqtt_bridge.topics import KioskAddress, TopicError

PLACE = "local/main/gate-1"
ADDRESS = KioskAddress("local", "main", "gate-1")


def told(topic, payload):
    return read(Received(topic, payload, 1, 1))


def test_an_event_arrives_with_the_place_it_came_from():
    record = make_record(1)
    assert told(ADDRESS.event(record.type), encode_event(record, ADDRESS)) == Arrival(record, PLACE)


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        (ADDRESS.telemetry("health"), "tele/health"),
        (ADDRESS.telemetry("link"), "tele/link"),
        (ADDRESS.document_answer("policy"), "cfg/policy"),
        (ADDRESS.result("a1b2"), "res"),
    ],
)
def test_the_newest_word_on_something_is_kept_as_it_came(topic, name):
    assert told(topic, b'{"a": 1}') == State(PLACE, name, b'{"a": 1}')


def test_a_late_end_does_not_stand_where_the_birth_does():
    for state, name in [("online", "presence"), ("stopped", "presence/end"), ("lost", "presence/end")]:
        payload = b'{"state":"%s","session":"s1"}' % state.encode()
        assert told(ADDRESS.presence, payload) == State(PLACE, name, payload)


@pytest.mark.parametrize("topic", [ADDRESS.telemetry("news"), ADDRESS.document_answer("news")])
def test_what_a_newer_kiosk_tells_besides_is_passed_over(topic):
    assert told(topic, b"whatever") is None


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        (ADDRESS.telemetry("health"), b"[]", "json"),
        (ADDRESS.telemetry("health"), b'{"a": NaN}', "json"),
        (ADDRESS.result("a1b2"), b'"%s"' % (b"x" * MAX_ANSWER), "too_large"),
        (ADDRESS.presence, b'{"state": "away", "session": "s1"}', "presence"),
        (ADDRESS.event("visit.denied"), encode_event(make_record(1), ADDRESS), "contradiction"),
    ],
)
def test_what_is_not_what_its_topic_says_is_refused_with_a_code(topic, payload, code):
    with pytest.raises(CodecError) as caught:
        told(topic, payload)
    assert caught.value.code == code


@pytest.mark.parametrize("topic", [ADDRESS.ack, ADDRESS.command("open"), "gk/1/a/b", ""])
def test_where_no_kiosk_speaks_nothing_is_read(topic):
    with pytest.raises(TopicError):
        told(topic, b"{}")
