"""`kiosk run`: the gate process. Puts adapters and shell together; decides nothing itself."""

import argparse
import asyncio
import fcntl
import logging
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import trust_files
from kiosk.adapters.centre_trust import CentreTrust
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.command_ledger import LedgerFile
from kiosk.adapters.count_keys import PersonKeys, SecretError, load_key
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.deny_file import DenyStore
from kiosk.adapters.door_pins import DoorPins
from kiosk.adapters.gpio import PinError, PinLog, pin_factory
from kiosk.adapters.journal import Retention, Sealer, SealingError, open_journal
from kiosk.adapters.journal_keeper import JournalKeeper
from kiosk.adapters.journal_room import Room
from kiosk.adapters.late_journal import LateJournal
from kiosk.adapters.lookups import Inbox
from kiosk.adapters.machine_health import look
from kiosk.adapters.policy_archive import Document, PolicyArchive, read_policy
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.scanners.scanner import Scanner
from kiosk.adapters.settings_trial import SettingsTrial
from kiosk.adapters.socket_server import SocketError, SocketServer
from kiosk.adapters.trust_store import TrustStore
from kiosk.adapters.upkeep import Upkeep
from kiosk.api.faults import describe
from kiosk.api.messages import Role
from kiosk.api.notify import notify
from kiosk.app.command_desk import Commanding
from kiosk.app.shell import Shell
from kiosk.app.tally import Door, Tally
from kiosk.board_file import Board, load_board
from kiosk.cli.output import APPLIANCE, USAGE, CommandError
from kiosk.cli.run_documents import FOLDER, Documents, begin_settings, keys_of
from kiosk.config import ConfigError, KioskConfig, load_own
from kiosk.domain.centre import CentreKeys
from kiosk.domain.command import Moment
from kiosk.domain.door_io import DoorSetup, HoldOpen
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Sense
from kiosk.domain.policy import Policy
from kiosk.domain.schedule import hold_open
from kiosk.door_setup import door_setup

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


def _settings(path: Path) -> tuple[KioskConfig, Board, tuple[Policy, Document]]:
    try:
        config = load_own(path)
        return config, load_board(config.gate.board), read_policy(config.paths.policy)
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


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the process is made of, before its loop runs."""

    config: KioskConfig
    board: Board
    journal: LateJournal
    clock: SystemClock
    trust: TrustStore
    door: Door
    upkeep: Upkeep
    documents: Documents
    centre_keys: CentreKeys
    ledger: LedgerFile
    setup: DoorSetup
    journal_keeper: JournalKeeper

    def hold_open(self) -> HoldOpen:
        """Return what the hours in which the door stands unlocked say now."""
        now = self.clock.now().astimezone(self.door.zone)
        holidays = self.documents.policies.current.holidays
        return hold_open(self.config.door.windows, now, self.clock.confidence(), holidays)


def _moment(clock: SystemClock) -> Moment:
    return Moment(clock.now().timestamp(), clock.confidence() is ClockConfidence.SYNCED, clock.mono_ns())


def _look_at_sensors(shell: Shell) -> None:
    shell.settle_senses()
    if due_ns := shell.senses.due_ns:
        # Nobody at the exit button waits for the next tick.
        delay = max(0.0, (due_ns - shell.clock.mono_ns()) / 1e9)
        asyncio.get_running_loop().call_later(delay + 0.001, shell.settle_senses)


async def _serve(parts: _Parts) -> None:
    loop, config, documents = asyncio.get_running_loop(), parts.config, parts.documents
    relay_failed = asyncio.Event()
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
            commanding=Commanding(
                parts.ledger, remote_opening=config.centre is not None and config.centre.remote_opening,
                reload_trust=lambda: _reload_trust(parts.trust, shell),
            ),
        )  # fmt: skip
        server.handler = shell
        shell.begin()

        def tell_room(room: Room) -> None:
            said = {"process": "journal", "state": room.state, "of": room.of, "percent": room.percent}
            shell.trace("health", data=said)
            shell.line.journal_percent = min(100, room.percent)

        if parts.door.tally is None:
            shell.recorder.note(EventDraft(EventType.FAULT_RAISED, data={"fault": "counts_unavailable"}))
        me = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: me.cancel() if me else None)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = (
                    shell.recorder.keep(), shell.commands.keep(), shell.tick(),
                    _watch_lists(parts.trust, documents.deny, shell), _watch_relay(relay_failed), _watchdog(),
                    _watch_machine(config.paths.state, shell), server.serve(group.create_task),
                    parts.upkeep.run(shell.recorder.record_now),
                    documents.watch_settings(shell, lambda: me.cancel() if me else None),
                    parts.journal_keeper.run(shell.recorder.in_thread, shell.recorder.grown, tell_room),
                    *(Scanner(scanner, shell, parts.clock).run() for scanner in config.scanner),
                )  # fmt: skip
                for task in tasks:
                    group.create_task(task)
                notify("READY=1")
                _log.info("ready")
        finally:
            server.close()
            notify("STOPPING=1")


def _archive(folder: Path, document: Document) -> PolicyArchive:
    """Keep the policy in force, so that its decisions can be replayed when it has changed."""
    archive = PolicyArchive(folder)
    try:
        archive.keep(document)
    except OSError as error:
        _log.warning("%s: the policy cannot be archived (%s)", folder, (error.strerror or "error").lower())
    return archive


def _parts(config: KioskConfig, board: Board, policies: PolicyStore, settings: SettingsTrial) -> _Parts:
    clock, sealer = SystemClock(trust_system=config.clock.trust_system), _sealer(config)
    state, trust, keep_days = config.paths.state, config.paths.trust, config.privacy.keep_days
    max_age = timedelta(days=config.trust.max_age_days)
    zone = ZoneInfo(config.kiosk.time_zone)
    day_keys = DayKeys(state / "day-keys", clock=clock, zone=zone, keep_days=keep_days)
    journal = LateJournal(
        lambda: open_journal(
            state / "journal.db", kiosk=config.kiosk.id, boot=_boot_id(), clock=clock, sealer=sealer,
            day_keys=day_keys,
            retention=Retention(config.journal.max_mb, config.journal.keep_days, config.mqtt is not None),
        )
    )  # fmt: skip
    keys, setup = _person_keys(state / "passback.key", clock), door_setup(config, board.lines)
    door = _door(config, journal, keys, setup)
    upkeep = Upkeep(
        journal, Inbox(state / "lookups"), policies.archive, clock, policy=lambda: policies.current.digest,
        keep_days=keep_days, reconcile=lambda draft: door.reconcile(draft, policies.current, clock), keys=keys,
    )  # fmt: skip
    try:
        centre_keys = keys_of(config)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error
    centre = trust_files.centre(state, config.trust.centre_key)
    store = TrustStore(
        trust, config.paths.trust_key, max_age, memory=state / "trust.json", centre=centre,
        accept_stale=config.trust.accept_stale_DANGEROUS,
        revocation_max_age=timedelta(days=config.trust.revocation_max_age_days),
    )  # fmt: skip
    keeper = CentreTrust(centre, store, clock.now, config.kiosk.address) if centre else None
    documents = Documents.of(config, policies, DenyStore(config.paths.deny_list), settings, keeper)
    return _Parts(
        config, board, journal, clock, store, door, upkeep, documents, centre_keys,
        LedgerFile(state / "commands.json", _moment(clock)), setup,
        JournalKeeper(journal, state / "journal.db", config.kiosk.id),
    )  # fmt: skip


def _person_keys(path: Path, clock: SystemClock) -> PersonKeys | None:
    try:
        return PersonKeys(path, clock)
    except SecretError as error:
        _log.warning("%s; where the policy has a hard or timed [passback], everybody goes to staff", error)
    return None


def _door(config: KioskConfig, journal: LateJournal, keys: PersonKeys | None, setup: DoorSetup) -> Door:
    zone, tally = ZoneInfo(config.kiosk.time_zone), None
    directed = {Sense.TURNED_IN, Sense.TURNED_OUT} <= setup.senses
    try:
        tally = Tally(journal, load_key(config.paths.state / "entries.key"), keys or tuple, directed)
    except SecretError as error:
        _log.warning(
            "%s; entries and people inside are not counted: passes with a number of entries, and everybody where the "
            "policy has a capacity, go to staff", error,
        )  # fmt: skip
    return Door(config.gate.direction, zone, tally, frozenset(config.door.longer_for))


def _say_start(parts: _Parts) -> None:
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
    """Run until SIGTERM or SIGINT, or until settings from the centre ask for a new start: systemd makes it."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    own, board, (policy, document) = _settings(options.config)
    try:
        with _only_one(own.paths.run):
            state = own.paths.state
            config, settings = begin_settings(options.config, own)
            archive = _archive(state / "policies", document)
            parts = _parts(config, board, PolicyStore(policy, archive, state / FOLDER), settings)
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
