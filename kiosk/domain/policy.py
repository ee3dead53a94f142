"""The venue's policy: pure rules over what was verified. An empty policy denies.

Its terms are in `policy_terms`, the conditions of one rule in `policy_rules`; here the rules are put side by side,
and the pieces of one visit. docs/policy.md tells it all in the venue's words.
"""

from collections.abc import Sequence
from typing import assert_never

from kiosk.domain import passback
from kiosk.domain.credential import Credential, Format, Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny, Need
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy_rules import MISSING, NEARNESS, NEGATIVE, Shown, failures
from kiosk.domain.policy_terms import AdmitRule, Policy
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction, Situation

__all__ = ["NEGATIVE", "AdmitRule", "Policy", "weigh"]

_UNSURE = frozenset({Verdict.UNKNOWN_ISSUER, Verdict.STALE_TRUST})
"""Verdicts on codes that may well be genuine: a person can find out, the kiosk cannot."""

_DATED = frozenset({Verdict.NOT_YET_VALID, Verdict.EXPIRED, Verdict.STALE_TRUST})
"""Verdicts that a wrong clock makes worthless."""

_FOR_STAFF = frozenset({
    Reason.FACE_UNAVAILABLE, Reason.FACE_FAILED, Reason.MINOR_ALONE, Reason.ANSWERS_NEED_STAFF,
})  # fmt: skip
"""Refusals after which a person has to look, whatever the venue does when unsure."""

_OPEN = frozenset({Reason.AGE_UNKNOWN, Reason.RULE_UNDECIDED, Reason.ENTRIES_NOT_COUNTED})
"""Refusals for what the kiosk cannot know and a person may find out."""


def _nearest(failed: Sequence[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """Return the failures of the rule that came closest: whose worst one is the smallest; among equals the first."""
    return max(failed, key=lambda reasons: (NEARNESS.index(reasons[0]), -len(reasons)))


def _told(policy: Policy, why: tuple[Reason, ...]) -> Deny | Need:
    """Return the answer to what the nearest rule misses."""
    if MISSING.issuperset(why):
        return Need(why)
    # Nobody is sent for a card that would not help.
    last = tuple(reason for reason in why if reason not in MISSING)
    staff = last[0] in _FOR_STAFF or (last[0] in _OPEN and policy.staff_when_unsure)
    return Deny(last, call_staff=staff)


def _admit(policy: Policy, rule: AdmitRule, situation: Situation) -> Decision:
    """Admit by a rule that fits, if the person is not inside already, and there is room."""
    twice = passback.refusal(policy, situation)
    if twice is not None:
        return twice
    room = policy.capacity
    if room is None or situation.direction is not Direction.ENTRY:
        return Admit(rule.name)
    if situation.inside is None:
        return Deny((Reason.CAPACITY_UNKNOWN,), call_staff=policy.staff_when_unsure)
    if situation.inside >= room.people:
        return Deny((Reason.CAPACITY_REACHED,), call_staff=room.staff_when_full)
    return Admit(rule.name)


def _by_rules(policy: Policy, shown: Shown, situation: Situation) -> Decision:
    """Ask one rule after the other; the first that misses nothing admits."""
    failed: list[tuple[Reason, ...]] = []
    for rule in policy.admit:
        missed = failures(rule, policy, shown, situation)
        if not missed:
            return _admit(policy, rule, situation)
        failed.append(missed)
    return _told(policy, _nearest(failed))


def _declared(policy: Policy, form: Shown, situation: Situation) -> Decision:
    """Judge a form that was filled in here. Where it is not enough, a person looks: the visitor has nothing else."""
    if situation.clock is ClockConfidence.UNSET:
        return Deny((Reason.CLOCK_UNSET,), call_staff=policy.staff_when_unsure)
    decision = _by_rules(policy, form, situation)
    if isinstance(decision, Deny) and decision.reasons == (Reason.KIND_NOT_ACCEPTED,):
        return Deny((Reason.NOT_ENOUGH_ALONE,), call_staff=policy.staff_when_unsure)
    return decision


def _judge(
    policy: Policy, found: Verification, evidence: tuple[Verification, ...], situation: Situation
) -> Decision:
    """Judge one piece of evidence, in the company of all."""
    unset = situation.clock is ClockConfidence.UNSET
    match found:
        case Rejected(format=Format.TUBE, reasons=reasons):
            return Deny(reasons)  # a sample's label is nobody's: nothing that is shown with it makes it enough
        case Rejected(format=Format.FORM, credential=Credential() as form):
            return _declared(policy, Shown(form, signed=False, evidence=evidence), situation)
        case Rejected(verdict=Verdict.UNSIGNED, credential=Credential() as card) if not unset:
            decision = _by_rules(policy, Shown(card, signed=False, evidence=evidence), situation)
            if isinstance(decision, Deny) and decision.reasons == (Reason.KIND_NOT_ACCEPTED,):
                return Need((Reason.NOT_ENOUGH_ALONE, *found.reasons))
            return decision
        case Rejected(verdict=Verdict.UNSIGNED, reasons=reasons):
            return Need((Reason.NOT_ENOUGH_ALONE, *reasons))
        case Rejected(verdict=verdict) if unset and verdict in _DATED:
            return Deny((Reason.CLOCK_UNSET,), call_staff=policy.staff_when_unsure)
        case Rejected(verdict=verdict, reasons=reasons):
            return Deny(reasons, call_staff=policy.staff_when_unsure and verdict in _UNSURE)
        case Verified(credential=credential):
            if unset:
                return Deny((Reason.CLOCK_UNSET,), call_staff=policy.staff_when_unsure)
            return _by_rules(policy, Shown(credential, signed=True, evidence=evidence), situation)
        case _:
            assert_never(found)


def _rank(decision: Decision) -> int:
    """Order decisions on the pieces of a visit, the best first. A code no rule asks for says little, a card least."""
    match decision:
        case Admit():
            return 0
        case Need(reasons=(reason, *_)) if reason in MISSING:
            return 1
        case Deny(reasons=(Reason.KIND_NOT_ACCEPTED,)):
            return 3
        case Deny():
            return 2
        case Need():
            return 4
        case _:
            assert_never(decision)


def weigh(
    policy: Policy, evidence: Sequence[Verification], situation: Situation
) -> tuple[Decision, Verification]:
    """Return the decision on all the evidence of one visit, oldest first, and the piece that it rests on.

    Every certificate is judged by itself: two never add up to what one of them lacks. What a rule `needs` beside it,
    and what an exemption rests on, is taken from the other pieces that name the same person. The best answer counts,
    and among equals the newest. With an unset clock no date can be believed, so nothing that depends on one is
    admitted (DESIGN section 5). Raises ValueError without evidence.
    """
    pieces = tuple(evidence)
    if not pieces:
        raise ValueError("a decision needs evidence")
    if not policy.admit:
        return Deny((Reason.POLICY_EMPTY,), call_staff=policy.staff_when_unsure), pieces[-1]
    judged = [(_judge(policy, found, pieces, situation), found) for found in reversed(pieces)]
    return min(judged, key=lambda one: _rank(one[0]))
