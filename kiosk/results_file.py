"""Results of tests, `results.toml`: TOML in, frozen `SampleResults` out (docs/documents.md).

A result is that of a label: whose sample it was is known where it was taken, and nowhere else.
"""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from kiosk.domain.sample_results import ResultOutcome, SampleResult, SampleResults, ShownAt
from kiosk.toml_file import Section, model_of, tables_of
from kiosk.verify.tube import matches

MAX_RESULTS = 10_000


class _ResultTable(Section):
    sample: Annotated[str, Field(max_length=64)]
    outcome: ResultOutcome
    at: datetime
    show: ShownAt = ShownAt.DESK

    @field_validator("sample")
    @classmethod
    def _is_a_label(cls, label: str) -> str:
        if not matches(label):
            raise ValueError("this is no label of a sample")
        return label

    @field_validator("at")
    @classmethod
    def _has_a_zone(cls, at: datetime) -> datetime:
        if at.tzinfo is None:
            raise ValueError("write the time with its zone, as in 2026-01-31T08:00:00+07:00")
        return at

    @model_validator(mode="after")
    def _is_told_by_a_person(self) -> Self:
        if self.show is ShownAt.KIOSK and self.outcome is not ResultOutcome.NEGATIVE:
            raise ValueError('only a negative result may be shown at the kiosk; write show = "desk"')
        return self


class ResultsFile(Section):
    """The whole file."""

    result: Annotated[tuple[_ResultTable, ...], Field(max_length=MAX_RESULTS)] = ()


def read_results(data: bytes, where: str) -> SampleResults:
    """Read results that came from `where`. Raises ConfigError, with no label in it."""
    table = model_of(tables_of(data, where), where, ResultsFile)
    return SampleResults.of(SampleResult(one.sample, one.outcome, one.at, one.show) for one in table.result)
