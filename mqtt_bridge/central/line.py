"""What the centre needs of a broker; `mqtt_line` and `amqp_line` are the two kinds there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mqtt_bridge.session import Happening, Received


@dataclass(frozen=True, slots=True)
class Address:
    """A node of a broker."""

    host: str
    port: int


class Line(Protocol):
    """Connects, and connects again, for as long as `step` and `wait` are called in turn.

    A message waits for `ack`. After a `Down` the broker gives out again what was not acknowledged, to this consumer or
    to another, and the numbers of messages mean nothing any more.
    """

    @property
    def where(self) -> str:
        """The broker as `host:port`, for people."""

    def step(self, now: float) -> None:
        """Do what is due at `now`, in monotonic seconds."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for news, take it, and tell whether there was any. The waker ends the wait."""

    def take(self) -> list[Happening]:
        """Return what has happened since the last call."""

    def ack(self, messages: Sequence[Received]) -> None:
        """Tell the broker that all messages which were taken, up to the last of these, are in safe hands."""

    def publish(self, topic: str, payload: bytes) -> int:
        """Hand over a message and return its number, which an `Acked` names later. Raises SessionDownError."""

    def close(self) -> None:
        """Say good-bye and close."""
