"""Why a decision was what it was, whether its inputs still give it, and whether they would today. Pure.

`kiosk.cli.explain` puts it into words. The causes of a difference are found by changing one thing at a time: the
policy, the trust list, the date, the confidence in the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from kiosk.domain.credential import Rejected, Verdict, Verification
from kiosk.domain.decision import Admit, Decision, Deny, outcome, reasons
from kiosk.domain.events import ClockConfidence, Event, EventType
from kiosk.domain.policy import Policy, weigh
from kiosk.domain.reasons import Reason
from kiosk.domain.trust import TrustList
from kiosk.verify.replay import Inputs
from kiosk.verify.steps import recheck

_OUTCOMES = {
    EventType.VISIT_ADMITTED: "admit", EventType.VISIT_DENIED: "deny", EventType.VISIT_NEEDS_MORE: "need",
}  # fmt: skip


class Cause(StrEnum):
    """What alone would make the decision another one today."""

    POLICY = "policy"
    TRUST = "trust"
    DATE = "date"
    CLOCK = "clock"
    TOGETHER = "together"
    """None of them alone: only several at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as far as it is on record."""

    outcome: str
    """`admit`, `deny` or `need`."""
    reasons: tuple[str, ...] = ()
    rule: str = ""
    call_staff: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of evidence that is worth something else today."""

    number: int
    """Its place among the evidence, from 1."""
    then: Verdict
    now: Verdict
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Today:
    """What a decision would be made by now."""

    policy: Policy
    trust: TrustList
    now: datetime
    """Aware, in the venue's time zone: hours and dates of rules are those of the door."""
    clock: ClockConfidence


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same evidence, judged today."""

    answer: Answer
    causes: tuple[Cause, ...] = ()
    """Empty: the answer is the same."""
    changes: tuple[Change, ...] = ()
    known_now: tuple[int, ...] = ()
    """Pieces, from 1, of an unknown issuer whose key is known today: only the code itself can say what it is worth."""
    rules: tuple[str, ...] = ()
    """What is not the same in the policy: `+name`, `-name` and `~name` of rules, and other parts by their name."""


@dataclass(slots=True)
class Findings:
    """All that is found out about an event."""

    event: Event
    chained: bool
    """Whether it is whole and in its place between its neighbours."""
    others: tuple[Event, ...] = ()
    """The other events of its visit, in order."""
    inputs: Inputs | None = None
    why_not: str = ""
    """Key of the sentence that says why there is no replay; empty where there is one, or nothing to replay."""
    again: Answer | None = None
    """What the replay gives."""
    today: Comparison | None = None
    why_not_today: str = ""
    """Why there is no comparison: a key, or a sentence; empty where there is one, or nothing to compare."""

    @property
    def listed(self) -> bool:
        """Tell whether the venue's deny list decided, before the policy was asked."""
        return recorded(self.event).reasons[:1] == (Reason.DENY_LISTED.value,)

    @property
    def differs(self) -> bool:
        """Tell whether the replay gives another decision than the one on record: it never should."""
        return self.again is not None and self.again != recorded(self.event) and not self.listed and self.exact

    @property
    def exact(self) -> bool:
        """Tell whether the inputs gave the decision again when they were kept."""
        return self.inputs is not None and self.inputs.exact

    @property
    def holds(self) -> bool:
        """Tell whether the record is whole, and its decision the one that its inputs give."""
        return self.chained and not self.differs


def is_decision(event: Event) -> bool:
    """Tell whether an event is a decision on a visit."""
    return event.type in _OUTCOMES


def recorded(event: Event) -> Answer:
    """Return the policy's decision that is on record.

    A gate that could not open turned an admission into a refusal: the record names the rule that had admitted.
    """
    rule = event.data.get("rule")
    if isinstance(rule, str):
        return Answer("admit", (), rule)
    why = event.data.get("reasons")
    staff = event.data.get("call_staff") is True
    return Answer(_OUTCOMES[event.type], tuple(map(str, why)) if isinstance(why, list) else (), call_staff=staff)


def answer_of(decision: Decision) -> Answer:
    """Return a decision as it would be put on record."""
    rule = decision.rule if isinstance(decision, Admit) else ""
    staff = isinstance(decision, Deny) and decision.call_staff
    return Answer(outcome(decision), tuple(reason.value for reason in reasons(decision)), rule, staff)


def replayed(policy: Policy, inputs: Inputs) -> Answer:
    """Return the decision that a policy makes on kept inputs, at the moment and place of then."""
    return answer_of(weigh(policy, inputs.evidence, inputs.situation)[0])


def compare(then: Policy, inputs: Inputs, today: Today) -> Comparison:
    """Judge kept inputs by what is in force today, and find out what a difference comes from.

    Direction, number of people, entries used and face stay those of then. The venue's deny list is not asked: what
    it names people by is not kept.
    """
    at, now = inputs.situation, today.now
    listed = tuple(recheck(piece, today.trust, at.now) for piece in inputs.evidence)
    dated = tuple(recheck(piece, today.trust, now) for piece in inputs.evidence)

    def ask(policy: Policy, evidence: Sequence[Verification], **moment: Any) -> Answer:
        return answer_of(weigh(policy, evidence, replace(at, **moment))[0])

    before = ask(then, inputs.evidence)
    answer = ask(today.policy, dated, now=now, clock=today.clock)
    alone = {
        Cause.POLICY: ask(today.policy, inputs.evidence) != before,
        Cause.TRUST: ask(then, listed) != before,
        Cause.DATE: ask(then, dated, now=now) != ask(then, listed),
        Cause.CLOCK: ask(then, inputs.evidence, clock=today.clock) != before,
    }
    causes = tuple(cause for cause, differs in alone.items() if differs) or (Cause.TOGETHER,)
    changes, known = _changes(inputs.evidence, dated), _known(inputs.evidence, today.trust)
    return Comparison(
        answer, causes if answer != before else (), changes, known, _differences(then, today.policy)
    )


def verdict_of(piece: Verification) -> Verdict:
    """Return what a verifier said, the policy aside."""
    return piece.verdict if isinstance(piece, Rejected) else Verdict.VALID


def _changes(then: Sequence[Verification], now: Sequence[Verification]) -> tuple[Change, ...]:
    pairs = enumerate(zip(then, now, strict=True), 1)
    return tuple(
        Change(number, verdict_of(old), verdict_of(new), new.reasons if isinstance(new, Rejected) else ())
        for number, (old, new) in pairs
        if verdict_of(old) is not verdict_of(new)
    )


def _known(evidence: Sequence[Verification], trust: TrustList) -> tuple[int, ...]:
    return tuple(
        number
        for number, piece in enumerate(evidence, 1)
        if verdict_of(piece) is Verdict.UNKNOWN_ISSUER and piece.key_id and bytes.fromhex(piece.key_id) in trust.anchors
    )


def _differences(then: Policy, now: Policy) -> tuple[str, ...]:
    if then.digest == now.digest:
        return ()
    old, new = ({rule.name: rule for rule in policy.admit} for policy in (then, now))
    gone = [f"-{name}" for name in old if name not in new]
    come = [f"+{name}" for name in new if name not in old]
    changed = [f"~{name}" for name, rule in new.items() if name in old and rule != old[name]]
    others = [
        part.name for part in fields(Policy)
        if part.name not in ("admit", "version", "digest") and getattr(then, part.name) != getattr(now, part.name)
    ]  # fmt: skip
    return (*gone, *come, *changed, *others)
