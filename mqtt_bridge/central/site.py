"""A whole centre on this machine: `scripts/centre`, or `python -m mqtt_bridge.central.site`.

A broker, consumers and a database, all on loopback; for kiosks elsewhere, docs/centre.md and docs/provision.md say what
belongs around them. What dies is started again; on SIGINT or SIGTERM everything that was started is stopped.
Exit status 0: asked to stop; 2: wrong usage, or a program is missing; 3: something did not start.
"""

import argparse
import os
import pwd
import select
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.domain.centre import Permission
from kiosk.signing_key import SigningKeyError, key_table, read_signing_key, write_signing_key
from mqtt_bridge.central.child import HOST, Child, answers, free_port
from mqtt_bridge.central.databases import DATABASE_HELP
from mqtt_bridge.central.rabbit_node import Ports, RabbitError, RabbitMissingError, RabbitNode
from mqtt_bridge.waker import Waker

START_S = 20.0
LOOK_S = 1.0
"""How often it is seen whether all still run."""
KEY, KEYS = "store.key.pem", "centre-keys.toml"


class SiteError(RuntimeError):
    """Something did not start. The text is one sentence that says what to do next."""


class ProgramMissingError(SiteError):
    """A program is not on this machine."""


class Part(Protocol):
    """Something that runs: a broker or a consumer."""

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""

    def start(self) -> None:
        """Start it where it does not run, and wait until it works."""

    def stop(self) -> None:
        """End it in good order."""


class Mosquitto:
    """One mosquitto. It keeps subscriptions, and what is retained, over a restart."""

    mqtt_version = 5

    def __str__(self) -> str:
        return "mosquitto"

    def __init__(self, folder: Path, port: int, settings: Sequence[str]) -> None:
        program = shutil.which("mosquitto", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")
        if program is None:
            raise ProgramMissingError("no mosquitto found; install it with 'sudo apt install mosquitto'")
        self.port, self._folder, self._settings = port, folder, settings
        self._child = Child([program, "-c", str(folder / "mosquitto.conf")], log=folder / "mosquitto.log")

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid

    @property
    def consumer(self) -> list[str]:
        """How a consumer is told where it is."""
        return ["--port", str(self.port)]

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises SiteError."""
        if self.pid is not None:
            return
        if answers(self.port):
            raise SiteError(f"port {self.port} is in use; stop the program that listens there or give another --port")
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listener {self.port} {HOST}",
            "allow_anonymous true",
            # Started by root, it would become a user that may not write here.
            f"user {pwd.getpwuid(os.geteuid()).pw_name}",
            "log_dest stderr",
            "set_tcp_nodelay true",
            "max_inflight_messages 500",
            # Kiosks send again what the centre has not confirmed: a bound loses nothing.
            "max_queued_messages 100000",
            "persistence true",
            f"persistence_location {self._folder}/",
            "autosave_interval 60",
        ]
        (self._folder / "mosquitto.conf").write_text("\n".join([*lines, *self._settings]) + "\n", encoding="utf-8")
        self._child.start()
        if not self._child.await_true(lambda: answers(self.port), START_S):
            self._child.kill()
            raise SiteError(f"mosquitto did not start; its last words: {self._child.last_words()}")

    def stop(self) -> None:
        """End it in good order."""
        self._child.stop()


class Rabbit:
    """One RabbitMQ node, whose MQTT is 3.1.1."""

    mqtt_version = 311

    def __init__(self, folder: Path, port: int, settings: Sequence[str]) -> None:
        self.port = port
        self._node = RabbitNode(folder, ports=Ports(free_port(), port, free_port()), settings=settings)

    def __str__(self) -> str:
        return "RabbitMQ"

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._node.pid

    @property
    def consumer(self) -> list[str]:
        """How a consumer is told where it is."""
        return ["--amqp", f"{HOST}:{self._node.ports.amqp}"]

    def start(self) -> None:
        """Start it and wait until it takes connections. Raises RabbitError."""
        self._node.start()

    def stop(self) -> None:
        """End it in good order."""
        self._node.close()


class Consumer:
    """One consumer."""

    def __str__(self) -> str:
        return f"the {self._log.stem}"

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._child = Child([sys.executable, "-m", "mqtt_bridge.central", *command], log=log)
        self._log = log

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start it and wait until it has the broker. Raises SiteError."""
        if self.pid is not None:
            return
        seen = self._log.stat().st_size if self._log.exists() else 0
        self._child.start()
        if not self._child.await_true(lambda: b"subscribed at" in self._log.read_bytes()[seen:], START_S):
            self._child.kill()
            raise SiteError(f"a consumer did not start; its last words: {self._child.last_words()}")

    def stop(self) -> None:
        """End it in good order."""
        self._child.stop()


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/centre", description="A centre on this machine: broker, consumers and database, on loopback."
    )
    parser.add_argument("--broker", choices=("mosquitto", "rabbitmq"), default="mosquitto")
    parser.add_argument("--consumers", type=int, default=1, metavar="N", help="side by side, on rabbitmq (default: 1)")
    parser.add_argument("--database", metavar="FILE|URL", help=f"{DATABASE_HELP} (default: centre.db in the folder)")
    parser.add_argument("--folder", type=Path, default=Path("out/centre"), help="keys, database and logs (out/centre)")
    parser.add_argument("--port", type=int, default=1883, help="where kiosks find the broker (default: 1883)")
    parser.add_argument(
        "--broker-settings", type=Path, metavar="FILE", help="more lines for mosquitto.conf or rabbitmq.conf"
    )
    options = parser.parse_args(argv)
    if not 1 <= options.port <= 65_535:
        parser.error("--port: a number from 1 to 65535 is needed")
    if not 1 <= options.consumers <= 64:
        parser.error("--consumers: a number from 1 to 64 is needed")
    if options.consumers > 1 and options.broker == "mosquitto":
        parser.error("--consumers: mosquitto serves one; take --broker rabbitmq for more")
    return options


def make_keys(folder: Path) -> None:
    """Make the key that signs receipts, and the file by which kiosks know it, where there are none.

    Raises OSError, or SigningKeyError where the key that is there cannot be used. The file is not written again: by and
    by it holds the keys of operators as well.
    """
    if not (folder / KEY).exists():
        write_signing_key(folder / KEY, Ed25519PrivateKey.generate())
    key = read_signing_key(folder / KEY)
    if not (folder / KEYS).exists():
        (folder / KEYS).write_text(key_table("centre-store", key, [Permission.STORE]), encoding="utf-8")


def _tell(options: argparse.Namespace, broker: Mosquitto | Rabbit) -> None:
    plural = "consumer stores" if options.consumers == 1 else "consumers store"
    print(f"""\
{options.broker} listens at {HOST}:{broker.port}; {options.consumers} {plural} into {options.database}
logs and keys are in {options.folder}; {KEY} signs the receipts and stays here

For a kiosk on this machine, in its kiosk.toml:

[mqtt]
host = "{HOST}"
port = {broker.port}
tls = false
version = {broker.mqtt_version}

[centre]
keys = "{options.folder / KEYS}"

Who is to command it: 'kiosk command key --name control-room-1 --out control-room-1', then add control-room-1.toml to {KEYS}.
Ctrl-C stops everything.""", flush=True)  # noqa: E501 - as it is read


def _watch(parts: Sequence[Part], waker: Waker) -> None:
    """Start what has died, until asked to stop. Raises SiteError, RabbitError or OSError where it does not start."""
    while not waker.stopping:
        for part in parts:
            if part.pid is None:
                print(f"scripts/centre: {part} has ended; starting it again", file=sys.stderr, flush=True)
                part.start()
        select.select([waker.fileno()], [], [], LOOK_S)
        waker.clear()


def run(options: argparse.Namespace, waker: Waker) -> None:
    """Run everything until asked to stop. Raises SiteError, RabbitError, SigningKeyError or OSError."""
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    make_keys(folder)
    settings = options.broker_settings.read_text(encoding="utf-8").splitlines() if options.broker_settings else []
    broker = (Rabbit if options.broker == "rabbitmq" else Mosquitto)(folder / options.broker, options.port, settings)
    what = [*broker.consumer, "--database", options.database, "--key", str(folder / KEY)]
    logs = [folder / f"consumer-{number}.log" for number in range(1, options.consumers + 1)]
    parts: list[Part] = [broker, *(Consumer(what, log) for log in logs)]
    try:
        for part in parts:
            part.start()
        _tell(options, broker)
        _watch(parts, waker)
    finally:
        # Consumers first: what they have is committed, and nothing is left for them to miss.
        for part in reversed(parts):
            part.stop()


def main(argv: Sequence[str] | None = None) -> int:
    """Run a centre until SIGINT or SIGTERM and return the exit status."""
    options = _arguments(argv)
    options.folder = options.folder.absolute()
    options.database = options.database or str(options.folder / "centre.db")
    waker = Waker()
    waker.stop_on_signals()
    try:
        run(options, waker)
    except (ProgramMissingError, RabbitMissingError, SigningKeyError) as error:
        print(f"scripts/centre: {error}", file=sys.stderr)
        return 2
    except (SiteError, RabbitError) as error:
        print(f"scripts/centre: {error}", file=sys.stderr)
        return 3
    except OSError as error:
        what = error.filename or options.folder
        print(f"scripts/centre: {what}: cannot be used ({(error.strerror or 'error').lower()})", file=sys.stderr)
        return 3
    finally:
        waker.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
