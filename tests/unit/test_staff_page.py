"""The table of docs/staff.md is what the code permits."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date():
    command = [sys.executable, ROOT / "scripts" / "staff-table", "--check"]
    checked = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
