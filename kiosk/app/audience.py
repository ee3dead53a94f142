"""What others are told: screens what to show, monitors the steps of the path."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kiosk.api import messages as wire
from kiosk.app.ports import Clock, Peers

Step = Literal[
    "part", "seen", "decided", "recorded", "relay_on", "relay_off", "page", "sent", "confirmed", "health",
    "fault",
]  # fmt: skip
_NOTHING: Mapping[str, Any] = {}


@dataclass(slots=True)
class Audience:
    """Tells each only what is new."""

    peers: Peers
    clock: Clock
    snapshot: Callable[[], wire.Snapshot]
    _shown: wire.Snapshot | None = None

    def show(self) -> None:
        """Tell the screens what has changed; who comes is told at once how it stands."""
        screens = self.peers.of(wire.Role.UI)
        if not screens:
            return
        snapshot = self.snapshot()
        if snapshot != self._shown:
            self._shown = snapshot
            for peer in screens:
                peer.send(snapshot)

    def trace(
        self, step: Step, visit: str = "", *, seq: int = 0, at_ns: int | None = None, data: Mapping[str, Any] = _NOTHING
    ) -> None:
        """Tell the monitors what has happened."""
        monitors = self.peers.of(wire.Role.MONITOR)
        if monitors:
            at = self.clock.mono_ns() if at_ns is None else at_ns
            message = wire.Trace(step=step, at_ns=at, visit=visit, seq=seq, data=dict(data))
            for peer in monitors:
                peer.send(message)
