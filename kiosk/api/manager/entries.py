"""The list of what happened at the door. Nobody's name is in it: no entry has one in clear."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from kiosk.api.manager.trace import EventNumber
from kiosk.api.wire_message import WireMessage
from kiosk.domain.entry_kinds import EntryKind

MAX_ENTRIES = 50
"""Entries of one page."""
_CODE = Field(default="", max_length=64)


class ListEntries(WireMessage):
    """Entries, the newest first, a page of them."""

    ask: Literal["entries"] = "entries"
    kind: EntryKind = EntryKind.ALL
    reason: str = Field(default="", pattern=r"^[a-z0-9_]{0,64}$")
    """Only those whose first reason this is."""
    day: date | None = None
    """Only those of a day of the venue."""
    hour: int | None = Field(default=None, ge=0, le=23)
    """Only those of this hour of the day."""
    before: EventNumber | None = None
    """Only those with a smaller number: the last page's `older`."""
    limit: int = Field(default=20, gt=0, le=MAX_ENTRIES)

    @model_validator(mode="after")
    def _hour_of_a_day(self) -> Self:
        if self.hour is not None and self.day is None:
            raise ValueError("an hour needs its day")
        return self


class Entry(WireMessage):
    """One of them. What does not apply is empty."""

    seq: int = Field(gt=0)
    at: datetime
    """By the venue's clock."""
    sure: bool = True
    """Whether the date was known then."""
    type: str = _CODE
    """A code of kiosk.domain.events."""
    reason: str = _CODE
    """The first reason, a code of kiosk.domain.reasons."""
    direction: str = _CODE
    format: str = _CODE
    """What was shown: the format of the code, and the kind of the document."""
    kind: str = _CODE
    about: str = _CODE
    """Which alarm, fault, mode, document or command it is about: a code."""
    visit: bool = False
    """Whether somebody was let in by it, whose stay can be traced."""


class Entries(WireMessage):
    """A page of entries."""

    reply: Literal["entries"] = "entries"
    items: tuple[Entry, ...] = Field(default=(), max_length=MAX_ENTRIES)
    older: int | None = None
    """`before` of the next page; None: there is none."""
    last: int = Field(default=0, ge=0)
    """The number of the newest event of all."""
