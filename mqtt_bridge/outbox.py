"""The few events that wait in memory for their turn: at most two batches, refilled before they run dry. Pure."""

from collections import deque
from collections.abc import Iterable

from kiosk.api.messages import EventRecord, Fetch

BATCH = 200
"""Two windows: while one batch is on its way to the broker, the gate process reads the next one."""
ASK_AGAIN_S = 5.0


class Outbox:
    """Events in order, fetched from the journal as the window moves on."""

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch
        self._waiting: deque[EventRecord] = deque()
        self._asked_after = -1
        self._asked_until = float("-inf")

    def clear(self) -> None:
        """Forget everything: the gate process or its journal is another one now."""
        self._waiting.clear()
        self._asked_after = -1

    def align(self, head: int) -> None:
        """Drop what does not begin at `head`: the window has moved."""
        while self._waiting and self._waiting[0].seq < head:
            self._waiting.popleft()
        if self._waiting and self._waiting[0].seq != head:
            self._waiting.clear()

    def ask(self, head: int, last: int, now: float) -> Fetch | None:
        """Return the question to put to the gate process, if it is time for one."""
        self.align(head)
        end = self._waiting[-1].seq if self._waiting else head - 1
        if len(self._waiting) > self._batch or end >= last:
            return None
        if self._asked_after == end and now < self._asked_until:
            return None
        self._asked_after, self._asked_until = end, now + ASK_AGAIN_S
        return Fetch(after=end, limit=self._batch)

    def answer(self, events: Iterable[EventRecord], head: int) -> None:
        """Take the events that go on where the waiting ones end; others answer a question of the past."""
        self.align(head)
        for event in events:
            if event.seq == (self._waiting[-1].seq + 1 if self._waiting else head):
                self._waiting.append(event)

    def take(self, head: int) -> EventRecord | None:
        """Return the event numbered `head`, if it has come. It stays until the window has moved past it."""
        self.align(head)
        return self._waiting[0] if self._waiting else None
