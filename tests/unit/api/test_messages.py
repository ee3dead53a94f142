import base64
import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kiosk.api import messages as wire
from kiosk.api.manager import LookUp, Ok, SignIn
from kiosk.api.messages import MAX_CODE, MAX_LINE, Message, Role, Scan, WireError, decode, encode
from kiosk.testing.fake_gate import make_record

MESSAGES = [
    wire.Hello(role=Role.UI, pid=7),
    wire.Welcome(kiosk="gate-1", epoch="e1"),
    wire.Scan(scan="s1", data=base64.b64encode(b"HC1:\x00\xff"), frame_ns=1, read_ns=2),
    wire.Hint(hint="next_part", part=1, parts=3),
    wire.VisionHealth(camera="ok", source="synthetic", fps=30.0, decode_ms=4.5, moving=True),
    wire.PreviewOffer(width=320, height=240),
    wire.PreviewWanted(wanted=True),
    wire.Snapshot(page=wire.Page.REFUSED, visit="v1", reasons=("expired",), next_step="renew", until_ns=9),
    wire.Intent(intent="help"),
    wire.UiHealth(first_frame_ms=120.5, page="idle", shown_ns=5),
    wire.Events(events=(make_record(1), make_record(2)), last=2),
    wire.Appended(last=5, confirmed=3),
    wire.DocumentAnswer(kind="trust", outcome="refused", code="older"),
    wire.CommandOffer(topic="gk/1/a/b/c/down/cmd/open", command=b"0oRA", retained=True),
    wire.CommandResult(id="ab" * 16, command="open", state="refused", code="retained"),
    wire.Telemetry(name="health", data={"waiting": 3}),
    wire.DocumentOffer(kind="trust", size=900),
    wire.Fetch(after=0, limit=200),
    wire.Sent(upto=4),
    wire.Stored(receipt=b"0oRA"),
    wire.DeadLetter(seq=4, code="puback_0x99"),
    wire.LinkHealth(link="down", detail="refused"),
    wire.Ask(id=7, request=SignIn(pin="135790")),
    wire.Answer(id=7, reply=Ok()),
    wire.FormFilled(id=1, form="health", version="1", language="vi", answers={"name": ("Ánh",), "symptoms": ("none",)}),
    wire.FormTaken(id=1, code="invalid", question="phone", problem="no_phone"),
    wire.Trace(step="relay_on", at_ns=8, visit="v1", data={"ms": 1.5}),
]
SECRET = "Nguyen-Thi-Anh"


def text_of(line):
    with pytest.raises(WireError) as caught:
        decode(line)
    return str(caught.value)


def test_every_message_is_tried():
    assert {type(message) for message in MESSAGES} == set(get_args(Message))


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type)
def test_a_message_comes_back_as_it_was(message):
    line = encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == message
    assert decode(line[:-1]) == message


@given(st.binary(max_size=MAX_CODE))
def test_the_bytes_of_a_code_come_back_exactly(data):
    scan = Scan(scan="s1", data=base64.b64encode(data), frame_ns=1, read_ns=2)
    assert scan.data == data
    assert decode(encode(scan)).data == data


@pytest.mark.parametrize(
    ("said", "read"),
    [({}, "qr"), ({"symbology": "QRCode"}, "qr"), ({"symbology": "unknown"}, "unknown"), ({"symbology": "qr"}, "qr"),
     ({"symbology": "code128"}, "code128")],
)  # fmt: skip
def test_a_scan_says_what_it_was_read_from_and_older_ones_are_still_understood(said, read):
    line = {"type": "scan", "scan": "s1", "data": "QQ==", "frame_ns": 1, "read_ns": 2} | said
    assert decode(json.dumps(line).encode()).symbology == read


@pytest.mark.parametrize("symbology", ["Code128", "EAN13", "", 1, None])
def test_a_scan_of_another_symbology_is_none(symbology):
    line = {"type": "scan", "scan": "s1", "data": "QQ==", "frame_ns": 1, "read_ns": 2, "symbology": symbology}
    assert text_of(json.dumps(line).encode())


def test_the_largest_code_goes_through_and_much_more_does_not():
    scan = Scan(scan="s1", data=base64.b64encode(bytes(MAX_CODE)), frame_ns=1, read_ns=2)
    assert decode(encode(scan)).data == bytes(MAX_CODE)
    fields = json.loads(encode(scan)) | {"data": base64.b64encode(bytes(MAX_CODE + 10)).decode()}
    assert text_of(json.dumps(fields).encode())


@given(st.text(max_size=50))
def test_any_text_fits_on_one_line(text):
    line = encode(wire.Welcome(kiosk=text, epoch="e"))
    assert line.count(b"\n") == 1
    assert decode(line).kiosk == text


GARBAGE = {
    "nothing": b"",
    "text": SECRET.encode(),
    "no UTF-8": b"\xff" + SECRET.encode(),
    "a list": json.dumps([SECRET]).encode(),
    "a word": json.dumps(SECRET).encode(),
    "no type": json.dumps({"kiosk": SECRET}).encode(),
    "an unknown type": json.dumps({"type": SECRET}).encode(),
    "a type that is no text": json.dumps({"type": [SECRET]}).encode(),
    "an unknown role": json.dumps({"type": "hello", "role": SECRET}).encode(),
    "a number in words": json.dumps({"type": "sent", "upto": SECRET}).encode(),
    "a missing field": json.dumps({"type": "welcome", "kiosk": SECRET}).encode(),
    "an unknown intent": json.dumps({"type": "intent", "intent": SECRET}).encode(),
    "an open": json.dumps({"type": "intent", "intent": "open"}).encode(),
    "a long name": json.dumps({"type": "command_result", "id": "ab", "state": "done", "code": SECRET * 10}).encode(),
    "a negative number": b'{"type":"fetch","after":-1,"limit":1}',
    "a number beyond 64 bits": b'{"type":"fetch","after":9223372036854775808,"limit":1}',
    "too many": b'{"type":"fetch","after":0,"limit":201}',
    "half a line": encode(wire.Welcome(kiosk=SECRET, epoch="e"))[:-3],
    "two messages": encode(wire.Welcome(kiosk=SECRET, epoch="e")) * 2,
    "an event with a hole": json.dumps({"type": "events", "last": 1, "events": [{"visit": SECRET}]}).encode(),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_and_not_repeated(name):
    assert SECRET not in text_of(GARBAGE[name])


def test_an_unknown_key_is_not_repeated():
    assert SECRET not in text_of(json.dumps({"type": "hello", "role": "ui", SECRET: 1}).encode())


def test_an_unknown_key_is_refused():
    assert text_of(json.dumps({"type": "hello", "role": "ui", "more": 1}).encode())


def test_a_line_has_a_bound():
    assert text_of(b" " * MAX_LINE + encode(MESSAGES[0]))
    assert text_of(b"[" * MAX_LINE)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_random_lines_are_refused(line):
    assert text_of(line)


@given(st.sampled_from(MESSAGES), st.data())
def test_a_damaged_line_is_read_or_refused(message, data):
    line = bytearray(encode(message))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = decode(bytes(line))
    except WireError:
        return
    assert isinstance(found, get_args(Message))


@pytest.mark.parametrize("said", [{"number": "079190001234", "name": "Ánh"}, {"name": 79190001234}])
def test_what_cannot_be_taken_is_not_repeated_in_the_error(said):
    with pytest.raises(ValidationError) as caught:
        LookUp.model_validate(said)
    assert "79190001234" not in str(caught.value)
    assert "Ánh" not in str(caught.value)
