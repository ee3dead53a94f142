"""What the shell makes of its sensors' edges, here of an exit button's, which opens the door."""

import asyncio

import pytest

from kiosk.app.shell import Shell
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out, Sense
from kiosk.testing.gatehouse import POLICY, Gatehouse

DEBOUNCE_MS = 30


@pytest.fixture
def seen():
    """The edges that the pins hand over when they are asked next."""
    return []


@pytest.fixture
def door(seen):
    def poll():
        edges = list(seen)
        seen.clear()
        return edges

    door = Gatehouse()
    door.shell = Shell(
        "kiosk", Gate.of(DoorSetup(senses=frozenset({Sense.EXIT_BUTTON}))), POLICY, lambda: door.trust, door.journal,
        {Out.RELAY: door.relay}, door.clock, door.peers, debounce_ms={Sense.EXIT_BUTTON: DEBOUNCE_MS}, poll=poll,
    )  # fmt: skip
    return door


def press(door, seen, ms):
    """Press the button for `ms`: the loop hears of the beginning at once, of the end when it looks whether it held."""

    async def pressed():
        at_ns = door.clock.mono_ns()
        seen.append((Sense.EXIT_BUTTON, True, at_ns, 1))
        door.shell.settle_senses()
        door.clock.advance((DEBOUNCE_MS + 10) / 1000)
        seen.append((Sense.EXIT_BUTTON, False, at_ns + ms * 1_000_000, 1))
        door.shell.settle_senses()
        await door.settle()

    asyncio.run(pressed())


def test_a_press_of_the_exit_button_opens(door, seen):
    press(door, seen, ms=DEBOUNCE_MS + 5)
    assert len(door.relay.told) == 1


def test_a_spark_on_its_wire_does_not_although_its_end_is_heard_of_late(door, seen):
    press(door, seen, ms=2)
    assert door.relay.told == []
