"""What runs inside the guest, once a boot: the gate with the state of the boots before, until the power goes.

The kiosk's folder is the host's. What the gate had written and not yet flushed is lost with the guest's memory.
"""

import ctypes
import os
import time
from pathlib import Path

from kiosk.demo.world import World
from kiosk.domain.events import EventType
from kiosk.testing.gpio_probe import Probe
from kiosk.testing.scanners import SerialImager
from kiosk.testing.wired_door import RELAY, WiredDoor, lengths, until

SHARED = Path("/run/shared")
BOOT = os.environ["KIOSK_BOOT"]
CUT_S = int(os.environ["KIOSK_CUT_MS"]) / 1000
_POWER_OFF = 0x4321FEDC


def keep(path, text):
    """Write a file so that it outlives this machine."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def test_a_boot_until_the_power_goes(chip):
    keep(SHARED / f"boot-{BOOT}", Path("/proc/sys/kernel/random/boot_id").read_text())
    probe = Probe(chip.value_file(RELAY), SHARED / f"relay-{BOOT}.log")
    imager = SerialImager(Path("/run/imager"))
    imager.plug()
    door = WiredDoor(World(SHARED / "door"), chip, imager)
    whole, cut = (SHARED / f"passes-{BOOT}").read_text().splitlines()
    door.start()
    assert probe.pulses() == [], "the line moved before anybody was admitted"
    door.show(whole)
    until(lambda: lengths(probe.pulses()), "a pulse has ended")
    assert EventType.VISIT_ADMITTED in {event.type for event in door.events()}
    door.show(cut)
    time.sleep(CUT_S)
    print("gate: power off", flush=True)
    ctypes.CDLL(None).reboot(_POWER_OFF)
