"""The venue's day in numbers."""

from datetime import date
from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

HOURS = 24
TOP_REASONS = 8


class ShowDashboard(WireMessage):
    """Ask how the day goes."""

    ask: Literal["dashboard"] = "dashboard"


class ReasonCount(WireMessage):
    """How often somebody was refused for a reason; the first reason of each refusal counts."""

    reason: str = Field(max_length=64)
    """A code of kiosk.domain.reasons."""
    count: int = Field(gt=0)


class Dashboard(WireMessage):
    """The numbers of today. None: that cannot be told; the journal or a key is not there."""

    reply: Literal["dashboard"] = "dashboard"
    day: date
    """Today, in the venue's time zone."""
    inside: int | None = Field(default=None, ge=0)
    limit: int | None = Field(default=None, gt=0)
    """How many people the policy lets be inside; None: as many as come."""
    limit_of: Literal["inside", "admissions"] = "inside"
    """What the limit is about: who is inside now, or who has come today."""
    entries: int | None = Field(default=None, ge=0)
    """People who came in today, and who went out."""
    exits: int | None = Field(default=None, ge=0)
    hours: tuple[int, ...] = Field(default=(), max_length=HOURS)
    """People who came in, by the hour of the venue's clock from 0 to 23; empty: that cannot be told."""
    admitted: int = Field(ge=0)
    """Decisions of today; an admission that was taken back is none."""
    refused: int = Field(ge=0)
    needs_more: int = Field(ge=0)
    reasons: tuple[ReasonCount, ...] = Field(default=(), max_length=TOP_REASONS)
    """The most frequent reasons of today's refusals, the most frequent first."""
    calls: int = Field(ge=0)
    """How often staff was called."""
    mean_ms: float | None = Field(default=None, ge=0)
    """From a code's reading to the decision, since today's first or the last start: on average, and at worst."""
    worst_ms: float | None = Field(default=None, ge=0)
