"""Events, results and answers as MQTT payloads: bytes ↔ values, nothing else.

An event travels as CloudEvents 1.0 structured JSON. Its `data` is the whole record, hashes included, so that
the centre can check the chain. Readers take nothing on trust: size, text, numbers and every repeated field
are checked, and an error says which rule was broken and repeats nothing of the content.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from pydantic import ValidationError

from kiosk.api.messages import CommandResult, DocumentAnswer, EventRecord, Telemetry
from kiosk.domain.events import GENESIS, ClockConfidence, Event, EventType, digest
from mqtt_bridge.topics import KioskAddress, TopicError

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
MAX_PAYLOAD = 256 * 1024
"""Bytes that an event may take as a payload."""
MAX_NUMBER = (1 << 53) - 1
"""The largest number that every JSON reader holds exactly."""
MAX_MONO_NS = (1 << 63) - 1
DEAD_LETTER = "dead_letter"
"""The one key of the data of a stand-in."""
MAX_DEPTH = 32
"""Levels of nesting in an event's data."""
_HASH = re.compile(f"[0-9a-f]{{{len(GENESIS)}}}")
_MAX_EPOCH = 64
_EXTENSION = re.compile(r"[a-z0-9]{1,20}")
_ENVELOPE = frozenset({"specversion", "id", "source", "type", "time", "datacontenttype", "data"})


class CodecError(ValueError):
    """A payload that is not what it should be. `code` is stable; the text is for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def to_event(record: EventRecord) -> Event:
    """Return the record as the domain's event. A type that this version does not know stays as it is."""
    return Event(
        epoch=record.epoch,
        seq=record.seq,
        kiosk=record.kiosk,
        boot=record.boot,
        type=cast("EventType", record.type),
        visit=record.visit,
        time=record.time,
        clock=ClockConfidence(record.clock),
        mono_ns=record.mono_ns,
        data=record.data,
        sealed=record.sealed,
        prev=record.prev,
        hash=record.hash,
    )


def is_whole(record: EventRecord) -> bool:
    """Tell whether the record's hash covers its content."""
    return record.hash == digest(to_event(record))


def encode_event(record: EventRecord, address: KioskAddress) -> bytes:
    """Return the payload of an event. Raises CodecError where it cannot travel.

    The envelope is put around the record as text: writing an event is most of what the bridge does.
    """
    try:
        data = record.model_dump_json()
    except ValueError:
        raise CodecError("text", "the content cannot be written as JSON") from None
    _check_record(record, data.count("{") + data.count("["))
    said = _dump({
        "specversion": "1.0",
        "id": _identity(record),
        "source": f"/{address.base}",
        "type": f"gk.{record.type}",
        "time": record.time,
        "datacontenttype": "application/json",
    })  # fmt: skip
    payload = b'%s,"data":%s}' % (said[:-1], data.encode())
    if len(payload) > MAX_PAYLOAD:
        raise CodecError("too_large", "the event is too large to travel")
    return payload


def decode_event(payload: bytes) -> tuple[EventRecord, str]:
    """Return the record and the kiosk's path (`tenant/site/kiosk`) of a payload. Raises CodecError."""
    envelope = _load(payload, MAX_PAYLOAD)
    if not envelope.keys() >= _ENVELOPE or not all(_is_extension(*one) for one in envelope.items()):
        raise CodecError("envelope", "the attributes are not those of an event")
    if envelope["specversion"] != "1.0" or envelope["datacontenttype"] != "application/json":
        raise CodecError("envelope", "not CloudEvents 1.0 with JSON in it")
    try:
        record = EventRecord.model_validate(envelope["data"], strict=True)
    except ValidationError:
        raise CodecError("record", "the data is no event record") from None
    _check_record(record)
    said = (envelope["id"], envelope["type"], envelope["time"])
    if said != (_identity(record), f"gk.{record.type}", record.time):
        raise CodecError("contradiction", "the attributes and the data do not say the same")
    return record, _path(envelope["source"], record)


def stand_in(record: EventRecord, code: str) -> EventRecord:
    """Return what goes in the place of an event that cannot travel: its number, hash and link, without its content."""
    return record.model_copy(update={"data": {DEAD_LETTER: code}, "sealed": ""})


def dead_letter_code(record: EventRecord) -> str:
    """Return why the event itself stayed on its kiosk; empty for every other record.

    A stand-in bears the hash of the event that it stands for, so that it is never whole itself.
    """
    match record.data:
        case {"dead_letter": str(code), **rest} if not rest and not record.sealed and not is_whole(record):
            return code
    return ""


def encode_answer(answer: DocumentAnswer) -> bytes:
    """Return the payload of what became of a document; its topic says the kind."""
    return _dump(answer.model_dump(exclude={"type", "kind"}))


def encode_result(result: CommandResult) -> bytes:
    """Return the payload of how far a command has come."""
    return _dump(result.model_dump(exclude={"type"}))


def encode_telemetry(telemetry: Telemetry) -> bytes:
    """Return the payload of how the kiosk is. Raises CodecError where it cannot be written as JSON."""
    return _dump(telemetry.data)


def decode_object(payload: bytes, limit: int) -> dict[str, Any]:
    """Read a JSON object of at most `limit` bytes, without repeated keys or endless numbers. Raises CodecError."""
    return _load(payload, limit)


def _is_extension(name: str, value: object) -> bool:
    """Tell whether an attribute is known, or may be passed over: CloudEvents lets anybody on the way add some."""
    return name in _ENVELOPE or (bool(_EXTENSION.fullmatch(name)) and isinstance(value, str | int))


def _identity(record: EventRecord) -> str:
    return f"{record.kiosk}:{record.epoch}:{record.seq}"


def _path(source: object, record: EventRecord) -> str:
    """Return `tenant/site/kiosk` of a source whose kiosk is the record's."""
    match source.split("/") if isinstance(source, str) else None:
        case ["", "gk", "1", tenant, site, kiosk] if kiosk == record.kiosk:
            try:
                KioskAddress(tenant, site, kiosk)
            except TopicError:
                raise CodecError("source", "the source is no kiosk") from None
            return f"{tenant}/{site}/{kiosk}"
        case _:
            raise CodecError("contradiction", "the source and the data do not name the same kiosk")


def _check_record(record: EventRecord, deepest: int = MAX_DEPTH + 1) -> None:
    """Hold a record to what the journal promises. Raises CodecError. `deepest`: levels that it has at most."""
    if not 1 <= record.seq <= MAX_NUMBER or not 0 <= record.mono_ns <= MAX_MONO_NS:
        raise CodecError("number", "a number is out of range")
    if not 0 < len(record.epoch) <= _MAX_EPOCH or ":" in record.epoch or "\0" in record.epoch:
        raise CodecError("record", "the epoch is empty, too long or holds a colon or a zero")
    if not 0 < len(record.type) <= _MAX_EPOCH or not 0 < len(record.kiosk) <= _MAX_EPOCH:
        raise CodecError("record", "the type or the kiosk is empty or too long")
    if deepest > MAX_DEPTH and _is_deeper(record.data, MAX_DEPTH):
        raise CodecError("record", "the data is nested too deeply")
    for name in (record.hash, record.prev):
        if not _HASH.fullmatch(name):
            raise CodecError("record", "a hash is not 64 hexadecimal digits")


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(part, levels - 1) for part in inner)


def _dump(value: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError):
        raise CodecError("text", "the content cannot be written as JSON") from None


def _load(payload: bytes, limit: int) -> dict[str, Any]:
    if len(payload) > limit:
        raise CodecError("too_large", "the payload is too large")
    try:
        value = json.loads(
            payload.decode(),
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if b"\\u" in payload:
            # An escape can smuggle in half a surrogate pair, which no database can hold.
            json.dumps(value, ensure_ascii=False).encode()
    except CodecError:
        raise
    except (ValueError, RecursionError):
        raise CodecError("json", "the payload is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise CodecError("json", "the payload is no JSON object")
    return value


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise CodecError("json", "a key stands twice")
    return value


def _refuse_constant(_: str) -> NoReturn:
    raise CodecError("json", "a number is not finite")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise CodecError("json", "a number is not finite")
    return value
