"""The real gate process answers the manager's screen: the day, who was here, the roster."""

import itertools
import json
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
    ExportEvents,
    ListEntries,
    ListRoster,
    LookUp,
    ShowDashboard,
    ShowExport,
    SignIn,
    TraceVisits,
)
from kiosk.api.messages import Role
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import Refused, Staff, StaffRole
from kiosk.testing.admin_process import admin_process

pytestmark = pytest.mark.system

WAIT_S = 30
STICK = (
    '{"blockdevices": [{"name": "sda", "type": "disk", "size": 8000000000, "fstype": "vfat", "label": "A", '
    '"model": "M", "tran": "usb", "mountpoints": [null]}]}'
)
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
def admin(tmp_path):
    """What mounts a stick; here the stick is a folder."""
    with admin_process(tmp_path) as admin:
        admin.tools.says("lsblk", text=STICK)
        (admin.system / "run/kiosk-usb").mkdir(parents=True)
        yield admin


@pytest.fixture
def screen(tmp_path, admin):
    world = make_world(tmp_path / "kiosk", make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    settings = world.config.read_text()
    world.config.write_text(settings.replace("[paths]", f'[paths]\nadmin = "{admin.socket}"', 1))
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
    assert kinds[:4] == ["roster.changed", "records.consulted", "records.consulted", "staff.signed_in"]


def test_a_manager_takes_events_out_on_the_only_stick(screen, admin):
    screen.ask(LookUp(reason=LookUpReason.INCIDENT, number="001190000001"))
    assert screen.ask(ExportEvents()).reply.state == "running"
    end = time.monotonic() + WAIT_S
    while (state := screen.ask(ShowExport()).reply).state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert (state.state, state.code) == ("done", "")
    stick = admin.system / "run/kiosk-usb"
    lines = [json.loads(line)["type"] for line in (stick / state.files[1]).read_text().splitlines()]
    assert lines[-1] == "records.consulted", "what was looked up before; the export comes after what it takes out"
    assert any(program == "systemd-mount" for program, *_ in admin.tools.asked)
