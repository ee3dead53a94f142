"""Somebody at a broker, who proves a name by certificate: says things, and writes down all that it hears."""

import queue
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

WAIT_S = 10.0


class SilenceError(AssertionError):
    """What was waited for did not come."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What a party proves its name with: files in PEM."""

    ca: Path
    certificate: Path | None = None
    key: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Return TLS settings that show these papers."""
        context = ssl.create_default_context(cafile=str(self.ca))
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(slots=True)
class Party:
    """One connection, for as long as the `with` lasts. Waiting ends with SilenceError after `WAIT_S`."""

    port: int
    papers: Papers
    client_id: str
    subscribe: Sequence[str] = ()
    version: MQTTProtocolVersion = MQTTProtocolVersion.MQTTv311
    keep_session: bool = False
    will: str = ""
    """Topic of a will that says `will`."""
    _news: "queue.Queue[tuple[str, object]]" = field(default_factory=queue.Queue)
    heard: list[tuple[str, bytes]] = field(default_factory=list)
    """Topics and payloads, in the order in which they came."""
    _client: Client | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def connect(self) -> None:
        """Connect and subscribe. Raises OSError where TLS refuses, SilenceError where the broker does."""
        self._news = queue.Queue()  # what a connection before this one still had to tell
        five = self.version == MQTTProtocolVersion.MQTTv5
        client = Client(
            CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=self.version,
            clean_session=None if five else not self.keep_session, reconnect_on_failure=False,
        )  # fmt: skip
        client.tls_set_context(self.papers.context())
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message, client.on_publish, client.on_subscribe = self._on_message, self._on_publish, self._on_answer
        if self.will:
            client.will_set(self.will, b"will", 1)
        options: dict[str, object] = {}
        if five:
            options["clean_start"] = not self.keep_session
            options["properties"] = said = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            said.SessionExpiryInterval = 60 if self.keep_session else 0
        self._client = client
        try:
            client.connect("localhost", self.port, 60, **options)  # type: ignore[arg-type]
            client.loop_start()
            self._await("connected")
            for topic in self.subscribe:
                client.subscribe(topic, 1)
                self._await("subscribed")
        except BaseException:
            self.leave()
            raise

    def say(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> None:
        """Publish, and wait until the broker has answered or closed the line."""
        if self._client is None:
            raise SilenceError("not connected")
        self._client.publish(topic, payload, 1, retain=retain)
        self._await("published", "closed")

    def hear(self, payload: bytes) -> None:
        """Wait until this has come, whatever came before it."""
        while not any(heard == payload for _, heard in self.heard):
            self._await("message")

    def await_closed(self) -> None:
        """Wait until the broker has ended this connection."""
        self._await("closed")

    @property
    def is_open(self) -> bool:
        """The broker has not ended this connection, as far as has been heard."""
        return self._client is not None and self._client.is_connected()

    def leave(self) -> None:
        """Say good-bye."""
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()
            # paho closes its last sockets when it is collected, which a cycle through these would put off.
            for name in ("on_connect", "on_disconnect", "on_message", "on_publish", "on_subscribe"):
                setattr(self._client, name, None)
            self._client = None

    def vanish(self) -> None:
        """End without a good-bye, so that the broker publishes the will."""
        sock = self._client.socket() if self._client is not None else None
        if isinstance(sock, socket.socket):
            sock.shutdown(socket.SHUT_RDWR)
        self._await("closed")

    def _await(self, *kinds: str) -> None:
        while True:
            try:
                kind, detail = self._news.get(timeout=WAIT_S)
            except queue.Empty:
                raise SilenceError(f"{self.client_id}: waited for {' or '.join(kinds)} in vain") from None
            if kind in kinds:
                return
            if kind in ("refused", "closed"):
                raise SilenceError(f"{self.client_id}: {kind} {detail}")

    # What paho calls, in its own thread

    def _on_connect(self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: object) -> None:
        self._news.put(("refused" if reason.is_failure else "connected", reason))

    def _on_disconnect(self, _: Client, __: object, ___: DisconnectFlags, reason: ReasonCode, ____: object) -> None:
        self._news.put(("closed", reason))

    def _on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload)))
        self._news.put(("message", message.topic))

    def _on_publish(self, _: Client, __: object, ___: int, reason: ReasonCode, ____: object) -> None:
        self._news.put(("published", reason))

    def _on_answer(self, _: Client, __: object, ___: int, reasons: list[ReasonCode], ____: object) -> None:
        self._news.put(("subscribed", reasons))
