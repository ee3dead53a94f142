"""From the broker into the store: nothing is acknowledged before it is committed.

Two acknowledgements follow a commit: the PUBACK, so that the broker keeps what is not stored yet, and `down/ack`
to the kiosk, which alone lets the kiosk forget. Both are repeated for repeats: the first may have been lost.
"""

from collections import OrderedDict
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from mqtt_bridge.central.line import Line
from mqtt_bridge.central.store import Arrival, DeadLetter, Store
from mqtt_bridge.codec import CodecError, decode_event
from mqtt_bridge.session import Acked, Down, Received, SessionDownError, Up
from mqtt_bridge.topics import EventTopic, KioskAddress, TopicError, parse

BATCH = 500
"""Messages of one commit."""
ACKS_IN_FLIGHT = 100


def read(message: Received) -> Arrival:
    """Return the event in a message. Raises CodecError or TopicError; the topic binds who may have sent it."""
    topic = parse(message.topic)
    if not isinstance(topic, EventTopic):
        raise TopicError("not the topic of an event")
    record, place = decode_event(message.payload)
    address = topic.address
    if (place, record.type) != (f"{address.tenant}/{address.site}/{address.kiosk}", topic.type):
        raise CodecError("contradiction", "the topic and the event do not say the same")
    return Arrival(record, place)


class Ingest:
    """Turns what a line has heard into commits and acknowledgements."""

    def __init__(self, line: Line, store: Store, key: Ed25519PrivateKey, unix_time: Callable[[], float]) -> None:
        """`key` signs the receipts."""
        self._line, self._store, self._key, self._unix_time = line, store, key, unix_time
        self._waiting: list[Received] = []
        self._owed: OrderedDict[tuple[str, str, str], int] = OrderedDict()
        self._in_flight: set[int] = set()
        self._quota = 0

    @property
    def is_full(self) -> bool:
        """A whole batch waits to be committed."""
        return len(self._waiting) >= BATCH

    def hear(self) -> list[Up | Down]:
        """Take what has happened and return the changes of the line."""
        changes: list[Up | Down] = []
        for happening in self._line.take():
            match happening:
                case Received():
                    self._waiting.append(happening)
                case Acked():
                    self._in_flight.discard(happening.mid)
                case Up():
                    self._quota = min(ACKS_IN_FLIGHT, happening.receive_maximum)
                    changes.append(happening)
                case Down():
                    # The broker will deliver again what was not acknowledged; message numbers mean nothing now.
                    self._waiting.clear()
                    self._owed.clear()
                    self._in_flight.clear()
                    self._quota = 0
                    changes.append(happening)
        return changes

    def commit(self) -> None:
        """Store what waits, and only then tell the broker and owe the kiosks their acknowledgement.

        Raises StoreError; then nothing is acknowledged. What waits stays, and may be committed once the database is
        there again; the broker delivers it again to whoever comes after this process.
        """
        if not self._waiting:
            return
        arrivals: list[Arrival] = []
        dead: list[DeadLetter] = []
        for message in self._waiting:
            try:
                arrivals.append(read(message))
            except CodecError as error:
                dead.append(DeadLetter(message.topic, message.payload, error.code))
            except TopicError:
                dead.append(DeadLetter(message.topic, message.payload, "topic"))
        cursors = self._store.add(arrivals, dead, int(self._unix_time()))
        for message in self._waiting:
            self._line.ack(message)
        self._waiting.clear()
        for arrival in arrivals:
            kiosk, epoch = arrival.record.kiosk, arrival.record.epoch
            self._owed[arrival.place, kiosk, epoch] = cursors[kiosk, epoch]

    def acknowledge(self) -> None:
        """Tell kiosks what is stored, as far as the broker takes messages; what is owed holds no history."""
        while self._owed and len(self._in_flight) < self._quota:
            (place, kiosk, epoch), upto = self._owed.popitem(last=False)
            tenant, site, _ = place.split("/")
            topic = KioskAddress(tenant, site, kiosk).ack
            said = Receipt(epoch, upto)
            try:
                mid = self._line.publish(topic, receipt.sign(said, self._key, topic))
            except SessionDownError:
                # Where the socket is only full, the kiosk is still to be told; a connection that has ended clears this.
                self._owed[place, kiosk, epoch] = upto
                return
            self._in_flight.add(mid)
