"""What is published of the messages, held to the code that writes them."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

import mqtt_bridge
from kiosk.api.messages import CommandResult, DocumentAnswer, Telemetry
from kiosk.api.telemetry import Health, Link
from kiosk.domain.door_io import Alarm, Mode
from kiosk.domain.events import ClockConfidence, EventType
from kiosk.testing.fake_gate import make_record
from kiosk.testing.published import SCHEMAS, breaks, data_breaks
from kiosk.testing.telemetry import HEALTH, LINK
from mqtt_bridge.codec import encode_answer, encode_event, encode_result, encode_telemetry, stand_in
from mqtt_bridge.connecting import KEEPALIVE_S
from mqtt_bridge.presence import Presence, State
from mqtt_bridge.topics import KioskAddress

ROOT = Path(mqtt_bridge.__file__).parents[1]
OFFICIAL = ROOT / ".venv" / "share" / "asyncapi" / "3.0.0.json"
ADDRESS = KioskAddress("local", "main", "gate-1")
ASYNCAPI = yaml.safe_load((ROOT / "mqtt_bridge" / "asyncapi.yaml").read_text())


# What the code writes


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.integers(1, (1 << 53) - 1), st.sampled_from(EventType), TEXT)
def test_every_event_has_the_published_envelope(seq, kind, visit):
    record = make_record(seq, data={}).model_copy(update={"type": kind.value, "visit": visit})
    found = breaks("event", encode_event(record, ADDRESS))
    assert [one for one in found if not one.startswith("$.data.data")] == []


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ("telemetry-health", encode_telemetry(Telemetry(name="health", data=HEALTH.model_dump(mode="json")))),
        ("telemetry-link", encode_telemetry(Telemetry(name="link", data=LINK.model_dump(mode="json")))),
        *(("presence", Presence(state, "0f3c").encode()) for state in State),
        ("result", encode_result(CommandResult(id="ab" * 16, command="open", state="refused", code="retained"))),
        ("document-answer", encode_answer(DocumentAnswer(kind="policy", outcome="taken", version="3"))),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_the_code_writes_satisfies_its_schema_and_all_of_it_is_in_there(schema, payload):
    assert breaks(schema, payload) == []
    assert set(json.loads(payload)) == set(SCHEMAS[f"{schema}.schema.json"]["properties"])


def choices(cls, field):
    """Return every value that a field of a closed list may have."""
    return get_args(cls.model_fields[field].annotation)


def test_every_state_of_a_command_and_every_answer_to_a_document_is_published():
    for state in choices(CommandResult, "state"):
        assert breaks("result", encode_result(CommandResult(id="ab", state=state))) == []
    for outcome in choices(DocumentAnswer, "outcome"):
        for code in choices(DocumentAnswer, "code"):
            answer = DocumentAnswer(kind="deny", outcome=outcome, code=code)
            assert breaks("document-answer", encode_answer(answer)) == []


@pytest.mark.parametrize("field", ["mode", "clock", "alarms"])
def test_every_code_of_health_is_published(field):
    values = {"mode": list(Mode), "clock": list(ClockConfidence), "alarms": [(alarm,) for alarm in Alarm]}[field]
    for value in values:
        said = HEALTH.model_copy(update={field: value}).model_dump(mode="json")
        assert breaks("telemetry-health", encode_telemetry(Telemetry(name="health", data=said))) == []


def test_figures_that_are_not_known_satisfy_their_schema():
    for name, cls in (("health", Health), ("link", Link)):
        said = (HEALTH if cls is Health else LINK).model_dump(mode="json")
        bare = cls.model_validate({key: value for key, value in said.items() if cls.model_fields[key].is_required()})
        payload = encode_telemetry(Telemetry(name=name, data=bare.model_dump(mode="json")))
        assert breaks(f"telemetry-{name}", payload) == []


# What each event says: tests/integration/test_event_schemas.py looks at what the gate process puts on record.


AT = "2026-06-01T08:00:00+07:00"
ELSEWHERE = {
    "gate.interrupted": {},
    "kiosk.started": {"policy": "1"},
    "visit.admitted": {"by": "centre", "direction": "entry", "reasons": []},
    "occupancy.set": {"word": "w", "people": 3, "by": "desk", "why": "counted", "uid": 0, "at": AT,
                      "applied": True, "was": 4},
    "staff.signed_in": {"role": "guard", "by": "door"},
    "staff.refused": {"code": "wrong_pin", "misses": 5},
    "staff.locked_out": {"seconds": 60},
    "staff.signed_out": {"role": "guard", "by": "door", "why": "idle"},
    "staff.acted": {"act": "open", "role": "guard", "by": "door", "direction": "entry", "reason": "delivery",
                    "longer": False},
    "pins.changed": {"what": "set", "name": "night", "of": "guard", "word": "x", "uid": 0, "at": AT},
    "self_test.made": {"part": "walk", "role": "technician", "by": "service", "outputs": {"relay": "moved"},
                       "inputs": {"beam": 3, "contact": "chatters"}},
    "roster.changed": {"person": "staff-17", "change": "added", "by": "office", "role": "manager"},
    "declaration.made": {"form": "health-declaration", "version": "1", "purpose": "declaration", "language": "vi",
                         "clear": True, "kept": True},
    "records.consulted": {"lookup": "x", "what": "trace", "why": "outbreak", "visits": [7], "margin_min": 15, "uid": 0,
                          "at": AT},
    "lookup.made": {"lookup": "x", "what": "explain", "seq": 7, "uid": 1000, "at": AT},
    "trust.changed": {"source": "files", "versions": {"eu": "2026-06-01"}},
    "trust.refused": {"source": "centre", "code": "older"},
    "document.changed": {"kind": "policy", "version": "3", "by": "head office"},
    "document.refused": {"kind": "deny", "code": "invalid"},
    "settings.changed": {"how": "set", "keys": ["gate.pulse_ms"], "role": "manager", "by": "office"},
    "device.changed": {"what": "update_install", "detail": "1.2.3", "role": "technician", "by": "it"},
    "command.received": {"id": "ab" * 16, "command": "open", "by": ["ops"], "direction": "entry", "reason": "delivery"},
    "command.finished": {"id": "ab" * 16, "command": "open", "state": "failed", "code": "interrupted"},
    "command.refused": {"code": "expired", "count": 12},
    "journal.salvaged": make_record(3).model_dump(),
    "journal.gap": {"epoch": "e1", "first": 3, "last": 9},
}  # fmt: skip
"""What comes from the centre, from files and from the command line."""


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_what_others_put_on_record_is_published(kind):
    assert data_breaks(kind, ELSEWHERE[kind]) == []


def test_what_stands_in_for_an_event_that_cannot_travel_is_published():
    dead = stand_in(make_record(7), "too_large")
    assert breaks("event", encode_event(dead, ADDRESS)) == []
    assert data_breaks("visit.admitted", {"dead_letter": "too_large", "reasons": []})


def test_every_type_of_event_is_published_and_no_other():
    conditions = SCHEMAS["event-data.schema.json"]["else"]["allOf"]
    assert [one["if"]["properties"]["type"]["const"] for one in conditions] == list(EventType)


def test_what_the_code_does_not_write_is_refused():
    assert data_breaks("visit.denied", {"reasons": ["expired"]})
    assert data_breaks("journal.gap", {"epoch": "e1", "first": 3, "last": 9, "name": "Ánh"})
    assert data_breaks("gate.locked", {"released_ms": "3"})


def written():
    """Return every word that stands as a key or the name of an argument in the code of gate process and bridge."""
    words = set()
    for folder in ("kiosk/domain", "kiosk/app", "kiosk/adapters", "kiosk/api", "kiosk/cli", "mqtt_bridge"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.add(node.value)
                elif isinstance(node, ast.keyword) and node.arg:
                    words.add(node.arg)
    return words


def test_every_published_key_of_an_event_is_written_somewhere():
    keys = set()

    def look(schema):
        if isinstance(schema, dict):
            keys.update(schema["properties"] if isinstance(schema.get("properties"), dict) else ())
            for one in schema.values():
                look(one)
        elif isinstance(schema, list):
            for one in schema:
                look(one)

    look(SCHEMAS["event-data.schema.json"]["$defs"])
    assert keys - written() == set()


# The AsyncAPI document


def test_every_schema_is_a_schema_and_is_used():
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    payloads = [message["payload"] for message in ASYNCAPI["components"]["messages"].values()]
    used = {payload["$ref"].removeprefix("schemas/") for payload in payloads if "$ref" in payload}
    assert used | {"event-data.schema.json"} == set(SCHEMAS)


@pytest.fixture(scope="module")
def official():
    if not OFFICIAL.exists():
        pytest.skip("the official schema is not here: install npm and run scripts/setup dev again")
    return Draft7Validator(json.loads(OFFICIAL.read_text()))


def test_the_document_satisfies_the_official_schema(official):
    assert [f"{error.json_path}: {error.message}"[:300] for error in official.iter_errors(ASYNCAPI)] == []


@pytest.mark.parametrize(
    ("where", "value"),
    [(("asyncapi",), "2.6.0"), (("operations", "sendEvent", "action"), "publish"),
     (("operations", "sendEvent", "bindings", "mqtt", "qos"), 3), (("channels", "events", "topic"), "x")],
    ids=["version", "action", "binding", "unknown_key"],
)  # fmt: skip
def test_the_official_schema_refuses_what_is_wrong(official, where, value):
    wrong = copy.deepcopy(ASYNCAPI)
    there = wrong
    for name in where[:-1]:
        there = there[name]
    there[where[-1]] = value
    assert list(official.iter_errors(wrong))


def test_every_reference_within_the_document_leads_somewhere():
    for operation in ASYNCAPI["operations"].values():
        channel = ASYNCAPI["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
        for message in channel["messages"].values():
            assert message["$ref"].rpartition("/")[2] in ASYNCAPI["components"]["messages"]
        assert set(operation["bindings"]) == {"mqtt"}
    used = {operation["channel"]["$ref"].rpartition("/")[2] for operation in ASYNCAPI["operations"].values()}
    assert used == set(ASYNCAPI["channels"])


def test_the_document_says_how_a_kiosk_connects():
    said = ASYNCAPI["servers"]["broker"]["bindings"]["mqtt"]
    will = said["lastWill"]
    assert said["keepAlive"] == KEEPALIVE_S
    assert will["topic"] == ASYNCAPI["channels"]["presence"]["address"]
    assert json.loads(will["message"]) == json.loads(Presence(State.LOST, "…").encode())


def test_schemas_and_page_are_as_the_script_makes_them():
    run = subprocess.run(
        [sys.executable, ROOT / "scripts" / "mqtt-messages", "--check"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
