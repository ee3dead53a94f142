"""What the kiosk says to the centre and is held to: results and events, and what becomes of each.

The window says what may go when; this makes messages of it, and takes the broker's answers.
"""

import contextlib

from kiosk.api.messages import CommandResult, DeadLetter, EventRecord
from mqtt_bridge.codec import CodecError, encode_event, encode_result, stand_in
from mqtt_bridge.dead_letters import DeadLetters
from mqtt_bridge.details import publish_detail
from mqtt_bridge.lines import Lines
from mqtt_bridge.outbox import Outbox
from mqtt_bridge.results import Results
from mqtt_bridge.session import Acked, Session, SessionDownError, Up
from mqtt_bridge.topics import KioskAddress, TopicError
from mqtt_bridge.window import LIMIT, Outcome, Window

Packet = tuple[str, bytes]
"""A topic and a payload."""


class Uplink:
    """Sends while it may. Times are monotonic seconds."""

    def __init__(self, address: KioskAddress, window: Window) -> None:
        self.window = window
        self.outbox = Outbox()
        self.dead = DeadLetters()
        self.quota = 0
        """How many messages the broker lets be on their way."""
        self.detail = ""
        """A short code of what the broker last refused; empty where it takes what comes."""
        self.refused = 0
        """PUBACKs that said no."""
        self._address = address
        self._results = Results()
        self._packet_limit = 0
        self._buried: list[DeadLetter] = []

    # What happens

    def begin(self, last: int, confirmed: int) -> None:
        """Take the numbers of a journal that has come, or come back."""
        self.dead.begin()
        self.window.start(last, confirmed)

    def connected(self, limits: Up) -> None:
        """Start on a new connection."""
        self.detail = ""
        self.quota, self._packet_limit = min(LIMIT, limits.receive_maximum), limits.maximum_packet_size
        self.dead.connected()
        self.window.connected(limits.receive_maximum)

    def disconnected(self) -> None:
        """Stop: the connection is gone."""
        self.window.disconnected()
        self._results.disconnected()

    def confirm(self, upto: int, now: float) -> bool:
        """Take the centre's word; False where it says nothing new or something impossible."""
        if not self.window.confirm(upto, now):
            return False
        self.dead.confirmed(upto)
        return True

    def puback(self, acked: Acked, now: float) -> None:
        """Take the broker's answer to a message."""
        self._results.answered(acked.mid)
        match self.window.puback(acked.mid, acked.code, now):
            case Outcome.REFUSED:
                self.detail = publish_detail(acked.code)
                self.refused += 1
            case Outcome.UNSENDABLE:
                self.refused += 1
                self._bury(self.window.unsendable, publish_detail(acked.code))
            case Outcome.DELIVERED:
                self.detail = ""
            case Outcome.FOREIGN:
                pass

    def add(self, result: CommandResult) -> None:
        """Take how far a command has come."""
        self._results.add(result)

    def take_buried(self) -> list[DeadLetter]:
        """Return the dead letters that were found since the last call."""
        buried, self._buried = self._buried, []
        return buried

    # What goes

    def send(self, lines: Lines, now: float) -> None:
        """Hand to the broker what it may have more. A connection that ends meanwhile is heard of by `lines`."""
        with contextlib.suppress(SessionDownError):
            # Results go before any event: somebody waits for them.
            while self.window.has_room and (result := self._results.next()) is not None:
                mid = lines.up.publish(self._address.result(result.id), encode_result(result))
                self._results.sent(mid)
                self.window.told(mid, now)
            while self.window.may_send(now) and (event := self.outbox.take(self.window.head)) is not None:
                packet = self._packet(event, lines.up)
                if packet is None:
                    self.window.skip()
                else:
                    self.window.sent(lines.up.publish(*packet), now)

    def _packet(self, event: EventRecord, session: Session) -> Packet | None:
        """Return what goes under this number: the event, or its stand-in, or None where not even that can."""
        code = self.dead.code(event.seq)
        if not code:
            packet = self._made(event, session)
            if isinstance(packet, tuple):
                return packet
            code = packet
            self._bury(event.seq, code)
        if self.dead.is_stuck(event.seq):
            return None
        packet = self._made(stand_in(event, code), session)
        if isinstance(packet, tuple):
            return packet
        self.dead.add(event.seq, packet)
        return None

    def _made(self, event: EventRecord, session: Session) -> Packet | str:
        """Return an event as a packet, or the code of why it cannot go."""
        try:
            topic, payload = self._address.event(event.type), encode_event(event, self._address)
        except TopicError:
            return "topic"
        except CodecError as error:
            return error.code
        return (topic, payload) if session.packet_size(topic, payload) <= self._packet_limit else "too_large"

    def _bury(self, seq: int, code: str) -> None:
        if self.dead.add(seq, code):
            self._buried.append(DeadLetter(seq=seq, code=code))
