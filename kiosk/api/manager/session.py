"""Signing in at the touchscreen."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.staff import StaffRole


class SignIn(WireMessage):
    """Somebody has typed a PIN."""

    ask: Literal["sign_in"] = "sign_in"
    pin: str = Field(pattern=r"^[0-9]{6,12}$", repr=False)


class SignedIn(WireMessage):
    """The PIN is one of this kiosk."""

    reply: Literal["signed_in"] = "signed_in"
    session: str = Field(pattern=r"^[0-9a-f]{32}$", repr=False)
    """Goes with every question from now on."""
    role: StaffRole
    name: str = Field(max_length=32)
    idle_s: int = Field(gt=0)
    """After how long without a question the gate ends the session; the screen does so first."""


class SignOut(WireMessage):
    """Whoever was signed in is no longer."""

    ask: Literal["sign_out"] = "sign_out"


class StillHere(WireMessage):
    """Somebody touches the screen while it asks nothing."""

    ask: Literal["still_here"] = "still_here"


class Ok(WireMessage):
    """It was done."""

    reply: Literal["ok"] = "ok"
