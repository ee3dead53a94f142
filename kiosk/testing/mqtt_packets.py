"""As much of the MQTT packet format as a broker for tests needs, for 5 (level 5) and 3.1.1 (level 4). Pure.

Written from the standard and not with paho: a peer that shares the client's code shares its mistakes.
"""

import struct
from dataclasses import dataclass

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
PINGREQ, PINGRESP, DISCONNECT = 12, 13, 14


@dataclass(frozen=True, slots=True)
class Connect:
    """What a client asks for. `level` 5: MQTT 5, 4: MQTT 3.1.1."""

    client: str
    level: int
    clean: bool
    expiry_s: int
    """SessionExpiryInterval; 0 where nothing is said, or in MQTT 3.1.1."""
    will: str
    """Topic of the will; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Publish:
    """One message."""

    topic: str
    payload: bytes
    qos: int
    mid: int
    """0 with QoS 0."""


class _Reader:
    """Takes fields off the front of a packet's body. Raises struct.error or IndexError where it is too short."""

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    def number(self, layout: str) -> int:
        (value,) = struct.unpack_from(layout, self._body, self._at)
        self._at += struct.calcsize(layout)
        return int(value)

    def binary(self) -> bytes:
        length = self.number("!H")
        return self.take(length)

    def take(self, length: int) -> bytes:
        if self._at + length > len(self._body):
            raise IndexError("the packet is cut short")
        self._at += length
        return self._body[self._at - length : self._at]

    def properties(self) -> bytes:
        return self.take(self._variable())

    def rest(self) -> bytes:
        return self.take(len(self._body) - self._at)

    @property
    def more(self) -> bool:
        return self._at < len(self._body)

    def _variable(self) -> int:
        value = shift = 0
        while True:
            byte = self.number("!B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value


def packet(kind: int, flags: int, body: bytes) -> bytes:
    """Return a whole packet."""
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128) if left else (0, 0)
        length += bytes((digit | (0x80 if left else 0),))
        if not left:
            return bytes((kind << 4 | flags,)) + length + body


def read_connect(body: bytes) -> Connect:
    """Read the body of a CONNECT."""
    reader = _Reader(body)
    if reader.binary() != b"MQTT":
        raise ValueError("no MQTT")
    level, flags = reader.number("!B"), reader.number("!B")
    reader.number("!H")
    said = reader.properties() if level == 5 else b""
    client, will = reader.binary().decode(), ""
    if flags & 0x04:
        if level == 5:
            reader.properties()
        will = reader.binary().decode()
        reader.binary()
    return Connect(client, level, bool(flags & 0x02), _expiry(said), will)


def _expiry(properties: bytes) -> int:
    """Return the SessionExpiryInterval (0x11), which clients of this project put first."""
    return int(struct.unpack("!I", properties[1:5])[0]) if properties[:1] == b"\x11" else 0


def read_publish(flags: int, body: bytes, level: int) -> Publish:
    """Read the body of a PUBLISH."""
    reader, qos = _Reader(body), flags >> 1 & 3
    topic = reader.binary().decode()
    mid = reader.number("!H") if qos else 0
    if level == 5:
        reader.properties()
    return Publish(topic, reader.rest(), qos, mid)


def read_filters(body: bytes, level: int) -> list[str]:
    """Return the topic filters of a SUBSCRIBE."""
    reader = _Reader(body)
    reader.number("!H")
    if level == 5:
        reader.properties()
    filters: list[str] = []
    while reader.more:
        filters.append(reader.binary().decode())
        reader.number("!B")
    return filters


def matches(wanted: str, topic: str) -> bool:
    """Tell whether a topic filter takes in a topic."""
    levels, names = wanted.split("/"), topic.split("/")
    if levels[-1] == "#":
        levels.pop()
        names = names[: len(levels)] if len(names) >= len(levels) else names
    return len(levels) == len(names) and all(a in ("+", b) for a, b in zip(levels, names, strict=True))
