"""The centre's documents in the gate process: who keeps which kind, and what is in force."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kiosk.adapters.centre_trust import CentreTrust
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.deny_file import DenyStore
from kiosk.adapters.document_store import DocumentStore
from kiosk.adapters.documents import Centre, DocumentKeeper, Use
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.registers import Register
from kiosk.adapters.settings_trial import CONFIRM_S, SettingsTrial, SettingsUse, lay_out
from kiosk.api import messages as wire
from kiosk.app import ports
from kiosk.app.document_desk import changed
from kiosk.app.shell import Shell
from kiosk.board_file import load_board
from kiosk.centre_keys import load_centre_keys
from kiosk.config import KioskConfig, with_settings
from kiosk.domain.centre import CentreKeys
from kiosk.domain.document import DocumentKind
from kiosk.domain.roster import Roster
from kiosk.domain.sample_results import SampleResults
from kiosk.door_setup import door_setup
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster
from kiosk.settings_overlay import NAME

FOLDER = "documents"
"""Where documents are kept, in the state folder."""
_LOOK_EVERY_S = 0.5
_log = logging.getLogger("kiosk")


def keys_of(config: KioskConfig) -> CentreKeys:
    """Return who may speak in the centre's name today. Raises ConfigError."""
    return load_centre_keys(config.centre.keys) if config.centre else {}


def centre_of(own: KioskConfig) -> Centre:
    """Return whom a kiosk takes documents from."""
    clock = SystemClock(trust_system=own.clock.trust_system)
    return Centre(own.kiosk.address, partial(keys_of, own), clock.now)


def begin_settings(path: Path, own: KioskConfig) -> tuple[KioskConfig, SettingsTrial]:
    """Return the settings that this start goes by, those of the centre over the kiosk's own, and who keeps them."""
    use = SettingsUse(path, lambda config: door_setup(config, load_board(config.gate.board).lines))
    trial = SettingsTrial(own.paths.state / FOLDER, use, centre_of(own))
    content = trial.begin()
    try:
        lay_out(content, own.paths)
    except OSError as error:
        _log.warning("the other processes cannot be told the centre's settings (%s)", error.strerror)
    if trial.problem:
        _log.warning("%s", trial.problem)
    return (own if content is None else with_settings(path, content, NAME)), trial


@dataclass(frozen=True, slots=True)
class Documents:
    """What the centre has a say in."""

    policies: PolicyStore
    deny: DenyStore
    roster: Register[Roster]
    results: Register[SampleResults]
    settings: SettingsTrial
    kept: Mapping[DocumentKind, DocumentKeeper]
    trust: CentreTrust | None

    @classmethod
    def of(
        cls, config: KioskConfig, policies: PolicyStore, deny: DenyStore, settings: SettingsTrial,
        trust: CentreTrust | None,
    ) -> "Documents":  # fmt: skip
        """Put together who keeps what."""
        roster, results = Register(read_roster, Roster()), Register(read_results, SampleResults())
        uses: dict[DocumentKind, Use] = {
            DocumentKind.POLICY: policies, DocumentKind.DENY: deny, DocumentKind.ROSTER: roster,
            DocumentKind.RESULTS: results,
        }  # fmt: skip
        store, centre = DocumentStore(config.paths.state / FOLDER), centre_of(config)
        kept = {kind: DocumentKeeper(kind, store, use, centre) for kind, use in uses.items()}
        return cls(policies, deny, roster, results, settings, kept, trust)

    @property
    def keepers(self) -> Mapping[wire.DocumentKind, ports.DocumentKeeper]:
        """By kind, who takes what the centre sends."""
        found: dict[wire.DocumentKind, ports.DocumentKeeper] = {"settings": self.settings}
        found |= {
            "policy": self.kept[DocumentKind.POLICY], "deny": self.kept[DocumentKind.DENY],
            "roster": self.kept[DocumentKind.ROSTER], "results": self.kept[DocumentKind.RESULTS],
        }  # fmt: skip
        return found | ({"trust": self.trust} if self.trust else {})

    def restore(self) -> None:
        """Take into force what is stored, at the start."""
        for keeper in self.kept.values():
            keeper.restore()
            if keeper.problem:
                _log.warning("%s", keeper.problem)
            if keeper.in_force is not None:
                _log.info("%s from the centre in force: version %s", keeper.kind, keeper.in_force.document.version)

    async def watch_settings(self, shell: Shell, start_anew: Callable[[], object]) -> None:
        """Put on record what becomes of settings, and ask for a new start once some wait and nobody is served."""
        if self.settings.was_rejected:
            shell.documents.refused(wire.DocumentAnswer(kind="settings", outcome="refused", code="not_in_force"))
        confirm_at = shell.clock.mono_ns() + round(CONFIRM_S * 1e9)
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self.settings.trying is not None and shell.clock.mono_ns() >= confirm_at:
                found = await asyncio.to_thread(self.settings.confirm)
                if found is not None:
                    shell.recorder.note(changed(self.settings.answer("taken", found)))
            if self.settings.restart_due and shell.is_quiet:
                _log.info("starting anew, with settings from the centre")
                start_anew()
                return
