"""What this is: version, licences, whose work is in it."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk import __version__
from kiosk.api.manager import Reply, Request, UpdateRead, UpdateShown
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Figure, Figures, Notice, Row, Rows, View
from ui.manager.page import ManagerPage, Turn, Words

PARTS = (
    ("Entrance kiosk", "Apache-2.0"),
    ("Qt, Qt for Python (PySide6 Essentials)", "LGPL-3.0"),
    ("Be Vietnam Pro", "SIL Open Font License 1.1"),
    ("zxing-cpp, OpenCV", "Apache-2.0"),
    ("ZBar", "LGPL-2.1"),
    ("Python", "PSF-2.0"),
)
"""What the program is made of, as far as its licence wants to be named."""


@dataclass(frozen=True, slots=True)
class AboutPage(ManagerPage):
    """Shown to anybody who asks which version this is."""

    NAME: ClassVar[str] = "about"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "about"

    version: str = __version__

    def opened(self) -> Turn:
        """Ask for the version of the gate: the screen may be older until it is started anew."""
        return Turn(self, asks=(UpdateRead(),))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the version."""
        return Turn(replace(self, version=reply.version)) if isinstance(reply, UpdateShown) else Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Show the screen's own version."""
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show the version and the licences."""
        parts = Rows(tuple(Row(name, licence) for name, licence in PARTS), words["manager.about.parts"])
        version = Figures((Figure(words["manager.about.version"], self.version),))
        return View(words["manager.about.title"], (version, Notice(words["manager.about.offer"]), parts))
