"""The line to the gate process."""

from pathlib import Path

from kiosk.api.link import Link, LinkClosedError
from kiosk.api.messages import Message, Role, WireError

NS = 1_000_000_000
RECONNECT_NS = NS // 5


class GateLink:
    """The line to the gate process, made anew whenever it breaks. Never waits for it."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        self._link: Link | None = None
        self._next_try = 0

    def reconnected(self, now_ns: int) -> Link | None:
        """Return a new connection where one has just been made; try at most five times a second."""
        if self._link is not None or now_ns < self._next_try:
            return None
        self._next_try = now_ns + RECONNECT_NS
        try:
            self._link = Link(self._run_dir, Role.VISION)
        except LinkClosedError:
            return None
        return self._link

    def send(self, message: Message) -> bool:
        """Send, and return whether there was anybody to send to."""
        if self._link is None:
            return False
        try:
            self._link.send(message)
        except LinkClosedError:
            self.close()
            return False
        return True

    def received(self) -> list[Message]:
        """Return what has come; never waits."""
        if self._link is None:
            return []
        try:
            return list(self._link.receive(0))
        except (LinkClosedError, WireError):
            self.close()
            return []

    @property
    def up(self) -> bool:
        """Whether there is a connection."""
        return self._link is not None

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
            self._link = None
