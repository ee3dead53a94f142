"""A paho client that publishes without paho's own queue, and in few system calls.

paho keeps every message that it publishes until its PUBACK, sends it again by itself, and spends most of its time on
that. The journal is the only queue here, so an event goes straight into the buffer, and its PUBACK straight to the
session. All else (connecting, subscribing, keeping alive, receiving) stays paho's.

Two of paho's inner methods are overridden, `_create_socket` and `_handle_pubackcomp`; tests/unit/bridge/test_client.py
fails where another version does without them.
"""

import struct
from collections.abc import Callable
from typing import Literal

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode

from mqtt_bridge.buffered import BufferedSocket

_PUBLISH_QOS_1 = 0x32


class BridgeClient(Client):
    """A paho client over a `BufferedSocket`. `on_puback` hears (number, reason code) of what `publish_now` sent."""

    buffer: BufferedSocket | None = None
    on_puback: Callable[[int, int], None]

    def publish_now(self, topic: str, payload: bytes, properties: bytes, *, retain: bool = False) -> int:
        """Gather a QoS 1 message for the next flush and return its number. Raises OSError where it cannot be taken.

        `properties` as they stand in a packet; empty for MQTT 3.1.1.
        """
        if self.buffer is None or self.want_write():
            raise BlockingIOError("what was to be sent before has not been")
        mid: int = self._mid_generate()
        name = topic.encode()
        head = struct.pack(f"!H{len(name)}sH", len(name), name, mid) + properties
        self.buffer.send(b"".join((first_bytes(len(head) + len(payload), retain=retain), head, payload)))
        return mid

    def _create_socket(self) -> BufferedSocket:  # type: ignore[override]
        """Override the one place where paho opens a socket, TLS included."""
        self.buffer = BufferedSocket(super()._create_socket())  # type: ignore[arg-type]
        return self.buffer

    def _handle_pubackcomp(self, cmd: Literal["PUBACK", "PUBCOMP"]) -> MQTTErrorCode:
        body = self._in_packet["packet"]
        mid = body[0] << 8 | body[1]
        if cmd == "PUBACK" and mid not in self._out_messages:
            self.on_puback(mid, body[2] if len(body) > 2 else 0)
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        return super()._handle_pubackcomp(cmd)


def first_bytes(length: int, *, retain: bool = False) -> bytes:
    """Return the fixed header of a PUBLISH at QoS 1 whose rest has this length."""
    header = bytearray((_PUBLISH_QOS_1 | retain,))
    while length > 0x7F:
        header.append(length & 0x7F | 0x80)
        length >>= 7
    header.append(length)
    return bytes(header)
