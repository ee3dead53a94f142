"""The door that `kiosk bench verify` decides at: a policy that the project ships, with country rules, and a long list.

Published rules and keys are taken where their folder is; else the bench makes its own, and says so in its output.
"""

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.policies import load_policy
from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import SIZE, RevocationStore
from kiosk.app.judge import judge_codes
from kiosk.bench.codes import Call, Code, codes
from kiosk.domain.decision import Judgement
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.policy import Policy
from kiosk.domain.situation import Situation
from kiosk.domain.trust import TrustAnchor, TrustList
from kiosk.verify.replay import keep
from kiosk.verify.trust_list import signed_list

_ROOT = Path(__file__).resolve().parents[2]
POLICY = _ROOT / "firmware_config" / "policies" / "hospital.toml"
"""Asks for two codes of one person at certain hours, and knows exemptions: the one with most to look at."""
VECTORS = _ROOT / ".." / "shared" / "vectors"
KEYS = 829
"""Of the list that is made where none is published: as many as the EU's had."""
OWN_RULE: dict[str, object] = {
    "if": [
        {"var": "payload.v.0"},
        {"and": [
            {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
            {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines-covid-19-names"}]},
            {"not-before": [
                {"plusTime": [{"var": "external.validationClock"}, 0, "day"]},
                {"plusTime": [{"var": "payload.v.0.dt"}, 14, "day"]},
            ]},
        ]},
        True,
    ]
}  # fmt: skip
"""Laid out like the rules that countries publish: whole series, known product, fourteen days."""
OWN_SETS = {"vaccines-covid-19-names": ["EU/1/20/1507", "EU/1/20/1528", "EU/1/21/1529"]}


@dataclass(frozen=True, slots=True)
class Venue:
    """What every decision here has in common."""

    policy: Policy
    situation: Situation
    keys: TrustList
    """The long list, without those who sign the codes of the bench."""
    revoked: RevocationStore
    day_keys: DayKeys
    made_here: tuple[str, ...]
    """What of it was not published anywhere."""

    def trusting(self, anchors: Sequence[TrustAnchor]) -> TrustList:
        """Return the list with some signers more, and with the withdrawn codes."""
        own = TrustList.of(anchors, version="1", imported_at=self.situation.now, name="bench")
        return replace(TrustList.merged([own, self.keys]), revoked=self.revoked)

    def decide(self, code: Code, trust: TrustList) -> Judgement:
        """Verify a code, with those beside it, and ask the policy."""
        return judge_codes((code.data, *code.beside), trust, self.policy, self.situation, symbology=code.symbology)

    def put_away(self, judged: Judgement) -> object:
        """Make the inputs of a decision small and encrypt them, as the gate does for `kiosk explain`."""
        kept = keep(self.policy, judged.evidence, judged.situation, judged.decision)
        return self.day_keys.seal(EventDraft(EventType.VISIT_DENIED, "v1", kept=kept), "bench", 1)

    def whole(self, code: Code, trust: TrustList) -> dict[str, Call]:
        """Return the decision on a code, the keeping of its inputs, and both as they follow on each other."""
        judged = self.decide(code, trust)
        return {
            "decide": lambda: self.decide(code, trust),
            "keep its inputs": lambda: self.put_away(judged),
            "whole decision": lambda: self.put_away(self.decide(code, trust)),
        }


def make_venue(folder: Path, now: datetime, policy: Path, vectors: Path, revoked: int) -> Venue:
    """Set a venue up in `folder`, at eleven o'clock of the day of `now`, with `revoked` withdrawn codes.

    Raises ConfigError for a policy that cannot be read, OSError where there is no room, TrustError for a bad list.
    """
    moment = now.astimezone(UTC).replace(hour=11, minute=0, second=0, microsecond=0)
    made: list[str] = []
    situation = Situation(moment, ClockConfidence.SYNCED, inside=3)
    door = load_policy(_with_country_rules(policy, folder, vectors, made))
    keys = _long_list(vectors, moment, made)
    withdrawn = _withdrawn(folder, moment, revoked)
    return Venue(door, situation, keys, withdrawn, DayKeys(folder / "keys", clock=SystemClock()), tuple(made))


def _with_country_rules(policy: Path, folder: Path, vectors: Path, made: list[str]) -> Path:
    """Return a policy with country rules: itself where it has some, else a copy in `folder` that names some."""
    text = policy.read_text(encoding="utf-8") if policy.is_file() else ""
    if not text or "[country_rules]" in text:
        return policy  # the reader says what is wrong with it
    rules, sets = vectors / "dcc-rules" / "EU", vectors / "dcc-rules" / "valuesets" / "valueSets.json"
    if not rules.is_dir() or not sets.is_file():
        rules, sets = folder / "rules.json", folder / "sets.json"
        rules.write_text(json.dumps([own_document()]), encoding="utf-8")
        sets.write_text(json.dumps(OWN_SETS), encoding="utf-8")
        made.append("country rules")
    where, values = (json.dumps(str(one.resolve())) for one in (rules, sets))
    copy = folder / "policy.toml"
    table = f'[country_rules]\ncountry = "EU"\nrules = {where}\nvalue_sets = {values}\n'
    copy.write_text(f"{text}\n{table}", encoding="utf-8")
    return copy


def own_document() -> dict[str, object]:
    """Return `OWN_RULE` as a country publishes it."""
    return {
        "Identifier": "VR-EU-0001", "Type": "Acceptance", "Country": "EU", "Version": "1.0.0", "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "Vaccination",
        "AffectedFields": ["v.0"], "Description": [{"lang": "en", "desc": "A whole series, two weeks ago."}],
        "ValidFrom": "2021-01-01T00:00:00Z", "ValidTo": "2099-01-01T00:00:00Z", "Logic": OWN_RULE,
    }  # fmt: skip


def _long_list(vectors: Path, now: datetime, made: list[str]) -> TrustList:
    listed, key = vectors / "dcc-trust" / "dsc-list.json", vectors / "dcc-trust" / "dsc-list-signing-key.pem"
    if listed.is_file() and key.is_file():
        return signed_list(listed.read_bytes(), key.read_bytes(), now)
    made.append("trust list")
    anchor = codes(now)[0].anchors[0]  # one more signer, under many ids
    rng = random.Random(KEYS)  # noqa: S311 - a bench
    many = (replace(anchor, key_id=rng.randbytes(8)) for _ in range(KEYS))
    return TrustList.of(many, version="1", imported_at=now - timedelta(days=1), name="made")


def _withdrawn(folder: Path, now: datetime, count: int) -> RevocationStore:
    path = folder / "bench.revoked"
    entries = (hashlib.sha256(number.to_bytes(8, "big")).digest()[:SIZE] for number in range(count))
    build(path, entries, source="bench", version=1, now=now)
    return RevocationStore(path)
