"""Was this person here? Put on record before it is answered."""

from datetime import date, datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from kiosk.api.wire_message import WireMessage
from kiosk.domain.look_up import MOST_NUMBER, LookUpReason

MAX_VISITS = 200
"""Visits of one answer."""


class LookUp(WireMessage):
    """Ask when the person was here who has this document number, or this name and birth date."""

    ask: Literal["look_up"] = "look_up"
    reason: LookUpReason | None = None
    """Without one nothing is looked up."""
    number: str = Field(default="", max_length=MOST_NUMBER, repr=False)
    name: str = Field(default="", max_length=200, repr=False)
    """The whole name, family name first or last, with or without its marks."""
    born: date | None = Field(default=None, repr=False)

    @model_validator(mode="after")
    def _by_one(self) -> Self:
        if bool(self.number) == bool(self.name):
            raise ValueError("a person is looked up by a number, or by name and birth date")
        return self


class Visit(WireMessage):
    """Somebody was let in, or out."""

    seq: int = Field(gt=0)
    at: datetime
    """By the venue's clock."""
    direction: Literal["entry", "exit"]


class LookedUp(WireMessage):
    """When the person was here: times and directions, nothing more. Of how many days that can still be told."""

    reply: Literal["looked_up"] = "looked_up"
    visits: tuple[Visit, ...] = Field(default=(), max_length=MAX_VISITS)
    """The newest first."""
    more: bool = False
    """Whether there are older ones, beyond MAX_VISITS."""
    days: int = Field(default=0, ge=0)
    """Days whose visits can be looked up; of older ones the key is destroyed."""
