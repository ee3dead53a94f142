"""Where one can go: a tile for each page that is for the role of whoever has signed in."""

from dataclasses import dataclass
from typing import ClassVar

from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Button, Tiles, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages import PAGES


@dataclass(frozen=True, slots=True)
class Menu(ManagerPage):
    """The first page after signing in."""

    NAME: ClassVar[str] = "menu"

    role: StaffRole

    def acted(self, act: Act) -> Turn:
        """Go there, if it is in this menu."""
        return Turn(self, go=act.id) if any(act.id == page.NAME for page in self._pages()) else Turn(self)

    def view(self, words: Words) -> View:
        """Show the tiles."""
        tiles = (Button(page.NAME, words[f"manager.{page.NAME}.title"], page.ICON) for page in self._pages())
        return View(words["manager.menu.title"], (Tiles(tuple(tiles)),))

    def _pages(self) -> tuple[type[ManagerPage], ...]:
        return tuple(page for page in PAGES if self.role in page.ROLES)
