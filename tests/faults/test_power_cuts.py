"""Power cuts of the journal's file system: nothing that was acknowledged is missing; a careless journal must lose."""

import os
import random

import pytest

from kiosk.testing import power_cut
from kiosk.testing.fault_table import FaultRun, report

CUTS = int(os.environ.get("KIOSK_POWER_CUTS", "10"))
CONTROL_CUTS = max(3, CUTS // 5)
SEED = int(os.environ.get("KIOSK_SEED", "6"))

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(power_cut.why_not()), reason=power_cut.why_not() or "there can be power cuts"),
]


def cuts(folder, number, *, careless):
    chance = random.Random(SEED)
    for seed in range(number):
        place = folder / f"{'careless' if careless else 'cut'}-{seed}"
        place.mkdir()
        yield power_cut.cut(place, seed=seed, acknowledgements=chance.randint(1, 400), careless=careless)


def run_of(name, cuts):
    sent, lost = sum(len(cut.acknowledged) for cut in cuts), sum(cut.lost for cut in cuts)
    repeated, gap_s = sum(cut.repeated for cut in cuts), max(cut.longest_gap_s for cut in cuts)
    return FaultRun(name, len(cuts), sent, sent - lost, lost, repeated, round(gap_s, 3))


def test_no_power_cut_loses_an_acknowledged_event_and_a_careless_journal_does_lose(tmp_path):
    done, control = list(cuts(tmp_path, CUTS, careless=False)), list(cuts(tmp_path, CONTROL_CUTS, careless=True))
    report(run_of("power cuts", done))
    report(run_of("power cuts, control that must lose", control))
    for cut in done:
        assert cut.acknowledged, "a cut that nothing was acknowledged before shows nothing"
        assert (cut.lost, cut.repeated) == (0, 0)
        assert cut.is_chained
        assert not cut.faults, "a mark that ran ahead, or a damaged file, would be a fault here"
    assert sum(cut.lost for cut in control) > 0, "these cuts cut nothing off: the figures above prove nothing"
