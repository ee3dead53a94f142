"""The manager's pages, in the order of the menu. A page is added by adding its file and its line here."""

from ui.manager.page import ManagerPage
from ui.manager.pages.about import AboutPage
from ui.manager.pages.calls import CallsPage
from ui.manager.pages.camera_aim import CameraAimPage
from ui.manager.pages.dashboard import DashboardPage
from ui.manager.pages.device import DevicePage
from ui.manager.pages.entries import EntriesPage
from ui.manager.pages.export import ExportPage
from ui.manager.pages.health import HealthPage
from ui.manager.pages.look_up import LookUpPage
from ui.manager.pages.modes import ModesPage
from ui.manager.pages.network import NetworkPage
from ui.manager.pages.open_door import OpenDoorPage
from ui.manager.pages.pins import PinsPage
from ui.manager.pages.roster import RosterListPage
from ui.manager.pages.self_test import SelfTestPage
from ui.manager.pages.settings import SettingsPage
from ui.manager.pages.time import TimePage
from ui.manager.pages.trace import TracePage
from ui.manager.pages.update import UpdatePage

PAGES: tuple[type[ManagerPage], ...] = (
    DashboardPage,
    CallsPage,
    OpenDoorPage,
    ModesPage,
    EntriesPage,
    LookUpPage,
    TracePage,
    RosterListPage,
    ExportPage,
    SettingsPage,
    PinsPage,
    HealthPage,
    SelfTestPage,
    CameraAimPage,
    NetworkPage,
    TimePage,
    DevicePage,
    UpdatePage,
    AboutPage,
)
