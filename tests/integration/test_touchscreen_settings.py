"""Settings at the touchscreen against the real gate process: set, in force by a new start, undone, given up."""

import itertools
import subprocess
import sys
import time

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.pins import PinFile
from kiosk.api.link import Link
from kiosk.api.manager import Answer, Ask, SettingsRead, SettingsTaken, SettingsUndo, SettingsWrite, SignIn
from kiosk.api.manager.device import DeviceRead, DeviceSet
from kiosk.api.manager.settings import SettingsFaulty
from kiosk.api.messages import Role
from kiosk.config import load_config
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.staff import Refused, Staff, StaffRole
from kiosk.testing.admin_process import admin_process

pytestmark = pytest.mark.system

WAIT_S = 30
PIN = "246813"


class Gate:
    """A gate process that is started again and again, as systemd would, with a manager before its screen."""

    def __init__(self, folder, admin):
        self.world = make_world(folder, make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
        text = self.world.config.read_text()
        self.world.config.write_text(text.replace("[paths]\n", f'[paths]\nadmin = "{admin}"\n'))
        self.world.journal.parent.mkdir(exist_ok=True)
        PinFile(self.world.journal.parent).put(Staff(StaffRole.MANAGER, "office"), PIN)
        self.numbers, self.process = itertools.count(1), None

    def start(self):
        command = [sys.executable, "-m", "kiosk", "run", "--config", str(self.world.config)]
        with (self.world.logs / "gate.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self.link, self.session = Link.connect(self.world.run, Role.UI, WAIT_S), ""
        self.session = self.ask(SignIn(pin=PIN)).reply.session

    def ask(self, request):
        number = next(self.numbers)
        self.link.send(Ask(id=number, session=self.session, request=request))
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for message in self.link.receive(1):
                if isinstance(message, Answer) and message.id == number:
                    return message
        raise AssertionError(f"no answer in {WAIT_S} s")

    def start_anew(self):
        """Wait until the gate asks for a new start, and make it."""
        assert self.process.wait(WAIT_S) == 0
        self.link.close()
        self.start()

    def kill(self):
        self.process.kill()
        self.process.wait(10)
        self.link.close()

    def stop(self):
        self.link.close()
        self.process.terminate()
        assert self.process.wait(10) == 0

    def pulse(self):
        shown = self.ask(SettingsRead()).reply
        (found,) = [one for group in shown.groups for one in group.settings if one.key == "gate.pulse_ms"]
        return found.value, found.origin, shown.standing


@pytest.fixture
def gate(tmp_path):
    gate = Gate(tmp_path, tmp_path / "no-admin.sock")
    gate.start()
    yield gate
    if gate.process.poll() is None:
        gate.kill()


def test_a_change_comes_into_force_by_a_new_start_and_can_be_undone(gate):
    before = load_config(gate.world.config).gate.pulse_ms
    assert isinstance(gate.ask(SettingsWrite(values={"gate.pulse_ms": "50"})).reply, SettingsFaulty)
    assert gate.ask(SettingsWrite(values={"gate.pulse_ms": "4100"})).reply == SettingsTaken(keys=("gate.pulse_ms",))
    gate.start_anew()
    assert gate.pulse() == ("4100", "touchscreen", "trying")
    assert load_config(gate.world.config).gate.pulse_ms == 4100, "for the other processes as well"
    assert gate.ask(SettingsUndo()).reply == SettingsTaken(keys=("gate.pulse_ms",))
    gate.start_anew()
    assert gate.pulse()[0] == str(before)
    gate.stop()


def test_what_two_starts_do_not_survive_is_given_up(gate):
    gate.ask(SettingsWrite(values={"gate.pulse_ms": "4100"}))
    gate.start_anew()
    gate.kill()
    gate.start()
    assert gate.pulse()[0] == "4100"
    gate.kill()
    gate.start()
    assert gate.pulse()[2] == "went_back"
    assert gate.pulse()[0] != "4100"
    gate.stop()


def test_without_kiosk_admin_the_device_is_said_to_be_unavailable(gate):
    answer = gate.ask(DeviceRead())
    assert (answer.code, answer.detail) == (Refused.UNAVAILABLE, "kiosk_admin")
    gate.stop()


def test_the_gate_has_kiosk_admin_do_it(tmp_path):
    (tmp_path / "admin").mkdir()
    with admin_process(tmp_path / "admin") as admin:
        light = admin.system / "sys/class/backlight/panel"
        light.mkdir(parents=True)
        (light / "max_brightness").write_text("100")
        (tmp_path / "gate").mkdir()
        gate = Gate(tmp_path / "gate", admin.socket)
        gate.start()
        assert gate.ask(DeviceSet(brightness=35)).code is None
        assert gate.ask(DeviceRead()).reply.brightness == 35
        gate.stop()
