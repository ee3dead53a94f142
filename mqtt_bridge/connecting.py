"""How a connection to a broker is made: what for, with which TLS, after which wait, in which thread."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from kiosk.config import MqttSection
from mqtt_bridge.client import BridgeClient

KEEPALIVE_S = 30
CONNECT_S = 5.0
BACKOFF_S = 0.5
BACKOFF_MAX_S = 30.0
WILL_DELAY_S = 30
MAX_INBOUND = 512 * 1024
"""Bytes of the largest packet that a broker may send, where a plan says nothing else."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is for."""

    client_id: str
    subscribe: str
    presence: str = ""
    """Topic of the retained birth and of the will; empty: none."""
    clean_start: bool = True
    expiry_s: int = 0
    """How long the broker keeps the session after the connection has ended."""
    manual_ack: bool = False
    max_inbound: int = MAX_INBOUND
    username: str = ""
    password: str = field(default="", repr=False)


def tls_context(settings: MqttSection) -> ssl.SSLContext | None:
    """Return the TLS settings, None without TLS. Raises OSError where a file cannot be used."""
    if not settings.tls:
        return None
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context


def properties(packet_type: int, **values: object) -> Properties:
    """Return MQTT 5 properties for a packet of this type."""
    made = Properties(packet_type)  # type: ignore[no-untyped-call]
    for name, value in values.items():
        setattr(made, name, value)
    return made


def new_client(plan: Plan, tls: ssl.SSLContext | None, will: bytes) -> BridgeClient:
    """Return a paho client that queues nothing, connects once and never again by itself."""
    client = BridgeClient(
        CallbackAPIVersion.VERSION2,
        client_id=plan.client_id,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
        manual_ack=plan.manual_ack,
    )
    client.connect_timeout = CONNECT_S
    if tls is not None:
        client.tls_set_context(tls)
    if plan.username:
        client.username_pw_set(plan.username, plan.password)
    if plan.presence:
        delay = properties(PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY_S)
        client.will_set(plan.presence, will, 1, retain=True, properties=delay)
    return client


class Backoff:
    """The wait before the next attempt: doubled each time, and shortened at random so that kiosks part."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        self._jitter = jitter
        self._failures = 0

    def next_s(self) -> float:
        """Return seconds between half of the doubled wait and all of it."""
        wait = min(BACKOFF_MAX_S, BACKOFF_S * float(2 ** min(self._failures, 10)))
        self._failures += 1
        return wait * (0.5 + self._jitter() / 2)

    def reset(self) -> None:
        """Begin anew."""
        self._failures = 0


class Attempt:
    """Connecting in a thread; `done` is set when it has ended, `error` says how it failed."""

    def __init__(self, client: Client, plan: Plan, settings: MqttSection, wake: Callable[[], None]) -> None:
        self.done = threading.Event()
        self.error: OSError | ValueError | None = None
        self._client, self._settings, self._wake = client, settings, wake
        self._options: dict[str, Any] = {
            "clean_start": plan.clean_start,
            "properties": properties(
                PacketTypes.CONNECT, SessionExpiryInterval=plan.expiry_s, MaximumPacketSize=plan.max_inbound
            ),
        }
        threading.Thread(target=self._run, name="mqtt-connect", daemon=True).start()

    def _run(self) -> None:
        try:
            self._client.connect(self._settings.host, self._settings.port, KEEPALIVE_S, **self._options)
        except (OSError, ValueError) as error:
            self.error = error
        self.done.set()
        self._wake()
