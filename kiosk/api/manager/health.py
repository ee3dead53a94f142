"""How the kiosk does, at the manager's screen: a light for each part."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.health import Part, State


class ShowHealth(WireMessage):
    """Ask how the kiosk does. Answered by Health."""

    ask: Literal["show_health"] = "show_health"


class Light(WireMessage):
    """How one part does. What to do about a code, the screen knows (`health.CODE` of its words)."""

    part: Part
    state: State
    code: str = Field(max_length=32)
    since_s: int | None = None
    """For how long it has been so; None: since before anybody looked."""
    figures: dict[str, float | str] = Field(default_factory=dict)
    """By name; the unit ends the name (`_s`, `_percent`, `_c`)."""


class Health(WireMessage):
    """All lights, the worst first."""

    reply: Literal["health"] = "health"
    lights: tuple[Light, ...]
