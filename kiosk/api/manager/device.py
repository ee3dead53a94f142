"""The device at the touchscreen: brightness, volume, starting anew, switching off."""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

Percent = Annotated[int, Field(ge=0, le=100)]


class DeviceRead(WireMessage):
    """Ask how bright the screen is, and how loud the sound."""

    ask: Literal["device_read"] = "device_read"


class DeviceShown(WireMessage):
    """How they stand; None where this machine has nothing that could be set."""

    reply: Literal["device_shown"] = "device_shown"
    brightness: Percent | None = None
    volume: Percent | None = None


class DeviceSet(WireMessage):
    """Set what is named. A screen never goes darker than 5 percent: nobody would find the way back."""

    ask: Literal["device_set"] = "device_set"
    brightness: Annotated[int, Field(ge=5, le=100)] | None = None
    volume: Percent | None = None


class DeviceStart(WireMessage):
    """Start the kiosk's programs anew, start the machine anew, or switch it off. The door locks meanwhile."""

    ask: Literal["device_start"] = "device_start"
    what: Literal["kiosk", "machine", "off"]
