"""The bridge itself: the journal's events in, the broker's and the centre's answers out.

One loop over three sockets: the gate process and the two connections to the broker. When what goes is decided in
`window`, what goes in `uplink`, where what comes belongs in `downlink`; this is the shell around them.
"""

import base64
import select
from collections.abc import Callable, Iterable
from typing import Literal, assert_never

from kiosk.api.messages import (
    Appended,
    CommandResult,
    DocumentAnswer,
    Events,
    LinkHealth,
    Message,
    Sent,
    Stored,
    Telemetry,
)
from mqtt_bridge.codec import encode_answer
from mqtt_bridge.downlink import Downlink
from mqtt_bridge.gateline import GateLine
from mqtt_bridge.lines import Hearing, Lines
from mqtt_bridge.session import Acked, Down, Received, Up
from mqtt_bridge.telemetry import Standing, TelemetryLine
from mqtt_bridge.topics import KioskAddress
from mqtt_bridge.uplink import Uplink
from mqtt_bridge.waker import Waker
from mqtt_bridge.window import Act

IDLE_S = 0.5
"""The longest wait: every time-out here is measured in seconds."""
SENT_EVERY_S = 0.1
"""How often the gate process is told of PUBACKs, which prove nothing: it has better things to do than to listen."""
STORED_EVERY_S = 0.1
"""How often it is told of receipts, of which the newest says it all: each costs it a check and a write to the disk."""
STORED_AGAIN_S = 2.0
"""How soon the centre's word is repeated to a gate process that does not seem to have heard it."""


class Bridge:
    """Carries events. `lines` None: no centre is configured, and events stay on the kiosk."""

    def __init__(
        self,
        address: KioskAddress,
        gate: GateLine,
        lines: Lines | None,
        uplink: Uplink,
        downlink: Downlink,
        telemetry: TelemetryLine,
        log: Callable[[str], None],
    ) -> None:
        self._address, self._gate, self._lines, self._log = address, gate, lines, log
        self._uplink, self._downlink, self._telemetry = uplink, downlink, telemetry
        self._window = uplink.window
        self._window.listen(False, 0.0)
        self._journal_known = False
        self._sent_reported = 0
        self._sent_again_at = float("-inf")
        self._dead_reported = 0
        self._receipt = b""
        """The newest one that was good: it is said again to a gate that has not heard it."""
        self._gate_is_behind = self._receipt_is_new = False
        self._told_at = float("-inf")
        self._line: Literal["up", "down", "off"] = "down" if lines else "off"
        self._detail = ""
        self._deaf = ""
        """Why the centre cannot be heard; empty where it can, or where that is not known yet."""
        self._health_reported: LinkHealth | None = None

    @property
    def has_gate(self) -> bool:
        """The gate process is there."""
        return self._gate.is_open

    def turn(self, waker: Waker, now: float) -> None:
        """Do everything that is due, then wait for news of at most `IDLE_S`. `now`: monotonic seconds."""
        if self._gate.step(now):
            self._forget_gate()
        if self._lines is not None:
            self._lines.step(now)
            self._hear_broker(self._lines, now)
            if self._is_greeted:
                self._downlink.offer(self._lines.down, now)
                self._act(self._lines, now)
        self._report(now)
        self._tell_telemetry(now)
        self._wait(waker, now)

    def close(self) -> None:
        """Say good-bye to the broker and close all lines."""
        if self._lines is not None:
            self._lines.close()
        self._gate.close()

    # The gate process

    def _forget_gate(self) -> None:
        self._journal_known = self._gate_is_behind = self._receipt_is_new = False
        self._health_reported = None
        self._uplink.outbox.clear()
        self._downlink.gate_came()

    def _hear_gate(self, messages: Iterable[Message], now: float) -> None:
        for message in messages:
            match message:
                case Appended() if not self._journal_known:
                    self._journal_known = self._is_ours()
                    self._sent_reported = message.confirmed
                    self._uplink.begin(message.last, message.confirmed)
                    self._dead_reported = 0
                case Appended():
                    self._journal_grew(message, now)
                case Events() if any(event.epoch != self._epoch for event in message.events):
                    self._gate.renew(now, "the gate process has begun a new journal")
                case Events():
                    self._uplink.outbox.answer(message.events, self._window.head)
                case DocumentAnswer():
                    self._tell_document(message, now)
                case CommandResult():
                    self._uplink.add(message)
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
        self._gate_is_behind = self._receipt_is_new = False
        self._told_at = now
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

    def _hear_broker(self, lines: Lines, now: float) -> None:
        for news in lines.take(now):
            match news:
                case Up():
                    self._line, self._detail = "up", ""
                    self._telemetry.connected(now)
                    self._uplink.connected(news)
                    self._log("the broker is there")
                case Down():
                    if self._line == "up" or news.detail != self._detail:
                        self._log(f"the broker is not there: {news.detail}")
                    self._line, self._detail = "down", news.detail
                    self._uplink.disconnected()
                case Hearing():
                    self._take_hearing(news, now)
                case Acked():
                    self._uplink.puback(news, now)
                case Received():
                    said = self._downlink.take(news, lines.down)
                    if said is not None and said.epoch == self._epoch and self._is_greeted:
                        self._take_receipt(said.upto, news.payload, now)
                case _:
                    assert_never(news)

    def _take_hearing(self, hearing: Hearing, now: float) -> None:
        self._window.listen(not hearing.detail, now, kept=hearing.kept)
        self._downlink.disconnected()
        if hearing.detail != self._deaf:
            self._log(f"the centre cannot be heard: {hearing.detail}" if hearing.detail else "the centre can be heard")
        self._deaf = hearing.detail

    def _take_receipt(self, upto: int, signed: bytes, now: float) -> None:
        """Believe the centre about the journal that is there now; about any other it says nothing to us."""
        if upto > self._window.last:
            # The journal is an old copy that was put back. The gate finds out by this word, and begins another one.
            self._gate.send(Stored(receipt=base64.b64encode(signed)), now)
        elif self._uplink.confirm(upto, now):
            self._receipt, self._receipt_is_new = signed, True
            self._telemetry.confirmed(now)

    @property
    def _is_greeted(self) -> bool:
        """The gate process is there and is this kiosk's."""
        return self._journal_known and self._gate.is_open

    # Reports of the gate's to the centre

    def _tell_document(self, answer: DocumentAnswer, now: float) -> None:
        if not self._downlink.answered(answer, now):
            return
        why = f" ({answer.code})" if answer.code else ""
        self._log(f"the gate's answer to the document '{answer.kind}': {answer.outcome}{why}")
        if self._lines is not None:
            self._lines.up.tell(self._address.document_answer(answer.kind), encode_answer(answer))

    # Sending

    def _act(self, lines: Lines, now: float) -> None:
        if lines.is_up:
            match self._window.tick(now):
                case Act.RECONNECT:
                    lines.up.drop("no_answer")
                    return
                case Act.RESEND:
                    self._log("the centre has not confirmed what was sent; sending it again")
                case Act.NOTHING:
                    pass
        self._uplink.send(lines, now)
        # Asked for only when it can go: an outage holds nothing in memory.
        if self._window.may_send(now):
            question = self._uplink.outbox.ask(self._window.head, self._window.last, now)
            if question is not None:
                self._gate.send(question, now)

    # Reports

    def _report(self, now: float) -> None:
        if not self._gate.is_open or self._gate.welcome is None:
            return
        if self._journal_known and self._window.sent_upto > self._sent_reported and now >= self._sent_again_at:
            self._sent_reported, self._sent_again_at = self._window.sent_upto, now + SENT_EVERY_S
            self._gate.send(Sent(upto=self._sent_reported), now)
        since = now - self._told_at
        if (self._receipt_is_new and since >= STORED_EVERY_S) or (self._gate_is_behind and since >= STORED_AGAIN_S):
            self._tell_stored(now)
        for letter in self._uplink.take_buried():
            self._gate.send(letter, now)
        if self._uplink.dead.count > self._dead_reported:
            self._dead_reported = self._uplink.dead.count
            self._log(f"{self._dead_reported} events can never be sent whole; 'kiosk doctor' lists them")
        health = LinkHealth(link=self._line, detail=self._health_detail())
        if health != self._health_reported and self._gate.send(health, now):
            self._health_reported = health

    def _tell_telemetry(self, now: float) -> None:
        window = self._window
        standing = Standing(
            self._line, self._health_detail(), self.has_gate, window.in_flight, self._uplink.quota,
            window.last - window.confirmed, self._uplink.dead.count, self._uplink.refused,
        )  # fmt: skip
        for topic, payload in self._telemetry.due(now, standing):
            if self._lines is not None:
                self._lines.up.tell(topic, payload)

    def _health_detail(self) -> str:
        if self._gate.welcome is not None and self._gate.welcome.kiosk != self._address.kiosk:
            return "wrong_kiosk"
        if self._line == "up" and self._deaf:
            return "unconfirmed"
        return self._detail or self._uplink.detail or ("unsendable" if self._uplink.dead.count else "")

    # Waiting

    def _wait(self, waker: Waker, now: float) -> None:
        sessions = self._lines.sessions() if self._lines is not None else ()
        pending = any(session.has_pending() for session in sessions)
        reading = [fd for fd in (waker.fileno(), self._gate.fileno(), *(one.fileno() for one in sessions)) if fd >= 0]
        writing = [one.fileno() for one in sessions if one.wants_write()]
        timeout_s = STORED_EVERY_S if self._receipt_is_new else IDLE_S
        readable, writable, _ = select.select(reading, writing, [], 0 if pending else timeout_s)
        if waker.fileno() in readable:
            waker.clear()
        if self._gate.fileno() in readable:
            self._hear_gate(self._gate.receive(now), now)
        for session in sessions:
            if session.fileno() in readable or session.has_pending():
                session.readable()
            if session.fileno() in writable:
                session.writable()
