"""What the centre says to this kiosk, on its way to the gate process: receipts, commands, documents.

The bridge checks receipts, since its window moves by them, and hands them on whole; the gate judges everything anew.
"""

import base64
import os
from collections import deque
from collections.abc import Callable
from typing import get_args

from kiosk.api.messages import MAX_STATEMENT, CommandOffer, DocumentAnswer, DocumentKind, DocumentOffer
from kiosk.api.parcel import pack
from kiosk.domain.centre import CentreKeys
from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from kiosk.verify.statement import StatementError
from mqtt_bridge.documents import DocumentLine, digest_of
from mqtt_bridge.gateline import GateLine
from mqtt_bridge.session import Received, Session
from mqtt_bridge.topics import AckTopic, CommandTopic, DocumentTopic, KioskAddress, TopicError, parse

KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
COMMANDS = 32
"""Commands that wait for a gate process that is not there. More of them are passed over."""
BURST = 16
PER_S = 32.0
"""Commands that are handed on at once, and in each second after that: who floods the topic, which needs no key, must
not fill the gate's inbox, or the gate would drop the bridge and events would wait."""


class Downlink:
    """Sorts what has come on this kiosk's topics; anything else is passed over. Times are monotonic seconds."""

    def __init__(self, address: KioskAddress, gate: GateLine, keys: CentreKeys, log: Callable[[str], None]) -> None:
        self._address, self._gate, self._keys, self._log = address, gate, keys, log
        self._documents: dict[DocumentKind, DocumentLine] = {kind: DocumentLine() for kind in KINDS}
        self._commands: deque[Received] = deque()
        self._allowed, self._allowed_at = float(BURST), 0.0
        self._bad_receipts = 0

    def gate_came(self) -> None:
        """Offer documents again to a gate process that is new."""
        for line in self._documents.values():
            line.gate_came()

    def disconnected(self) -> None:
        """Forget the commands that were not acknowledged: the broker delivers them again."""
        self._commands.clear()

    def take(self, received: Received, session: Session) -> Receipt | None:
        """Take one message, acknowledge it once it is in good hands, and return the receipt if it was a good one.

        A command is in good hands when the gate process has it. A document comes again with every connection, and a
        receipt is said again by the centre.
        """
        try:
            topic = parse(received.topic)
        except TopicError:
            topic = None
        said: Receipt | None = None
        match topic:
            case CommandTopic() if topic.address == self._address and self._holds(received):
                return None
            case AckTopic() if topic.address == self._address:
                said = self._receipt(received.payload)
            case DocumentTopic() if topic.address == self._address:
                self._document(topic.kind, received.payload)
            case _:
                pass
        session.ack(received)
        return said

    def _receipt(self, payload: bytes) -> Receipt | None:
        try:
            return receipt.opened(payload, self._address.ack, self._keys)
        except StatementError as error:
            if not self._bad_receipts:
                self._log(f"a receipt is not the centre's ({error.code}) and was passed over, as more will be")
            self._bad_receipts += 1
            return None

    def _holds(self, received: Received) -> bool:
        if not 0 < len(received.payload) <= MAX_STATEMENT or len(self._commands) >= COMMANDS:
            return False
        self._commands.append(received)
        return True

    def _document(self, kind: str, payload: bytes) -> None:
        known = next((one for one in KINDS if one == kind), None)
        if known is not None and not self._documents[known].received(payload):
            self._log(f"a document ({known}) is too large for the line and was passed over")

    # To the gate process, once it has said who it is

    def offer(self, session: Session, now: float) -> None:
        """Hand over commands and documents that wait."""
        self._allowed = min(BURST, self._allowed + (now - self._allowed_at) * PER_S)
        self._allowed_at = now
        while self._commands and self._allowed >= 1:
            command = self._commands[0]
            text = base64.b64encode(command.payload)
            if not self._gate.send(CommandOffer(topic=command.topic, command=text, retained=command.retained), now):
                return
            self._allowed -= 1
            session.ack(self._commands.popleft())
        for kind, line in self._documents.items():
            if document := line.due(now):
                offer = DocumentOffer(kind=kind, size=len(document), sha256=digest_of(document))
                parcel = pack(document)
                try:
                    self._gate.send(offer, now, parcel)
                finally:
                    os.close(parcel)

    def answered(self, answer: DocumentAnswer, now: float) -> bool:
        """Take note of the gate's answer to a document; return whether the centre is to hear it."""
        return self._documents[answer.kind].answered(now, answer)
