"""An export from the real gate onto a stick that the real `kiosk-admin` mounts, with programs that only note it."""

import hashlib
import time

import pytest

from kiosk.api.manager import ExportEvents, ShowExport
from kiosk.api.manager.usb import UsbRead
from kiosk.testing.admin_process import admin_process
from kiosk.testing.manager_gate import ManagerGate

pytestmark = pytest.mark.system
NO_STICK = '{"blockdevices": []}'
STICK = (
    '{"blockdevices": [{"name": "sda", "type": "disk", "size": 8000000000, "fstype": "vfat", "label": "REPORTS", '
    '"model": "M", "tran": "usb", "mountpoints": [%s]}]}'
)
WAIT_S = 30


@pytest.fixture
def admin(tmp_path):
    (tmp_path / "admin").mkdir()
    with admin_process(tmp_path / "admin") as admin:
        yield admin


@pytest.fixture
def gate(tmp_path, admin):
    (tmp_path / "gate").mkdir()
    gate = ManagerGate(tmp_path / "gate", admin.socket)
    gate.start()
    yield gate
    gate.kill()


def ended(gate):
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        state = gate.ask(ShowExport()).reply
        if state.state != "running":
            return state
    raise AssertionError("the export has no end")


def test_events_go_onto_the_only_stick(gate, admin):
    admin.tools.says("lsblk", text=STICK % "null")
    (stick,) = gate.ask(UsbRead()).reply.sticks
    assert (stick.id, stick.label, stick.usable) == ("sda", "REPORTS", True)
    place = admin.system / "run/kiosk-usb"
    place.mkdir(parents=True)  # what mounting would do
    assert gate.ask(ExportEvents()).reply.state == "running"
    done = ended(gate)
    assert (done.state, done.code) == ("done", "")
    assert done.events > 0
    (sums,) = place.rglob("SHA256SUMS")
    for line in sums.read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest
    mounted = admin.tools.calls("/dev/sda")
    assert [call[0] for call in mounted] == ["systemd-mount"]
    assert any(word.startswith("--options=rw,nosuid,nodev,noexec") for word in mounted[0])
    gate.stop()


def test_without_a_stick_that_is_said(gate, admin):
    admin.tools.says("lsblk", text=NO_STICK)
    gate.ask(ExportEvents())
    failed = ended(gate)
    assert (failed.state, failed.code) == ("failed", "no_target")
    gate.stop()
