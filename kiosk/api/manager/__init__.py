"""What the manager's screen asks of the gate, and what the gate answers.

`Ask(id, session, request)` goes from the screen to the gate, `Answer(id, code, detail, reply)` comes back. A request
is a frozen model with a literal `ask`, its reply one with a literal `reply`. Each feature has a file of its own beside
this one; here they are all listed, with who may ask what.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.manager.dashboard import Dashboard, ShowDashboard
from kiosk.api.manager.entries import Entries, ListEntries
from kiosk.api.manager.export import CancelExport, ExportEvents, ExportState, ExportTrace, ShowExport
from kiosk.api.manager.look_up import LookedUp, LookUp
from kiosk.api.manager.roster import AddMember, EndMember, ListRoster, RosterPage
from kiosk.api.manager.session import Ok, SignedIn, SignIn, SignOut, StillHere
from kiosk.api.manager.trace import Traced, TraceVisits
from kiosk.api.wire_message import WireMessage
from kiosk.domain.staff import Refused, StaffRole

__all__ = [
    "ANYBODY", "AT_THE_DOOR", "MANAGERS", "PERMITTED", "AddMember", "Answer", "Ask", "CancelExport", "Dashboard",
    "EndMember", "Entries", "ExportEvents", "ExportState", "ExportTrace", "ListEntries", "ListRoster", "LookUp",
    "LookedUp", "Ok", "Reply", "Request", "RosterPage", "ShowDashboard", "ShowExport", "SignIn", "SignOut", "SignedIn",
    "StillHere", "TraceVisits", "Traced",
]  # fmt: skip

Request = (
    SignIn
    | SignOut
    | StillHere
    | ShowDashboard
    | ListEntries
    | LookUp
    | TraceVisits
    | ListRoster
    | AddMember
    | EndMember
    | ExportEvents
    | ExportTrace
    | ShowExport
    | CancelExport
)  # fmt: skip
"""Everything that can be asked; one a line."""

Reply = (
    Ok
    | SignedIn
    | Dashboard
    | Entries
    | LookedUp
    | Traced
    | RosterPage
    | ExportState
)  # fmt: skip
"""Everything that can be answered; one a line."""

GUARD, MANAGER, TECHNICIAN = StaffRole.GUARD, StaffRole.MANAGER, StaffRole.TECHNICIAN
ANYBODY: frozenset[StaffRole] = frozenset(StaffRole)
AT_THE_DOOR, MANAGERS = frozenset({GUARD, MANAGER}), frozenset({MANAGER})
"""Who may see how the day goes, and who may see who was here: never a technician."""
PERMITTED: Mapping[type[Request], frozenset[StaffRole]] = {
    SignOut: ANYBODY,
    StillHere: ANYBODY,
    ShowDashboard: AT_THE_DOOR,
    ListEntries: AT_THE_DOOR,
    LookUp: MANAGERS,
    TraceVisits: MANAGERS,
    ListRoster: MANAGERS,
    AddMember: MANAGERS,
    EndMember: MANAGERS,
    ExportEvents: MANAGERS,
    ExportTrace: MANAGERS,
    ShowExport: MANAGERS,
    CancelExport: MANAGERS,
}
"""Who may ask what. A request that is not here is for nobody; SignIn alone needs no session."""


class Ask(WireMessage):
    """A question of the manager's screen."""

    type: Literal["ask"] = "ask"
    id: int = Field(ge=0, lt=1 << 53)
    """The answer repeats it."""
    session: str = Field(default="", pattern=r"^([0-9a-f]{32})?$", repr=False)
    """As SignedIn said it; empty before."""
    request: Annotated[Request, Field(discriminator="ask")]


class Answer(WireMessage):
    """The gate's answer: either a `reply`, or the `code` of why not."""

    type: Literal["answer"] = "answer"
    id: int
    code: Refused | None = None
    detail: str = Field(default="", max_length=64)
    """What the code is about: a field's name, seconds; never what somebody typed."""
    reply: Annotated[Reply, Field(discriminator="reply")] | None = None
