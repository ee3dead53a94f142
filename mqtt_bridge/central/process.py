"""The centre's process: `python -m mqtt_bridge.central --host H --port P --database FILE --key FILE`.

Exit status 0: asked to stop; 2: wrong usage; 3: the database cannot be used, and waiting would not
help. It prints one line on standard output when it is subscribed, and again after every new connection.
"""

import argparse
import random
import select
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from kiosk.api.faults import describe
from kiosk.config import MqttSection
from kiosk.signing_key import SigningKeyError, read_signing_key
from mqtt_bridge.central.databases import DATABASE_HELP, open_store
from mqtt_bridge.central.ingest import Ingest
from mqtt_bridge.central.line import Address, Line
from mqtt_bridge.central.mqtt_line import MqttLine
from mqtt_bridge.central.store import Store, StoreError, StoreUnavailableError
from mqtt_bridge.client_ids import digits_of, key_bytes
from mqtt_bridge.connecting import tls_context
from mqtt_bridge.session import Up
from mqtt_bridge.waker import Waker

NAME = "kiosk-centre"
IDLE_S = 0.5
RETRY_S = 1.0
"""How long to wait for a database that is not there at the start."""


def log(text: str) -> None:
    """Write one line for the service manager's log."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m mqtt_bridge.central", description="Stores what kiosks send, and tells them so."
    )
    parser.add_argument("--host", default="127.0.0.1")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=_port, help="of an MQTT broker, which one consumer at a time may use")
    where.add_argument(
        "--amqp",
        type=_nodes,
        metavar="HOST:PORT,…",
        help="nodes of one RabbitMQ, which several consumers share; the next one is tried when one dies",
    )
    parser.add_argument("--user", help="RabbitMQ's user, with --password-file; without both: guest")
    parser.add_argument("--password-file", type=Path, metavar="FILE")
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="private key (Ed25519, PEM) that signs the receipts"
    )
    parser.add_argument("--database", required=True, metavar="FILE|URL", help=DATABASE_HELP)
    parser.add_argument("--client-id", default=NAME, help="stable, so that the broker knows it again")
    parser.add_argument("--tls", action="store_true", help="speak TLS; implied by the files below")
    for name in ("--ca-file", "--cert-file", "--key-file"):
        parser.add_argument(name, type=Path, metavar="FILE")
    return parser.parse_args(argv)


def _nodes(text: str) -> list[Address]:
    """Read `HOST:PORT,HOST:PORT`. Raises ValueError, which argparse turns into a sentence."""
    nodes = []
    for part in text.split(","):
        host, _, port = part.rpartition(":")
        nodes.append(Address(host, _port(port)))
        if not host:
            raise ValueError
    return nodes


def _port(text: str) -> int:
    if not 1 <= int(text) <= 65_535:
        raise ValueError
    return int(text)


def _line(arguments: argparse.Namespace, waker: Waker) -> Line:
    """Return the line that the arguments ask for. Raises OSError or ValueError for a file that cannot be used."""
    jitter = random.Random().random  # noqa: S311 - no secret
    settings = MqttSection(
        host=arguments.host,
        port=arguments.port or 1,
        tls=arguments.tls or bool(arguments.ca_file or arguments.cert_file),
        ca_file=arguments.ca_file,
        cert_file=arguments.cert_file,
        key_file=arguments.key_file,
    )
    if not arguments.amqp:
        # Digits that only this key makes: no kiosk can throw the centre off by taking its id.
        client_id = arguments.client_id + digits_of(key_bytes(settings))
        return MqttLine(settings, client_id, jitter=jitter, waker=waker)
    # Only a centre on RabbitMQ needs pika.
    from mqtt_bridge.central.amqp_line import Access, AmqpLine

    access = Access(tls=tls_context(settings))
    if arguments.password_file:
        password = arguments.password_file.read_text(encoding="utf-8").strip()
        access = replace(access, user=arguments.user or access.user, password=password)
    elif arguments.cert_file:
        access = replace(access, user="")
    return AmqpLine(arguments.amqp, access, jitter=jitter, waker=waker)


def _report(ingest: Ingest, line: Line) -> None:
    for change in ingest.hear():
        if isinstance(change, Up):
            print(f"{NAME}: subscribed at {line.where}", flush=True)
        else:
            log(f"the broker is not there: {change.detail}")


def _store(ingest: Ingest, trouble: str) -> str:
    """Commit and acknowledge; return what keeps the database from it, and say so when that changes.

    The session with the broker outlives the database's absence: nothing is acknowledged meanwhile, so the broker sends
    no more than its window, and the kiosks keep everything.
    """
    try:
        ingest.commit()
    except StoreUnavailableError as error:
        if not trouble:
            log(f"{error}; nothing is confirmed until it is back")
        return str(error)
    if trouble:
        log("the database is back")
    ingest.acknowledge()
    return ""


def _open(where: str, waker: Waker) -> Store | None:
    """Open the database as soon as it is there; None: asked to stop before. Raises StoreError."""
    said = False
    while not waker.stopping:
        try:
            return open_store(where)
        except StoreUnavailableError as error:
            if not said:
                log(f"{error}; waiting for it")
            said = True
        select.select([waker.fileno()], [], [], RETRY_S)
        waker.clear()
    return None


def run(line: Line, ingest: Ingest, waker: Waker) -> None:
    """Store until asked to stop. Raises StoreError."""
    trouble = ""
    while not waker.stopping:
        line.step(time.monotonic())
        news = line.wait(IDLE_S)
        _report(ingest, line)
        while news and not ingest.is_full:
            news = line.wait(0)
            _report(ingest, line)
        trouble = _store(ingest, trouble)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the centre until SIGTERM or SIGINT and return its exit status."""
    arguments = _arguments(argv)
    waker = Waker()
    waker.stop_on_signals()
    try:
        line = _line(arguments, waker)
    except (OSError, ValueError) as error:
        log(f"a file of the line cannot be used ({getattr(error, 'strerror', None) or error})")
        return 2
    try:
        key = read_signing_key(arguments.key)
    except SigningKeyError as error:
        log(str(error))
        return 2
    store: Store | None = None
    try:
        store = _open(arguments.database, waker)
        if store is not None:
            run(line, Ingest(line, store, key, time.time), waker)
    except StoreError as error:
        log(str(error))
        return 3
    except Exception as error:  # noqa: BLE001 - the task's top: the service manager starts it anew
        log(f"stopped by a fault of its own ({describe(error)}); please report it")
        return 3
    finally:
        line.close()
        if store is not None:
            store.close()
        waker.close()
    return 0
