"""The gate on simulated lines, in guests: `guest_gate.py` under kill -9, `guest_reboot.py` under power cuts.

By name only: `scripts/test vm` (200 kills, 20 reboots), `scripts/test vm-short` (10 kills, 2 reboots).
"""

import importlib.util
import os
import random
import re
import shutil
from datetime import timedelta

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import GENESIS, EventType, follows
from kiosk.testing.gpio_probe import pulses, undecided
from kiosk.testing.wired_door import PULSE_MS, events, inside, wire

KILLS = int(os.environ.get("KIOSK_KILLS", "200"))
REBOOTS = int(os.environ.get("KIOSK_REBOOTS", "20"))
KILL_S, START_S = 30, 300
"""How long a kill and its start may take at the most, and all else in a guest."""

pytestmark = [
    pytest.mark.skipif(not importlib.util.find_spec("lgpio"), reason="lgpio has no wheel for this Python"),
    pytest.mark.skipif(not shutil.which("gpioset"), reason="gpioset is missing: sudo apt install gpiod"),
]


@pytest.fixture
def tell(capsys):
    """Show figures to whoever runs the tests, also where all goes well."""

    def tell(*lines):
        with capsys.disabled():
            print("", *lines, sep="\n")

    return tell


def test_the_gate_on_simulated_lines_under_kills(boot, tell):
    said = boot("guest_gate.py", seconds=START_S + KILLS * KILL_S, KIOSK_KILLS=KILLS)
    tell(*re.findall(r"^\.*(gate: .*)$", said, re.MULTILINE))
    assert "guest: status 0" in said, said[-6000:]
    passed = re.search(r"(\d+) passed", said)
    assert passed
    assert int(passed[1]) >= 10
    assert "skipped" not in said


def test_exit_button_and_fire_input_on_simulated_lines(boot, tell):
    said = boot("guest_inputs.py", seconds=START_S)
    tell(*re.findall(r"^\.*(gate: .*)$", said, re.MULTILINE))
    assert "guest: status 0" in said, said[-6000:]
    assert "3 passed" in said


# reboots: one state directory, many guests, each of which loses its power in the middle of a visit


class Kiosk:
    """What outlives a guest: the kiosk's folder, and the probe's log of each boot."""

    def __init__(self, folder):
        now = SystemClock().now()
        issuers = make_issuers(now)
        self.world = make_world(folder / "door", issuers, Choices(pulse_ms=PULSE_MS), mqtt_port=1)
        wire(self.world, "/run/kiosk", "/run/imager")  # of the guest
        policy = self.world.folder / "policy.toml"
        policy.write_text(policy.read_text() + '\n[capacity]\npeople = 1000\ncounts = "inside"\n')
        self.yesterday = now - timedelta(days=1)
        for number in range(REBOOTS):
            passes = [visitor_pass(issuers.front_desk, f"visitor-{number}-{n}", now) for n in range(2)]
            (folder / f"passes-{number}").write_text("\n".join(passes))
        self.folder = folder
        self.undecided, self.pulses, self.inside = [], 0, 0

    def look(self, number):
        """Judge what a boot has left."""
        log = (self.folder / f"relay-{number}.log").read_text().splitlines()
        found, now = events(self.world.journal), pulses(log)
        boot = (self.folder / f"boot-{number}").read_text().strip()
        records = [e.mono_ns for e in found if e.boot == boot and e.type is EventType.VISIT_ADMITTED]
        self.pulses += len(now)
        self.undecided += undecided(now, records)
        admitted = sum(e.type is EventType.VISIT_ADMITTED for e in found)
        annulled = sum(e.type is EventType.VISIT_ANNULLED for e in found)
        self.inside = inside(self.world.journal, self.yesterday)
        assert self.inside == admitted - annulled, "the count of people inside is not that of the journal"
        return found


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory):
    return Kiosk(tmp_path_factory.mktemp("kiosk"))


def test_no_boot_moves_the_line_and_no_power_cut_loses_an_event(boot, kiosk, tell):
    rng, before = random.Random(6), []
    for number in range(REBOOTS):
        said = boot(
            "guest_reboot.py", seconds=START_S, kiosk_shared=kiosk.folder, KIOSK_BOOT=number,
            KIOSK_CUT_MS=rng.randint(0, PULSE_MS + 100),
        )  # fmt: skip
        assert "gate: power off" in said, said[-6000:]
        found = kiosk.look(number)
        assert found[: len(before)] == before, "an event that was there before the boot is not there after it"
        assert len(found) > len(before)
        before = found
    hashes = [GENESIS, *(event.hash for event in before)]
    assert all(follows(event, prev) for event, prev in zip(before, hashes, strict=False))
    tell(f"gate: {REBOOTS} reboots, {kiosk.pulses} pulses, {len(kiosk.undecided)} undecided, {kiosk.inside} inside")
    assert kiosk.pulses >= REBOOTS, "hardly any relay moved: the test shows nothing"
    assert kiosk.undecided == []
    assert kiosk.inside >= REBOOTS, "hardly anybody was counted: the test shows nothing"
