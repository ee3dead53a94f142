"""Settings at the touchscreen against the real gate process: set, in force by a new start, undone, given up."""

import pytest

from kiosk.api.manager import SettingsRead, SettingsTaken, SettingsUndo, SettingsWrite
from kiosk.api.manager.device import DeviceRead, DeviceSet
from kiosk.api.manager.settings import SettingsFaulty
from kiosk.config import load_config
from kiosk.domain.staff import Refused
from kiosk.testing.admin_process import admin_process
from kiosk.testing.manager_gate import ManagerGate

pytestmark = pytest.mark.system

@pytest.fixture
def gate(tmp_path):
    gate = ManagerGate(tmp_path, tmp_path / "no-admin.sock")
    gate.start()
    yield gate
    gate.kill()


def pulse(gate):
    """Return how long the door is released, whose value that is, and how the settings stand."""
    shown = gate.ask(SettingsRead()).reply
    (found,) = [one for group in shown.groups for one in group.settings if one.key == "gate.pulse_ms"]
    return found.value, found.origin, shown.standing


def test_a_change_comes_into_force_by_a_new_start_and_can_be_undone(gate):
    before = load_config(gate.world.config).gate.pulse_ms
    assert isinstance(gate.ask(SettingsWrite(values={"gate.pulse_ms": "50"})).reply, SettingsFaulty)
    assert gate.ask(SettingsWrite(values={"gate.pulse_ms": "4100"})).reply == SettingsTaken(keys=("gate.pulse_ms",))
    gate.start_anew()
    assert pulse(gate) == ("4100", "touchscreen", "trying")
    assert load_config(gate.world.config).gate.pulse_ms == 4100, "for the other processes as well"
    assert gate.ask(SettingsUndo()).reply == SettingsTaken(keys=("gate.pulse_ms",))
    gate.start_anew()
    assert pulse(gate)[0] == str(before)
    gate.stop()


def test_what_two_starts_do_not_survive_is_given_up(gate):
    gate.ask(SettingsWrite(values={"gate.pulse_ms": "4100"}))
    gate.start_anew()
    gate.kill()
    gate.start()
    assert pulse(gate)[0] == "4100"
    gate.kill()
    gate.start()
    assert pulse(gate)[2] == "went_back"
    assert pulse(gate)[0] != "4100"
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
        gate = ManagerGate(tmp_path / "gate", admin.socket)
        gate.start()
        assert gate.ask(DeviceSet(brightness=35)).code is None
        assert gate.ask(DeviceRead()).reply.brightness == 35
        gate.stop()
