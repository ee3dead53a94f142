"""The bridge's line to the gate process: connects for ever, and knows whose journal it is."""

from collections.abc import Callable
from pathlib import Path

from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import (
    Appended,
    CommandResult,
    DocumentAnswer,
    Events,
    Message,
    Role,
    Telemetry,
    Welcome,
    WireError,
)

RETRY_S = 0.2
RETRY_MAX_S = 1.0
_HEARD = (Events, Appended, DocumentAnswer, CommandResult, Telemetry)


class GateLine:
    """At most one link at a time. Times are monotonic seconds."""

    def __init__(self, run_dir: Path, log: Callable[[str], None]) -> None:
        self._run_dir, self._log = run_dir, log
        self._link: Link | None = None
        self._retry_at = float("-inf")
        self._retry_s = RETRY_S
        self.welcome: Welcome | None = None

    @property
    def is_open(self) -> bool:
        """The gate process is there (it may not have said its name yet)."""
        return self._link is not None

    def fileno(self) -> int:
        """Return the descriptor to wait on, -1 while there is none."""
        return self._link.fileno() if self._link else -1

    def step(self, now: float) -> bool:
        """Connect if that is due; True where it has just been done."""
        if self._link is not None or now < self._retry_at:
            return False
        try:
            self._link = Link(self._run_dir, Role.BRIDGE)
        except LinkClosedError:
            self._retry_at = now + self._retry_s
            self._retry_s = min(RETRY_MAX_S, self._retry_s * 2)
            return False
        self._retry_s = RETRY_S
        self._log("the gate process is there")
        return True

    def receive(self, now: float) -> list[Message]:
        """Return what has come: the first Welcome is kept in `welcome` and everything before it is passed over."""
        if self._link is None:
            return []
        messages: list[Message] = []
        try:
            for message in self._link.receive(0):
                if isinstance(message, Welcome):
                    self.welcome = message
                elif self.welcome is not None and isinstance(message, _HEARD):
                    messages.append(message)
        except LinkClosedError:
            self.renew(now, "the gate process has gone away")
        except WireError:
            self.renew(now, "the gate process sent a line that is too long")
        return messages

    def send(self, message: Message, now: float, fd: int | None = None) -> bool:
        """Send one message, with a descriptor beside it if given; False where the gate process is not there."""
        if self._link is None:
            return False
        try:
            self._link.send(message, fd)
        except LinkClosedError:
            self.renew(now, "the gate process has gone away")
            return False
        return True

    def renew(self, now: float, why: str) -> None:
        """Close the link; `step` opens another."""
        self._log(why)
        self.close()
        self._retry_at = now + RETRY_S

    def close(self) -> None:
        """Close the link."""
        if self._link is not None:
            self._link.close()
        self._link = None
        self.welcome = None
