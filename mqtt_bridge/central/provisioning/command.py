"""`python -m mqtt_bridge.central.provisioning`: the service, and what its operator does.

Exit status 0: done, or asked to stop; 1: there is no such thing; 2: wrong usage or unusable files.
"""

import argparse
import json
import secrets
import select
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import segno
from pydantic import ValidationError

from kiosk.toml_file import ConfigError
from kiosk.verify.claim import TOKEN_BYTES, Claim, ClaimError, encode
from mqtt_bridge.central.provisioning.authority import AuthorityError
from mqtt_bridge.central.provisioning.ledger import LedgerError, address_of
from mqtt_bridge.central.provisioning.office import Office, Settings
from mqtt_bridge.central.provisioning.rabbit_users import definitions
from mqtt_bridge.central.provisioning.server import Server, tls_context
from mqtt_bridge.waker import Waker

NAME = "kiosk-provisioning"
UPKEEP_S = 3600.0
_CRL_AGE_S = 86_400.0
_MODULE_PX = 8
_RELOAD = "crl.pem is written anew; have the brokers read it: systemctl reload mosquitto"


def log(text: str) -> None:
    """Write one line for the service manager's log."""
    print(f"{NAME}: {text}", file=sys.stderr, flush=True)


def clock() -> datetime:
    """Return the time, aware."""
    return datetime.fromtimestamp(time.time(), UTC)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m mqtt_bridge.central.provisioning", description="Gives kiosks their certificates."
    )
    parser.add_argument("--folder", type=Path, required=True, metavar="FOLDER", help="where the authority lives")
    what = parser.add_subparsers(dest="what", required=True, metavar="init|serve|claim|list|revoke|definitions|papers")
    init = what.add_parser("init", help="make the authority, and the broker's and the centre's certificates")
    init.add_argument("--name", default="Kiosk fleet", help="of the authority, in its certificate")
    init.add_argument("--host", required=True, help="by what name kiosks reach this service")
    init.add_argument("--port", type=int, default=8443)
    init.add_argument("--broker-host", required=True, help="by what name kiosks reach the broker")
    init.add_argument("--broker-port", type=int, default=8883)
    init.add_argument("--broker-version", type=int, choices=[5, 311], default=5, help="of MQTT; 311 for RabbitMQ 3.10")
    init.add_argument("--centre-keys", type=Path, required=True, metavar="FILE", help="the list that kiosks get")
    serve = what.add_parser("serve", help="answer kiosks until stopped")
    serve.add_argument("--listen", default="", metavar="ADDRESS", help="where to listen (every address)")
    serve.add_argument("--port", type=int, metavar="N", help="where it is not the port that kiosks are told")
    claim = what.add_parser("claim", help="let one kiosk in: prints its code")
    claim.add_argument("kiosk", metavar="TENANT/SITE/KIOSK")
    claim.add_argument("--hours", type=int, default=24, metavar="N", help="how long the code is good (24)")
    claim.add_argument("--out", type=Path, metavar="FILE", help="a .png, .svg or .txt file; left out, the terminal")
    what.add_parser("list", help="show certificates and open claims")
    revoke = what.add_parser("revoke", help="withdraw a kiosk's certificates and open claims")
    revoke.add_argument("what_of", metavar="TENANT/SITE/KIOSK|SERIAL")
    what.add_parser("definitions", help="print RabbitMQ's users and permissions, for rabbitmqctl import_definitions")
    what.add_parser("papers", help="make the broker's and the centre's certificates anew")
    return parser.parse_args(argv)


def _init(options: argparse.Namespace) -> int:
    try:
        settings = Settings(
            host=options.host, port=options.port, broker_host=options.broker_host, broker_port=options.broker_port,
            broker_version=options.broker_version, centre_keys=options.centre_keys.resolve(),
        )  # fmt: skip
        office = Office.founded(options.folder, settings, options.name, clock())
    except ValidationError as error:
        raise ConfigError(f"--{'-'.join(map(str, error.errors()[0]['loc'])).replace('_', '-')} is not usable") from None
    except FileExistsError:
        raise ConfigError(f"{options.folder} has an authority already; `papers` makes certificates anew") from None
    print(f"{office.folder}: the authority is made; keep a copy of ca.key where nobody else can read it")
    return 0


def _claim(office: Office, options: argparse.Namespace) -> int:
    if not 1 <= options.hours <= 24 * 90:
        raise ConfigError("--hours: a number from 1 to 2160 is needed")
    now = clock()
    address, token = address_of(options.kiosk), secrets.token_bytes(TOKEN_BYTES)
    until = int(now.timestamp()) + options.hours * 3600
    settings = office.settings
    claim = Claim(
        settings.host, settings.port, office.authority.fingerprint, token, options.kiosk,
        datetime.fromtimestamp(until, UTC),
    )  # fmt: skip
    text = encode(claim)
    office.ledger.claim(token, address, int(now.timestamp()), until)
    code = segno.make(text, error="m", micro=False)
    match options.out:
        case None:
            code.terminal(compact=True)
            print(text)
        case Path(suffix=".txt"):
            _private(options.out)
            options.out.write_text(text + "\n")
        case Path(suffix=".png" | ".svg"):
            _private(options.out)
            code.save(str(options.out), scale=_MODULE_PX)
        case _:
            raise ConfigError("--out: a name that ends in .png, .svg or .txt is needed")
    print(f"good once, for {options.kiosk}, until {claim.until:%Y-%m-%d %H:%M} UTC", file=sys.stderr)
    return 0


def _private(path: Path) -> None:
    """Whoever reads the code can be that kiosk."""
    path.touch(mode=0o600)
    path.chmod(0o600)


def _list(office: Office) -> int:
    now = int(clock().timestamp())
    for one in office.ledger.certificates():
        until = datetime.fromtimestamp(one.not_after, UTC)
        state = one.why if one.revoked_at is not None else "expired" if one.not_after < now else "valid"
        print(f"{one.address}  {one.serial}  until {until:%Y-%m-%d}  {state}")
    for claim in office.ledger.claims():
        if claim.used_at is None and claim.until >= now:
            print(f"{claim.address}  claimed, until {datetime.fromtimestamp(claim.until, UTC):%Y-%m-%d %H:%M} UTC")
    return 0


def _revoke(office: Office, options: argparse.Namespace) -> int:
    now = clock()
    count = office.ledger.revoke(options.what_of, int(now.timestamp()))
    if not count:
        log("nothing valid goes by that name or number; `list` shows what there is")
        return 1
    office.publish_withdrawn(now)
    print(f"{count} withdrawn; {_RELOAD}")
    return 0


def _papers(office: Office) -> int:
    office.write_papers(clock())
    print("new certificates for the broker, the centre and this service; restart what uses them")
    return 0


def _upkeep(office: Office, context_reload: Callable[[], None], last: float) -> float:
    """Renew what is due; return when the list of withdrawn certificates was written last."""
    now = clock()
    if office.service_is_due(now):
        office.renew_service(now)
        context_reload()
    if now.timestamp() - last >= _CRL_AGE_S:
        office.publish_withdrawn(now)
        return now.timestamp()
    return last


def _serve(office: Office, options: argparse.Namespace) -> int:
    papers = office.folder / "service.pem"
    if office.service_is_due(clock()):
        office.renew_service(clock())
    context = tls_context(papers, office.folder / "ca.pem")
    waker = Waker()
    waker.stop_on_signals()
    port = office.settings.port if options.port is None else options.port
    try:
        server = Server((options.listen, port), context, office.desk(), clock, log)
    except OSError as error:
        raise ConfigError(f"port {port} cannot be listened on ({error.strerror}); give another --port") from None
    threading.Thread(target=server.serve_forever, name="https", daemon=True).start()
    print(f"{NAME}: listening on port {server.server_address[1]}", flush=True)
    written, due = 0.0, 0.0
    while not waker.stopping:
        if time.monotonic() >= due:
            due = time.monotonic() + UPKEEP_S
            written = _upkeep(office, lambda: context.load_cert_chain(papers), written)
        select.select([waker.fileno()], [], [], max(0.0, due - time.monotonic()))
        waker.clear()
    server.shutdown()
    server.server_close()
    waker.close()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Do one thing and return the exit status."""
    options = _arguments(argv)
    try:
        if options.what == "init":
            return _init(options)
        office = Office.opened(options.folder)
        match options.what:
            case "claim":
                return _claim(office, options)
            case "list":
                return _list(office)
            case "revoke":
                return _revoke(office, options)
            case "papers":
                return _papers(office)
            case "definitions":
                print(json.dumps(definitions(office.ledger.kiosks(int(clock().timestamp()))), indent=2))
                return 0
            case _:
                return _serve(office, options)
    except (ConfigError, LedgerError, AuthorityError, ClaimError) as error:
        log(str(error))
    except OSError as error:
        what = error.filename or options.folder
        log(f"{what}: cannot be used ({(error.strerror or 'error').lower()}); `init` makes a new folder")
    return 2
