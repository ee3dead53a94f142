"""`kiosk run`: the gate process. Puts adapters and shell together; decides nothing itself."""

import argparse
import asyncio
import fcntl
import logging
import random
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kiosk.adapters.deny_file import DenyStore
from kiosk.adapters.door_pins import DoorPins
from kiosk.adapters.gpio import PinError, PinLog, pin_factory
from kiosk.adapters.journal_room import Room
from kiosk.adapters.machine_health import look
from kiosk.adapters.pins import PinFile
from kiosk.adapters.policy_archive import Document
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.scanners.scanner import Scanner
from kiosk.adapters.socket_server import SocketError, SocketServer
from kiosk.adapters.trust_store import TrustStore
from kiosk.api.faults import describe
from kiosk.api.messages import Role
from kiosk.api.notify import notify
from kiosk.app.command_desk import Commanding
from kiosk.app.shell import Shell
from kiosk.board_file import Board, load_board
from kiosk.cli.output import APPLIANCE, USAGE, CommandError
from kiosk.cli.run_documents import FOLDER
from kiosk.cli.run_manager import manager_handlers
from kiosk.cli.run_parts import Parts, make_archive, make_parts
from kiosk.cli.run_settings import Settings, policy_in
from kiosk.config import ConfigError, KioskConfig, load_own
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.gate import Gate
from kiosk.domain.policy import Policy

_TRUST_EVERY_S = 5.0
_WATCHDOG_EVERY_S = 1.0
_MACHINE_EVERY_S = 10.0
_log = logging.getLogger("kiosk")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--config", type=Path, default=Path("/etc/kiosk/kiosk.toml"), metavar="FILE",
        help="settings (default /etc/kiosk/kiosk.toml)",
    )  # fmt: skip


def _own(path: Path) -> KioskConfig:
    try:
        return load_own(path)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error


def _settings(path: Path, own: KioskConfig) -> tuple[KioskConfig, Settings, Board, tuple[Policy, Document]]:
    try:
        config, settings = Settings.begin(path, own)
        return config, settings, load_board(config.gate.board), policy_in(config)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error


@contextmanager
def _only_one(run_dir: Path) -> Iterator[None]:
    """Hold the run directory for this process: a second gate would take the first one's sockets away."""
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        lock = (run_dir / "gate.lock").open("w")
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise CommandError(f"{run_dir}: cannot hold the sockets ({why})", APPLIANCE) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CommandError(f"{run_dir}: another gate process runs here; stop it first", APPLIANCE) from error
        yield


async def _watch_lists(store: TrustStore, deny: DenyStore, shell: Shell) -> None:
    while True:
        await asyncio.sleep(_TRUST_EVERY_S)
        if await asyncio.to_thread(deny.reload):
            _say_deny(deny)
        if shell.clock.confidence() is ClockConfidence.SYNCED:
            await asyncio.to_thread(store.saw_time, shell.clock.now())
        await _reload_trust(store, shell)


async def _reload_trust(store: TrustStore, shell: Shell) -> str:
    """Take over trust files that have changed, and say so; return a code where they cannot be used."""
    before = store.current
    # In a thread: reading hundreds of certificates must not keep a visitor waiting.
    if await asyncio.to_thread(store.reload):
        _say_trust(store)
        if store.problem:
            shell.recorder.note(EventDraft(EventType.TRUST_REFUSED, data={"source": "files", "code": "unusable"}))
        if store.current.sources != before.sources:
            versions = {source.name: source.version for source in store.current.sources}
            shell.recorder.note(EventDraft(EventType.TRUST_CHANGED, data={"source": "files", "versions": versions}))
    return "unusable" if store.problem else ""


def _say_trust(store: TrustStore) -> None:
    if store.problem:
        _log.warning("%s; what was in force before it stays in force", store.problem)
    else:
        _log.info("trust list in force: %d keys, version %s", len(store.current), store.current.version or "none")
    if store.gone:
        _log.warning(
            "no longer among the trust files: %s; what was in it counts no more, what it withdrew is valid again",
            ", ".join(store.gone),
        )
    for source in (*store.current.sources, *store.current.withdrawing):
        if source.accept_stale:
            _log.warning("the settings accept '%s' however old it is", source.name)


def _say_deny(store: DenyStore) -> None:
    if store.problem:
        _log.warning("%s", store.problem)
    else:
        _log.info("deny list in force: entries %d", len(store.current))


async def _watchdog() -> None:
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(_WATCHDOG_EVERY_S)


async def _watch_machine(state: Path, shell: Shell) -> None:
    while True:
        # In a thread: a disk that fails may take its time to answer.
        shell.reporter.machine(await asyncio.to_thread(look, state))
        await asyncio.sleep(_MACHINE_EVERY_S)


async def _watch_relay(failed: asyncio.Event) -> None:
    await failed.wait()
    raise PinError("the relay's line obeys no more; check its wiring and the board file")


async def _record_said(shell: Shell, drafts: Sequence[EventDraft]) -> None:
    """Put on record what was said beside this process, and go by it. Raises JournalError."""
    await shell.recorder.record_now(drafts)
    for draft in drafts:
        if draft.type is EventType.PINS_CHANGED:
            shell.manager.sessions.pin_changed(str(draft.data.get("name")))


def _look_at_sensors(shell: Shell) -> None:
    shell.settle_senses()
    if due_ns := shell.senses.due_ns:
        # Nobody at the exit button waits for the next tick.
        delay = max(0.0, (due_ns - shell.clock.mono_ns()) / 1e9)
        asyncio.get_running_loop().call_later(delay + 0.001, shell.settle_senses)


async def _serve(parts: Parts) -> None:
    loop, config, documents = asyncio.get_running_loop(), parts.config, parts.documents
    me, relay_failed = asyncio.current_task(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # before anybody can connect, and so know that we run
        loop.add_signal_handler(number, lambda: me.cancel() if me else None)
    log = PinLog(config.gate.pin_log) if config.gate.pin_log and config.gate.pins == "mock" else None

    def on_loop(call: Callable[..., None], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has ended: the relay falls back all the same
            loop.call_soon_threadsafe(call, *arguments)

    pins = DoorPins(
        parts.board, pin_factory(config.gate.pins),
        lambda *edge: on_loop(lambda: shell.relay_moved(*edge)),
        lambda: on_loop(lambda: _look_at_sensors(shell)),
        log, on_failure=lambda: on_loop(relay_failed.set),
    )  # fmt: skip
    with closing(pins):
        server = SocketServer(config.paths.run, [r for r in Role if r is not Role.MONITOR or config.monitor])
        shell = Shell(
            config.kiosk.id, Gate.of(parts.setup), documents.policies.current,
            lambda: parts.trust.current, parts.journal,
            pins.relays, parts.clock, server, documents.keepers,
            address=config.kiosk.address, centre_keys=parts.centre_keys, door=parts.door,
            deny=lambda: documents.deny.current, settings=config.settings_digest,
            taken=lambda _: shell.take_policy(documents.policies.current),
            schedule=parts.hold_open, switches=pins.switches, debounce_ms=parts.board.debounce_ms, poll=pins.poll,
            jitter=random.Random().random,  # noqa: S311 - keeps a fleet apart, nothing secret
            offered=parts.forms, keeps_answers=config.privacy.authority_key is not None,
            commanding=Commanding(
                parts.ledger, remote_opening=config.centre is not None and config.centre.remote_opening,
                reload_trust=lambda: _reload_trust(parts.trust, shell),
            ),
            pins=PinFile(config.paths.state),
        )  # fmt: skip
        for handlers in manager_handlers(shell, parts):
            shell.manager.add(handlers)
        server.handler = shell
        shell.begin()

        def tell_room(room: Room) -> None:
            said = {"process": "journal", "state": room.state, "of": room.of, "percent": room.percent}
            shell.audience.trace("health", data=said)
            shell.line.journal_percent = min(100, room.percent)

        if parts.door.tally is None:
            shell.recorder.note(EventDraft(EventType.FAULT_RAISED, data={"fault": "counts_unavailable"}))
        try:
            async with asyncio.TaskGroup() as group:
                shell.manager.desk.spawn = group.create_task
                tasks = (
                    shell.recorder.keep(), shell.commands.keep(), shell.tick(),
                    _watch_lists(parts.trust, documents.deny, shell), _watch_relay(relay_failed), _watchdog(),
                    _watch_machine(config.paths.state, shell), server.serve(group.create_task),
                    parts.upkeep.run(lambda drafts: _record_said(shell, drafts)),
                    parts.settings.watch(shell, lambda: me.cancel() if me else None),
                    parts.journal_keeper.run(shell.recorder.in_thread, shell.recorder.grown, tell_room),
                    *(Scanner(scanner, shell.scans, parts.clock).run() for scanner in config.scanner),
                )  # fmt: skip
                for task in tasks:
                    group.create_task(task)
                notify("READY=1")
                _log.info("ready")
        finally:
            server.close()
            notify("STOPPING=1")


def _say_start(parts: Parts) -> None:
    if parts.journal.problem:
        _log.warning("%s; nobody is admitted until it can be", parts.journal.problem)
    if parts.ledger.problem:
        _log.warning("%s", parts.ledger.problem)
    parts.trust.reload()
    _say_trust(parts.trust)
    try:
        parts.documents.deny.start()
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error
    if parts.config.paths.deny_list is not None:
        _say_deny(parts.documents.deny)
    parts.documents.restore()


def run(options: argparse.Namespace) -> int:
    """Run until SIGTERM or SIGINT, or until other settings ask for a new start: systemd makes it."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    own = _own(options.config)
    try:
        with _only_one(own.paths.run):
            state = own.paths.state
            config, settings, board, (policy, document) = _settings(options.config, own)
            archive = make_archive(state / "policies", document)
            parts = make_parts(config, board, PolicyStore(policy, archive, state / FOLDER), settings)
            _say_start(parts)
            with closing(parts.journal), suppress(asyncio.CancelledError):
                asyncio.run(_serve(parts))
    except CommandError:
        raise
    except Exception as error:  # the task's top: the relay has been locked, and systemd starts the process anew
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, (PinError, SocketError)):
            raise CommandError(str(error), APPLIANCE) from error
        raise CommandError(f"stopped by a fault of its own ({describe(error)}); please report it", APPLIANCE) from error
    return 0
