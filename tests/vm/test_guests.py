"""Devices on real kernel interfaces: a User-Mode-Linux guest runs `guest_imagers.py`, another `guest_camera.py`.

By name only: `scripts/test vm`, which builds the kernel first (scripts/vm-kernel).
"""

import re

import pytest


@pytest.mark.parametrize(("tests", "least"), [("guest_imagers.py", 10), ("guest_camera.py", 25)])
def test_devices_of_a_guest(boot, tests: str, least: int) -> None:
    said = boot(tests)
    print(said)
    assert "guest: status 0" in said, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= least
    assert "skipped" not in said
