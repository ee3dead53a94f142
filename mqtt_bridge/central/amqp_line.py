"""The centre's line to RabbitMQ: AMQP 0-9-1 over pika, driven by the caller's own loop.

All consumers share one *quorum queue*, which every node of a cluster keeps a copy of; a message stays in it until a
consumer has said that it is committed. (A kiosk's or a consumer's MQTT session would be a queue of one node.) A message
that consumers give back time and again, for example since they die of it, goes to a queue of dead letters and blocks
nothing.

Two connections: RabbitMQ stops reading from one that publishes when it runs short of memory or disk, and what was to be
acknowledged would be stuck behind it just when the queue has to be emptied.
"""

import contextlib
import logging
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop
from pika.exceptions import (
    AMQPError,
    IncompatibleProtocolError,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from mqtt_bridge.central.line import Address
from mqtt_bridge.connecting import Backoff
from mqtt_bridge.details import connect_detail
from mqtt_bridge.routing import binding_key, routing_key, topic
from mqtt_bridge.session import Acked, Down, Happening, Received, SessionDownError, Up
from mqtt_bridge.topics import UP_FILTER
from mqtt_bridge.waker import Waker

EXCHANGE = "amq.topic"
"""Where the MQTT plugin puts what kiosks publish, and takes from what they have subscribed to."""
QUEUE = "gk.1.centre"
DEAD = "gk.1.centre.dead"
"""Exchange and queue of what consumers gave back too often."""
DELIVERY_LIMIT = 20
MAX_QUEUED = 1_000_000
"""Messages that wait for a centre which is away. Kiosks keep what the queue does not take, as they keep everything."""
MAX_DEAD = 10_000
PREFETCH = 1000
"""Messages that a consumer has and has not acknowledged: two batches."""
CONNECT_S = 5
AWAY_MAX_S = 1.0
"""The longest wait before the next node is tried: all kiosks of a broker wait for this one."""
HEARTBEAT_S = 10
STEADY_S = 10.0
"""A connection that lived this long clears the back-off."""
CONFIRM_S = 30.0
"""A word to a kiosk that the broker has not confirmed by then is given up. The kiosk sends again and gets another."""

_TAKEN, _NOT_TAKEN = 0, 0x80

# What becomes of a connection is told in words of our own; pika's come with addresses and tracebacks.
logging.getLogger("pika").addHandler(logging.NullHandler())
logging.getLogger("pika").propagate = False


@dataclass(frozen=True, slots=True)
class Access:
    """How the centre shows who it is. Without a user its certificate does."""

    user: str = "guest"
    password: str = "guest"  # noqa: S105 - RabbitMQ's own default, which it takes from loopback only
    tls: ssl.SSLContext | None = None
    vhost: str = "/"

    def parameters(self, node: Address) -> pika.ConnectionParameters:
        """Return what pika needs to connect to a node."""
        plain = pika.PlainCredentials(self.user, self.password)
        return pika.ConnectionParameters(
            host=node.host,
            port=node.port,
            virtual_host=self.vhost,
            credentials=plain if self.user else pika.credentials.ExternalCredentials(),
            ssl_options=pika.SSLOptions(self.tls, node.host) if self.tls else None,
            heartbeat=HEARTBEAT_S,
            connection_attempts=1,
            socket_timeout=CONNECT_S,
            stack_timeout=2 * CONNECT_S,
            client_properties={"product": "entrance-kiosk centre"},
        )


class _Wire:
    """One connection with one channel. Says `lost` once, whatever ends it."""

    def __init__(
        self,
        parameters: pika.ConnectionParameters,
        loop: IOLoop,
        prepare: Callable[[Any], None],
        lost: Callable[["_Wire", BaseException], None],
    ) -> None:
        self.channel: Any = None
        self._prepare, self._lost = prepare, lost
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=self._on_end,
            on_close_callback=self._on_end,
            custom_ioloop=loop,
        )

    @property
    def is_closed(self) -> bool:
        """Nothing of it is left."""
        return bool(self._connection.is_closed)

    def close(self) -> None:
        """Say good-bye; the loop does the rest."""
        with contextlib.suppress(AMQPError):
            self._connection.close()

    def _on_open(self, _: object) -> None:
        with contextlib.suppress(AMQPError):
            self._connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self.channel = channel
        channel.add_on_close_callback(self._on_end)
        channel.add_on_cancel_callback(lambda _: self._lost(self, ConnectionError("the queue is gone")))
        self._prepare(channel)

    def _on_end(self, _: object, error: BaseException) -> None:
        self._lost(self, error)


class AmqpLine:
    """Connects, and connects again, to one node after another. Times are monotonic seconds."""

    def __init__(
        self, nodes: Sequence[Address], access: Access, *, jitter: Callable[[], float], waker: Waker
    ) -> None:
        self._nodes, self._access = tuple(nodes), access
        self._attempts = 0
        self._backoff = Backoff(jitter, AWAY_MAX_S)
        self._retry_at = float("-inf")
        self._up_since: float | None = None
        self._happenings: list[Happening] = []
        self._outward: _Wire | None = None
        self._inward: _Wire | None = None
        self._published = 0
        self._unconfirmed: dict[int, float] = {}
        self._is_closed = False
        self._loop = IOLoop()
        self._waker = waker
        self._loop.add_handler(waker.fileno(), lambda *_: self._awake(), IOLoop.READ)

    @property
    def where(self) -> str:
        """The node that it is connected to, or tries next, as `host:port`."""
        node = self._nodes[max(self._attempts - 1, 0) % len(self._nodes)]
        return f"{node.host}:{node.port}"

    def take(self) -> list[Happening]:
        """Return what has happened since the last call."""
        happenings, self._happenings = self._happenings, []
        return happenings

    def step(self, now: float) -> None:
        """Do what is due: begin connecting, give up what was never confirmed."""
        if self._outward is None and now >= self._retry_at:
            self._connect()
        if self._up_since is not None and now - self._up_since >= STEADY_S:
            self._backoff.reset()
        overdue = [mid for mid, since in self._unconfirmed.items() if now - since >= CONFIRM_S]
        for mid in overdue:
            self._settle(mid, _NOT_TAKEN)

    def wait(self, timeout_s: float) -> bool:
        """Wait for news, take it, and tell whether there was any."""
        timer = self._loop.call_later(timeout_s, self._loop.stop)
        try:
            self._loop.start()
        except AMQPError as error:
            self._drop(error)
        self._loop.remove_timeout(timer)
        return bool(self._happenings)

    def ack(self, messages: Sequence[Received]) -> None:
        """Tell the broker that all messages which were taken, up to the last of these, are in safe hands."""
        if self._inward is not None and messages:
            with contextlib.suppress(AMQPError):
                self._inward.channel.basic_ack(messages[-1].mid, multiple=True)

    def publish(self, name: str, payload: bytes) -> int:
        """Hand over a message for a topic and return its number. Raises SessionDownError."""
        if self._up_since is None or self._outward is None:
            raise SessionDownError("there is no connection to the broker")
        properties = pika.BasicProperties(delivery_mode=2)
        try:
            self._outward.channel.basic_publish(EXCHANGE, routing_key(name), payload, properties)
        except AMQPError as error:
            raise SessionDownError("the connection to the broker is gone") from error
        self._published += 1
        self._unconfirmed[self._published] = time.monotonic()
        return self._published

    def close(self) -> None:
        """Give back what is not acknowledged, and say good-bye."""
        if self._is_closed:
            return
        self._is_closed = True
        wires = self._part()
        # pika closes sockets in a later turn of the loop, also those of connections that were lost before.
        self.wait(0.05)
        end = time.monotonic() + 1.0
        while not all(wire.is_closed for wire in wires) and time.monotonic() < end:
            self.wait(0.05)
        self._loop.close()

    def _awake(self) -> None:
        self._waker.clear()
        self._loop.stop()

    # Connecting

    def _connect(self) -> None:
        self._parameters = self._access.parameters(self._nodes[self._attempts % len(self._nodes)])
        self._attempts += 1
        self._published, self._unconfirmed = 0, {}
        self._outward = _Wire(self._parameters, self._loop, self._prepare_publisher, self._on_lost)

    def _prepare_publisher(self, channel: Any) -> None:
        channel.confirm_delivery(self._on_confirm, callback=self._on_publisher)

    def _on_publisher(self, _: object) -> None:
        self._inward = _Wire(self._parameters, self._loop, self._prepare_consumer, self._on_lost)

    def _prepare_consumer(self, channel: Any) -> None:
        """Declare everything that the queue needs and consume it. pika sends each once the one before is granted."""
        channel.exchange_declare(DEAD, "fanout", durable=True)
        dead = {"x-queue-type": "quorum", "x-max-length": MAX_DEAD}
        channel.queue_declare(DEAD, durable=True, arguments=dead)
        channel.queue_bind(DEAD, DEAD)
        live = {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DEAD,
            # Kept in this queue until the other has it.
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            "x-max-length": MAX_QUEUED,
        }
        channel.queue_declare(QUEUE, durable=True, arguments=live)
        channel.queue_bind(QUEUE, EXCHANGE, binding_key(UP_FILTER))
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(QUEUE, self._on_message, callback=self._on_consumer)

    def _on_consumer(self, _: object) -> None:
        self._up_since = time.monotonic()
        self._happenings.append(Up())
        self._loop.stop()

    def _on_lost(self, wire: _Wire, error: BaseException) -> None:
        if wire is self._outward or wire is self._inward:
            self._drop(error)

    def _drop(self, error: BaseException) -> None:
        self._part()
        self._retry_at = time.monotonic() + self._backoff.away_s()
        self._happenings.append(Down(detail(error)))
        self._loop.stop()

    def _part(self) -> list[_Wire]:
        """Leave both connections, as far as they are there, and return them."""
        wires = [wire for wire in (self._outward, self._inward) if wire is not None]
        self._outward = self._inward = self._up_since = None
        for wire in wires:
            wire.close()
        return wires

    # What pika calls, always from within the loop

    def _on_message(self, channel: Any, method: Any, _: object, body: bytes) -> None:
        if self._inward is not None and channel is self._inward.channel:
            self._happenings.append(Received(topic(method.routing_key), body, method.delivery_tag, 1))
            self._loop.stop()

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        code = _TAKEN if isinstance(method, pika.spec.Basic.Ack) else _NOT_TAKEN
        if method.multiple:
            for mid in [mid for mid in self._unconfirmed if mid <= method.delivery_tag]:
                self._settle(mid, code)
        else:
            self._settle(method.delivery_tag, code)
        self._loop.stop()

    def _settle(self, mid: int, code: int) -> None:
        if self._unconfirmed.pop(mid, None) is not None:
            self._happenings.append(Acked(mid, code))


def detail(error: BaseException) -> str:
    """Return the short code for why the line is down, as `mqtt_bridge.details` has them."""
    for cause in _causes(error):
        match cause:
            case IncompatibleProtocolError():
                # What hangs up before its first word: something else than RabbitMQ, or TLS that does not take us.
                return "protocol"
            case ProbableAuthenticationError() | ProbableAccessDeniedError():
                return "not_authorised"
            case ssl.SSLError() | socket.gaierror() | ConnectionRefusedError() | TimeoutError():
                return connect_detail(cause)
            case pika.exceptions.ConnectionClosedByBroker() | pika.exceptions.ChannelClosedByBroker():
                return f"amqp_{cause.reply_code}"
            case _:
                pass
    return "lost"


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all that pika has wrapped in it, outermost first."""
    inner = [part for part in error.args if isinstance(part, BaseException)]
    inner += getattr(error, "exceptions", ())
    if (exception := getattr(error, "exception", None)) is not None:
        inner.append(exception)
    return [error, *(cause for part in inner for cause in _causes(part))]
