"""A kiosk's end of the line without a kiosk: sends made-up events over MQTT 3.1.1 until it has receipts for them.

It follows the rules of the bridge (docs/protocol.md, 'Delivery'), in a thread, to one node of a broker after another.
"""

import threading
import time
from collections.abc import Sequence
from itertools import cycle
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from kiosk.domain.centre import CentreKeys
from kiosk.domain.events import GENESIS
from kiosk.testing.centre_keys import KEYS
from kiosk.testing.fake_gate import make_record
from kiosk.verify import receipt
from mqtt_bridge.codec import encode_event
from mqtt_bridge.topics import KioskAddress

WINDOW = 100
AHEAD = 1000
AGAIN_S = 5.0
"""Without a new receipt for that long, everything that has none is sent again."""
EPOCH = "e1"


class FakeKiosk:
    """Has `count` events from the start, or `rate` more with every second until `finish`."""

    def __init__(
        self, name: str, ports: Sequence[int], count: int = 0, rate: float = 0, keys: CentreKeys = KEYS
    ) -> None:
        """`keys`: whose receipts it believes."""
        self.address = KioskAddress("local", "main", name)
        self.count, self._rate, self._ports, self._keys = count, rate, cycle(ports), keys
        self.confirmed = self.published = 0
        self.longest_gap_s = 0.0
        self.receipts: list[int] = []
        self._messages: list[tuple[str, bytes]] = []
        self._hashes: list[str] = []
        self._again = 0.0
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"kiosk-{name}", daemon=True)

    def _message(self, number: int) -> tuple[str, bytes]:
        while len(self._messages) < number:
            prev = self._hashes[-1] if self._hashes else GENESIS
            record = make_record(len(self._messages) + 1, prev, kiosk=self.address.kiosk, epoch=EPOCH)
            self._messages.append((self.address.event(record.type), encode_event(record, self.address)))
            self._hashes.append(record.hash)
        return self._messages[max(number, 1) - 1]

    def start(self) -> None:
        """Begin to connect and to send."""
        self._begun = self._moved = time.monotonic()
        self._thread.start()

    def finish(self) -> int:
        """Let no more events come, and return how many there are."""
        self.count, self._rate = self.there(), 0
        return self.count

    def hashes(self) -> list[str]:
        """Return the hash of every event, in order; after `finish`."""
        self._message(self.count)
        return self._hashes[: self.count]

    def there(self) -> int:
        """Return how many events there are at this moment."""
        return int((time.monotonic() - self._begun) * self._rate) if self._rate else self.count

    def stop(self) -> None:
        """End the line."""
        self._stop.set()
        self._thread.join()

    def await_confirmed(self, upto: int, timeout_s: float) -> None:
        """Wait for the receipt of everything up to `upto`. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self.confirmed >= upto, timeout_s):
                raise TimeoutError(f"only {self.confirmed} of {upto} are confirmed")

    # The thread

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._connection(next(self._ports))
            except OSError:
                self._stop.wait(0.1)

    def _connection(self, port: int) -> None:
        self._next, self._on_way, self._listening = self.confirmed + 1, 0, False
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self.address.kiosk,
            protocol=MQTTProtocolVersion.MQTTv311,
            clean_session=False,
            reconnect_on_failure=False,
        )
        client.max_inflight_messages_set(WINDOW)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.connect_timeout = 2.0
        client.connect("127.0.0.1", port, keepalive=5)
        asked = time.monotonic()
        while not self._stop.is_set() and client.loop(0.02) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            if self._listening:
                self._send(client)
            elif time.monotonic() > asked + AGAIN_S:
                break
        client.disconnect()
        client.loop(0.02)

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe(self.address.ack, 1)

    def _on_subscribe(self, *_: Any) -> None:
        self._listening = True

    def _on_publish(self, *_: Any) -> None:
        self._on_way -= 1

    def _send(self, client: Client) -> None:
        now, there = time.monotonic(), self.there()
        if self.confirmed >= there:
            self._moved = now
        elif now >= self._moved + AGAIN_S and now >= self._again + AGAIN_S:
            self._again, self._next = now, self.confirmed + 1
        self._next = max(self._next, self.confirmed + 1)
        while self._next <= min(there, self.confirmed + AHEAD) and self._on_way < WINDOW:
            client.publish(*self._message(self._next), qos=1)
            self._next, self._on_way, self.published = self._next + 1, self._on_way + 1, self.published + 1

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        said = receipt.opened(bytes(message.payload), message.topic, self._keys)
        with self._changed:
            self.receipts.append(said.upto)
            if said.epoch == EPOCH and said.upto > self.confirmed:
                now = time.monotonic()
                self.longest_gap_s = max(self.longest_gap_s, now - self._moved)
                self.confirmed, self._moved = said.upto, now
                self._changed.notify_all()
