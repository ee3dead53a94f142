"""A fleet of simulated kiosks on one broker: each connects, sends its events and waits for its receipt.

One process and one loop hold all of them, as MQTT 3.1.1 clients of a few packets (section numbers are those of the
OASIS standard); what they send are whole events, and what they wait for is the centre's signed word.
"""

import asyncio
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from kiosk.domain.centre import CentreKeys
from kiosk.domain.events import GENESIS
from kiosk.testing.fake_gate import make_record
from kiosk.verify import receipt
from kiosk.verify.statement import StatementError
from mqtt_bridge.codec import encode_event
from mqtt_bridge.topics import KioskAddress

_CONNECT, _PUBLISH, _PUBACK, _SUBSCRIBE = 0x10, 0x30, 0x40, 0x82
"""First bytes of packets, their flags included."""
_QOS1 = 0x02
KEEP_ALIVE_S = 600
AT_ONCE = 250
"""Connections that are being made at one time: a broker's queue of them is short."""


def _text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def _packet(kind: int, body: bytes) -> bytes:
    """Return a packet: kind, length in groups of seven bits (section 2.2.3), body."""
    length, left = bytearray(), len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length.append(digit | (0x80 if left else 0))
        if not left:
            return bytes((kind, *length)) + body


def _packets(buffer: bytearray) -> Iterator[tuple[int, bytes]]:
    """Take whole packets off the front of what has come."""
    while len(buffer) >= 2:
        size, shift, at = 0, 0, 1
        while at < len(buffer):
            size |= (buffer[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not buffer[at - 1] & 0x80:
                break
        else:
            return
        if len(buffer) < at + size:
            return
        kind, body = buffer[0], bytes(buffer[at : at + size])
        del buffer[: at + size]
        yield kind, body


@dataclass(slots=True)
class Crowd:
    """How the whole fleet does."""

    keys: CentreKeys
    events: int
    """Of each kiosk."""
    acknowledged: int = 0
    """Messages that the broker has taken."""
    confirmed: int = 0
    """Kiosks whose events are all stored, by the centre's word."""
    broken: int = 0
    """Connections that ended too early."""
    times_s: list[float] = field(default_factory=list)
    """Of each kiosk: from its connection to its receipt."""


class _Kiosk(asyncio.Protocol):
    """One kiosk's connection."""

    def __init__(self, address: KioskAddress, crowd: Crowd, done: asyncio.Future[None]) -> None:
        self._address, self._crowd, self._done = address, crowd, done
        self._buffer = bytearray()
        self._begin = time.monotonic()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who it is (section 3.1)."""
        self._transport = cast("asyncio.Transport", transport)
        body = _text("MQTT") + bytes((4, _QOS1)) + struct.pack("!H", KEEP_ALIVE_S) + _text(self._address.kiosk)
        self._write(_packet(_CONNECT, body))

    def data_received(self, data: bytes) -> None:
        """Go on as the broker answers."""
        self._buffer += data
        for kind, body in _packets(self._buffer):
            match kind & 0xF0:
                case 0x20:  # CONNACK
                    self._write(_packet(_SUBSCRIBE, struct.pack("!H", 1) + _text(self._address.ack) + b"\x01"))
                case 0x90:  # SUBACK
                    self._send_events()
                case 0x40:  # PUBACK
                    self._crowd.acknowledged += 1
                case 0x30:  # PUBLISH
                    self._take(kind, body)
                case _:
                    pass

    def connection_lost(self, _: Exception | None) -> None:
        """Notice that the broker has left it."""
        if not self._done.done():
            self._crowd.broken += 1
            self._done.set_result(None)

    def _write(self, packet: bytes) -> None:
        if self._transport is not None:
            self._transport.write(packet)

    def _send_events(self) -> None:
        prev = GENESIS
        for seq in range(1, self._crowd.events + 1):
            record = make_record(seq, prev, kiosk=self._address.kiosk, epoch="e1")
            prev = record.hash
            topic = self._address.event(record.type)
            body = _text(topic) + struct.pack("!H", seq) + encode_event(record, self._address)
            self._write(_packet(_PUBLISH | _QOS1, body))

    def _take(self, kind: int, body: bytes) -> None:
        """Take the centre's receipt (section 3.3); QoS 1 has a message number after the topic."""
        size = struct.unpack_from("!H", body)[0]
        rest = body[2 + size :]
        if kind & 0x06:
            self._write(_packet(_PUBACK, rest[:2]))
            rest = rest[2:]
        try:
            said = receipt.opened(rest, self._address.ack, self._crowd.keys)
        except StatementError:
            return
        if said.upto >= self._crowd.events and not self._done.done():
            self._crowd.confirmed += 1
            self._crowd.times_s.append(time.monotonic() - self._begin)
            self._done.set_result(None)


async def _play(port: int, kiosks: int, crowd: Crowd) -> None:
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)
    transports: list[asyncio.BaseTransport] = []

    async def one(number: int) -> None:
        address, done = KioskAddress("crowd", "site", f"kiosk-{number}"), loop.create_future()
        async with gate:
            transport, _ = await loop.create_connection(lambda: _Kiosk(address, crowd, done), "127.0.0.1", port)
            transports.append(transport)
        await done

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(kiosks):
                group.create_task(one(number))
    finally:
        for transport in transports:
            transport.close()


def play(port: int, kiosks: int, events: int, keys: CentreKeys, timeout_s: float) -> Crowd:
    """Let a fleet come to the broker at this port and stay until all have their receipts. Raises TimeoutError."""

    async def bounded() -> None:
        async with asyncio.timeout(timeout_s):
            await _play(port, kiosks, crowd)

    crowd = Crowd(keys, events)
    asyncio.run(bounded())
    return crowd
