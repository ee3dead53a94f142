"""How far commands have come, on its way to the broker: in order, one message at a time a result. Pure.

The gate says each state once. A result that was on its way when the connection ended goes again on the next one: who
sent the command waits for it, and hears a repetition rather than nothing.
"""

from collections import deque

from kiosk.api.messages import CommandResult

MOST = 64
"""Results that wait; beyond them the oldest are dropped: nobody waits for those any more."""


class Results:
    """Keeps results until the broker has answered for them."""

    def __init__(self) -> None:
        self._waiting: deque[CommandResult] = deque(maxlen=MOST)
        self._on_way: dict[int, CommandResult] = {}

    def add(self, result: CommandResult) -> None:
        """Take a new one."""
        self._waiting.append(result)

    def next(self) -> CommandResult | None:
        """Return the one that is to go next; it stays until `sent`."""
        return self._waiting[0] if self._waiting else None

    def sent(self, mid: int) -> None:
        """Note that it has gone as message `mid`."""
        self._on_way[mid] = self._waiting.popleft()

    def answered(self, mid: int) -> None:
        """Note that the broker has answered, whatever it said: where nobody listens, nobody waits."""
        self._on_way.pop(mid, None)

    def disconnected(self) -> None:
        """Let what was on its way go again."""
        for result in reversed(self._on_way.values()):
            if len(self._waiting) < MOST:
                self._waiting.appendleft(result)
        self._on_way.clear()
