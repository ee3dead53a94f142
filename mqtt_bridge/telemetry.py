"""What is told beside the events: the gate's figures and the bridge's own, to the centre and to local listeners.

Pure: messages in, topics and payloads out. QoS 0 throughout, and nothing waits in memory for a broker that is away:
the next report says more than an old one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import LINK, LOCAL, Link
from mqtt_bridge.codec import CodecError, encode_telemetry
from mqtt_bridge.topics import KioskAddress

EVERY_S = 60.0
"""Between two reports of the line where nothing happens."""
AT_ONCE_S = 5.0
"""The least time between two of them, however much happens."""
START_S = 10.0
"""Within which the first one comes after a connection: kiosks that come back together must part."""
MAX_TELEMETRY = 8192
"""Bytes that telemetry may take as a payload; more is not told."""
Listener = Callable[[Telemetry], None]
"""Takes everything that is told, local or not; returns at once."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the line stands now."""

    link: Literal["up", "down", "off"]
    detail: str = ""
    gate: bool = True
    """The gate process is there."""
    in_flight: int = 0
    window: int = 0
    waiting: int = 0
    dead_letters: int = 0
    refused: int = 0
    """PUBACKs that said no."""


@dataclass(slots=True)
class TelemetryLine:
    """Passes telemetry on, and adds `link`. Times are monotonic seconds; `jitter` returns 0 to 1."""

    address: KioskAddress
    began: float
    jitter: Callable[[], float]
    listeners: Sequence[Listener] = ()
    memory_mb: Callable[[], float | None] = lambda: None
    """Resident memory of this process."""
    _heard: list[Telemetry] = field(default_factory=list)
    _connections: int = 0
    _confirmed_at: float | None = None
    _due_at: float = float("-inf")
    _told_at: float = float("-inf")
    _line: tuple[str, str, bool] | None = None
    """The link, its detail and whether there is a gate, as last told."""

    # What happens

    def heard(self, message: Telemetry) -> None:
        """Take what the gate process tells."""
        self._pass_on(message)
        if message.name not in LOCAL and message.name != LINK:
            self._heard.append(message)

    def connected(self, now: float) -> None:
        """Note that there is a new connection to the centre's broker."""
        self._connections += 1
        self._due_at = now + self.jitter() * START_S

    def confirmed(self, now: float) -> None:
        """Note that the centre has stored something."""
        self._confirmed_at = now

    # What is told

    def due(self, now: float, standing: Standing) -> list[tuple[str, bytes]]:
        """Return topics and payloads for the centre: what the gate has told since, and `link` where it is time."""
        line = (standing.link, standing.detail, standing.gate)
        if now >= self._due_at or (line != self._line and now - self._told_at >= AT_ONCE_S):
            self._line, self._told_at, self._due_at = line, now, now + EVERY_S
            message = Telemetry(name=LINK, data=self._link(now, standing).model_dump(mode="json"))
            self._pass_on(message)
            self._heard.append(message)
        told, self._heard = self._heard, []
        payloads = [(self.address.telemetry(message.name), _payload(message)) for message in told]
        return [(topic, payload) for topic, payload in payloads if 0 < len(payload) <= MAX_TELEMETRY]

    def _pass_on(self, message: Telemetry) -> None:
        for listener in self.listeners:
            listener(message)

    def _link(self, now: float, standing: Standing) -> Link:
        return Link(
            link=standing.link, detail=standing.detail[:64], gate=standing.gate, uptime_s=int(now - self.began),
            reconnects=max(0, self._connections - 1), refused=standing.refused, dead_letters=standing.dead_letters,
            in_flight=standing.in_flight, window=standing.window, waiting=max(0, standing.waiting),
            confirmed_age_s=None if self._confirmed_at is None else int(now - self._confirmed_at),
            memory_process_mb=self.memory_mb(),
        )  # fmt: skip


def _payload(message: Telemetry) -> bytes:
    """Return telemetry as it is published; empty where it cannot be written as JSON."""
    try:
        return encode_telemetry(message)
    except CodecError:
        return b""
