"""Bridge, broker and centre are killed with -9 in the middle of the traffic: nothing is lost, nothing is twice."""

import os

import pytest

from kiosk.testing.fault_stage import FaultStage
from kiosk.testing.fault_table import report

KILLS = int(os.environ.get("KIOSK_KILLS", "5"))
GAP_S = 10.0
"""The longest time without a confirmation that a broker's return may cost."""

pytestmark = pytest.mark.system


@pytest.fixture
def stage(tmp_path):
    stage = FaultStage(tmp_path)
    stage.begin()
    yield stage
    stage.close()


@pytest.mark.parametrize("victim", ["bridge", "broker", "centre"])
def test_nothing_is_lost_and_nothing_is_twice(stage, victim):
    run = stage.suffer(f"{victim} killed", [getattr(stage, f"kill_{victim}")] * KILLS, seed=6)
    report(run)
    assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
    assert run.longest_gap_s <= GAP_S


def test_whatever_dies_next_to_whatever_has_just_died(stage):
    kinds = [stage.kill_bridge, stage.kill_broker, stage.kill_centre, stage.kill_broker]
    run = stage.suffer("all of them in turn", [kinds[number % 4] for number in range(KILLS)], seed=7)
    report(run)
    assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
