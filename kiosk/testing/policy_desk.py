"""A desk for policies: people, what they may hold up, and what a policy says to it on a Friday in Hanoi."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Literal

from kiosk.domain.credential import (
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    TrustBasis,
    Verdict,
    Verification,
    Verified,
)
from kiosk.domain.decision import Admit, Decision
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 7, 3, 9, tzinfo=HANOI)
"""A Friday."""
HERE = Situation(NOW, ClockConfidence.SYNCED)
ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15")
BINH = Holder("Trần Văn", "Bình", "1985-01-02")
CHILD = Holder("Nguyễn Văn", "Con", "2018-03-04")
SHOT = {"dose": 2, "series": 2, "event_date": "2026-06-05", "country": "VN"}


# what people show


def signed(
    kind: Kind = Kind.VISIT, holder: Holder = ANH, form: Format = Format.PASS, issuer: str = "Hotel A",
    number: str = "7", **details: Any,
) -> Verified:  # fmt: skip
    """Return a pass for the lobby, or what `details` make of it."""
    credential = Credential(form, kind, issuer, number, holder, details={"zone": "lobby", **details})
    return Verified(credential, "0102", TrustBasis("7", 60))


def shot(holder: Holder = ANH, form: Format = Format.HC1, **details: Any) -> Verified:
    """Return a certificate of two doses of two, four weeks old, or what `details` make of it."""
    credential = Credential(form, Kind.VACCINATION, "VN", "v", holder, details={**SHOT, **details})
    return Verified(credential, "0102", TrustBasis("7", 60))


def unsigned(kind: Kind = Kind.IDENTITY, holder: Holder = ANH, form: Format = Format.CCCD) -> Rejected:
    """Return a citizen card, or another code that nobody has signed."""
    credential = Credential(form, kind, "VN", "001", holder)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), form, credential)


# what is said to it


def rule(*kinds: Kind, **conditions: Any) -> AdmitRule:
    """Return a rule for these kinds (passes for visitors), with these fields of AdmitRule."""
    return AdmitRule("rule", frozenset(kinds or {Kind.VISIT}), **conditions)


def decide(
    evidence: Verification | list[Verification], *rules: AdmitRule, situation: Situation = HERE, **policy: Any
) -> Decision:
    """Return the decision of a policy of these rules and fields on one piece, or several."""
    pieces = evidence if isinstance(evidence, list) else [evidence]
    return weigh(Policy("1", "lobby", rules or (rule(),), **policy), pieces, situation)[0]


def why(
    evidence: Verification | list[Verification], *rules: AdmitRule, situation: Situation = HERE, **policy: Any
) -> tuple[Reason, ...] | Literal["admit"]:
    """Return 'admit', or the reasons why not."""
    decision = decide(evidence, *rules, situation=situation, **policy)
    return "admit" if isinstance(decision, Admit) else decision.reasons


def at(text: str, **more: Any) -> Situation:
    """Return the situation at a moment of Hanoi, written as `2026-07-03T09:00`."""
    return replace(HERE, now=datetime.fromisoformat(text).replace(tzinfo=HANOI), **more)
