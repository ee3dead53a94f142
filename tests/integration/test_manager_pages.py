"""Every page of the manager's screen before a real gate process: opened, asked, answered, and put in words."""

import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import Answer
from kiosk.api.messages import Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.staff import Staff, StaffRole
from ui.manager.controller import Controller
from ui.manager.page import Act
from ui.manager.pages import PAGES
from ui.manager.words import manager_words

pytestmark = pytest.mark.system

WAIT_S = 30
PINS = {StaffRole.GUARD: "135792", StaffRole.MANAGER: "246813", StaffRole.TECHNICIAN: "975318"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of the sockets of a gate process with a PIN for each role, and no kiosk-admin."""
    world = make_world(tmp_path_factory.mktemp("door"), make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    world.journal.parent.mkdir(exist_ok=True)
    for role, pin in PINS.items():
        PinFile(world.journal.parent).put(Staff(role, role.value), pin)
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
    with (world.logs / "gate.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    yield world.run
    process.terminate()
    process.wait(10)


class Screen:
    """Somebody at the manager's screen, without its drawings."""

    def __init__(self, run, role):
        self.link, self.controller, self.codes = Link.connect(run, Role.UI, WAIT_S), Controller(), []
        self.do(self.controller.enter(time.monotonic_ns()))
        for digit in PINS[role]:
            self.act("digit", digit)
        self.act("enter")

    def act(self, what, value=""):
        """Touch a control, and wait until nothing is asked any more."""
        self.do(self.controller.act(Act(what, value), time.monotonic_ns()))

    def do(self, outcome):
        self.controller, asks = outcome
        for ask in asks:
            self.link.send(ask)
        end = time.monotonic() + WAIT_S
        while self.controller.questions and time.monotonic() < end:
            for message in self.link.receive(1):
                if isinstance(message, Answer):
                    self.codes += [message.code] if message.code else []
                    self.controller, more = self.controller.answer(message, time.monotonic_ns())
                    for ask in more:
                        self.link.send(ask)
        assert not self.controller.questions, f"no answer in {WAIT_S} s"

    def views(self):
        """Return what is shown, in each language."""
        return [self.controller.frame(manager_words(language), time.monotonic_ns()).view for language in ("en", "vi")]


@pytest.mark.parametrize("role", StaffRole)
def test_each_page_of_a_role_is_answered_and_said(run, role):
    screen = Screen(run, role)
    assert screen.controller.staff.role is role
    shown = []
    for page in PAGES:
        if role not in page.ROLES:
            continue
        before = list(screen.codes)
        screen.act(page.NAME)
        assert screen.controller.opened[-1].page.NAME == page.NAME
        for view in screen.views():
            assert view.title
            assert view.blocks
        # Without kiosk-admin some say that it is not there; nothing else is refused.
        assert set(screen.codes[len(before):]) <= {"unavailable"}, page.NAME
        shown.append(page.NAME)
        screen.do(screen.controller.back(time.monotonic_ns()))
    assert "health" in shown
    screen.link.close()


def test_a_manager_changes_a_setting_and_it_is_stored(run):
    screen = Screen(run, StaffRole.MANAGER)
    screen.act("settings")
    screen.act("screen.theme", "night")
    assert screen.controller.said.key == "settings.saved"
    screen.act("gate.pulse_ms", "99")
    faulty = screen.controller.opened[-1].page.faulty
    assert (faulty.key, faulty.fault) == ("gate.pulse_ms", "too_large")
    screen.link.close()
