"""What a scanner's settings name: found and opened, or said in a sentence what is there instead and what to do."""

import fcntl
import json
import os
import pwd
import subprocess
import sys

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.scanners.devices import Keyboard, ScannerLostError, SerialLine, locate, open_device
from kiosk.cli.doctor import _gate_may_read
from kiosk.config import ScannerSection
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.testing.scanners import SerialImager


@pytest.fixture
def imager(tmp_path):
    imager = SerialImager(tmp_path / "desk")
    yield imager
    imager.unplug()


# what cannot be opened


def serial(device):
    return ScannerSection(name="desk", kind="serial", device=str(device))


def refused(settings):
    with pytest.raises(ScannerLostError) as caught:
        open_device(settings)
    assert str(caught.value) == f"{caught.value.found}; {caught.value.next_step}"
    return caught.value.found


def test_a_pattern_that_fits_nothing_or_two_devices_is_no_device(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text("")
    (tmp_path / "again").symlink_to(tmp_path / "a")
    assert locate(str(tmp_path / "a*")).endswith("/a")
    assert refused(serial(tmp_path / "*")) == f"2 devices fit {tmp_path}/*"
    assert refused(serial(tmp_path / "c*")) == f"there is no {tmp_path}/c*"
    (tmp_path / "dangling").symlink_to(tmp_path / "gone")
    assert refused(serial(tmp_path / "dangling")) == f"there is no {tmp_path}/dangling"


def test_what_is_no_device_and_what_is_another_kind_of_device_is_said(tmp_path, imager):
    (tmp_path / "file").write_text("")
    assert refused(serial(tmp_path / "file")).endswith("is no device")
    assert refused(serial("/dev/null")) == "/dev/null is no serial line"
    imager.plug()
    keyboard = ScannerSection(name="x", kind="keyboard", device=str(imager.path))
    assert refused(keyboard).endswith("is no keyboard")
    with pytest.raises(ScannerLostError):
        Keyboard("/dev/null")


def test_what_was_sent_before_it_was_opened_is_of_another_moment(imager):
    imager.plug()
    imager.send(b"old\r")
    line = SerialLine(str(imager.path), 9600)
    assert line.read() == b""
    imager.send(b"new\r")
    assert line.read() == b"new\r"
    imager.unplug()
    with pytest.raises(OSError, match="Input/output"):
        line.read()
    line.discard()
    line.close()


# kiosk doctor


def doctor(world):
    command = [sys.executable, "-m", "kiosk", "doctor", "--config", str(world.config), "--json"]
    process = subprocess.run(command, capture_output=True, check=False)
    findings = [json.loads(line) for line in process.stdout.splitlines()]
    return [(f["state"], f["found"], f["next_step"]) for f in findings if f["part"] == "scanner"]


def test_doctor_says_of_each_scanner_what_it_is_and_what_to_do(tmp_path):
    world = make_world(tmp_path / "d", make_issuers(SystemClock().now()), Choices(), mqtt_port=1)
    assert doctor(world) == []
    desk, gone = SerialImager(tmp_path / "desk"), tmp_path / "gone"
    (tmp_path / "file").write_text("")
    tables = [("desk", "serial", desk.path), ("ramp", "keyboard", gone), ("file", "serial", tmp_path / "file")]
    text = "".join(f'\n[[scanner]]\nname = "{n}"\nkind = "{k}"\ndevice = "{d}"\n' for n, k, d in tables)
    world.config.write_text(world.config.read_text() + text)
    desk.plug()
    found = doctor(world)
    assert [state for state, _, _ in found] == ["ok", "missing", "missing"]
    assert found[0][1] == f"desk: {desk.path} can be read"
    assert found[1][1] == f"ramp: there is no {gone}"
    assert "plug the imager in" in found[1][2]
    assert found[2][1].endswith("is no device")

    world.run.mkdir(exist_ok=True)
    with (world.run / "gate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert doctor(world)[0] == ("ok", f"desk: {desk.path}, left to the kiosk that runs", "")
    desk.unplug()


def test_doctor_asks_for_the_gates_account_where_there_is_one(tmp_path):
    device = tmp_path / "device"
    device.write_text("")
    for mode, may in ((0o600, False), (0o640, False), (0o644, True)):
        device.chmod(mode)
        assert _gate_may_read(str(device), "nobody") is may
    if os.geteuid() == 0:
        os.chown(device, 0, pwd.getpwnam("nobody").pw_gid)
        device.chmod(0o640)
        assert _gate_may_read(str(device), "nobody")
