"""The venue's policy: pure rules over what was verified. An empty policy denies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from kiosk.domain.credential import HEALTH_KINDS, Credential, Kind, Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny, Need
from kiosk.domain.events import ClockConfidence
from kiosk.domain.names import is_named, same_person
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation

_UNSURE = frozenset({Verdict.UNKNOWN_ISSUER, Verdict.STALE_TRUST})
"""Verdicts on codes that may well be genuine: a person can find out, the kiosk cannot."""

_DATED = frozenset({Verdict.NOT_YET_VALID, Verdict.EXPIRED, Verdict.STALE_TRUST})
"""Verdicts that a wrong clock makes worthless."""

NEGATIVE = "260415000"
"""SNOMED CT 'not detected' (value set covid-19-lab-result)."""


@dataclass(frozen=True, slots=True)
class AdmitRule:
    """One way in. Every condition has to hold."""

    name: str
    kinds: frozenset[Kind]
    issuers: frozenset[str] = frozenset()
    """Empty: whoever the trust list trusts."""
    min_doses: int = 0
    min_age_hours: int = 0
    """Time since the vaccination, the sample or the first positive test."""
    max_age_hours: int | None = None
    identity_card: bool = False
    """An identity document of the same person has to be among the evidence. The citizen card is unsigned and can
    be printed by anybody: this makes a borrowed certificate harder to use, and proves nobody's identity."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a venue asks for at this door."""

    version: str
    zone: str
    admit: tuple[AdmitRule, ...] = ()
    staff_when_unsure: bool = True
    digest: str = ""
    """SHA-256 of the document that it was read from, in hex: a replay finds that very document by it."""


def _day(text: object) -> datetime | None:
    """Read the start of an ISO 8601 date or date-time; a bare date starts at midnight UTC."""
    if not isinstance(text, str):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _age_failure(rule: AdmitRule, credential: Credential, now: datetime) -> Reason | None:
    if not rule.min_age_hours and rule.max_age_hours is None:
        return None
    since = _day(credential.details.get("event_date"))
    if since is None:
        return Reason.TOO_OLD
    if now - since < timedelta(hours=rule.min_age_hours):
        return Reason.TOO_RECENT
    if rule.max_age_hours is not None and now - since > timedelta(hours=rule.max_age_hours):
        return Reason.TOO_OLD
    return None


def _health_failure(rule: AdmitRule, credential: Credential) -> Reason | None:
    details = credential.details
    if credential.kind is Kind.VACCINATION:
        dose, series = details.get("dose"), details.get("series")
        complete = isinstance(dose, int) and isinstance(series, int) and dose >= max(series, rule.min_doses)
        return None if complete else Reason.DOSES_MISSING
    if credential.kind is Kind.TEST and details.get("result") != NEGATIVE:
        return Reason.TEST_POSITIVE
    return None


def _failure(rule: AdmitRule, policy: Policy, credential: Credential, now: datetime) -> Reason | None:
    """Return why `rule` does not admit `credential`, or None where it does."""
    if credential.kind not in rule.kinds:
        return Reason.KIND_NOT_ACCEPTED
    if rule.issuers and credential.issuer not in rule.issuers:
        return Reason.ISSUER_NOT_ACCEPTED
    if credential.kind in HEALTH_KINDS:
        return _health_failure(rule, credential) or _age_failure(rule, credential, now)
    if credential.details.get("zone") not in (policy.zone, "*"):
        return Reason.ZONE_NOT_ALLOWED
    # A limit that nobody keeps would be a promise broken: until entries are counted, such a pass goes to staff.
    return Reason.ENTRIES_NOT_COUNTED if credential.details.get("entries") else None


def _identity_failure(credential: Credential, identities: Sequence[Credential]) -> Reason | None:
    """Return why none of the identity documents belongs to the holder of `credential`, or None where one does."""
    if not is_named(credential.holder):
        return Reason.HOLDER_NOT_NAMED
    if not identities:
        return Reason.IDENTITY_NEEDED
    if any(same_person(credential.holder, identity.holder) for identity in identities):
        return None
    return Reason.IDENTITY_MISMATCH


_NEARNESS = (Reason.IDENTITY_NEEDED, Reason.IDENTITY_MISMATCH, Reason.HOLDER_NOT_NAMED)
"""What fails last of all: a rule that fails for this comes closest to admitting."""


def _nearest(failures: Sequence[Reason]) -> Reason:
    """Return the failure of the rule that came closest: one about the content beats one about the kind."""
    near = next((reason for reason in _NEARNESS if reason in failures), None)
    return near or next((f for f in failures if f is not Reason.KIND_NOT_ACCEPTED), Reason.KIND_NOT_ACCEPTED)


def _judge(
    policy: Policy, found: Verification, identities: Sequence[Credential], now: datetime, clock: ClockConfidence
) -> Decision:
    """Judge one piece of evidence, beside the identity documents that were shown with it."""
    match found:
        case Rejected(verdict=Verdict.UNSIGNED, reasons=reasons):
            return Need((Reason.NOT_ENOUGH_ALONE, *reasons))
        case Rejected(verdict=verdict) if clock is ClockConfidence.UNSET and verdict in _DATED:
            return Deny((Reason.CLOCK_UNSET,), call_staff=policy.staff_when_unsure)
        case Rejected(verdict=verdict, reasons=reasons):
            return Deny(reasons, call_staff=policy.staff_when_unsure and verdict in _UNSURE)
        case Verified(credential=credential):
            if clock is ClockConfidence.UNSET:
                return Deny((Reason.CLOCK_UNSET,), call_staff=policy.staff_when_unsure)
            failures = []
            for rule in policy.admit:
                failure = _failure(rule, policy, credential, now)
                if failure is None and rule.identity_card:
                    failure = _identity_failure(credential, identities)
                if failure is None:
                    return Admit(rule.name)
                failures.append(failure)
            nearest = _nearest(failures)
            return Need((nearest,)) if nearest is Reason.IDENTITY_NEEDED else Deny((nearest,))
        case _:
            assert_never(found)


def _identities(evidence: Sequence[Verification]) -> list[Credential]:
    """Return the identity documents among the evidence. Unsigned ones count: they bind, and admit nobody alone."""
    found: list[Credential] = []
    for piece in evidence:
        match piece:
            case (
                Verified(credential=Credential(kind=Kind.IDENTITY) as card)
                | Rejected(verdict=Verdict.UNSIGNED, credential=Credential(kind=Kind.IDENTITY) as card)
            ):
                found.append(card)
            case _:
                pass
    return found


def _rank(decision: Decision) -> int:
    """Order decisions on the pieces of one visit: the best first. A card alone says least of all."""
    match decision:
        case Admit():
            return 0
        case Need(reasons=(Reason.IDENTITY_NEEDED, *_)):
            return 1
        case Deny():
            return 2
        case Need():
            return 3
        case _:
            assert_never(decision)


def weigh(
    policy: Policy, evidence: Sequence[Verification], situation: Situation
) -> tuple[Decision, Verification]:
    """Return the decision on all the evidence of one visit, oldest first, and the piece that it rests on.

    Every certificate is judged by itself: two never add up to what one of them lacks. Only an identity
    document is taken together with another piece, by a rule with `identity_card`. The best answer counts, and
    among equals the newest. With an unset clock no date can be believed, so nothing that depends on one is
    admitted (DESIGN section 5). Raises ValueError without evidence.
    """
    now, clock = situation.now, situation.clock
    identities = _identities(evidence)
    judged = [(_judge(policy, found, identities, now, clock), found) for found in reversed(evidence)]
    if not judged:
        raise ValueError("a decision needs evidence")
    if not policy.admit:
        return Deny((Reason.POLICY_EMPTY,), call_staff=policy.staff_when_unsure), judged[0][1]
    return min(judged, key=lambda one: _rank(one[0]))
