"""The table of reasons is up to date, and every reason is given by something."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.domain.reasons import Reason

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "reasons-table"


def names_in(folders):
    """Return the names of reasons that program text refers to, where they are defined aside."""
    sources = (p for folder in folders for p in (ROOT / folder).rglob("*.py") if p.name != "reasons.py")
    return {name for path in sources for name in re.findall(r"\bReason\.([A-Z0-9_]+)", path.read_text())}


def test_the_page_is_up_to_date():
    checked = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, timeout=60, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("reason", Reason)
def test_the_page_has_every_reason(reason):
    assert f"| `{reason}` | " in (ROOT / "docs" / "reasons.md").read_text()


def test_every_reason_is_given_by_something():
    assert {reason.name for reason in Reason} <= names_in(("kiosk", "ui", "mqtt_bridge"))


def test_every_reason_that_is_given_exists():
    assert names_in(("kiosk", "ui", "mqtt_bridge")) <= {reason.name for reason in Reason}


def test_a_reason_that_nothing_gives_would_be_found():
    assert "CERTAINLY_NOT_A_REASON" not in names_in(("kiosk",))
    assert {"EXPIRED", "VENUE_POSTER"} <= names_in(("kiosk",))
