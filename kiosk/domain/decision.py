"""Decisions: Admit, Deny, or Need more evidence, each with ordered reasons."""

from dataclasses import dataclass
from typing import assert_never

from kiosk.domain.reasons import Reason


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
