"""Sticks in a USB socket: which there are, and letting go of one. What is copied onto them: `export.py`."""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

StickId = Annotated[str, Field(pattern=r"^sd[a-z]{1,2}[0-9]{0,2}$")]
"""The kernel's name of a partition, or of a stick without partitions."""


class Stick(WireMessage):
    """Something that files can be put on."""

    id: StickId
    label: str = Field(default="", max_length=64)
    model: str = Field(default="", max_length=64)
    size_mb: int = Field(ge=0)
    filesystem: str = Field(default="", max_length=16)
    usable: bool = True
    """False where this kiosk cannot write its file system."""


class UsbRead(WireMessage):
    """Ask which sticks are plugged in."""

    ask: Literal["usb_read"] = "usb_read"


class UsbShown(WireMessage):
    """Those that are."""

    reply: Literal["usb_shown"] = "usb_shown"
    sticks: tuple[Stick, ...] = Field(default=(), max_length=16)


class UsbEject(WireMessage):
    """Let go of the stick, so that it may be taken out."""

    ask: Literal["usb_eject"] = "usb_eject"
    stick: StickId
