"""The manager's pages, in the order of the menu. A page is added by adding its file and its line here."""

from ui.manager.page import ManagerPage
from ui.manager.pages.calls import CallsPage
from ui.manager.pages.dashboard import DashboardPage
from ui.manager.pages.entries import EntriesPage
from ui.manager.pages.look_up import LookUpPage
from ui.manager.pages.modes import ModesPage
from ui.manager.pages.open_door import OpenDoorPage
from ui.manager.pages.roster import RosterListPage
from ui.manager.pages.trace import TracePage

PAGES: tuple[type[ManagerPage], ...] = (
    DashboardPage,
    CallsPage,
    OpenDoorPage,
    ModesPage,
    EntriesPage,
    LookUpPage,
    TracePage,
    RosterListPage,
)
