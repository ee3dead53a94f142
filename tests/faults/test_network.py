"""A line that loses a fifth of its packets, and one that swallows everything for a while."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from kiosk.testing.fault_table import FaultRun, report

EVENTS = int(os.environ.get("KIOSK_LINE_EVENTS", "600"))

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nft", "ip"))),
        reason="a network namespace with a packet filter needs root, and the packages nftables and iproute2",
    ),
]


def run(folder, *options):
    command = ["unshare", "--net", sys.executable, "-m", "kiosk.testing.lossy_line", str(folder), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    first = said.pop("first_confirmation_s")
    result = FaultRun(**said)
    report(result)
    return result, first


def test_with_a_fifth_of_all_packets_lost_nothing_is_lost(tmp_path):
    result, _ = run(tmp_path, "--loss", "20", "--events", str(EVENTS))
    assert (result.lost, result.repeated, result.stored) == (0, 0, result.sent)


def test_after_a_black_hole_the_next_confirmation_comes_within_ten_seconds(tmp_path):
    result, first = run(tmp_path, "--holes", "3", "--events", str(EVENTS))
    assert (result.lost, result.repeated, result.stored) == (0, 0, result.sent)
    print(f"first confirmation after a hole: {first} s")
    assert first <= 10
