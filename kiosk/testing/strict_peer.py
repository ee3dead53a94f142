"""An MQTT broker of our own that goes by the letter, and misbehaves when it is told to. For tests only.

A real broker forgives much and can hardly be made to fail at a chosen moment. This one ends a connection with 0x93
the moment a client has more on its way than the broker's ReceiveMaximum, and with 0x95 at a packet above its
MaximumPacketSize; it answers each event as `answer` says. It speaks MQTT 5 and 3.1.1, QoS 0 and 1, keeps no session and
nothing retained, and passes messages on to whoever has subscribed, so that the real centre can stand behind it.
"""

import asyncio
import contextlib
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from kiosk.testing.mqtt_packets import (
    CONNACK,
    CONNECT,
    DISCONNECT,
    PINGREQ,
    PINGRESP,
    PUBACK,
    PUBLISH,
    SUBACK,
    SUBSCRIBE,
    Connect,
    Publish,
    matches,
    packet,
    read_connect,
    read_filters,
    read_publish,
)

NO_SUBSCRIBER, QUOTA_EXCEEDED, TOO_LARGE, TAKEN_OVER = 0x10, 0x93, 0x95, 0x8E
EVENTS = "gk/1/+/+/+/up/evt/#"


class Misdeed(Enum):
    """What the peer may do with an event instead of answering it."""

    LOSE_ANSWER = "lose_answer"
    """Pass it on and close the connection: the event has arrived, and the kiosk cannot know."""
    LOSE_EVENT = "lose_event"
    """Acknowledge it and drop it, as a broker does that dies with what it acknowledged."""
    CLOSE = "close"
    """Close the connection; the event is lost."""
    GARBAGE = "garbage"
    """Send bytes that are no MQTT."""
    DEAF = "deaf"
    """Read nothing more from this connection, and leave it open."""


Answer = int | Misdeed
"""The reason code of the PUBACK, or a misdeed."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event that a client has published: the `number`th of all, from 1."""

    number: int
    client: str
    topic: str
    payload: bytes
    size: int
    """Bytes of the whole packet."""


def accept(_: Arrived) -> Answer:
    """Take every event."""
    return 0


@dataclass(eq=False, slots=True)
class _Client:
    writer: asyncio.StreamWriter
    connect: Connect
    filters: list[str] = field(default_factory=list)
    unanswered: deque[tuple[int, int]] = field(default_factory=deque)
    """Message number and reason code of each PUBACK that is due, oldest first."""
    deaf: bool = False
    mid: int = 0


class StrictPeer:
    """Serves on a free loopback port for as long as the `with` lasts, from a thread of its own.

    `receive_maximum` and `maximum_packet` are announced to clients of MQTT 5 and held against those whose name begins
    with `strict_to`. Each PUBACK comes `delay_s` after the one before it, so that a client which sends more than
    it may is always found out. `refuse` is the reason code for those clients whose name ends with one of its keys.
    """

    def __init__(
        self, *, receive_maximum: int = 3, maximum_packet: int = 1 << 20, answer: Callable[[Arrived], Answer] = accept,
        delay_s: float = 0.001, strict_to: str = "gk1.", refuse: dict[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.receive_maximum, self.maximum_packet = receive_maximum, maximum_packet
        self.answer = answer
        self.refuse = refuse or {}
        self.port = 0
        self.arrived: list[Arrived] = []
        self.connects: list[Connect] = []
        self.wronged: list[int] = []
        """Numbers of the events that were answered otherwise than with success."""
        self.violations: list[int] = []
        """Reason codes that connections were ended with for what the client did."""
        self._delay_s, self._strict_to = delay_s, strict_to
        self._clients: list[_Client] = []
        self._talks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="strict-peer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise TimeoutError("the strict peer did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", self.port, limit=1 << 22)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        talks = dict(self._talks)
        for writer in talks.values():
            writer.transport.abort()
        await asyncio.gather(*talks, return_exceptions=True)

    # One connection

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client: _Client | None = None
        task = asyncio.current_task()
        if task is not None:
            self._talks[task] = writer
            task.add_done_callback(self._talks.pop)
        try:
            kind, _, body = await _read(reader)
            if kind != CONNECT:
                return
            client = self._welcome(_Client(writer, read_connect(body)))
            while client is not None and not client.deaf:
                await self._take(client, *await _read(reader))
            if client is not None and self._stop is not None:
                await self._stop.wait()
        except (OSError, EOFError, struct.error, IndexError, ValueError):
            pass
        finally:
            if client in self._clients:
                self._clients.remove(client)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _welcome(self, client: _Client) -> _Client | None:
        self.connects.append(client.connect)
        code = next((code for end, code in self.refuse.items() if client.connect.client.endswith(end)), 0)
        for other in [one for one in self._clients if one.connect.client == client.connect.client]:
            self._end(other, TAKEN_OVER)
        said = b""
        if client.connect.level == 5:
            limits = struct.pack("!BHBI", 0x21, self.receive_maximum, 0x27, self.maximum_packet)
            said = bytes((len(limits),)) + limits
        client.writer.write(packet(CONNACK, 0, bytes((0, code)) + said))
        if code:
            return None
        self._clients.append(client)
        return client

    async def _take(self, client: _Client, kind: int, flags: int, body: bytes) -> None:
        size = len(packet(kind, flags, body))
        if size > self.maximum_packet and self._is_strict(client):
            self._violated(client, TOO_LARGE)
        elif kind == PUBLISH:
            self._publish(client, read_publish(flags, body, client.connect.level), size)
        elif kind == SUBSCRIBE:
            client.filters += (filters := read_filters(body, client.connect.level))
            properties = b"\x00" if client.connect.level == 5 else b""
            client.writer.write(packet(SUBACK, 0, body[:2] + properties + b"\x01" * len(filters)))
        elif kind == PINGREQ:
            client.writer.write(packet(PINGRESP, 0, b""))
        elif kind == DISCONNECT:
            raise EOFError("the client has said good-bye")

    def _publish(self, client: _Client, publish: Publish, size: int) -> None:
        answer: Answer = 0
        if matches(EVENTS, publish.topic):
            event = Arrived(len(self.arrived) + 1, client.connect.client, publish.topic, publish.payload, size)
            self.arrived.append(event)
            answer = self.answer(event)
            if answer != 0:
                self.wronged.append(event.number)
        match answer:
            case Misdeed.LOSE_ANSWER:
                self._pass_on(publish)
                client.writer.transport.abort()
            case Misdeed.CLOSE:
                client.writer.transport.abort()
            case Misdeed.GARBAGE:
                client.writer.write(b"\xff" * 64)
            case Misdeed.DEAF:
                client.deaf = True
            case Misdeed.LOSE_EVENT:
                self._owe(client, publish.mid, 0)
            case int():
                heard = answer < 0x80 and self._pass_on(publish)
                code = answer or (0 if heard or not matches(EVENTS, publish.topic) else NO_SUBSCRIBER)
                if publish.qos:
                    self._owe(client, publish.mid, code)

    def _owe(self, client: _Client, mid: int, code: int) -> None:
        client.unanswered.append((mid, code))
        if len(client.unanswered) > self.receive_maximum and self._is_strict(client) and client.connect.level == 5:
            self._violated(client, QUOTA_EXCEEDED)
        elif len(client.unanswered) == 1:
            asyncio.get_running_loop().call_later(self._delay_s, self._acknowledge, client)

    def _acknowledge(self, client: _Client) -> None:
        mid, code = client.unanswered.popleft()
        # MQTT 3.1.1 has no reason codes: it says that a message was taken even where it was not.
        reason = bytes((code, 0)) if client.connect.level == 5 else b""
        if not client.writer.is_closing():
            client.writer.write(packet(PUBACK, 0, struct.pack("!H", mid) + reason))
        if client.unanswered:
            asyncio.get_running_loop().call_later(self._delay_s, self._acknowledge, client)

    def _pass_on(self, publish: Publish) -> bool:
        """Hand a message to everybody who has subscribed; tell whether there was anybody."""
        heard = False
        for client in self._clients:
            if any(matches(one, publish.topic) for one in client.filters):
                heard = True
                client.mid = client.mid % 65_535 + 1
                topic = publish.topic.encode()
                properties = b"\x00" if client.connect.level == 5 else b""
                body = struct.pack("!H", len(topic)) + topic + struct.pack("!H", client.mid) + properties
                client.writer.write(packet(PUBLISH, 2, body + publish.payload))
        return heard

    # Ends

    def _is_strict(self, client: _Client) -> bool:
        return client.connect.client.startswith(self._strict_to)

    def _violated(self, client: _Client, code: int) -> None:
        self.violations.append(code)
        self._end(client, code)

    def _end(self, client: _Client, code: int) -> None:
        if client in self._clients:
            self._clients.remove(client)
        if client.connect.level == 5:
            client.writer.write(packet(DISCONNECT, 0, bytes((code, 0))))
        client.writer.close()


async def _read(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    """Return type, flags and body of the next packet. Raises EOFError where the connection has ended."""
    first = (await reader.readexactly(1))[0]
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return first >> 4, first & 0x0F, await reader.readexactly(length)
        if shift > 21:
            raise ValueError("the length is no length")
