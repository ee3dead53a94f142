"""The centre's documents on their way to the gate: the newest one of each kind, until the gate has answered.

The bridge does not look into them. The gate verifies them; a broker that was taken over can at worst withhold one.
"""

import hashlib

from kiosk.api.messages import MAX_DOCUMENT

PAUSE_S = 3.0
"""From one offer to the next, of the same document without an answer or of another one: a broker that sends without
an end keeps the gate busy with little."""

LATER_S = 60.0
"""When to ask a gate again whose clock was behind the document's date: a kiosk has no clock before the network."""


def digest_of(document: bytes) -> str:
    """Return what an offer and its answer name a document by: its SHA-256 in hex."""
    return hashlib.sha256(document).hexdigest()


class DocumentLine:
    """Keeps at most one document, of one kind. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._document = b""
        self._answered = ""
        self._not_before = float("-inf")

    def received(self, payload: bytes) -> bool:
        """Take what has come on the topic; False for what is too large. An empty one says that there is none.

        A retained message comes again with every connection: what the gate has answered is not asked again.
        """
        if len(payload) > MAX_DOCUMENT:
            return False
        self._document = payload
        return True

    def gate_came(self) -> None:
        """Offer it again to a gate process that is new."""
        self._answered = ""
        self._not_before = float("-inf")

    def due(self, now: float) -> bytes:
        """Return the document that is to be offered now; empty where there is none."""
        if not self._document or now < self._not_before:
            return b""
        if digest_of(self._document) == self._answered:
            return b""
        self._not_before = now + PAUSE_S
        return self._document

    def answered(self, now: float, digest: str, *, for_now: bool = False) -> None:
        """Take note that the gate has answered the offer of this digest; `for_now`: its clock was behind, ask later.

        An answer that comes late is to another document, and says nothing of the one that has come since.
        """
        if digest != digest_of(self._document):
            return
        if for_now:
            self._not_before = now + LATER_S
        else:
            self._answered = digest
