"""The centre's documents in the gate process: who keeps which kind, and what is in force."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from kiosk.adapters.centre_trust import CentreTrust
from kiosk.adapters.clock import SystemClock
from kiosk.adapters.deny_file import DenyStore
from kiosk.adapters.document_store import DocumentStore
from kiosk.adapters.documents import Centre, DocumentKeeper, Use
from kiosk.adapters.policy_store import PolicyStore
from kiosk.adapters.registers import Register
from kiosk.adapters.settings_trial import SettingsTrial
from kiosk.api import messages as wire
from kiosk.app import ports
from kiosk.centre_keys import load_centre_keys
from kiosk.config import KioskConfig
from kiosk.domain.centre import CentreKeys
from kiosk.domain.document import DocumentKind
from kiosk.domain.roster import Roster
from kiosk.domain.sample_results import SampleResults
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster

FOLDER = "documents"
"""Where documents are kept, in the state folder."""
_log = logging.getLogger("kiosk")


def keys_of(config: KioskConfig) -> CentreKeys:
    """Return who may speak in the centre's name today. Raises ConfigError."""
    return load_centre_keys(config.centre.keys) if config.centre else {}


def centre_of(own: KioskConfig) -> Centre:
    """Return whom a kiosk takes documents from."""
    clock = SystemClock(trust_system=own.clock.trust_system)
    return Centre(own.kiosk.address, partial(keys_of, own), clock.now)


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
