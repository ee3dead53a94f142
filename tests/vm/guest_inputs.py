"""What runs inside the guest: the exit button and the fire input, on lines that the kernel simulates."""

import statistics
import time

from kiosk.domain.events import EventType
from kiosk.testing.wired_door import EXIT_BUTTON, FIRE_NC, FIRE_NO, until

PRESSES = 10


def test_the_exit_button_releases_within_50_ms_and_waits_for_no_record(venue, chip, account):
    venue.door.start()
    delays = []
    for _ in range(PRESSES):
        done = len([p for p in account() if p.fall_ns])
        pressed_ns = time.monotonic_ns()
        chip.pull(EXIT_BUTTON, 0)
        until(venue.door.released, "the exit button releases")
        chip.pull(EXIT_BUTTON, 1)
        until(lambda done=done: len([p for p in account() if p.fall_ns]) > done, "the pulse has ended")
        delays.append((account()[-1].rise_ns - pressed_ns) / 1e6)
    delays.sort()
    print(f"\ngate: exit button to edge: median {statistics.median(delays):.1f} ms, most {delays[-1]:.1f} ms")
    assert statistics.median(delays) <= 50
    assert venue.count(EventType.EXIT_REQUESTED) == PRESSES
    assert venue.count(EventType.VISIT_ADMITTED) == 0
    venue.door.stop()


def test_the_fire_input_releases_for_as_long_as_it_is_active(venue, chip, account):
    venue.door.start()
    pulses = len(account())
    chip.pull(FIRE_NC, 1)
    chip.pull(FIRE_NO, 0)
    until(venue.door.released, "fire releases")
    end = time.monotonic() + 10  # far beyond the longest pulse of the board
    while time.monotonic() < end:
        assert venue.door.released(), "the door locked during a fire"
        time.sleep(0.01)
    assert len(account()) == pulses + 1, "one release, held without an edge"
    chip.pull(FIRE_NC, 0)
    chip.pull(FIRE_NO, 1)
    until(lambda: not venue.door.released(), "the door locks after the fire")
    venue.door.stop()


def test_a_cut_wire_of_the_fire_input_releases_too(venue, chip):
    venue.door.start()
    chip.pull(FIRE_NC, 1)
    until(venue.door.released, "a contradiction of the contacts releases (door.fire_wiring)")
    chip.pull(FIRE_NC, 0)
    until(lambda: not venue.door.released(), "the door locks again")
    venue.door.stop()
