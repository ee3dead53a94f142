"""What boots a guest, and what a guest's tests of the gate stand on."""

import compileall
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.demo.script import make_issuers, visitor_pass
from kiosk.demo.world import Choices, make_world
from kiosk.testing.gpio_probe import Probe, traced
from kiosk.testing.gpio_sim import SimulatedChip, board_text
from kiosk.testing.scanners import SerialImager
from kiosk.testing.wired_door import EXIT_BUTTON, FIRE_NC, FIRE_NO, PULSE_MS, RELAY, WiredDoor, wire

TRACING = Path("/sys/kernel/tracing")
ROOT = Path(__file__).resolve().parents[2]
WEBCAM = ("vivid.node_types=1", "vivid.num_inputs=1", "vivid.input_types=0")
"""Of all that the kernel's virtual video driver can be: one camera, and nothing else."""


@pytest.fixture(scope="session")
def kernel():
    """The kernel that scripts/vm-kernel has built."""
    found = subprocess.run([ROOT / "scripts/vm-kernel", "--print"], capture_output=True, text=True, check=False)
    assert found.returncode == 0, "there is no kernel for the guest: run scripts/vm-kernel"
    # Each start of the gate in a guest would compile the project anew.
    compileall.compile_dir(ROOT / "kiosk", quiet=1)
    return found.stdout.strip()


@pytest.fixture
def boot(kernel, tmp_path):
    """Boot a guest that runs a file of tests, with words for its environment, and return what it printed."""

    def boot(tests, *, seconds=180, **words):
        command = [
            kernel, "mem=512M", "rootfstype=hostfs", "rootflags=/", "ro", f"init={ROOT / 'tests/vm/guest-init'}",
            "con=null", "con0=null,fd:1", "quiet", "loglevel=3", "panic=1", f"uml_dir={tmp_path}",
            *WEBCAM,
            f"kiosk_root={ROOT}", f"kiosk_python={sys.executable}", f"kiosk_tests={ROOT / 'tests/vm' / tests}",
            f"PYTHONPATH={ROOT}",  # the gate process stands in another folder
            *(f"{word}={value}" for word, value in words.items()),
        ]  # fmt: skip
        # Its memory is a file.
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": "/dev/shm"}  # noqa: S108
        # In a session of its own, so that nothing of a guest that hangs is left behind.
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
            text=True, errors="replace", start_new_session=True,
        ) as guest:  # fmt: skip
            try:
                return guest.communicate(timeout=seconds)[0]
            except subprocess.TimeoutExpired:
                os.killpg(guest.pid, signal.SIGKILL)
                pytest.fail(f"the guest has not ended after {seconds} s: {guest.communicate()[0][-6000:]}")

    return boot


@pytest.fixture(scope="session")
def chip(tmp_path_factory):
    """In a guest: the lines of a Raspberry Pi 4, as far as gpiozero looks."""
    cpuinfo = tmp_path_factory.mktemp("board") / "cpuinfo"
    cpuinfo.write_text(board_text())
    subprocess.run(["mount", "--bind", cpuinfo, "/proc/cpuinfo"], check=True)
    names = {RELAY: "relay", EXIT_BUTTON: "exit-button", FIRE_NC: "fire-nc", FIRE_NO: "fire-no"}
    chip = SimulatedChip(names)
    for pin, idle in ((EXIT_BUTTON, 1), (FIRE_NC, 0), (FIRE_NO, 1)):
        chip.pull(pin, idle)
    yield chip
    chip.remove()
    subprocess.run(["umount", "/proc/cpuinfo"], check=True)


class Venue:
    """The door, the probe on its relay, and the keys that sign passes for it."""

    def __init__(self, folder, chip):
        now = SystemClock().now()
        self.now, self.issuers, self.passes = now, make_issuers(now), 0
        imager = SerialImager(folder / "imager")
        world = make_world(folder / "door", self.issuers, Choices(pulse_ms=PULSE_MS), mqtt_port=1)
        wire(world, world.run, imager.path)
        imager.plug()
        self.door = WiredDoor(world, chip, imager)
        self.probe = Probe(chip.value_file(RELAY), folder / "relay.log")

    def new_pass(self, issuer=None):
        self.passes += 1
        return visitor_pass(issuer or self.issuers.front_desk, f"visitor-{self.passes}", self.now)

    def count(self, kind):
        return sum(event.type is kind for event in self.door.events())


@pytest.fixture(scope="module")
def account(chip):
    """The pulses by the kernel's own account of every level that a line was given."""
    (TRACING / "trace_clock").write_text("mono")
    switch = TRACING / "events/gpio/gpio_value/enable"
    switch.write_text("1")
    yield lambda: traced((TRACING / "trace").read_text())
    switch.write_text("0")


@pytest.fixture(scope="module")
def venue(tmp_path_factory, chip, account):
    made = Venue(tmp_path_factory.mktemp("v"), chip)
    yield made
    made.probe.stop()
