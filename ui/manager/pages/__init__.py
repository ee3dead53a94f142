"""The manager's pages, in the order of the menu. A page is added by adding its file and its line here."""

from ui.manager.page import ManagerPage

PAGES: tuple[type[ManagerPage], ...] = ()
