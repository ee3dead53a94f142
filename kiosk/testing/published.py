"""What is published of MQTT's messages, as tests hold the code to it: the schemas, taken strictly."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import mqtt_bridge
from kiosk.testing.fake_gate import make_record
from mqtt_bridge.codec import encode_event
from mqtt_bridge.topics import KioskAddress

FOLDER = Path(mqtt_bridge.__file__).parent / "schemas"
SCHEMAS: dict[str, Any] = {path.name: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
"""By the name of the file."""
_ADDRESS = KioskAddress("local", "main", "gate-1")


def closed(schema: Any) -> Any:
    """Return a schema that takes no key beside those that it names: what is written has to be published."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if isinstance(inner.get("properties"), dict) and inner.get("type") == "object":
        inner.setdefault("additionalProperties", False)
    return inner


def _registry(schemas: Mapping[str, Any]) -> Registry[Any]:
    return Registry[Any]().with_resources((name, Resource.from_contents(schema)) for name, schema in schemas.items())


_STRICT = _registry({name: closed(schema) for name, schema in SCHEMAS.items()})


def breaks(name: str, payload: bytes | str) -> list[str]:
    """Return what in a payload is not as the schema of that name says; `name` without its endings."""
    validator = Draft202012Validator(_STRICT.contents(f"{name}.schema.json"), registry=_STRICT)
    return [f"{error.json_path}: {error.message}"[:200] for error in validator.iter_errors(json.loads(payload))]


def data_breaks(kind: str, data: Mapping[str, object]) -> list[str]:
    """Return what in an event's data is not as is published for its type."""
    record = make_record(1, data=json.loads(json.dumps(data))).model_copy(update={"type": kind})
    return breaks("event", encode_event(record, _ADDRESS))
