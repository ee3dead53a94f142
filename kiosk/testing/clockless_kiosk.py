"""A kiosk at a broker that does not know the time: it judges commands as the gate does, and answers them."""

import json
import secrets
import threading
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.domain.centre import CentreKeys
from kiosk.domain.command import NONCE_SIZE, Ledger, Moment, Nonces, Refusal, judge
from kiosk.testing.broker import Mosquitto
from kiosk.verify import command as commands

WAIT_S = 10.0
_TIMELESS = Moment(0, known=False, mono_ns=0)


class ClocklessKiosk:
    """Answers for the time of a `with`. `answered` has what it said, by state and code."""

    def __init__(self, broker: Mosquitto, address: str, keys: CentreKeys) -> None:
        self._broker, self._address, self._keys = broker, address, keys
        self._ledger, self._nonces = Ledger(), Nonces()
        self.heard_as: set[tuple[str, int]] = set()
        """What the messages were said to be: content type, and 1 for text."""
        self.answered: list[tuple[str, str]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.on_message = self._command
        self._client.on_subscribe = self._granted
        self._subscribed = threading.Event()

    def __enter__(self) -> Self:
        self._client.connect(self._broker.host, self._broker.port)
        self._client.loop_start()
        self._client.subscribe(f"gk/1/{self._address}/down/#", 1)
        if not self._subscribed.wait(WAIT_S):
            raise TimeoutError("the broker has not granted the subscription")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()
        # paho closes its last sockets when it is collected, which a cycle through these would put off.
        self._client.on_message = self._client.on_subscribe = None
        del self._client

    def _granted(self, *_: Any) -> None:
        self._subscribed.set()

    def _command(self, _: Client, __: Any, message: MQTTMessage) -> None:
        said = message.properties
        self.heard_as.add((said.ContentType, said.PayloadFormatIndicator))  # type: ignore[union-attr]
        signed = commands.verify(bytes(message.payload), message.topic, self._keys, retained=message.retain)
        if isinstance(signed, Refusal):
            return
        command = signed.command
        judged = judge(signed, message.topic, self._address, self._ledger, self._nonces, _TIMELESS)
        if not isinstance(judged, Refusal):
            self._ledger, self._nonces = judged.ledger, judged.nonces
            self._answer(command.id, command.name, "received")
            self._answer(command.id, command.name, "done")
            return
        nonce = b""
        if judged is Refusal.CLOCK_UNSET:
            self._nonces, nonce = self._nonces.give(signed.key_id, secrets.token_bytes(NONCE_SIZE), 0)
        self._answer(command.id, command.name, "refused", judged, nonce)

    def _answer(self, command_id: str, name: str, state: str, code: str = "", nonce: bytes = b"") -> None:
        self.answered.append((state, code))
        said = {"id": command_id, "command": name, "state": state, "code": code, "nonce": nonce.hex(), "later": 1}
        self._client.publish(f"gk/1/{self._address}/up/res/{command_id}", json.dumps(said), 1)
