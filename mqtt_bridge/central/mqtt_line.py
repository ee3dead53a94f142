"""The centre's line to an MQTT broker, such as mosquitto: one consumer, with a session that the broker keeps."""

import select
from collections.abc import Callable, Sequence

from kiosk.config import MqttSection
from mqtt_bridge.connecting import Plan
from mqtt_bridge.session import Happening, Received, Session
from mqtt_bridge.topics import UP_FILTER
from mqtt_bridge.waker import Waker

SESSION_EXPIRY_S = 3600
"""How long the broker keeps events for a centre that is away. Kiosks send again whatever it does not keep."""


class MqttLine:
    """A session of the bridge's kind, and the wait for it. Times are monotonic seconds."""

    def __init__(self, settings: MqttSection, client_id: str, *, jitter: Callable[[], float], waker: Waker) -> None:
        plan = Plan(
            client_id=client_id,
            subscribe=UP_FILTER,
            clean_start=False,
            expiry_s=SESSION_EXPIRY_S,
            manual_ack=True,
            # All kiosks of a broker wait for this one.
            away_max_s=1.0,
        )
        self.where = f"{settings.host}:{settings.port}"
        self._session = Session(settings, plan, jitter=jitter, wake=waker.wake, content_type="application/cose")
        self._waker = waker

    def step(self, now: float) -> None:
        """Do what is due: begin or finish connecting, keep the connection alive."""
        self._session.step(now)

    def wait(self, timeout_s: float) -> bool:
        """Wait for news, take it, and tell whether the broker had sent something."""
        session, waker = self._session, self._waker
        broker = session.fileno()
        reading = [fd for fd in (waker.fileno(), broker) if fd >= 0]
        writing = [broker] if broker >= 0 and session.wants_write() else []
        pending = session.has_pending()
        readable, writable, _ = select.select(reading, writing, [], 0 if pending else timeout_s)
        if waker.fileno() in readable:
            waker.clear()
        if broker in writable:
            session.writable()
        if broker in readable or pending:
            session.readable()
            return True
        return False

    def take(self) -> list[Happening]:
        """Return what has happened since the last call."""
        return self._session.take()

    def ack(self, messages: Sequence[Received]) -> None:
        """Tell the broker that these are in safe hands."""
        for message in messages:
            self._session.ack(message)

    def publish(self, topic: str, payload: bytes) -> int:
        """Hand over a message and return its number. Raises SessionDownError."""
        return self._session.publish(topic, payload)

    def close(self) -> None:
        """Say good-bye and close."""
        self._session.close()
