"""One MQTT session, 5 or 3.1.1, over paho, driven by the caller's own loop.

Why no paho thread: the bridge waits on two sockets, and one loop over both needs no locks, drains faster
(measured) and can stop at once. Only connecting (name look-up, TCP, TLS) blocks, so that runs in a thread
of its own that touches nothing else.

Why a new paho client for every connection: paho would send again what its own queue still holds, beside what
the window sends again, and beyond what the broker's ReceiveMaximum allows. The journal is the only queue.

What happens is collected as values; `take` hands them over.
"""

import contextlib
import secrets
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from paho.mqtt import MQTTException
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from kiosk.config import MqttSection
from mqtt_bridge.client import BridgeClient
from mqtt_bridge.connecting import MQTT_5, Attempt, Backoff, Plan, new_client, properties, tls_context
from mqtt_bridge.details import connack_detail, connect_detail, disconnect_detail
from mqtt_bridge.presence import Presence, State

HANDSHAKE_S = 10.0
"""From the TCP connection to the subscription being granted."""
STEADY_S = 10.0
"""A connection that lived this long clears the back-off."""
PACKETS_AT_ONCE = 1000
"""Then the gate process has its turn again, whatever the broker sends."""
_MALFORMED = (MQTTException, ValueError, struct.error, LookupError, TypeError)
"""What paho raises at packets that are none."""
_NO_RECEIVE_MAXIMUM = 65_535
_NO_PACKET_MAXIMUM = 1 << 28


@dataclass(frozen=True, slots=True)
class Up:
    """Connected, announced and subscribed."""

    receive_maximum: int = _NO_RECEIVE_MAXIMUM
    maximum_packet_size: int = _NO_PACKET_MAXIMUM
    session_present: bool = False
    """The broker has kept the session of the connection before."""


@dataclass(frozen=True, slots=True)
class Down:
    """The connection has ended, or could not be made. `detail` is a short code."""

    detail: str


@dataclass(frozen=True, slots=True)
class Acked:
    """The broker has answered message `mid`; below 0x80 and not 0x10 it was taken."""

    mid: int
    code: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message has come. With `manual_ack` it waits for `Session.ack`."""

    topic: str
    payload: bytes
    mid: int
    qos: int
    retained: bool = False
    """The broker had kept it from some other time."""


Happening = Up | Down | Acked | Received


class SessionDownError(ConnectionError):
    """There is no connection to publish on."""


class SessionFullError(SessionDownError):
    """The socket takes nothing more at the moment: try again in a later turn."""


class Session:
    """Connects, and connects again, for as long as `step` is called. Times are monotonic seconds."""

    def __init__(
        self,
        settings: MqttSection,
        plan: Plan,
        *,
        jitter: Callable[[], float],
        wake: Callable[[], None],
        content_type: str = "application/json",
    ) -> None:
        self._settings, self._plan, self._wake = settings, plan, wake
        self._tls = tls_context(settings)
        self._backoff = Backoff(jitter, plan.away_max_s)
        self._happenings: list[Happening] = []
        self._client: BridgeClient | None = None
        self._attempt: Attempt | None = None
        self._left: list[BridgeClient] = []
        self._now = 0.0
        self._retry_at = float("-inf")
        self._deadline = 0.0
        self._up_since: float | None = None
        self._session_id = ""
        self._limits = Up()
        self._awaited: set[int] = set()
        self._is_away = False
        self._properties: Properties | None = None
        self._packed = b""
        if settings.version == MQTT_5:
            # A broker may refuse what is said to be text and is none.
            is_text = int("json" in content_type)
            self._properties = properties(PacketTypes.PUBLISH, PayloadFormatIndicator=is_text, ContentType=content_type)
            # Written out once and not for every packet: that costs more than all else of a packet.
            self._packed = self._properties.pack()  # type: ignore[no-untyped-call]

    @property
    def is_up(self) -> bool:
        """Connected, announced and subscribed."""
        return self._up_since is not None

    def fileno(self) -> int:
        """Return the descriptor to wait on, -1 while there is none."""
        client = self._ready()
        sock = client.socket() if client else None
        return sock.fileno() if sock else -1

    def wants_write(self) -> bool:
        """Write what has been gathered, and tell whether bytes still wait for the socket."""
        self.writable()
        client = self._ready()
        return client is not None and (client.want_write() or bool(client.buffer and client.buffer.unsent))

    def has_pending(self) -> bool:
        """Tell whether bytes have been read ahead that `select` cannot see."""
        client = self._ready()
        return client is not None and client.buffer is not None and client.buffer.pending() > 0

    def take(self) -> list[Happening]:
        """Return what has happened since the last call."""
        happenings, self._happenings = self._happenings, []
        return happenings

    # The loop

    def step(self, now: float) -> None:
        """Do what is due: begin or finish connecting, keep the connection alive."""
        self._now = now
        while self._left:
            _end(self._left.pop())
        if self._attempt is not None:
            if self._attempt.done.is_set():
                self._finish_connecting(self._attempt)
        elif self._client is not None:
            self._guard(self._client.loop_misc)
            if not self.is_up and now >= self._deadline:
                self.drop("no_answer")
        elif now >= self._retry_at:
            self._begin_connecting()

    def readable(self) -> None:
        """Read what has come, as far as it has been read ahead."""
        client = self._ready()
        for _ in range(PACKETS_AT_ONCE):
            if client is None or client is not self._client:
                return
            self._guard(client.loop_read)
            if client.buffer is None or not client.buffer.pending():
                return

    def writable(self) -> None:
        """Write what waits."""
        client = self._ready()
        if client is None or client.buffer is None:
            return
        if client.want_write():
            self._guard(client.loop_write)
        try:
            client.buffer.flush()
        except OSError:
            if client is self._client:
                self.drop("lost")

    def _ready(self) -> BridgeClient | None:
        """Return the client, unless the connecting thread has it."""
        return self._client if self._attempt is None else None

    def _guard(self, action: Callable[[], MQTTErrorCode]) -> None:
        """Run one part of paho's loop; a broker that talks nonsense is left."""
        try:
            action()
        except _MALFORMED:
            self.drop("protocol")

    # Connecting

    def _begin_connecting(self) -> None:
        self._session_id = secrets.token_hex(8)
        self._awaited = set()
        # A renewed certificate is taken without a restart; while its file cannot be read, what was read before is.
        with contextlib.suppress(OSError):
            self._tls = tls_context(self._settings)
        client = new_client(self._plan, self._settings.version, self._tls, self._presence(State.LOST))
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_published
        client.on_puback = partial(self._on_puback, client)
        client.on_message = self._on_message
        self._client = client
        self._attempt = Attempt(client, self._plan, self._settings, self._wake)

    def _finish_connecting(self, attempt: Attempt) -> None:
        self._attempt = None
        self._deadline = self._now + HANDSHAKE_S
        self._is_away = attempt.error is not None and not isinstance(attempt.error, ssl.SSLError)
        if attempt.error is not None:
            self.drop(connect_detail(attempt.error))

    def hurry(self) -> None:
        """Try at once where only the broker was not there: another connection has just reached it."""
        if self._client is None and self._is_away:
            self._retry_at = self._now

    def _presence(self, state: State) -> bytes:
        return Presence(state, self._session_id).encode()

    def drop(self, detail: str) -> None:
        """Leave this connection; `step` makes the next one after a wait."""
        if self._client is None:
            return
        # Closed by the next step: paho may be in the middle of reading from it now.
        self._left.append(self._client)
        self._client = None
        # Two that bear the same name put each other out: neither may begin anew, or they would go on for ever.
        if self._up_since is not None and self._now - self._up_since >= STEADY_S and detail != "taken_over":
            self._backoff.reset()
        # A broker that took us in and then went without a word has died: it will be back, and refuses nobody.
        has_died = self._up_since is not None and detail == "lost"
        self._up_since = None
        is_away = self._is_away or has_died
        self._retry_at = self._now + (self._backoff.away_s() if is_away else self._backoff.refused_s())
        # What was not acknowledged comes again; its number means nothing on the next connection.
        self._happenings = [one for one in self._happenings if not isinstance(one, Received)]
        self._happenings.append(Down(detail))

    # What paho calls, always from within the loop functions above

    def _on_connect(
        self, client: Client, _: object, flags: ConnectFlags, reason: ReasonCode, said: Properties | None
    ) -> None:
        if client is not self._client:
            return
        if reason.is_failure:
            self.drop(connack_detail(reason.value))
            return
        self._limits = Up(
            getattr(said, "ReceiveMaximum", _NO_RECEIVE_MAXIMUM),
            getattr(said, "MaximumPacketSize", _NO_PACKET_MAXIMUM),
            flags.session_present,
        )
        # Both must be answered before events go: the broker counts the birth against its ReceiveMaximum,
        # and an acknowledgement that comes before the subscription would be lost.
        if self._plan.presence:
            birth = client.publish(self._plan.presence, self._presence(State.ONLINE), 1, retain=True)
            self._awaited.add(birth.mid)
        if self._plan.subscribe:
            _, mid = client.subscribe(self._plan.subscribe, qos=1)
            self._awaited.add(mid or 0)

    def _on_subscribe(
        self, client: Client, _: object, mid: int, reasons: list[ReasonCode], __: Properties | None
    ) -> None:
        if client is not self._client:
            return
        if any(reason.is_failure for reason in reasons):
            self.drop("not_authorised")
        else:
            self._arrived(mid)

    def _on_published(self, client: Client, _: object, mid: int, __: ReasonCode, ___: Properties | None) -> None:
        """Hear of the birth: all that goes through paho's own queue at QoS 1."""
        if client is self._client and mid in self._awaited:
            self._arrived(mid)

    def _on_puback(self, client: Client, mid: int, code: int) -> None:
        if client is self._client:
            self._happenings.append(Acked(mid, code))

    def _arrived(self, mid: int) -> None:
        self._awaited.discard(mid)
        if not self._awaited and self._up_since is None:
            self._up_since = self._now
            self._happenings.append(self._limits)

    def _on_message(self, client: Client, _: object, message: MQTTMessage) -> None:
        if client is not self._client:
            return
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._happenings.append(Received(topic, bytes(message.payload), message.mid, message.qos, message.retain))

    def _on_disconnect(
        self, client: Client, _: object, flags: DisconnectFlags, reason: ReasonCode, __: Properties | None
    ) -> None:
        if client is self._client:
            self.drop(disconnect_detail(reason.value if flags.is_disconnect_packet_from_server else 0))

    # Orders

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Hand over a QoS 1 message and return its number. Raises SessionDownError and SessionFullError."""
        if self._client is None or not self.is_up:
            raise SessionDownError("there is no connection to the broker")
        try:
            return self._client.publish_now(topic, payload, self._packed, retain=retain)
        except BlockingIOError:
            raise SessionFullError("the broker reads more slowly than this") from None
        except OSError:
            self.drop("lost")
            raise SessionDownError("the connection to the broker is gone") from None

    def tell(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send a message that nothing depends on (QoS 0): it takes no place in what the broker lets be on its way."""
        if self._client is not None and self.is_up:
            self._client.publish(topic, payload, 0, retain, properties=self._properties)

    def packet_size(self, topic: str, payload: bytes) -> int:
        """Return the most bytes that this message takes as a packet."""
        fixed_header, topic_length, mid = 5, 2, 2
        said = len(self._packed)
        return fixed_header + topic_length + len(topic.encode()) + mid + said + len(payload)

    def ack(self, message: Received) -> None:
        """Tell the broker that a message is in safe hands (with `manual_ack`)."""
        if message.qos and (client := self._ready()) is not None:
            client.ack(message.mid, message.qos)

    def close(self) -> None:
        """Say good-bye and close. A connection that is still being made ends with the process."""
        if (client := self._ready()) is not None:
            if self._plan.presence and self.is_up:
                # QoS 0: the window may have used up what the broker takes of QoS 1.
                client.publish(self._plan.presence, self._presence(State.STOPPED), 0, retain=True)
            self._client = None
            self._left.append(client)
        while self._left:
            _end(self._left.pop())


def _end(client: BridgeClient) -> None:
    """Send DISCONNECT if the socket takes it, and close the socket in any case."""
    client.disconnect()
    if client.buffer is not None:
        client.buffer.close()
