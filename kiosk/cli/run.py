"""`kiosk run`: the gate process. Puts adapters and shell together; decides nothing itself."""

import argparse
import asyncio
import logging
import signal
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.gpio import PinError, PinLog, RelayOutput, pin_factory
from kiosk.adapters.journal import Sealer, SealingError, SqliteJournal, open_journal
from kiosk.adapters.socket_server import SocketError, SocketServer
from kiosk.adapters.trust_files import TrustStore
from kiosk.api.messages import Role
from kiosk.api.notify import notify
from kiosk.app.ports import JournalError
from kiosk.app.shell import Shell
from kiosk.cli.output import APPLIANCE, USAGE, CommandError
from kiosk.config import Board, ConfigError, KioskConfig, load_board, load_config, load_policy
from kiosk.domain.gate import Gate
from kiosk.domain.policy import Policy

_TRUST_EVERY_S = 5.0
_WATCHDOG_EVERY_S = 1.0
_log = logging.getLogger("kiosk")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""


def _sealer(config: KioskConfig) -> Sealer:
    path = config.privacy.authority_key
    try:
        return Sealer(path.read_bytes() if path else None)
    except (OSError, SealingError) as error:
        raise CommandError(f"{path}: the authority's key cannot be used; it is 32 bytes in base64") from error


def _settings(path: Path) -> tuple[KioskConfig, Board, Policy]:
    try:
        config = load_config(path)
        return config, load_board(config.gate.board), load_policy(config.paths.policy)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error


async def _watch_trust(store: TrustStore) -> None:
    while True:
        await asyncio.sleep(_TRUST_EVERY_S)
        if store.reload():
            _say_trust(store)


def _say_trust(store: TrustStore) -> None:
    if store.problem:
        _log.warning("%s; the list before it stays in force", store.problem)
    else:
        _log.info("trust list in force: %d keys, version %s", len(store.current), store.current.version or "none")


async def _watchdog() -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(_WATCHDOG_EVERY_S)


async def _serve(config: KioskConfig, board: Board, policy: Policy, journal: SqliteJournal, clock: SystemClock) -> None:
    loop = asyncio.get_running_loop()
    max_age = timedelta(days=config.trust.max_age_days)
    store = TrustStore(config.paths.trust, config.paths.trust_key, max_age)
    store.reload()
    _say_trust(store)
    roles = [role for role in Role if role is not Role.MONITOR or config.monitor]
    log = PinLog(config.gate.pin_log) if config.gate.pin_log and config.gate.pins == "mock" else None

    def on_edge(released: bool, at_ns: int) -> None:
        with suppress(RuntimeError):  # the loop has ended: the relay falls back all the same
            loop.call_soon_threadsafe(shell.relay_moved, released, at_ns)

    server = SocketServer(config.paths.run, roles)
    with closing(RelayOutput(board, pin_factory(config.gate.pins), on_edge, log)) as relay:
        shell = Shell(
            config.kiosk.id, Gate(config.gate.pulse_ms), policy, lambda: store.current, journal, relay, clock, server
        )
        server.handler = shell
        shell.begin()
        me = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: me.cancel() if me else None)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(shell.keep_journal())
                group.create_task(shell.tick())
                group.create_task(_watch_trust(store))
                group.create_task(_watchdog())
                group.create_task(server.serve(group.create_task))
                notify("READY=1")
                _log.info("ready")
        finally:
            server.close()
            notify("STOPPING=1")


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    config, board, policy = _settings(options.config)
    clock = SystemClock(trust_system=config.clock.trust_system)
    try:
        journal = open_journal(
            config.paths.state / "journal.db", kiosk=config.kiosk.id, boot=_boot_id(), clock=clock,
            sealer=_sealer(config), max_mb=config.journal.max_mb,
        )  # fmt: skip
        with closing(journal), suppress(asyncio.CancelledError):
            asyncio.run(_serve(config, board, policy, journal, clock))
    except (JournalError, PinError, SocketError) as error:
        raise CommandError(str(error), APPLIANCE) from error
    return 0
