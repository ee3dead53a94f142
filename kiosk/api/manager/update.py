"""Updating the kiosk's programs from a USB stick."""

from typing import Annotated, Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

Version = Annotated[str, Field(pattern=r"^[0-9]{1,4}(\.[0-9]{1,6}){1,3}([a-z0-9.+-]{0,24})$")]
UpdateFault = Literal[
    "", "no_key", "no_bundle", "unreadable", "forged", "damaged", "older", "same", "other_machine", "no_room",
    "not_installed", "went_back", "interrupted",
]  # fmt: skip
"""Why there is nothing to install, or why it was not: no_key: no key of whoever may sign updates is in /etc/kiosk;
no_bundle: no stick has one; forged: not signed by one of these keys; damaged: not what was signed; other_machine: for
another kind of processor or Python; not_installed: it could not be put in place, and nothing has changed; went_back:
the kiosk did not start well with it."""


class Bundle(WireMessage):
    """An update that lies on a stick, signed and whole."""

    version: Version
    made: str = Field(pattern=r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$")
    signer: str = Field(max_length=64)
    """The name of the key."""
    size_mb: int = Field(ge=0)


class UpdateRead(WireMessage):
    """Ask which version runs, and what became of the last update."""

    ask: Literal["update_read"] = "update_read"


class UpdateShown(WireMessage):
    """How it stands."""

    reply: Literal["update_shown"] = "update_shown"
    version: str = Field(max_length=64)
    """What runs now."""
    before: str = Field(default="", max_length=64)
    """What can be gone back to; empty: nothing."""
    bundle: Bundle | None = None
    """What was found on a stick and can be installed."""
    state: Literal["idle", "installing", "proving", "done", "failed"] = "idle"
    """proving: it runs, and is given up unless it goes on running."""
    code: UpdateFault = ""


class UpdateLook(WireMessage):
    """Look for an update on the sticks that are plugged in, and check it. It may take a minute."""

    ask: Literal["update_look"] = "update_look"


class UpdateInstall(WireMessage):
    """Install what was found, which has to be this version."""

    ask: Literal["update_install"] = "update_install"
    version: Version


class UpdateBack(WireMessage):
    """Go back to the version before."""

    ask: Literal["update_back"] = "update_back"
