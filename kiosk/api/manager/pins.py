"""PINs at the manager's screen: who has one, giving one, taking it away."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.staff import StaffRole
from kiosk.domain.staff_pins import NAME

_NAME, _PIN = rf"^{NAME.pattern}$", r"^[0-9]{6,12}$"


class ListPins(WireMessage):
    """Ask who has a PIN. Answered by Pins."""

    ask: Literal["list_pins"] = "list_pins"


class SetPin(WireMessage):
    """Give somebody a PIN, in place of the one they had. Answered by Pins."""

    ask: Literal["set_pin"] = "set_pin"
    name: str = Field(pattern=_NAME)
    role: StaffRole
    pin: str = Field(pattern=_PIN, repr=False)


class RemovePin(WireMessage):
    """Take somebody's PIN away. Answered by Pins."""

    ask: Literal["remove_pin"] = "remove_pin"
    name: str = Field(pattern=_NAME)


class ChangeOwnPin(WireMessage):
    """Change the PIN of whoever asks, who says the one they have. Answered by Ok."""

    ask: Literal["change_own_pin"] = "change_own_pin"
    pin: str = Field(pattern=_PIN, repr=False)
    new: str = Field(pattern=_PIN, repr=False)


class PinOf(WireMessage):
    """Somebody who has a PIN."""

    name: str
    role: StaffRole


class Pins(WireMessage):
    """Everybody who has a PIN, by name."""

    reply: Literal["pins"] = "pins"
    pins: tuple[PinOf, ...]
