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
LEAST_S = 0.05
MQTT_5 = 5
AWAY_MAX_S = 5.0
"""The longest wait for a broker that is not there: news of its return may not take longer than 10 s. 15,000 kiosks try
about 6,000 times a second then, which costs a machine that refuses them next to nothing, and come back over 5 s."""
REFUSED_MAX_S = 60.0
"""The longest wait for a broker that is there and would not have the connection, or ended it in so many words: each
attempt costs it a TLS handshake."""
WILL_DELAY_S = 30
MAX_INBOUND = 512 * 1024
"""Bytes of the largest packet that a broker may send, where a plan says nothing else."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a session is for."""

    client_id: str
    subscribe: str = ""
    """Topic filter; empty: nothing is to be heard."""
    presence: str = ""
    """Topic of the retained birth and of the will; empty: none."""
    clean_start: bool = True
    expiry_s: int = 0
    """How long the broker keeps the session after the connection has ended; MQTT 3.1.1 cannot say so."""
    manual_ack: bool = False
    max_inbound: int = MAX_INBOUND
    away_max_s: float = AWAY_MAX_S
    """For the few that a fleet waits for, less."""
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


def new_client(plan: Plan, version: int, tls: ssl.SSLContext | None, will: bytes) -> BridgeClient:
    """Return a paho client that queues nothing, connects once and never again by itself."""
    is_5 = version == MQTT_5
    client = BridgeClient(
        CallbackAPIVersion.VERSION2,
        client_id=plan.client_id,
        protocol=MQTTProtocolVersion.MQTTv5 if is_5 else MQTTProtocolVersion.MQTTv311,
        clean_session=None if is_5 else plan.clean_start,
        reconnect_on_failure=False,
        manual_ack=plan.manual_ack,
    )
    client.connect_timeout = CONNECT_S
    if tls is not None:
        client.tls_set_context(tls)
    if plan.username:
        client.username_pw_set(plan.username, plan.password)
    if plan.presence:
        # Without a delay (3.1.1), a short break is announced and taken back.
        delay = properties(PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY_S) if is_5 else None
        client.will_set(plan.presence, will, 1, retain=True, properties=delay)
    return client


class Backoff:
    """The wait before the next attempt: doubled with each failure of one kind, anywhere from none of it to all of it.

    Kiosks that lost the same broker at the same moment come back evenly spread ("full jitter").
    """

    def __init__(self, jitter: Callable[[], float], away_max_s: float = AWAY_MAX_S) -> None:
        self._jitter, self._away_max_s = jitter, away_max_s
        self._away = self._refused = 0

    def away_s(self) -> float:
        """Return the wait for a broker that could not be reached, in seconds."""
        self._away += 1
        return self._spread(self._away, self._away_max_s)

    def refused_s(self) -> float:
        """Return the wait for a broker that was reached, in seconds."""
        self._away, self._refused = 0, self._refused + 1
        return self._spread(self._refused, REFUSED_MAX_S)

    def reset(self) -> None:
        """Begin anew."""
        self._away = self._refused = 0

    def _spread(self, failures: int, most_s: float) -> float:
        wait = min(most_s, BACKOFF_S * float(2 ** min(failures - 1, 10)))
        return LEAST_S + (wait - LEAST_S) * self._jitter()


class Attempt:
    """Connecting in a thread; `done` is set when it has ended, `error` says how it failed."""

    def __init__(self, client: Client, plan: Plan, settings: MqttSection, wake: Callable[[], None]) -> None:
        self.done = threading.Event()
        self.error: OSError | ValueError | None = None
        self._client, self._settings, self._wake = client, settings, wake
        self._options: dict[str, Any] = {}
        if settings.version == MQTT_5:
            said = {"SessionExpiryInterval": plan.expiry_s, "MaximumPacketSize": plan.max_inbound}
            self._options = {"clean_start": plan.clean_start, "properties": properties(PacketTypes.CONNECT, **said)}
        threading.Thread(target=self._run, name="mqtt-connect", daemon=True).start()

    def _run(self) -> None:
        try:
            self._client.connect(self._settings.host, self._settings.port, KEEPALIVE_S, **self._options)
        except (OSError, ValueError) as error:
            self.error = error
        self.done.set()
        self._wake()
