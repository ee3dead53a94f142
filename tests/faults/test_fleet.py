"""Many kiosks at one broker and one centre: each gets the receipt for its own events."""

import os
import resource
import statistics
import time
from pathlib import Path

import pytest

from kiosk.testing import crowd
from kiosk.testing.bridge_stage import Stage
from kiosk.testing.centre_keys import KEYS
from kiosk.testing.fault_table import FaultRun, report

KIOSKS = int(os.environ.get("KIOSK_FLEET", "1500"))
EVENTS = 3

pytestmark = pytest.mark.system


@pytest.fixture
def stage(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = KIOSKS + 500
    if hard < needed:
        pytest.skip(f"a process may open {hard} files here, and {KIOSKS} kiosks need {needed}: raise `ulimit -n`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    stage = Stage(tmp_path)
    yield stage
    stage.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_every_kiosk_of_a_fleet_gets_its_own_receipt(stage):
    broker = stage.broker()
    stage.centre(broker.port)
    begin = time.monotonic()
    fleet = crowd.play(broker.port, KIOSKS, EVENTS, KEYS, timeout_s=600)
    took_s = time.monotonic() - begin
    stored = stage.rows("SELECT kiosk, seq FROM events")
    sent = KIOSKS * EVENTS
    name = f"{KIOSKS} kiosks"
    report(FaultRun(name, 0, sent, len(set(stored)), sent - len(set(stored)), len(stored) - len(set(stored)),
                    round(max(fleet.times_s), 2)))  # fmt: skip
    rss_kb = int(Path(f"/proc/{broker.pid}/statm").read_text().split()[1]) * resource.getpagesize() // 1024
    print(
        f"{sent / took_s:,.0f} events a second, receipt after {statistics.median(fleet.times_s):.2f} s (median), "
        f"broker {rss_kb / KIOSKS:.1f} KB a kiosk"
    )
    assert (fleet.confirmed, fleet.broken) == (KIOSKS, 0)
    assert len(stored) == len(set(stored)) == sent
