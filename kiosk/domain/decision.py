"""Decisions: Admit, Deny, or Need more evidence, each with ordered reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from kiosk.domain.credential import Rejected, Verdict, Verification
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation


@dataclass(frozen=True, slots=True)
class Admit:
    """The evidence is enough. `rule` is the name of the policy rule that says so."""

    rule: str


@dataclass(frozen=True, slots=True)
class Deny:
    """The evidence is not acceptable. With `call_staff`, a person has to look."""

    reasons: tuple[Reason, ...]
    call_staff: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """The evidence is good as far as it goes, and not enough alone."""

    reasons: tuple[Reason, ...]


Decision = Admit | Deny | Need


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision on what codes were worth at one moment, and the two parts of its record: open, and to be sealed."""

    evidence: tuple[Verification, ...]
    """What each code was worth, in the order in which they were shown."""
    found: Verification
    """The piece of evidence that the decision rests on."""
    decision: Decision
    data: Mapping[str, object]
    personal: Mapping[str, str]
    situation: Situation
    """The moment and the place that it was made for."""

    @property
    def verdict(self) -> Verdict:
        """The verdict with the venue's policy applied: a valid credential that it refuses is `rule_failed`."""
        if isinstance(self.found, Rejected):
            return self.found.verdict
        return Verdict.RULE_FAILED if isinstance(self.decision, Deny) else Verdict.VALID


def outcome(decision: Decision) -> str:
    """Return the word that stands for a decision on the wire and in the journal."""
    match decision:
        case Admit():
            return "admit"
        case Deny():
            return "deny"
        case Need():
            return "need"
        case _:
            assert_never(decision)


def reasons(decision: Decision) -> tuple[Reason, ...]:
    """Return the reasons of a decision; an admission needs none."""
    return () if isinstance(decision, Admit) else decision.reasons
