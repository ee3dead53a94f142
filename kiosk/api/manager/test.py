"""Trying every wire of the kiosk at the manager's screen: what it senses, what it drives."""

from typing import Literal

from pydantic import Field

from kiosk.api.wire_message import WireMessage
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried


class BeginWalk(WireMessage):
    """Count from now on how often each input moves. Answered by Inputs."""

    ask: Literal["begin_walk"] = "begin_walk"


class ShowInputs(WireMessage):
    """Ask what has moved since then. Answered by Inputs."""

    ask: Literal["show_inputs"] = "show_inputs"


class EndWalk(WireMessage):
    """That was all: put the result on record. Answered by Inputs, as they were."""

    ask: Literal["end_walk"] = "end_walk"


class TryOut(WireMessage):
    """Switch a lamp, the buzzer or the light on for a second; release a relay for the shortest time that tells.

    A relay only in maintenance, and on record before. Answered by OutTried.
    """

    ask: Literal["try_out"] = "try_out"
    out: Out


class InputNow(WireMessage):
    """One input."""

    sense: Sense
    active: bool
    chatters: bool = False
    """Its level says nothing: a wire is loose."""
    moved: int = Field(ge=0)
    """How often it has changed since the walk began."""


class Inputs(WireMessage):
    """Every input that is wired, and every output."""

    reply: Literal["inputs"] = "inputs"
    since_ns: int
    """When the walk began, CLOCK_MONOTONIC; 0: none is on."""
    inputs: tuple[InputNow, ...]
    outs: tuple[Out, ...]
    maintenance: bool
    """Whether relays may be tried now."""


class OutTried(WireMessage):
    """What came of it."""

    reply: Literal["out_tried"] = "out_tried"
    out: Out
    result: Tried
    feedback_ms: int | None = None
    """Of a relay: how long its line took to say that it had moved."""
