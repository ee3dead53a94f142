"""What a kiosk has said, by its topic: an event, the newest word on something else, or nothing that is kept. Pure."""

from typing import get_args

from kiosk.api.messages import DocumentKind
from kiosk.api.telemetry import HEALTH, LINK
from mqtt_bridge.central.store import Arrival, State
from mqtt_bridge.codec import CodecError, decode_event, decode_object
from mqtt_bridge.presence import MAX_PRESENCE, decode_presence
from mqtt_bridge.presence import State as Presence
from mqtt_bridge.session import Received
from mqtt_bridge.telemetry import MAX_TELEMETRY
from mqtt_bridge.topics import (
    DocumentAnswerTopic,
    EventTopic,
    KioskAddress,
    PresenceTopic,
    ResultTopic,
    TelemetryTopic,
    TopicError,
    parse,
)

TELEMETRY = frozenset({HEALTH, LINK})
DOCUMENTS = frozenset(get_args(DocumentKind))
"""Closed lists, so that no kiosk can fill the table with names. What a newer kiosk tells besides is passed over."""
MAX_ANSWER = 4096
"""Bytes of a result or of an answer to a document."""


def read(message: Received) -> Arrival | State | None:
    """Return what a message holds; None: nothing that is kept. The topic binds who may have sent it.

    Raises TopicError where no kiosk could have sent it, and CodecError where it is not what its topic says.
    """
    match parse(message.topic):
        case EventTopic(address, event_type):
            return _event(message.payload, address, event_type)
        case PresenceTopic(address):
            return _presence(message.payload, address)
        case TelemetryTopic(address, name):
            return _state(address, f"tele/{name}", message.payload, MAX_TELEMETRY) if name in TELEMETRY else None
        case DocumentAnswerTopic(address, kind):
            return _state(address, f"cfg/{kind}", message.payload, MAX_ANSWER) if kind in DOCUMENTS else None
        case ResultTopic(address):
            # The newest only, which says of which command it is: whoever has sent one watches its topic.
            return _state(address, "res", message.payload, MAX_ANSWER)
        case _:
            raise TopicError("not a topic on which kiosks speak")


def _event(payload: bytes, address: KioskAddress, event_type: str) -> Arrival:
    record, place = decode_event(payload)
    if (place, record.type) != (_place(address), event_type):
        raise CodecError("contradiction", "the topic and the event do not say the same")
    return Arrival(record, place)


def _presence(payload: bytes, address: KioskAddress) -> State:
    """Return the newest birth or the newest end: a late end must not hide the birth that came before it."""
    said = decode_presence(payload)
    if said is None:
        raise CodecError("presence", "not a word about a connection")
    name = "presence" if said.state is Presence.ONLINE else "presence/end"
    return _state(address, name, payload, MAX_PRESENCE)


def _state(address: KioskAddress, name: str, payload: bytes, limit: int) -> State:
    decode_object(payload, limit)
    return State(_place(address), name, payload)


def _place(address: KioskAddress) -> str:
    return f"{address.tenant}/{address.site}/{address.kiosk}"
