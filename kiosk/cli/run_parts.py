"""What the gate process is made of, put together from its settings before its loop runs."""

import logging
from collections.abc import Mapping
from contextlib import suppress
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
from kiosk.adapters.journal import Retention, Sealer, SealingError, open_journal
from kiosk.adapters.journal_keeper import JournalKeeper
from kiosk.adapters.late_journal import LateJournal
from kiosk.adapters.lookups import Inbox
from kiosk.adapters.policy_archive import Document, PolicyArchive
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.trust_store import TrustStore
from kiosk.adapters.upkeep import Upkeep
from kiosk.app.tally import Door, Tally
from kiosk.board_file import Board
from kiosk.cli.output import USAGE, CommandError
from kiosk.cli.run_documents import Documents, keys_of
from kiosk.cli.run_settings import Settings
from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.centre import CentreKeys
from kiosk.domain.command import Moment
from kiosk.domain.door_io import DoorSetup, HoldOpen
from kiosk.domain.events import ClockConfidence
from kiosk.domain.form import Form, Purpose
from kiosk.domain.lines import Sense
from kiosk.domain.schedule import hold_open
from kiosk.door_setup import door_setup
from kiosk.form_file import load_forms

_log = logging.getLogger("kiosk")


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


@dataclass(frozen=True, slots=True)
class Parts:
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
    settings: Settings
    forms: Mapping[Purpose, Form]

    def hold_open(self) -> HoldOpen:
        """Return what the hours in which the door stands unlocked say now."""
        now = self.clock.now().astimezone(self.door.zone)
        holidays = self.documents.policies.current.holidays
        return hold_open(self.config.door.windows, now, self.clock.confidence(), holidays)


def _moment(clock: SystemClock) -> Moment:
    return Moment(clock.now().timestamp(), clock.confidence() is ClockConfidence.SYNCED, clock.mono_ns())


def make_archive(folder: Path, document: Document) -> PolicyArchive:
    """Keep the policy in force, so that its decisions can be replayed when it has changed."""
    archive = PolicyArchive(folder)
    try:
        archive.keep(document)
    except OSError as error:
        _log.warning("%s: the policy cannot be archived (%s)", folder, (error.strerror or "error").lower())
    return archive


def make_parts(config: KioskConfig, board: Board, policies: PolicyStore, settings: Settings) -> Parts:
    """Open and read everything that the settings name. Raises CommandError where that cannot be used."""
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
    door = make_door(config, journal, keys, setup)
    upkeep = Upkeep(
        journal, Inbox(state / "lookups"), policies.archive, clock, policy=lambda: policies.current.digest,
        keep_days=keep_days, reconcile=lambda draft: door.reconcile(draft, policies.current, clock), keys=keys,
    )  # fmt: skip
    try:
        centre_keys = keys_of(config)
        forms = load_forms(config.forms.folder, config.forms.offered)
    except ConfigError as error:
        raise CommandError(str(error), USAGE) from error
    centre = trust_files.centre(state, config.trust.centre_key)
    store = TrustStore(
        trust, config.paths.trust_key, max_age, memory=state / "trust.json", centre=centre,
        accept_stale=config.trust.accept_stale_DANGEROUS,
        revocation_max_age=timedelta(days=config.trust.revocation_max_age_days),
    )  # fmt: skip
    keeper = CentreTrust(centre, store, clock.now, config.kiosk.address) if centre else None
    documents = Documents.of(config, policies, DenyStore(config.paths.deny_list), settings.centre, keeper)
    return Parts(
        config, board, journal, clock, store, door, upkeep, documents, centre_keys,
        LedgerFile(state / "commands.json", _moment(clock)), setup,
        JournalKeeper(journal, state / "journal.db", config.kiosk.id), settings, forms,
    )  # fmt: skip


def _person_keys(path: Path, clock: SystemClock) -> PersonKeys | None:
    try:
        return PersonKeys(path, clock)
    except SecretError as error:
        _log.warning("%s; where the policy has a hard or timed [passback], everybody goes to staff", error)
    return None


def make_door(config: KioskConfig, journal: LateJournal, keys: PersonKeys | None, setup: DoorSetup) -> Door:
    """Return what the shell knows of its door; without a tally where the counts cannot be keyed."""
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
