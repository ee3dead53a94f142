"""What the frame around the manager's pages holds, and what of it is drawn."""

from dataclasses import dataclass

from kiosk.api.manager import Request
from ui.manager.blocks import View
from ui.manager.page import ManagerPage


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that is open. `serial` tells it from others of its kind, before and after."""

    serial: int
    page: ManagerPage
    ticked_ns: int


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked and is not answered yet."""

    id: int
    serial: int
    """Of the page that asked; 0: the frame did."""
    request: Request
    asked_ns: int


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that stands over the page for a while."""

    key: str
    detail: str
    good: bool
    at_ns: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What is drawn, in words."""

    view: View
    page: str
    who: str
    """The role of whoever is signed in; empty: nobody is."""
    back: str
    """What the control at the top leads to, in a word; empty: there is none."""
    said: str
    said_good: bool
    busy: bool
    """An answer is being waited for."""
    seconds_left: int
    """Until the screen signs out by itself; 0: not soon."""
