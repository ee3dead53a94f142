"""The bridge itself: the journal's events in, the broker's and the centre's answers out.

One loop over two sockets. All decisions about what goes when are in `window`; this is the shell around it.
"""

import base64
import contextlib
import os
import select
from collections.abc import Callable, Iterable
from typing import Literal, assert_never, get_args

from kiosk.api.messages import (
    MAX_STATEMENT,
    Appended,
    CommandOffer,
    CommandResult,
    DocumentAnswer,
    DocumentKind,
    DocumentOffer,
    Events,
    LinkHealth,
    Message,
    Sent,
    Stored,
    Telemetry,
)
from kiosk.api.parcel import pack
from kiosk.domain.centre import CentreKeys
from kiosk.verify import receipt
from kiosk.verify.statement import StatementError
from mqtt_bridge.codec import CodecError, encode_answer, encode_event, encode_result
from mqtt_bridge.details import publish_detail
from mqtt_bridge.documents import DocumentLine, digest_of
from mqtt_bridge.gateline import GateLine
from mqtt_bridge.outbox import Outbox
from mqtt_bridge.session import Acked, Down, Received, Session, SessionDownError, Up
from mqtt_bridge.telemetry import Standing, TelemetryLine
from mqtt_bridge.topics import AckTopic, CommandTopic, DocumentTopic, KioskAddress, TopicError, parse
from mqtt_bridge.waker import Waker
from mqtt_bridge.window import LIMIT, Act, Outcome, Window

IDLE_S = 0.5
"""The longest wait: every time-out here is measured in seconds."""
KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
SENT_EVERY_S = 0.1
"""How often the gate process is told of PUBACKs, which prove nothing: it has better things to do than to listen."""
STORED_AGAIN_S = 2.0
"""How soon the centre's word is repeated to a gate process that does not seem to have heard it."""


class Bridge:
    """Carries events. `session` None: no centre is configured, and events stay on the kiosk."""

    def __init__(
        self,
        address: KioskAddress,
        gate: GateLine,
        session: Session | None,
        window: Window,
        keys: CentreKeys,
        telemetry: TelemetryLine,
        log: Callable[[str], None],
    ) -> None:
        self._address, self._gate, self._session, self._log = address, gate, session, log
        self._window, self._keys, self._telemetry = window, keys, telemetry
        self._outbox = Outbox()
        self._documents: dict[DocumentKind, DocumentLine] = {kind: DocumentLine() for kind in KINDS}
        self._journal_known = False
        self._packet_limit = self._quota = 0
        self._sent_reported = 0
        self._sent_again_at = float("-inf")
        self._skipped_reported = 0
        self._bad_receipts = 0
        self._receipt = b""
        """The newest one that was good: it is said again to a gate that has not heard it."""
        self._gate_is_behind = False
        self._stored_again_at = float("-inf")
        self._line: Literal["up", "down", "off"] = "down" if session else "off"
        self._detail = ""
        self._health_reported: LinkHealth | None = None

    @property
    def has_gate(self) -> bool:
        """The gate process is there."""
        return self._gate.is_open

    def turn(self, waker: Waker, now: float) -> None:
        """Do everything that is due, then wait for news of at most `IDLE_S`. `now`: monotonic seconds."""
        if self._gate.step(now):
            self._forget_gate()
        if self._session is not None:
            self._session.step(now)
            self._hear_broker(self._session, now)
            self._act(self._session, now)
        self._offer_documents(now)
        self._report(now)
        self._tell_telemetry(now)
        self._wait(waker, now)

    def close(self) -> None:
        """Say good-bye to the broker and close both lines."""
        if self._session is not None:
            self._session.close()
        self._gate.close()

    # The gate process

    def _forget_gate(self) -> None:
        self._journal_known = self._gate_is_behind = False
        self._health_reported = None
        self._skipped_reported = 0
        self._outbox.clear()
        for line in self._documents.values():
            line.gate_came()

    def _hear_gate(self, messages: Iterable[Message], now: float) -> None:
        for message in messages:
            match message:
                case Appended() if not self._journal_known:
                    self._journal_known = self._is_ours()
                    self._sent_reported = message.confirmed
                    self._window.start(message.last, message.confirmed)
                case Appended():
                    self._journal_grew(message, now)
                case Events() if any(event.epoch != self._epoch for event in message.events):
                    self._gate.renew(now, "the gate process has begun a new journal")
                case Events():
                    self._outbox.answer(message.events, self._window.head)
                case DocumentAnswer():
                    self._tell_document(message, now)
                case CommandResult():
                    self._tell_result(message)
                case Telemetry():
                    self._telemetry.heard(message)
                case _:
                    pass
            if not self._gate.is_open:
                return

    def _journal_grew(self, appended: Appended, now: float) -> None:
        if appended.last < self._window.last:
            self._gate.renew(now, "the gate process has begun a new journal")
            return
        self._window.appended(appended.last)
        # Behind: it could not write down what the centre had said, or has not come to it yet.
        self._gate_is_behind = appended.confirmed < self._window.confirmed

    def _tell_stored(self, now: float) -> None:
        self._gate_is_behind = False
        self._stored_again_at = now + STORED_AGAIN_S
        self._gate.send(Stored(receipt=base64.b64encode(self._receipt)), now)

    @property
    def _epoch(self) -> str:
        """The epoch of the journal that is there now; empty where none is."""
        return self._gate.welcome.epoch if self._gate.welcome else ""

    def _is_ours(self) -> bool:
        welcome = self._gate.welcome
        if welcome is not None and welcome.kiosk == self._address.kiosk:
            return True
        self._log("the gate process serves another kiosk than the settings say; give both the same file")
        return False

    # The broker

    def _hear_broker(self, session: Session, now: float) -> None:
        for happening in session.take():
            match happening:
                case Up():
                    self._line, self._detail = "up", ""
                    self._packet_limit = happening.maximum_packet_size
                    self._quota = min(LIMIT, happening.receive_maximum)
                    self._telemetry.connected(now)
                    self._window.connected(happening.receive_maximum)
                    self._log("the broker is there")
                case Down():
                    if self._line == "up" or happening.detail != self._detail:
                        self._log(f"the broker is not there: {happening.detail}")
                    self._line, self._detail = "down", happening.detail
                    self._window.disconnected()
                case Acked():
                    self._take_puback(happening, now)
                case Received():
                    self._take_message(happening, now)
                case _:
                    assert_never(happening)

    def _take_puback(self, acked: Acked, now: float) -> None:
        match self._window.puback(acked.mid, acked.code, now):
            case Outcome.REFUSED:
                self._telemetry.refused()
                self._detail = publish_detail(acked.code)
            case Outcome.DELIVERED:
                self._detail = ""
            case Outcome.UNSENDABLE | Outcome.FOREIGN:
                pass

    def _take_message(self, received: Received, now: float) -> None:
        """Take what has come on one of this kiosk's topics; anything else is passed over."""
        try:
            topic = parse(received.topic)
        except TopicError:
            return
        match topic:
            case AckTopic() if topic.address == self._address:
                self._take_receipt(received, now)
            case CommandTopic() if topic.address == self._address:
                self._take_command(received, now)
            case DocumentTopic() if topic.address == self._address:
                kind = next((kind for kind in KINDS if kind == topic.kind), None)
                if kind is not None and not self._documents[kind].received(received.payload):
                    self._log(f"a document ({kind}) is too large for the line and was passed over")
            case _:
                pass

    def _take_receipt(self, received: Received, now: float) -> None:
        """Believe the centre about the journal that is there now; about any other it says nothing to us."""
        if not self._journal_known or not self._gate.is_open:
            return
        try:
            said = receipt.opened(received.payload, self._address.ack, self._keys)
        except StatementError as error:
            if not self._bad_receipts:
                self._log(f"a receipt is not the centre's ({error.code}) and was passed over, as more will be")
            self._bad_receipts += 1
            return
        if said.epoch != self._epoch:
            return
        if said.upto > self._window.last:
            # The journal is an old copy that was put back. The gate finds out by this word, and begins another one.
            self._gate.send(Stored(receipt=base64.b64encode(received.payload)), now)
        elif self._window.confirm(said.upto, now):
            self._receipt = received.payload
            self._telemetry.confirmed(now)
            self._tell_stored(now)

    # Commands

    def _take_command(self, received: Received, now: float) -> None:
        """Hand a command to the gate, which alone judges it. Where there is none, it is lost: its time is short."""
        if not received.payload or len(received.payload) > MAX_STATEMENT or not self._is_greeted:
            return
        command = base64.b64encode(received.payload)
        self._gate.send(CommandOffer(topic=received.topic, command=command, retained=received.retained), now)

    def _tell_result(self, result: CommandResult) -> None:
        if self._session is not None and self._session.is_up:
            with contextlib.suppress(SessionDownError):
                self._session.publish(self._address.result(result.id), encode_result(result))

    @property
    def _is_greeted(self) -> bool:
        """The gate is there and is this kiosk's."""
        return self._journal_known and self._gate.is_open

    # Documents

    def _offer_documents(self, now: float) -> None:
        """Hand the centre's documents to the gate of this kiosk, once it has said who it is."""
        for kind, line in self._documents.items():
            if not self._is_greeted or not (document := line.due(now)):
                continue
            parcel = pack(document)
            try:
                self._gate.send(DocumentOffer(kind=kind, size=len(document), sha256=digest_of(document)), now, parcel)
            finally:
                os.close(parcel)

    def _tell_document(self, answer: DocumentAnswer, now: float) -> None:
        if not self._documents[answer.kind].answered(now, answer):
            return
        why = f" ({answer.code})" if answer.code else ""
        self._log(f"the gate's answer to the document '{answer.kind}': {answer.outcome}{why}")
        if self._session is not None:
            self._session.tell(self._address.document_answer(answer.kind), encode_answer(answer))

    # Sending

    def _act(self, session: Session, now: float) -> None:
        if not self._journal_known or not self._gate.is_open:
            return
        if session.is_up:
            match self._window.tick(now):
                case Act.RECONNECT:
                    session.drop("no_answer")
                    return
                case Act.RESEND:
                    self._log("the centre has not confirmed what was sent; sending it again")
                case Act.NOTHING:
                    pass
        while self._window.may_send(now) and (event := self._outbox.take(self._window.head)) is not None:
            try:
                topic = self._address.event(event.type)
                payload = encode_event(event, self._address)
            except (TopicError, CodecError):
                self._window.skip()
                continue
            if session.packet_size(topic, payload) > self._packet_limit:
                self._window.skip()
                continue
            try:
                self._window.sent(session.publish(topic, payload), now)
            except SessionDownError:
                return
        # Asked for only when it can go: an outage holds nothing in memory.
        if self._window.may_send(now):
            question = self._outbox.ask(self._window.head, self._window.last, now)
            if question is not None:
                self._gate.send(question, now)

    # Reports

    def _report(self, now: float) -> None:
        if not self._gate.is_open or self._gate.welcome is None:
            return
        if self._journal_known and self._window.sent_upto > self._sent_reported and now >= self._sent_again_at:
            self._sent_reported, self._sent_again_at = self._window.sent_upto, now + SENT_EVERY_S
            self._gate.send(Sent(upto=self._sent_reported), now)
        if self._journal_known and self._gate_is_behind and now >= self._stored_again_at:
            self._tell_stored(now)
        if self._window.skipped > self._skipped_reported:
            self._log(f"{self._window.skipped} events cannot be sent: too large, or not to be written as JSON")
            self._skipped_reported = self._window.skipped
        health = LinkHealth(link=self._line, detail=self._health_detail())
        if health != self._health_reported and self._gate.send(health, now):
            self._health_reported = health

    def _tell_telemetry(self, now: float) -> None:
        window = self._window
        standing = Standing(
            self._line, self._health_detail(), window.in_flight, self._quota, window.last - window.confirmed,
            window.skipped,
        )  # fmt: skip
        for topic, payload in self._telemetry.due(now, standing):
            if self._session is not None:
                self._session.tell(topic, payload)

    def _health_detail(self) -> str:
        if self._gate.welcome is not None and self._gate.welcome.kiosk != self._address.kiosk:
            return "wrong_kiosk"
        return self._detail or ("unsendable" if self._window.skipped else "")

    # Waiting

    def _wait(self, waker: Waker, now: float) -> None:
        broker = self._session.fileno() if self._session else -1
        pending = self._session is not None and self._session.has_pending()
        reading = [fd for fd in (waker.fileno(), self._gate.fileno(), broker) if fd >= 0]
        writing = [broker] if self._session is not None and broker >= 0 and self._session.wants_write() else []
        readable, writable, _ = select.select(reading, writing, [], 0 if pending else IDLE_S)
        if waker.fileno() in readable:
            waker.clear()
        if self._gate.fileno() in readable:
            self._hear_gate(self._gate.receive(now), now)
        if self._session is not None:
            if broker in readable or pending:
                self._session.readable()
            if broker in writable:
                self._session.writable()
