"""What the machine says of itself, read from files that look like those of a Pi."""

import os

import pytest

from kiosk.adapters.machine_health import look
from kiosk.app.telemetry import MachineHealth

PI = {
    "sys/class/thermal/thermal_zone0/temp": "48312\n",
    "sys/class/thermal/thermal_zone1/temp": "51000\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    "proc/meminfo": "MemTotal:        3884376 kB\nMemFree:          100000 kB\nMemAvailable:    2097152 kB\n",
    "proc/self/status": "Name:\tkiosk\nVmHWM:\t  99999 kB\nVmRSS:\t   51200 kB\n",
    "proc/uptime": "86400.53 172000.11\n",
}


@pytest.fixture
def machine(tmp_path):
    """Return a function that lays files below a root of their own."""

    def lay(files):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return lay


def test_a_pi_says_how_it_does(machine):
    health = look(machine(PI), machine(PI))
    assert health.temperature_c == 51.0
    assert health.throttled == ("under_voltage", "throttled")
    assert (health.memory_available_mb, health.memory_process_mb) == (2048.0, 50.0)
    assert health.uptime_s == 86_400


def test_a_pi_that_was_throttled_once_and_is_no_more_says_nothing_of_it(machine):
    root = machine(PI | {"sys/devices/platform/soc/soc:firmware/get_throttled": "0x50000\n"})
    assert look(root, root).throttled == ()


def test_the_disk_is_measured_by_what_this_user_may_fill(tmp_path):
    disk = os.statvfs(tmp_path)
    used = disk.f_blocks - disk.f_bfree
    share = 100 * used / (used + disk.f_bavail)
    assert look(tmp_path, tmp_path).disk_used_percent == pytest.approx(share, abs=0.5)


def test_of_another_machine_nothing_is_known_and_nothing_fails(tmp_path):
    assert look(tmp_path / "missing", tmp_path) == MachineHealth()


@pytest.mark.parametrize("text", ["", "hot\n", "9999999\n", "-274000\n", "\xff"])
def test_a_zone_that_says_nonsense_is_passed_over(machine, text):
    root = machine({"sys/class/thermal/thermal_zone0/temp": text})
    assert look(root, root).temperature_c is None


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("proc/meminfo", "MemAvailable: lots\n"),
        ("proc/self/status", "VmRSS:\n"),
        ("proc/uptime", "\n"),
        ("proc/uptime", "since ever\n"),
        ("sys/devices/platform/soc/soc:firmware/get_throttled", "no\n"),
    ],
)
def test_a_file_that_says_something_else_is_a_figure_that_is_not_known(machine, file, text):
    root = machine({file: text})
    assert look(root / "missing", root) == MachineHealth()


def test_this_very_machine_can_be_looked_at(tmp_path):
    health = look(tmp_path)
    assert health.uptime_s > 0
    assert 1 < health.memory_process_mb < health.memory_available_mb + 100_000
