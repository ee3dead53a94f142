"""The centre's stand-in for `kiosk bench bridge`: counts what comes, and confirms it as the centre would.

It keeps nothing and reads of an event only its id, so that it costs little beside what is measured, and the same for
the bridge and for the bare loop. It answers QoS 1 in bulk over a plain socket.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.testing.mqtt_packets import CONNECT, PUBACK, PUBLISH, SUBSCRIBE, packet
from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from mqtt_bridge.topics import EVENT_FILTER

RETRY_S = 0.05
CONFIRM_EVERY_S = 0.01
_CHUNK = 1 << 18
_UNLIMITED = 1 << 62


@dataclass(slots=True)
class Count:
    """What has come of one journal. Times are monotonic seconds."""

    first_at: float = 0.0
    last_at: float = 0.0
    upto: int = 0
    """No event up to this one is missing."""
    repeated: int = 0
    confirmed: int = 0
    beyond: set[int] = field(default_factory=set)

    def take(self, number: int, now: float) -> None:
        """Count one event."""
        self.first_at, self.last_at = self.first_at or now, now
        if number <= self.upto or number in self.beyond:
            self.repeated += 1
            return
        self.beyond.add(number)
        while self.upto + 1 in self.beyond:
            self.upto += 1
            self.beyond.discard(self.upto)


class CountingCentre:
    """Serves from a thread for as long as the `with` lasts, connecting again whenever the broker goes."""

    def __init__(self, port: int, key: Ed25519PrivateKey, ack_topic: str) -> None:
        self._port, self._key, self._topic = port, key, ack_topic
        self.counts: dict[str, Count] = {}
        """By epoch."""
        self.hold_at = _UNLIMITED
        """Nothing beyond this number is confirmed."""
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._connected = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bench-centre", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._connected.wait(10):
            raise TimeoutError("the broker does not take the centre's stand-in")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def await_count(self, met: Callable[[dict[str, Count]], bool], timeout_s: float) -> bool:
        """Wait until the counts are as `met` wants them; tell whether they are."""
        with self._changed:
            return self._changed.wait_for(lambda: met(self.counts), timeout_s)

    def _run(self) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1) as sock:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._serve(sock)
            self._stop.wait(RETRY_S)

    def _serve(self, sock: socket.socket) -> None:
        name, wanted = b"bench-centre", EVENT_FILTER.encode()
        sock.sendall(packet(CONNECT, 0, b"\x00\x04MQTT\x05\x02\x00\x00\x00" + struct.pack("!H", len(name)) + name))
        sock.sendall(packet(SUBSCRIBE, 2, b"\x00\x01\x00" + struct.pack("!H", len(wanted)) + wanted + b"\x01"))
        sock.settimeout(CONFIRM_EVERY_S)
        rest, confirm_at = b"", 0.0
        while not self._stop.is_set():
            try:
                data = sock.recv(_CHUNK)
            except TimeoutError:
                data = None
            if data == b"":
                return
            if data:
                self._connected.set()
                answers, rest = self._read(rest + data)
                sock.sendall(answers)
            if (now := time.monotonic()) >= confirm_at:
                confirm_at = now + CONFIRM_EVERY_S
                sock.sendall(self._confirmations())

    def _read(self, data: bytes) -> tuple[bytes, bytes]:
        """Take all whole packets; return the answers to them, and what is left over."""
        answers: list[bytes] = []
        at, now = 0, time.monotonic()
        with self._changed:
            while (found := _length(data, at)) is not None and found[0] + found[1] <= len(data):
                body, length = found
                if data[at] >> 4 == PUBLISH:
                    topic_end = body + 2 + (data[body] << 8 | data[body + 1])
                    answers.append(bytes((PUBACK << 4, 2)) + data[topic_end : topic_end + 2])
                    self._count(data, topic_end, body + length, now)
                at = body + length
            self._changed.notify_all()
        return b"".join(answers), data[at:]

    def _count(self, data: bytes, begin: int, end: int, now: float) -> None:
        id_at = data.find(b'"id":"', begin, end) + 6
        _, epoch, number = data[id_at : data.index(b'"', id_at)].split(b":")
        self.counts.setdefault(epoch.decode(), Count()).take(int(number), now)

    def _confirmations(self) -> bytes:
        said: list[bytes] = []
        topic = self._topic.encode()
        for epoch, count in list(self.counts.items()):
            upto = min(count.upto, self.hold_at)
            if upto > count.confirmed or count.repeated:
                count.confirmed = upto
                signed = receipt.sign(Receipt(epoch, upto), self._key, self._topic)
                said.append(packet(PUBLISH, 0, struct.pack("!H", len(topic)) + topic + b"\x00" + signed))
        return b"".join(said)


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the body of the packet at `at` begins and how long it is; None where that has not come yet."""
    length = shift = 0
    for place in range(at + 1, min(at + 5, len(data))):
        length |= (data[place] & 0x7F) << shift
        if data[place] < 0x80:
            return place + 1, length
        shift += 7
    return None
