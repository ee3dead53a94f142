"""The door at the manager's screen: how it stands, who has called for help, opening it, running it in another way."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.lines import Out
from kiosk.domain.situation import Direction
from kiosk.domain.staff_door import ModeReason, OpenReason


class ShowDoor(WireMessage):
    """Ask how the door stands. Answered by DoorNow."""

    ask: Literal["show_door"] = "show_door"


class OpenDoor(WireMessage):
    """Let somebody through whom no code admits. Answered by Opened."""

    ask: Literal["open_door"] = "open_door"
    direction: Direction
    reason: OpenReason
    longer: bool = False
    """Whoever goes through needs longer."""


class SetMode(WireMessage):
    """Have the door run in another way. Answered by DoorNow when it is."""

    ask: Literal["set_mode"] = "set_mode"
    mode: Literal[Mode.NORMAL, Mode.LOCKDOWN, Mode.FREE_PASSAGE, Mode.MAINTENANCE]
    reason: ModeReason


class SeeAlarms(WireMessage):
    """Staff has seen the alarms: no more sound, no second level. Answered by DoorNow."""

    ask: Literal["see_alarms"] = "see_alarms"


class AnswerCalls(WireMessage):
    """Staff has come to whoever called. Answered by DoorNow."""

    ask: Literal["answer_calls"] = "answer_calls"


class LeafNow(WireMessage):
    """One thing that a relay releases."""

    relay: Out
    state: DoorState
    open: bool | None
    """None: nothing says whether it stands open."""


class AlarmNow(WireMessage):
    """An alarm that stands."""

    alarm: Alarm
    level: int
    seen: bool
    since_ns: int


class CallNow(WireMessage):
    """Somebody waits for staff."""

    visit: str
    """Empty: nobody had shown a code."""
    since_ns: int
    reasons: tuple[str, ...]
    """Codes of kiosk.domain.reasons.Reason; help_requested: they have asked for it themselves."""
    waits_s: int = Field(default=0, ge=0)
    """For how many seconds they have waited."""


class DoorNow(WireMessage):
    """How the door stands. Times are CLOCK_MONOTONIC."""

    reply: Literal["door_now"] = "door_now"
    mode: Mode
    """The one in force."""
    held_open: bool = False
    """The schedule holds it open to everybody."""
    shut: str = ""
    """Code of kiosk.domain.reasons.Reason: why nobody is let in now, whatever they show; empty: people are."""
    leaves: tuple[LeafNow, ...]
    direction: Direction
    """Which way this kiosk lets people go."""
    alarms: tuple[AlarmNow, ...] = ()
    calls: tuple[CallNow, ...] = ()
    """Oldest first."""
    people: int | None = None
    """How many are inside; None: this door does not count."""
    capacity: int | None = Field(default=None, ge=0)
    """How many may be; None: the policy sets no limit."""
    full: int = Field(default=0, ge=0, le=2)
    """0: there is room; 1: soon not; 2: it is full."""


class Opened(WireMessage):
    """The lock has been released, and that is on record; of a mantrap, it will be once both doors are shut."""

    reply: Literal["opened"] = "opened"
    visit: str
    """What the opening is called on record."""
    ms: int
    """How long it stays released."""
