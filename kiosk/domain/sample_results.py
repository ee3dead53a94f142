"""Results of tests, by the label of the sample: whose it is, the kiosk does not know."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ResultOutcome(StrEnum):
    """What the laboratory says."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    UNCLEAR = "unclear"
    """To be repeated."""


class ShownAt(StrEnum):
    """Where a result may be shown."""

    KIOSK = "kiosk"
    """On the visitor's screen, to whoever holds the label up."""
    DESK = "desk"
    """By a person only."""


@dataclass(frozen=True, slots=True)
class SampleResult:
    """The result of one sample."""

    sample: str
    """What its label says (kiosk.verify.tube)."""
    outcome: ResultOutcome
    at: datetime
    """Aware; when the result was found."""
    shown_at: ShownAt = ShownAt.DESK


@dataclass(frozen=True, slots=True)
class SampleResults:
    """Results by the sample's label."""

    results: Mapping[str, SampleResult] = field(default_factory=dict)

    @classmethod
    def of(cls, results: Iterable[SampleResult]) -> "SampleResults":
        """Build the list; of two results of one sample the later one counts."""
        return cls({one.sample: one for one in sorted(results, key=lambda one: one.at)})

    def __len__(self) -> int:
        return len(self.results)
