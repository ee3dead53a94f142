"""What the gate asks of `kiosk-admin`, the process with rights: one question a connection, one line each way.

Most questions are those of the manager's screen, handed on as they came: the gate has asked who may, and has put on
record who did, and the answer goes back unchanged. `ClockSet`, `UsbMount` and `UsbUnmount` are the gate's
own.
"""

from typing import Annotated, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceShown, DeviceStart
from kiosk.api.manager.network import AddressSet, NetworkRead, NetworkShown, WifiForget, WifiFound, WifiJoin, WifiScan
from kiosk.api.manager.session import Ok
from kiosk.api.manager.time import TimeRead, TimeShown, TimeSync, ZoneSet
from kiosk.api.manager.update import UpdateBack, UpdateInstall, UpdateLook, UpdateRead, UpdateShown
from kiosk.api.manager.usb import StickId, UsbEject, UsbRead, UsbShown
from kiosk.api.messages import WireError
from kiosk.api.wire_message import WireMessage
from kiosk.domain.staff import Refused

MAX_LINE = 65_536


class ClockSet(WireMessage):
    """Set the clock to this Unix time; the network sets it no more from then on."""

    ask: Literal["clock_set"] = "clock_set"
    at: int = Field(ge=1_577_836_800, lt=4_102_444_800)
    """2020 to 2099."""


class UsbMount(WireMessage):
    """Let the gate write on this stick."""

    ask: Literal["usb_mount"] = "usb_mount"
    stick: StickId


class UsbMounted(WireMessage):
    """It can."""

    reply: Literal["usb_mounted"] = "usb_mounted"
    folder: str = Field(max_length=256)


class UsbUnmount(WireMessage):
    """Write what is still to be written, and write no more on this stick; it stays plugged in, to be mounted again."""

    ask: Literal["usb_unmount"] = "usb_unmount"
    stick: StickId


Task = (
    NetworkRead
    | WifiScan
    | WifiJoin
    | WifiForget
    | AddressSet
    | TimeRead
    | TimeSync
    | ClockSet
    | ZoneSet
    | UsbRead
    | UsbMount
    | UsbUnmount
    | UsbEject
    | DeviceRead
    | DeviceSet
    | DeviceStart
    | UpdateRead
    | UpdateLook
    | UpdateInstall
    | UpdateBack
)  # fmt: skip
"""Everything that can be asked: the closed list."""

Result = Ok | NetworkShown | WifiFound | TimeShown | UsbShown | UsbMounted | DeviceShown | UpdateShown


class AdminAsk(WireMessage):
    """The gate's question."""

    type: Literal["admin_ask"] = "admin_ask"
    request: Annotated[Task, Field(discriminator="ask")]


class AdminAnswer(WireMessage):
    """Either a reply, or the code of why not."""

    type: Literal["admin_answer"] = "admin_answer"
    code: Refused | None = None
    detail: str = Field(default="", pattern=r"^[a-z0-9_]{0,32}$")
    reply: Annotated[Result, Field(discriminator="reply")] | None = None


_Message = TypeVar("_Message", AdminAsk, AdminAnswer)
_ASK, _ANSWER = TypeAdapter(AdminAsk), TypeAdapter(AdminAnswer)


def line_of(message: AdminAsk | AdminAnswer) -> bytes:
    """Return a message as a line."""
    return message.model_dump_json().encode() + b"\n"


def read_ask(line: bytes) -> AdminAsk:
    """Read a question. Raises WireError, which repeats nothing of it: it may hold a password."""
    return _read(_ASK, line)


def read_answer(line: bytes) -> AdminAnswer:
    """Read an answer. Raises WireError."""
    return _read(_ANSWER, line)


def _read(adapter: TypeAdapter[_Message], line: bytes) -> _Message:
    try:
        return adapter.validate_json(line)
    except ValidationError:
        raise WireError("no message of kiosk-admin") from None
