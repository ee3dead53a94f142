"""What a manager's page is: a frozen state that answers to touches and to the gate, and says how it looks.

Nothing here knows Qt, a clock or a socket. A page is a frozen dataclass in `ui/manager/pages`; each method returns a
Turn with the page as it is afterwards. `ui.manager.controller` signs in, sends the questions, and says what the gate
refuses, so that a page sees replies only, and refusals where it wants to.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from kiosk.api.manager import Reply, Request
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import View

Words = Mapping[str, str]
"""The sentences of a language by dotted key: those of `kiosk.api.sentences` and those of `ui/i18n`, as `manager.…`."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What follows from something that happened on a page."""

    page: "ManagerPage"
    asks: tuple[Request, ...] = ()
    """To be asked of the gate, in order."""
    go: str = ""
    """The name of the page to open; `back`: the one before; empty: stay."""
    to: "ManagerPage | None" = None
    """A page to open that already knows something, in the place of `go`."""
    say: str = ""
    """The key of a sentence that says what was done, without `manager.`: `dashboard.saved`."""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody used a control: the id of a button, row or field, and the new value of a field."""

    id: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class ManagerPage(ABC):
    """A page at which nothing happens yet; pages override what they need."""

    NAME: ClassVar[str] = ""
    """What it is called in `go`, in its words (`manager.NAME…`) and in pictures."""
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset()
    """Who finds it in the menu."""
    ICON: ClassVar[str] = ""
    EVERY_S: ClassVar[float] = 0.0
    """How often `ticked` is called while the page is shown; 0: never."""

    @classmethod
    def begin(cls, role: StaffRole) -> "ManagerPage":  # noqa: ARG003
        """Return the page as it begins for whoever has signed in."""
        return cls()

    def opened(self) -> Turn:
        """Begin: ask for what is shown."""
        return Turn(self)

    def ticked(self) -> Turn:
        """Go on, as time has passed."""
        return Turn(self)

    def acted(self, act: Act) -> Turn:  # noqa: ARG002
        """Take a touch."""
        return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the gate's reply to what was asked."""
        return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Take the gate's refusal; None: the frame says the code's sentence."""
        return None

    @abstractmethod
    def view(self, words: Words) -> View:
        """Say how it looks."""
