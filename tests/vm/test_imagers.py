"""Imagers on real kernel interfaces: a User-Mode-Linux guest runs `guest_imagers.py`.

By name only: `scripts/test vm`, which builds the kernel first (scripts/vm-kernel).
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KERNEL = ROOT / "out" / "vm" / "linux"
BOOT_S = 240


def boot(tests: Path, folder: Path) -> str:
    """Boot a guest that runs a file of tests, and return what it printed."""
    command = [
        str(KERNEL), "mem=512M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={ROOT / 'tests/vm/guest-init'}",
        "con=null", "con0=null,fd:1", "quiet", "loglevel=3", "panic=1", f"uml_dir={folder}",
        f"kiosk_root={ROOT}", f"kiosk_python={sys.executable}", f"kiosk_tests={tests}",
    ]  # fmt: skip
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": "/dev/shm"}  # noqa: S108 -- its memory is a file
    process = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, timeout=BOOT_S, env=environment,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return process.stdout + process.stderr


@pytest.mark.skipif(not shutil.which("mount"), reason="the guest needs mount")
def test_scanners_read_real_keyboards_and_serial_lines(tmp_path: Path) -> None:
    assert KERNEL.exists(), "there is no kernel for the guest: run scripts/vm-kernel"
    said = boot(ROOT / "tests/vm/guest_imagers.py", tmp_path)
    print(said)
    assert "guest: status 0" in said, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= 10
    assert "skipped" not in said
