"""Who shared this place and time? Put on record before it is answered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.look_up import LookUpReason

MAX_TRACED = 50
"""Visits that can be traced at once."""
MAX_SHOWN = 500
"""Contacts that an answer lists; the file for the authority has them all."""
MAX_MARGIN_MIN = 24 * 60
EventNumber = Annotated[int, Field(gt=0, lt=1 << 63)]
"""The number of an event in the journal."""
_VISITS = Field(min_length=1, max_length=MAX_TRACED)
_MARGIN = Field(default=0, ge=0, le=MAX_MARGIN_MIN)


class TraceVisits(WireMessage):
    """Ask who was here at the same time as the visits with these numbers."""

    ask: Literal["trace"] = "trace"
    reason: LookUpReason | None = None
    """Without one nothing is traced."""
    visits: tuple[EventNumber, ...] = _VISITS
    """Numbers of admissions: from a look-up, or from the list of entries."""
    margin_min: int = _MARGIN
    """How many minutes before and after a stay count as well."""


class Contact(WireMessage):
    """A stay that overlaps."""

    seq: int = Field(gt=0)
    begins: datetime
    ends: datetime
    left: bool
    """Whether the person was seen to leave; if not, the end is what the venue takes a stay for."""
    shared_s: int = Field(ge=0)
    """Seconds that both were here, without the margin."""


class Traced(WireMessage):
    """Who shared place and time."""

    reply: Literal["traced"] = "traced"
    stays: tuple[Contact, ...] = Field(default=(), max_length=MAX_TRACED)
    """The stays that were asked about, `shared_s` being all of their time."""
    count: int = Field(default=0, ge=0)
    """How many others shared it."""
    unnamed: int = Field(default=0, ge=0)
    """How many of them nobody can name: no personal field was sealed with their admission."""
    contacts: tuple[Contact, ...] = Field(default=(), max_length=MAX_SHOWN)
    """The first of them, by their numbers."""
