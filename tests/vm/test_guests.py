"""Devices on real kernel interfaces: a User-Mode-Linux guest runs `guest_imagers.py`, another `guest_camera.py`.

By name only: `scripts/test vm`, which builds the kernel first (scripts/vm-kernel).
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "out" / "vm" / "linux"
BOOT_S = 180
WEBCAM = ("vivid.node_types=1", "vivid.num_inputs=1", "vivid.input_types=0")
"""Of all that the kernel's virtual video driver can be: one camera, and nothing else."""


def boot(tests: Path, folder: Path) -> str:
    """Boot a guest that runs a file of tests, and return what it printed."""
    command = [
        str(KERNEL), "mem=512M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={ROOT / 'tests/vm/guest-init'}",
        "con=null", "con0=null,fd:1", "quiet", "loglevel=3", "panic=1", f"uml_dir={folder}",
        *WEBCAM,
        f"kiosk_root={ROOT}", f"kiosk_python={sys.executable}", f"kiosk_tests={tests}",
    ]  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": "/dev/shm"}  # noqa: S108 -- its memory is a file
    # In a session of its own, so that nothing of a guest that hangs is left behind.
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
        text=True, errors="replace", start_new_session=True,
    ) as guest:  # fmt: skip
        try:
            return guest.communicate(timeout=BOOT_S)[0]
        except subprocess.TimeoutExpired:
            os.killpg(guest.pid, signal.SIGKILL)
            pytest.fail(f"the guest has not ended after {BOOT_S} s: {guest.communicate()[0][-6000:]}")


@pytest.mark.skipif(not shutil.which("mount"), reason="the guest needs mount")
@pytest.mark.parametrize(("tests", "least"), [("guest_imagers.py", 10), ("guest_camera.py", 25)])
def test_devices_of_a_guest(tests: str, least: int, tmp_path: Path) -> None:
    assert KERNEL.exists(), "there is no kernel for the guest: run scripts/vm-kernel"
    said = boot(ROOT / "tests/vm" / tests, tmp_path)
    print(said)
    assert "guest: status 0" in said, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= least
    assert "skipped" not in said
