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
from pathlib import Path

from kiosk.api.faults import describe
from kiosk.config import MqttSection
from kiosk.signing_key import SigningKeyError, read_signing_key
from mqtt_bridge.central.databases import DATABASE_HELP, open_store
from mqtt_bridge.central.ingest import Ingest
from mqtt_bridge.central.store import Store, StoreError, StoreUnavailableError
from mqtt_bridge.connecting import Plan
from mqtt_bridge.session import Session, Up
from mqtt_bridge.topics import EVENT_FILTER
from mqtt_bridge.waker import Waker

NAME = "kiosk-centre"
IDLE_S = 0.5
RETRY_S = 1.0
"""How long to wait for a database that is not there at the start."""
SESSION_EXPIRY_S = 3600
"""How long the broker keeps events for a centre that is away. Kiosks send again whatever it does not keep."""


def log(text: str) -> None:
    """Write one line for the service manager's log."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m mqtt_bridge.central", description="Stores what kiosks send, and tells them so."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--key", type=Path, required=True, metavar="FILE", help="private key (Ed25519, PEM) that signs the receipts"
    )
    parser.add_argument("--database", required=True, metavar="FILE|URL", help=DATABASE_HELP)
    parser.add_argument("--client-id", default=NAME, help="stable, so that the broker knows it again")
    parser.add_argument("--tls", action="store_true", help="speak TLS; implied by the files below")
    for name in ("--ca-file", "--cert-file", "--key-file"):
        parser.add_argument(name, type=Path, metavar="FILE")
    arguments = parser.parse_args(argv)
    if not 1 <= arguments.port <= 65_535:
        parser.error("--port: a number from 1 to 65535 is needed")
    return arguments


def _session(arguments: argparse.Namespace, waker: Waker) -> Session:
    settings = MqttSection(
        host=arguments.host,
        port=arguments.port,
        tls=arguments.tls or bool(arguments.ca_file or arguments.cert_file),
        ca_file=arguments.ca_file,
        cert_file=arguments.cert_file,
        key_file=arguments.key_file,
    )
    plan = Plan(
        client_id=arguments.client_id,
        subscribe=EVENT_FILTER,
        clean_start=False,
        expiry_s=SESSION_EXPIRY_S,
        manual_ack=True,
        # All kiosks of a broker wait for this one.
        away_max_s=1.0,
    )
    return Session(settings, plan, jitter=random.Random().random, wake=waker.wake)  # noqa: S311 - no secret


def _wait(session: Session, waker: Waker, timeout_s: float) -> bool:
    """Wait for news, take it, and tell whether the broker had sent something."""
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


def _report(ingest: Ingest, arguments: argparse.Namespace) -> None:
    for change in ingest.hear():
        if isinstance(change, Up):
            print(f"{NAME}: subscribed at {arguments.host}:{arguments.port}", flush=True)
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


def run(session: Session, ingest: Ingest, waker: Waker, arguments: argparse.Namespace) -> None:
    """Store until asked to stop. Raises StoreError."""
    trouble = ""
    while not waker.stopping:
        session.step(time.monotonic())
        news = _wait(session, waker, IDLE_S)
        _report(ingest, arguments)
        while news and not ingest.is_full:
            news = _wait(session, waker, 0)
            _report(ingest, arguments)
        trouble = _store(ingest, trouble)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the centre until SIGTERM or SIGINT and return its exit status."""
    arguments = _arguments(argv)
    waker = Waker()
    waker.stop_on_signals()
    try:
        session = _session(arguments, waker)
    except (OSError, ValueError) as error:
        log(f"a TLS file cannot be used ({getattr(error, 'strerror', None) or error})")
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
            run(session, Ingest(session, store, key, time.time), waker, arguments)
    except StoreError as error:
        log(str(error))
        return 3
    except Exception as error:  # noqa: BLE001 - the task's top: the service manager starts it anew
        log(f"stopped by a fault of its own ({describe(error)}); please report it")
        return 3
    finally:
        session.close()
        if store is not None:
            store.close()
        waker.close()
    return 0
