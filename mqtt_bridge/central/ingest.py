"""From the broker into the store: nothing is acknowledged before it is committed.

Two acknowledgements follow a commit: the PUBACK, so that the broker keeps what is not stored yet, and `down/ack`
to the kiosk, which alone lets the kiosk forget. Both are repeated for repeats: the first may have been lost.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from mqtt_bridge.central.line import Line
from mqtt_bridge.central.reading import read
from mqtt_bridge.central.store import (
    Arrival,
    DeadLetter,
    Journal,
    State,
    Store,
    StoreError,
    StoreUnavailableError,
)
from mqtt_bridge.codec import CodecError
from mqtt_bridge.session import Acked, Down, Received, SessionDownError, Up
from mqtt_bridge.topics import KioskAddress, TopicError

BATCH = 500
"""Messages of one commit."""
ACKS_IN_FLIGHT = 100


def _letter(message: Received, code: str) -> DeadLetter:
    return DeadLetter(message.topic, message.payload, code)


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
        events: list[tuple[Arrival, Received]] = []
        states: list[State] = []
        dead: list[DeadLetter] = []
        for message in self._waiting:
            try:
                said = read(message)
            except CodecError as error:
                dead.append(_letter(message, error.code))
            except TopicError:
                dead.append(_letter(message, "topic"))
            else:
                match said:
                    case Arrival():
                        events.append((said, message))
                    case State():
                        states.append(said)
                    case None:
                        pass
        received = int(self._unix_time())
        cursors = self._store_events(events, dead, received)
        if states:
            self._store.note_state(states, received)
        self._line.ack(self._waiting)
        self._waiting.clear()
        for arrival, _ in events:
            kiosk, epoch = arrival.record.kiosk, arrival.record.epoch
            if (kiosk, epoch) in cursors:
                self._owed[arrival.place, kiosk, epoch] = cursors[kiosk, epoch]

    def _store_events(
        self, events: Sequence[tuple[Arrival, Received]], dead: Sequence[DeadLetter], received: int
    ) -> Mapping[Journal, int]:
        """Commit in one transaction or, where the database refuses that, one event after another.

        An event that no database takes must not keep out all others: every consumer would fall over it, for ever.
        Raises StoreError where the database takes nothing at all.
        """
        try:
            return self._store.add([arrival for arrival, _ in events], dead, received) if events or dead else {}
        except StoreUnavailableError:
            raise
        except StoreError:
            self._store.add([], dead, received)
        cursors: dict[Journal, int] = {}
        for arrival, message in events:
            try:
                cursors |= self._store.add([arrival], [], received)
            except StoreUnavailableError:
                raise
            except StoreError:
                self._store.add([], [_letter(message, "refused")], received)
        return cursors

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
