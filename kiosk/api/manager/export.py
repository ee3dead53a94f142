"""Taking events out of the kiosk, to a stick: whole, checkable, and still sealed."""

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from kiosk.api.manager.trace import MAX_MARGIN_MIN, MAX_TRACED, EventNumber
from kiosk.api.manager.usb import StickId
from kiosk.api.wire_message import WireMessage
from kiosk.domain.look_up import LookUpReason

MAX_FILES = 8


class ExportEvents(WireMessage):
    """Write the events of some days, as a table (CSV) and as JSON lines with what is sealed."""

    ask: Literal["export_events"] = "export_events"
    first: date | None = None
    """Days of the venue, both included; None: from the oldest, to the newest."""
    last: date | None = None
    stick: StickId | None = None
    """Which one, of UsbShown; None: the only one that there is."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first is not None and self.last is not None and self.last < self.first:
            raise ValueError("it ends before it begins")
        return self


class ExportTrace(WireMessage):
    """Write for the health authority who shared place and time with some visits: numbers, times, what is sealed."""

    ask: Literal["export_trace"] = "export_trace"
    reason: LookUpReason | None = None
    visits: tuple[EventNumber, ...] = Field(min_length=1, max_length=MAX_TRACED)
    margin_min: int = Field(default=0, ge=0, le=MAX_MARGIN_MIN)
    stick: StickId | None = None
    """Which one, of UsbShown; None: the only one that there is."""


class ShowExport(WireMessage):
    """Ask how far it is."""

    ask: Literal["show_export"] = "show_export"


class CancelExport(WireMessage):
    """Stop it; what is written of it is taken away."""

    ask: Literal["cancel_export"] = "cancel_export"


class ExportState(WireMessage):
    """How far the last export has got."""

    reply: Literal["export"] = "export"
    state: Literal["none", "running", "done", "cancelled", "failed"] = "none"
    part: float = Field(default=0.0, ge=0, le=1)
    events: int = Field(default=0, ge=0)
    files: tuple[str, ...] = Field(default=(), max_length=MAX_FILES)
    """Names on the stick, once it is done."""
    code: str = Field(default="", max_length=64)
    """Why it failed: no_space, target_gone or not_writable (the stick), unreadable (the journal), or why there is no
    stick."""
