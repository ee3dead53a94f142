"""The centre's documents on their way to the gate: the newest one of each kind, until the gate has answered.

The bridge does not look into them. The gate verifies them; a broker that was taken over can at worst withhold one.
"""

import hashlib

from kiosk.api.messages import MAX_DOCUMENT, DocumentAnswer

PAUSE_S = 3.0
"""From one offer to the next, of the same document without an answer or of another one: a broker that sends without
an end keeps the gate busy with little."""

AGAIN_S = {"pending": 5.0, "not_yet": 60.0, "no_key": 900.0, "not_stored": 900.0, "not_in_force": 900.0}
"""When to ask a gate again, by its outcome or code, in seconds. pending: settings wait for a quiet moment; not_yet: a
kiosk has no clock before the network; the others can be mended on the kiosk, and nobody would tell the bridge."""


def digest_of(document: bytes) -> str:
    """Return what an offer and its answer name a document by: its SHA-256 in hex."""
    return hashlib.sha256(document).hexdigest()


class DocumentLine:
    """Keeps at most one document, of one kind. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._document = b""
        self._answered = ""
        self._not_before = float("-inf")
        self._said: DocumentAnswer | None = None
        """What was last told to the centre."""

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

    def answered(self, now: float, answer: DocumentAnswer) -> bool:
        """Take note of the gate's answer; return whether the centre is to hear it: of one that repeats, once.

        An answer that comes late is to another document, and says nothing of the one that has come since.
        """
        again_s = AGAIN_S.get(answer.code or answer.outcome)
        is_news, self._said = again_s is None or answer != self._said, answer
        if answer.sha256 == digest_of(self._document):
            if again_s is None:
                self._answered = answer.sha256
            else:
                self._not_before = now + again_s
        return is_news
