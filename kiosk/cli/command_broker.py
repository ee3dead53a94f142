"""The operator's line to the broker: which one, publishing a command, and the results that come back."""

import argparse
import json
import random
import secrets
import select
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from kiosk.api.messages import CommandResult
from kiosk.cli.output import APPLIANCE, NEGATIVE, CommandError
from kiosk.config import ConfigError, KioskConfig, MqttSection, load_config
from mqtt_bridge.connecting import Plan
from mqtt_bridge.session import Acked, Down, Received, Session, SessionDownError, Up
from mqtt_bridge.topics import ResultTopic, TopicError, parse

CONTENT_TYPE = "application/cose"
CONNECT_S = 10.0
ACK_S = 10.0
_TURN_S = 0.05
_NOBODY, _REFUSED, _NOT_AUTHORISED = 0x10, 0x80, 0x87
"""Reason codes of MQTT 5: nobody is subscribed; from here on a refusal; the broker's access list says no."""
_MAX_RESULT = 1024
_KNOWN = CommandResult.model_fields.keys()


def add_broker(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that say which broker."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="take kiosk and broker from the settings of a kiosk, kiosk.toml"
    )
    parser.add_argument("--host", help="the broker (default: of --config, else 127.0.0.1)")
    parser.add_argument("--port", type=int, help="its port (default: of --config, else 8883, or 1883 with --no-tls)")
    parser.add_argument("--no-tls", action="store_true", help="without TLS: only to a broker on this machine")
    for name, what in (("ca", "who signs the broker's certificate"), ("cert", "your certificate"),
                       ("client-key", "its private key")):  # fmt: skip
        parser.add_argument(f"--{name}-file", type=Path, metavar="FILE", help=f"{what}, PEM")
    parser.add_argument("--client-id", metavar="NAME", help="by which the broker knows you (default: made at random)")


def settings_of(options: argparse.Namespace) -> tuple[MqttSection, KioskConfig | None]:
    """Return which broker the arguments name, and the settings that they come from. Raises CommandError."""
    config = None
    given = {
        "host": options.host, "port": options.port, "ca_file": options.ca_file, "cert_file": options.cert_file,
        "key_file": options.client_key_file, "tls": False if options.no_tls else None,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    try:
        if options.config is not None:
            config = load_config(options.config)
            if config.mqtt is None and "host" not in given:
                raise CommandError(f"{options.config}: has no [mqtt] section; name the broker with --host")
        named = config.mqtt.model_dump() if config is not None and config.mqtt is not None else {}
        usual = {"host": "127.0.0.1"} | ({"port": 1883} if options.no_tls else {})
        return MqttSection.model_validate(usual | named | given), config
    except ConfigError as error:
        raise CommandError(str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = f"{first['loc'][0]}: " if first["loc"] else ""
        raise CommandError(f"the broker: {where}{first['msg'].removeprefix('Value error, ')}") from error


class BrokerLine:
    """A connection that is there for the time of a `with`. `say` hears once that it is lost."""

    def __init__(self, options: argparse.Namespace, subscribe: str, say: Callable[[str], None]) -> None:
        """Prepare the line. Raises CommandError."""
        settings, _ = settings_of(options)
        name = options.client_id or f"kiosk-command-{secrets.token_hex(4)}"
        self._say, self._where = say, f"{settings.host}:{settings.port}"
        self._received: deque[Received] = deque()
        self._acked: dict[int, int] = {}
        self._down = ""
        try:
            self._session = Session(
                settings, Plan(name, subscribe), jitter=random.Random().random,  # noqa: S311 - no secret
                wake=_nothing, content_type=CONTENT_TYPE,
            )  # fmt: skip
        except OSError as error:
            why = error.strerror or str(error)
            raise CommandError(f"--ca-file, --cert-file or --client-key-file cannot be used ({why})") from error

    def __enter__(self) -> Self:
        """Connect. Raises CommandError."""
        end = time.monotonic() + CONNECT_S
        while not self._session.is_up:
            self._turn()
            if self._down or time.monotonic() > end:
                self._session.close()
                raise CommandError(f"the broker at {self._where} is not there ({self._down or 'no_answer'})", APPLIANCE)
        return self

    def __exit__(self, *_: object) -> None:
        """Leave."""
        self._session.close()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, for whoever listens later too with `retain`, and wait for the broker's word. Raises CommandError."""
        end, code = time.monotonic() + ACK_S, None
        with suppress(SessionDownError):
            number = self._session.publish(topic, payload, retain=retain)
            while (code := self._acked.pop(number, None)) is None and time.monotonic() < end and self._session.is_up:
                self._turn()
        if code is None:
            raise CommandError(f"the broker at {self._where} has not taken the command; try again", APPLIANCE)
        if code == _NOBODY and not retain:
            raise CommandError("nobody listens there; is the kiosk named rightly, and is it online?", NEGATIVE)
        if code == _NOT_AUTHORISED:
            raise CommandError("the broker's access list does not let you command that kiosk", NEGATIVE)
        if code >= _REFUSED:
            raise CommandError(f"the broker has refused the command (puback_{code:#04x})", NEGATIVE)

    def results(self, seconds: float | None) -> Iterator[CommandResult]:
        """Return results as they come, for so many seconds from now; None: for ever."""
        for message in self.messages(seconds):
            if (result := _result(message)) is not None:
                yield result

    def messages(self, seconds: float | None) -> Iterator[Received]:
        """Return messages as they come, for so many seconds from now; None: for ever."""
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end or self._received:
            if self._received:
                yield self._received.popleft()
            else:
                self._turn()

    def _turn(self) -> None:
        """Take what has come, or wait for it a moment."""
        session = self._session
        session.step(time.monotonic())
        fd = session.fileno()
        writing = [fd] if fd >= 0 and session.wants_write() else []
        wait = 0.0 if session.has_pending() else _TURN_S
        readable, writable, _ = select.select([fd] if fd >= 0 else [], writing, [], wait)
        if writable:
            session.writable()
        if readable or not wait:
            session.readable()
        for happening in session.take():
            match happening:
                case Acked(mid=mid, code=code):
                    self._acked[mid] = code
                case Received():
                    self._received.append(happening)
                case Down(detail=detail):
                    if not self._down:
                        self._say(f"the line to {self._where} is lost ({detail}); trying again")
                    self._down = detail
                case Up():
                    self._down = ""


def _result(message: Received) -> CommandResult | None:
    """Read a result; what is none, or speaks of another command than its topic, is passed over."""
    with suppress(TopicError, ValueError):
        named = parse(message.topic)
        said = json.loads(message.payload) if len(message.payload) <= _MAX_RESULT else None
        if isinstance(named, ResultTopic) and isinstance(said, dict):
            # Keys that a later version adds are not this one's business.
            result = CommandResult.model_validate({key: said[key] for key in said.keys() & _KNOWN})
            if result.id == named.id:
                return result
    return None


def _nothing() -> None:
    """Nobody has to be woken: the line looks often."""
