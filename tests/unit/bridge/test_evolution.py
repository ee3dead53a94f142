"""Messages may grow, and no reader of today's breaks by it: docs/telemetry.md has the rule.

`recorded/v1` holds messages and schemas as they were when there was a first version of them. They are never changed.
What a later version changes on purpose is recorded beside it as v2.
"""

import base64
import itertools
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from kiosk.api.messages import CommandResult, DocumentAnswer
from kiosk.api.telemetry import Health, Link
from kiosk.domain.centre import CentreKey, Permission
from kiosk.domain.events import follows
from kiosk.testing.published import SCHEMAS
from kiosk.testing.telemetry import HEALTH, LINK
from kiosk.verify import receipt
from kiosk.verify.statement import key_id_of
from mqtt_bridge.codec import decode_event, is_whole, to_event
from mqtt_bridge.presence import Presence, State, decode_presence

RECORDED = Path(__file__).parent / "recorded" / "v1"
OLD = {path.name: json.loads(path.read_text()) for path in sorted((RECORDED / "schemas").glob("*.json"))}


def recorded(name):
    return json.loads((RECORDED / f"{name}.json").read_text())


# Old messages, read by today's code


def test_old_events_are_read_and_their_chain_still_holds():
    names = ("event-visit-admitted", "event-gate-locked", "event-fault-raised")
    read = [decode_event(json.dumps(recorded(name)).encode()) for name in names]
    assert {place for _, place in read} == {"local/main/gate-1"}
    assert all(is_whole(record) for record, _ in read)
    events = [to_event(record) for record, _ in read]
    assert all(follows(event, before.hash) for before, event in itertools.pairwise(events))
    assert events[0].data["evidence"][0]["reasons"] == ["unsigned_card"]


@pytest.mark.parametrize("state", State)
def test_old_words_of_presence_are_read(state):
    payload = json.dumps(recorded(f"presence-{state}")).encode()
    assert decode_presence(payload) == Presence(state, "0f3c5a7799aabbcc")


def test_an_old_receipt_of_the_centres_is_believed():
    said = recorded("ack")
    public = base64.b64decode(said["public"])
    key = CentreKey("old centre", key_id_of(public), public, frozenset({Permission.STORE}))
    found = receipt.opened(base64.b64decode(said["statement"]), said["topic"], {key.key_id: key})
    assert (found.epoch, found.upto) == (said["epoch"], said["upto"])


def test_old_figures_are_read():
    assert Health.model_validate(recorded("telemetry-health")).faults == HEALTH.faults
    assert Link.model_validate(recorded("telemetry-link")).waiting == LINK.waiting


def test_old_results_and_answers_are_read():
    assert CommandResult.model_validate(recorded("result")).code == "clock_unset"
    assert DocumentAnswer.model_validate({"kind": "policy", **recorded("document-answer")}).code == "older"


# Today's messages, read by an old reader


def breaks(old, new, where=""):
    """Return what an old reader of a schema would trip over in the new one."""
    names, more = old.get("properties", {}), new.get("properties", {})
    found = [f"{where}: another {key}" for key in ("type", "const", "$ref") if key in old and old[key] != new.get(key)]
    found += [f"{where}: no longer {value}" for value in old.get("enum", ()) if value not in new.get("enum", ())]
    found += [f"{where}.{name}: no longer sure" for name in set(old.get("required", ())) - set(new.get("required", ()))]
    if old.get("additionalProperties") is False:
        found += [f"{where}.{name}: new, where nothing may be added" for name in more.keys() - names.keys()]
    parts = [(f"{where}.{name}", inner, more.get(name)) for name, inner in names.items()]
    defined = new.get("$defs", {})
    parts += [(f"{where}/{name}", inner, defined.get(name)) for name, inner in old.get("$defs", {}).items()]
    parts += [(f"{where}[]", old["items"], new.get("items"))] if "items" in old else []
    for place, inner, there in parts:
        found += [f"{place}: gone"] if there is None else breaks(inner, there, place)
    return found


@pytest.mark.parametrize("name", OLD)
def test_schemas_have_only_grown(name):
    assert breaks(OLD[name], SCHEMAS[name]) == []


@pytest.mark.parametrize(
    ("change", "trips"),
    [
        (lambda new: new["properties"].pop("session"), True),
        (lambda new: new["required"].remove("session"), True),
        (lambda new: new["properties"].update(session={"type": "integer"}), True),
        (lambda new: new["$defs"]["State"].update(enum=["online", "stopped"]), True),
        (lambda new: new["properties"].update(since={"type": "integer"}), False),
        (lambda new: new["$defs"]["State"].update(enum=["online", "stopped", "lost", "asleep"]), False),
    ],
    ids=["gone", "not_sure", "another_type", "value_gone", "new_key", "new_value"],
)
def test_what_breaks_old_readers_is_noticed_and_what_does_not_is_fine(change, trips):
    new = json.loads(json.dumps(OLD["presence.schema.json"]))
    change(new)
    assert bool(breaks(OLD["presence.schema.json"], new)) is trips


def test_nothing_may_be_added_to_a_record_since_its_hash_covers_what_there_is():
    new = json.loads(json.dumps(OLD["event.schema.json"]))
    new["$defs"]["record"]["properties"]["colour"] = {"type": "string"}
    assert breaks(OLD["event.schema.json"], new) == ["/record.colour: new, where nothing may be added"]


def test_an_old_reader_passes_over_what_is_new():
    old = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in OLD.items())
    health = HEALTH.model_dump(mode="json") | {"lift": {"floor": 3}}
    event = recorded("event-fault-raised")
    newer = event | {"type": "gk.lift.arrived", "traceparent": "00-1-2-01"}
    newer["data"] = event["data"] | {"type": "lift.arrived", "data": {"floor": 3}}
    known = event | {"data": event["data"] | {"data": {"fault": "lift_stuck", "floor": 3}}}
    for name, said in (("telemetry-health", health), ("event", newer), ("event", known)):
        Draft202012Validator(OLD[f"{name}.schema.json"], registry=old).validate(said)
