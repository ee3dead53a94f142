"""What the manager's screen asks of the gate, and what the gate answers.

`Ask(id, session, request)` goes from the screen to the gate, `Answer(id, code, detail, reply)` comes back. A request
is a frozen model with a literal `ask`, its reply one with a literal `reply`. Each feature has a file of its own beside
this one; here they are all listed, with who may ask what.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.manager.aim import AimRead, AimShown
from kiosk.api.manager.dashboard import Dashboard, ShowDashboard
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceShown, DeviceStart
from kiosk.api.manager.door import AnswerCalls, DoorNow, OpenDoor, Opened, SeeAlarms, SetMode, ShowDoor
from kiosk.api.manager.entries import Entries, ListEntries
from kiosk.api.manager.export import CancelExport, ExportEvents, ExportState, ExportTrace, ShowExport
from kiosk.api.manager.health import Health, Light, ShowHealth
from kiosk.api.manager.look_up import LookedUp, LookUp
from kiosk.api.manager.network import AddressSet, NetworkRead, NetworkShown, WifiForget, WifiFound, WifiJoin, WifiScan
from kiosk.api.manager.pins import ChangeOwnPin, ListPins, Pins, RemovePin, SetPin
from kiosk.api.manager.roster import AddMember, EndMember, ListRoster, RosterPage
from kiosk.api.manager.session import Ok, SignedIn, SignIn, SignOut, StillHere
from kiosk.api.manager.settings import (
    SettingsFaulty,
    SettingsRead,
    SettingsShown,
    SettingsTaken,
    SettingsUndo,
    SettingsWrite,
)
from kiosk.api.manager.test import BeginWalk, EndWalk, Inputs, OutTried, ShowInputs, TryOut
from kiosk.api.manager.time import TimeRead, TimeSet, TimeShown, TimeSync, ZoneSet
from kiosk.api.manager.trace import Traced, TraceVisits
from kiosk.api.manager.update import UpdateBack, UpdateInstall, UpdateLook, UpdateRead, UpdateShown
from kiosk.api.manager.usb import UsbEject, UsbRead, UsbShown
from kiosk.api.wire_message import WireMessage
from kiosk.domain.staff import Refused, StaffRole

__all__ = [
    "ANYBODY", "PERMITTED", "AddMember", "AddressSet", "AimRead", "AimShown", "Answer", "AnswerCalls", "Ask",
    "BeginWalk", "CancelExport", "ChangeOwnPin", "Dashboard", "DeviceRead", "DeviceSet", "DeviceShown",
    "DeviceStart", "DoorNow", "EndMember", "EndWalk", "Entries", "ExportEvents", "ExportState", "ExportTrace",
    "Health", "Inputs", "Light", "ListEntries", "ListPins", "ListRoster", "LookUp", "LookedUp", "NetworkRead",
    "NetworkShown", "Ok", "OpenDoor", "Opened", "OutTried", "Pins", "RemovePin", "Reply", "Request", "RosterPage",
    "SeeAlarms", "SetMode", "SetPin", "SettingsFaulty", "SettingsRead", "SettingsShown", "SettingsTaken",
    "SettingsUndo", "SettingsWrite", "ShowDashboard", "ShowDoor", "ShowExport", "ShowHealth", "ShowInputs",
    "SignIn", "SignOut", "SignedIn", "StillHere", "TimeRead", "TimeSet", "TimeShown", "TimeSync", "TraceVisits",
    "Traced", "TryOut", "UpdateBack", "UpdateInstall", "UpdateLook", "UpdateRead", "UpdateShown", "UsbEject",
    "UsbRead", "UsbShown", "WifiForget", "WifiFound", "WifiJoin", "WifiScan", "ZoneSet",
]  # fmt: skip

Request = (
    SignIn
    | SignOut
    | StillHere
    | ShowDoor
    | OpenDoor
    | SetMode
    | SeeAlarms
    | AnswerCalls
    | ShowHealth
    | BeginWalk
    | ShowInputs
    | EndWalk
    | TryOut
    | ListPins
    | SetPin
    | RemovePin
    | ChangeOwnPin
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
    | SettingsRead
    | SettingsWrite
    | SettingsUndo
    | NetworkRead
    | WifiScan
    | WifiJoin
    | WifiForget
    | AddressSet
    | TimeRead
    | TimeSync
    | ZoneSet
    | TimeSet
    | UsbRead
    | UsbEject
    | UpdateRead
    | UpdateLook
    | UpdateInstall
    | UpdateBack
    | DeviceRead
    | DeviceSet
    | DeviceStart
    | AimRead
)  # fmt: skip
"""Everything that can be asked; one a line."""

Reply = (
    Ok
    | SignedIn
    | DoorNow
    | Opened
    | Health
    | Inputs
    | OutTried
    | Pins
    | Dashboard
    | Entries
    | LookedUp
    | Traced
    | RosterPage
    | ExportState
    | SettingsShown
    | SettingsTaken
    | SettingsFaulty
    | NetworkShown
    | WifiFound
    | TimeShown
    | UsbShown
    | UpdateShown
    | DeviceShown
    | AimShown
)  # fmt: skip
"""Everything that can be answered; one a line."""

GUARD, MANAGER, TECHNICIAN = StaffRole.GUARD, StaffRole.MANAGER, StaffRole.TECHNICIAN
ANYBODY: frozenset[StaffRole] = frozenset(StaffRole)
AT_THE_DOOR = frozenset({GUARD, MANAGER})
"""Who may see how the day goes."""
MANAGERS = frozenset({MANAGER})
"""Who runs the venue, and may see who was here: never a technician."""
KEEPERS = frozenset({MANAGER, TECHNICIAN})
"""Who looks after the device."""
PERMITTED: Mapping[type[Request], frozenset[StaffRole]] = {
    SignOut: ANYBODY,
    StillHere: ANYBODY,
    ShowDoor: ANYBODY,
    OpenDoor: AT_THE_DOOR,
    SetMode: ANYBODY,
    SeeAlarms: AT_THE_DOOR,
    AnswerCalls: AT_THE_DOOR,
    ShowHealth: ANYBODY,
    BeginWalk: KEEPERS,
    ShowInputs: KEEPERS,
    EndWalk: KEEPERS,
    TryOut: KEEPERS,
    ListPins: KEEPERS,
    SetPin: KEEPERS,
    RemovePin: KEEPERS,
    ChangeOwnPin: KEEPERS,
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
    SettingsRead: MANAGERS,
    SettingsWrite: MANAGERS,
    SettingsUndo: MANAGERS,
    NetworkRead: KEEPERS,
    WifiScan: KEEPERS,
    WifiJoin: KEEPERS,
    WifiForget: KEEPERS,
    AddressSet: KEEPERS,
    TimeRead: KEEPERS,
    TimeSync: KEEPERS,
    ZoneSet: KEEPERS,
    TimeSet: KEEPERS,
    UsbRead: KEEPERS,
    UsbEject: KEEPERS,
    UpdateRead: KEEPERS,
    UpdateLook: KEEPERS,
    UpdateInstall: KEEPERS,
    UpdateBack: KEEPERS,
    DeviceRead: KEEPERS,
    DeviceSet: KEEPERS,
    DeviceStart: KEEPERS,
    AimRead: KEEPERS,
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
