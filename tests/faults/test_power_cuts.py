"""Power cuts of the journal's file system: nothing that was acknowledged is missing; a careless journal must lose."""

import json
import os
import random
from pathlib import Path

import pytest

from kiosk.testing import power_cut

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


def report(done, control):
    print(f"\n{'':22}{'cuts':>6}{'acknowledged':>14}{'lost':>8}{'repeated':>10}{'longest gap':>13}")
    for name, some in (("synchronous=FULL", done), ("NORMAL (the control)", control)):
        row = [len(some), sum(len(cut.acknowledged) for cut in some), sum(cut.lost for cut in some)]
        repeated, gap = sum(cut.repeated for cut in some), max(cut.longest_gap_s for cut in some)
        print(f"{name:22}{row[0]:>6,}{row[1]:>14,}{row[2]:>8,}{repeated:>10,}{gap:>11.3f} s")
    if file := os.environ.get("KIOSK_FAULTS_JSON"):
        said = {
            "test": "power_cuts", "cuts": len(done), "sent": sum(len(cut.acknowledged) for cut in done),
            "stored": sum(len(cut.stored) for cut in done), "lost": sum(cut.lost for cut in done),
            "repeated": sum(cut.repeated for cut in done),
            "longest_gap_s": round(max(cut.longest_gap_s for cut in done), 3),
            "control_cuts": len(control), "control_sent": sum(len(cut.acknowledged) for cut in control),
            "control_lost": sum(cut.lost for cut in control),
        }  # fmt: skip
        with Path(file).open("a") as out:
            out.write(json.dumps(said) + "\n")


def test_no_power_cut_loses_an_acknowledged_event_and_a_careless_journal_does_lose(tmp_path):
    done, control = list(cuts(tmp_path, CUTS, careless=False)), list(cuts(tmp_path, CONTROL_CUTS, careless=True))
    report(done, control)
    for cut in done:
        assert cut.acknowledged, "a cut that nothing was acknowledged before shows nothing"
        assert (cut.lost, cut.repeated) == (0, 0)
        assert cut.is_chained
        assert not cut.faults, "a mark that ran ahead, or a damaged file, would be a fault here"
    assert sum(cut.lost for cut in control) > 0, "these cuts cut nothing off: the figures above prove nothing"
