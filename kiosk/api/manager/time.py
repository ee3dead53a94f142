"""The kiosk's clock at the touchscreen."""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

Zone = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_+-]{0,31}(/[A-Za-z0-9_+-]{1,31}){0,2}$")]
"""A name of the tz database."""


class TimeRead(WireMessage):
    """Ask how the clock stands."""

    ask: Literal["time_read"] = "time_read"


class TimeShown(WireMessage):
    """How it stands."""

    reply: Literal["time_shown"] = "time_shown"
    now: int
    """Unix time."""
    zone: str = Field(max_length=64)
    """The machine's own; the door's hours go by the venue's, which is a setting."""
    by_network: bool
    """It is to be set over the network (NTP)."""
    synced: bool
    """It has been."""
    can_sync: bool = True
    """False where no service is there that could."""


class TimeSync(WireMessage):
    """Set the clock over the network, or do so no more."""

    ask: Literal["time_sync"] = "time_sync"
    on: bool


class ZoneSet(WireMessage):
    """Let the machine's own clock, and so its log, show this zone's time."""

    ask: Literal["zone_set"] = "zone_set"
    zone: Zone


class TimeSet(WireMessage):
    """Set the clock by hand: what a clock on the venue's wall shows now. The network sets it no more from then on."""

    ask: Literal["time_set"] = "time_set"
    date: str = Field(pattern=r"^20[2-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
    time: str = Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")
