"""Who belongs here: the roster in force, and its members where no centre rules it."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from kiosk.api.wire_message import WireMessage

MAX_LISTED = 50
"""Members of one page."""
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
_Word = Annotated[str, Field(min_length=1, max_length=64)]


class ListRoster(WireMessage):
    """Members, in the order of their ids, a page of them."""

    ask: Literal["roster"] = "roster"
    text: str = Field(default="", max_length=64)
    """Only those whose id or group holds it, in capitals or not."""
    today: bool = False
    """Only those who belong here today."""
    after: str = Field(default="", max_length=64)
    """Only those behind this id: the last page's `next`."""
    limit: int = Field(default=20, gt=0, le=MAX_LISTED)


class MemberLine(WireMessage):
    """One member. Dates are days of the venue, both included."""

    person: str
    group: str = ""
    zones: tuple[str, ...] = ()
    begins: date | None = None
    ends: date | None = None
    today: bool
    """Whether the person belongs here today."""


class RosterPage(WireMessage):
    """A page of the roster."""

    reply: Literal["roster"] = "roster"
    items: tuple[MemberLine, ...] = Field(default=(), max_length=MAX_LISTED)
    count: int = Field(default=0, ge=0)
    """How many members fit what was asked for, and how many there are."""
    members: int = Field(default=0, ge=0)
    next: str = ""
    """`after` of the next page; empty: there is none."""
    source: Literal["none", "local", "centre"] = "none"
    """Where the roster comes from. Only one that is kept here can be changed here."""
    version: str = Field(default="", max_length=64)
    """Of the centre's document."""
    zone: str = Field(default="", max_length=64)
    """The zone of this door."""


class AddMember(WireMessage):
    """Let somebody belong here, or change what is said of a member."""

    ask: Literal["add_member"] = "add_member"
    person: _Id
    """An id that means nothing outside: no name, no citizen or phone number."""
    group: str = Field(default="", max_length=64)
    zones: tuple[_Word, ...] = Field(default=(), max_length=50)
    """Empty: the zone of this door."""
    begins: date | None = None
    ends: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.begins is not None and self.ends is not None and self.ends < self.begins:
            raise ValueError("it ends before it begins")
        return self


class EndMember(WireMessage):
    """Let a member belong here no longer: from tomorrow on, or from a later day."""

    ask: Literal["end_member"] = "end_member"
    person: _Id
    ends: date | None = None
    """The last day; None: yesterday, so that it holds at once."""
