import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mqtt_bridge
from kiosk.domain.events import EventType, follows
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
        (payload_of(more=1), "envelope"),
        (payload_of(id="gate-1:e1:2"), "contradiction"),
        (payload_of(type="gk.visit.denied"), "contradiction"),
        (payload_of(time="2027-01-01T00:00:00Z"), "contradiction"),
        (payload_of(source="/gk/1/local/main/gate-2"), "contradiction"),
        (payload_of(source="/gk/1/LOCAL/main/gate-1"), "source"),
        (payload_of(source=7), "contradiction"),
        (payload_of(data={"seq": 1}), "record"),
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


# The published schema and the codec say the same. A small reader of the few keywords that the schema uses.

SCHEMA = json.loads((Path(mqtt_bridge.__file__).parent / "schemas" / "event.schema.json").read_text())
PYTHON_TYPES = {"object": dict, "string": str, "integer": int}


def breaks(schema, value, where="$"):
    """Return what in `value` breaks `schema`; an unknown keyword is an error of the schema."""
    known = {"$schema", "$id", "title", "description", "type", "const", "enum", "pattern", "minimum", "maximum"}
    known |= {"minLength", "maxLength", "required", "properties", "additionalProperties", "format", "examples"}
    assert set(schema) <= known, set(schema) - known
    if "type" in schema and (type(value) is not PYTHON_TYPES[schema["type"]]):
        return [f"{where}: not {schema['type']}"]
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: const")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: enum")
    if isinstance(value, str):
        if not re.search(schema.get("pattern", ""), value):
            found.append(f"{where}: pattern")
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 1 << 30):
            found.append(f"{where}: length")
    if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{where}: range")
    if isinstance(value, dict):
        found += [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        properties = schema.get("properties", {})
        for name, inner in value.items():
            if name in properties:
                found += breaks(properties[name], inner, f"{where}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{where}.{name}: unknown")
    return found


@given(DATA, st.integers(1, (1 << 53) - 1))
def test_what_the_codec_writes_satisfies_the_published_schema(data, seq):
    assert breaks(SCHEMA, json.loads(encode_event(make_record(seq, data=data), ADDRESS))) == []


@pytest.mark.parametrize("event_type", EventType)
def test_every_event_type_satisfies_the_published_schema(event_type):
    record = make_record(1).model_copy(update={"type": event_type.value})
    assert breaks(SCHEMA, json.loads(encode_event(record, ADDRESS))) == []


def test_the_schema_refuses_what_the_codec_refuses():
    for changes in ({"specversion": "0.3"}, {"more": 1}, {"id": "x"}, {"data": {"seq": 1}}):
        assert breaks(SCHEMA, json.loads(payload_of(**changes)))


def test_the_schema_names_every_field_of_a_record():
    fields = set(make_record(1).model_dump())
    assert set(SCHEMA["properties"]["data"]["properties"]) == set(SCHEMA["properties"]["data"]["required"]) == fields
