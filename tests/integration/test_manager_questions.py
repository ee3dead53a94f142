"""The real gate process answers the manager's screen: the day, who was here, the roster."""

import itertools
import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import (
    AddMember,
    Answer,
    Ask,
    ListEntries,
    ListRoster,
    LookUp,
    ShowDashboard,
    SignIn,
    TraceVisits,
)
from kiosk.api.messages import Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import Refused, Staff, StaffRole

pytestmark = pytest.mark.system

WAIT_S = 30
PIN = "246813"


class Screen:
    """The screen's end of a gate process, with a manager before it."""

    def __init__(self, link):
        self.link, self.numbers = link, itertools.count(1)
        self.session = ""
        self.session = self.ask(SignIn(pin=PIN)).reply.session

    def ask(self, request):
        """Ask, and return the answer."""
        number = next(self.numbers)
        self.link.send(Ask(id=number, session=self.session, request=request))
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for message in self.link.receive(1):
                if isinstance(message, Answer) and message.id == number:
                    return message
        raise AssertionError(f"no answer in {WAIT_S} s")


@pytest.fixture
def screen(tmp_path):
    world = make_world(tmp_path, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    world.journal.parent.mkdir(exist_ok=True)
    PinFile(world.journal.parent).put(Staff(StaffRole.MANAGER, "office"), PIN)
    command = [sys.executable, "-m", "kiosk", "run", "--config", str(world.config)]
    with (world.logs / "gate.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    link = Link.connect(world.run, Role.UI, WAIT_S)
    yield Screen(link)
    link.close()
    process.terminate()
    assert process.wait(10) == 0


def test_a_manager_asks_for_the_day_for_people_and_for_the_roster(screen):
    day = screen.ask(ShowDashboard()).reply
    assert (day.inside, day.entries, day.admitted, sum(day.hours)) == (0, 0, 0, 0)
    found = screen.ask(LookUp(reason=LookUpReason.INCIDENT, number="001190000001")).reply
    assert (found.visits, found.more) == ((), False)
    assert screen.ask(TraceVisits(reason=LookUpReason.INCIDENT, visits=(1,))).code is Refused.NOT_FOUND
    assert screen.ask(AddMember(person="staff-17", group="staff")).code is None
    (member,) = screen.ask(ListRoster()).reply.items
    assert (member.person, member.today) == ("staff-17", True)
    kinds = [one.type for one in screen.ask(ListEntries()).reply.items]
    assert kinds[:4] == ["roster.changed", "lookup.made", "lookup.made", "staff.signed_in"]
