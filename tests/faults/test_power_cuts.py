"""Power cuts of the journal's file system: nothing that was acknowledged is missing; a careless journal must lose."""

import os
import random

import pytest

from kiosk.testing import power_cut
from kiosk.testing.fault_table import FaultRun, report
from kiosk.testing.volatile_disk import VolatileDisk, served

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


# The disk under them


def test_a_disk_keeps_what_was_flushed_and_any_part_of_the_rest():
    disk = VolatileDisk(bytes(4096))
    disk.write(0, b"a" * 512)
    disk.flush()
    disk.write(0, b"b" * 1024)
    assert disk.content[:1024] == b"b" * 1024
    assert disk.cut()[0][:1024] == b"a" * 512 + bytes(512)
    assert disk.cut(share=1.0)[0][:1024] == b"b" * 1024
    kept = {disk.cut(seed, share=0.5)[0][:1024] for seed in range(50)}
    assert len(kept) == 4, "each of the two sectors, both or none"


@pytest.mark.parametrize(("options", "stays"), [("noatime", True), ("noatime,nobarrier", False)])
def test_a_synchronised_file_stays_where_the_file_system_asks_for_a_flush(tmp_path, options, stays):
    """And only there: the cuts are of the disk's cache too, and not of the kernel's alone."""
    image = tmp_path / "disk.img"
    power_cut.make(image)
    disk = VolatileDisk(image.read_bytes())
    with served(disk, tmp_path / "device") as device, power_cut.mounted(device, tmp_path / "live", options) as live:
        (live / "written").write_bytes(b"x" * 5000)
        with (live / "synchronised").open("wb") as file:
            file.write(b"x" * 5000)
            file.flush()
            os.fsync(file.fileno())
        left, _ = disk.cut()
    image.write_bytes(left)
    with power_cut.mounted(image, tmp_path / "left") as after:
        sizes = {path.name: path.stat().st_size for path in after.iterdir() if path.is_file()}
    assert sizes.get("synchronised", 0) == (5000 if stays else 0)
    assert sizes.get("written", 0) == 0
