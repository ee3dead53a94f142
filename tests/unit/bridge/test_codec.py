import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.events import follows
from kiosk.testing.fake_gate import make_record
from mqtt_bridge.codec import (
    MAX_PAYLOAD,
    CodecError,
    decode_event,
    encode_event,
    is_whole,
    to_event,
)
from mqtt_bridge.topics import KioskAddress

ADDRESS = KioskAddress("local", "main", "gate-1")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(TEXT, VALUES, max_size=4)


def payload_of(record=None, **changes):
    envelope = json.loads(encode_event(record or make_record(1), ADDRESS))
    envelope.update(changes)
    return json.dumps(envelope).encode()


def code_of(payload):
    with pytest.raises(CodecError) as caught:
        decode_event(payload)
    return caught.value.code


@given(DATA, st.integers(1, (1 << 53) - 1), st.text("0123456789abcdef", min_size=1, max_size=64))
def test_an_event_comes_back_as_it_was_and_its_hash_still_covers_it(data, seq, epoch):
    record = make_record(seq, data=data, epoch=epoch)
    read, place = decode_event(encode_event(record, ADDRESS))
    assert read == record
    assert place == "local/main/gate-1"
    assert is_whole(read)
    assert follows(to_event(read), record.prev)


def test_an_event_type_of_a_newer_kiosk_is_carried_and_checked_as_well():
    record = make_record(1).model_copy(update={"type": "lift.arrived"})
    assert decode_event(encode_event(record, ADDRESS))[0].type == "lift.arrived"
    assert not is_whole(record)


def test_attributes_that_extend_cloudevents_are_passed_over():
    record = make_record(1)
    payload = payload_of(record, traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", sampledrate=30)
    assert decode_event(payload) == (record, "local/main/gate-1")


@given(st.binary(max_size=200))
def test_garbage_is_a_typed_error(payload):
    assert code_of(payload)


@given(st.data())
def test_a_payload_with_one_byte_changed_is_refused_or_does_not_pass_for_whole(data):
    record = make_record(3)
    payload = bytearray(encode_event(record, ADDRESS))
    place = data.draw(st.integers(0, len(payload) - 1))
    payload[place] ^= data.draw(st.integers(1, 255))
    try:
        read, _ = decode_event(bytes(payload))
    except CodecError:
        return
    assert read == record or not is_whole(read)


@given(VALUES)
def test_any_json_is_a_typed_error(value):
    assert code_of(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"x" * (MAX_PAYLOAD + 1), "too_large"),
        (b"[" * 200_000, "json"),
        (b'{"a":1,"a":2}', "json"),
        (b'{"a":1e999}', "json"),
        (b'{"a":NaN}', "json"),
        (b'{"a":"\\ud800"}', "json"),
        (b'{"a":' + b"9" * 5000 + b"}", "json"),
        (b"\xff", "json"),
        (payload_of(specversion="0.3"), "envelope"),
        (payload_of(more=1.5), "envelope"),
        (payload_of(more={"a": 1}), "envelope"),
        (payload_of(more_of_it=1), "envelope"),
        (payload_of(**{"a" * 21: 1}), "envelope"),
        (payload_of(id="gate-1:e1:2"), "contradiction"),
        (payload_of(type="gk.visit.denied"), "contradiction"),
        (payload_of(time="2027-01-01T00:00:00Z"), "contradiction"),
        (payload_of(source="/gk/1/local/main/gate-2"), "contradiction"),
        (payload_of(source="/gk/1/LOCAL/main/gate-1"), "source"),
        (payload_of(source=7), "contradiction"),
        (payload_of(data={"seq": 1}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"more": 1}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"seq": "1"}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"seq": True}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"seq": 0}), "number"),
        (payload_of(data=make_record(1).model_dump() | {"seq": 1 << 60}), "number"),
        (payload_of(data=make_record(1).model_dump() | {"mono_ns": 1 << 70}), "number"),
        (payload_of(data=make_record(1).model_dump() | {"hash": "x" * 64}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"epoch": "a:b"}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"epoch": "a\0b"}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"type": ""}), "record"),
        (payload_of(data=make_record(1).model_dump() | {"data": json.loads('{"a":' * 40 + "1" + "}" * 40)}), "record"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else value,
)
def test_each_broken_rule_has_its_code(payload, code):
    assert code_of(payload) == code


def test_an_event_that_cannot_travel_is_a_typed_error():
    for data, code in [({"a": "x" * MAX_PAYLOAD}, "too_large"), ({"a": "\ud800"}, "text")]:
        with pytest.raises(CodecError) as caught:
            encode_event(make_record(1).model_copy(update={"data": data}), ADDRESS)
        assert caught.value.code == code
