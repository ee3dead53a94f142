"""Aiming the camera: what it reads just now. Nothing of what a code contained."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage

MAX_HINTS = 8


class HintCount(WireMessage):
    """How often vision has said what would help."""

    hint: Literal["closer", "farther", "light", "still", "tilt", "flat", "next_part"]
    count: int = Field(gt=0)


class AimRead(WireMessage):
    """Ask what the camera sees; while somebody asks, its picture stays on though nothing moves."""

    ask: Literal["aim_read"] = "aim_read"


class AimShown(WireMessage):
    """How reading has gone lately."""

    reply: Literal["aim_shown"] = "aim_shown"
    camera: Literal["ok", "starting", "lost", "dark", "frozen"]
    source: str = Field(default="", max_length=64)
    fps: float = Field(default=0.0, ge=0)
    """Frames captured a second."""
    decoded_fps: float = Field(default=0.0, ge=0)
    """Frames a second that were searched for codes: all while something moves, five while nothing does."""
    read_fps: float = Field(default=0.0, ge=0)
    """Frames a second in which a code was read."""
    decode_ms: float = Field(default=0.0, ge=0)
    """Median time of one search."""
    light: float = Field(default=0.0, ge=0, le=255)
    """Mean luma of the newest frame."""
    codes: int = Field(default=0, ge=0)
    """Codes that vision has reported within the last `seconds`."""
    hint: Literal["", "closer", "farther", "light", "still", "tilt", "flat", "next_part"] = ""
    """What would help now."""
    hints: tuple[HintCount, ...] = Field(default=(), max_length=MAX_HINTS)
    """What would have helped, the most frequent first."""
    seconds: int = 10
