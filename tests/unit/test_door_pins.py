"""All lines of a board on gpiozero's own mock pins: edges in and out, bounded, and nothing half taken."""

import time

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from kiosk.adapters.door_pins import DoorPins
from kiosk.adapters.gpio import PinError
from kiosk.adapters.senses import APART_NS, KEPT, SenseInput, edge_ns
from kiosk.app.senses import Senses
from kiosk.board_file import Board
from kiosk.domain.debounce import MS
from kiosk.domain.lines import Out, Sense

BOARD = Board.model_validate(
    {
        "name": "test", "relay": {"pin": 17}, "exit_relay": {"pin": 27}, "lamp_red": {"pin": 23},
        "contact": {"pin": 5}, "exit_button": {"pin": 16}, "presence": {"pin": 12, "pull": "none"},
    }
)  # fmt: skip


class Heard:
    """What the loop would hear."""

    def __init__(self):
        self.edges, self.wakes = [], 0

    def wake(self):
        self.wakes += 1

    def on_edge(self, out, released, _at_ns):
        self.edges.append((out, released))


@pytest.fixture
def factory():
    factory = MockFactory()
    yield factory
    factory.reset()


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def pins(factory, heard):
    pins = DoorPins(BOARD, factory, heard.on_edge, heard.wake)
    pins.poll()
    yield pins
    pins.close()


def polled(pins):
    return [(sense, active, edges) for sense, active, _at_ns, edges in pins.poll()]


def test_it_says_at_the_start_how_each_sensor_stands(factory, heard):
    pins = DoorPins(BOARD, factory, heard.on_edge, heard.wake)
    assert heard.wakes
    assert polled(pins) == [(Sense.CONTACT, True, 0), (Sense.EXIT_BUTTON, False, 0), (Sense.PRESENCE, True, 0)]
    pins.close()


def test_relays_start_locked_and_lamps_dark(pins, factory):
    assert [factory.pin(number).state for number in (17, 27, 23)] == [0, 0, 0]
    assert (set(pins.relays), set(pins.switches)) == ({Out.RELAY, Out.EXIT_RELAY}, {Out.LAMP_RED})


def test_a_contact_that_closes_is_a_door_that_is_shut(pins, factory):
    factory.pin(5).drive_low()
    assert polled(pins) == [(Sense.CONTACT, False, 1)]


def test_a_button_to_ground_is_pressed_when_it_is_low(pins, factory):
    factory.pin(16).drive_low()
    factory.pin(16).drive_high()
    assert polled(pins) == [(Sense.EXIT_BUTTON, True, 1), (Sense.EXIT_BUTTON, False, 1)]


def test_a_line_that_chatters_neither_floods_the_loop_nor_fills_the_memory(pins, factory, heard):
    woken, began_ns = heard.wakes, time.monotonic_ns()
    for _ in range(200):
        factory.pin(5).drive_low()
        factory.pin(5).drive_high()
    assert heard.wakes - woken <= 1 + (time.monotonic_ns() - began_ns) // APART_NS
    lines = polled(pins)
    assert sum(edges for _, _, edges in lines) == 400
    assert len(lines) == KEPT
    assert lines[-1] == (Sense.CONTACT, True, 1)


@pytest.mark.parametrize(("apart_ms", "told"), [(2, []), (29, []), (30, [True, False])])
def test_a_spark_on_the_exit_button_is_no_press_although_nobody_looked_in_time(factory, heard, apart_ms, told):
    """As Shell.settle_senses does: first what the sensors have seen, then what has held."""
    sensed = []
    senses = Senses(sensed.append, BOARD.debounce_ms)
    button = SenseInput(Sense.EXIT_BUTTON, BOARD.exit_button, active_high=False, factory=factory, wake=heard.wake)
    assert button.poll()[0][1] is False
    pin, low_ns = factory.pin(16), time.monotonic_ns() - 100 * MS
    pin.when_changed(low_ns / 1e9, 0)
    pin.when_changed((low_ns + apart_ms * MS) / 1e9, 1)
    for sense, active, at_ns, edges in button.poll():
        senses.edge(sense, active=active, at_ns=at_ns, edges=edges)
    senses.watch(low_ns + 500 * MS)
    assert [one.active for one in sensed] == told
    button.close()


def test_a_level_whose_edge_was_lost_is_seen_all_the_same(pins, factory):
    pin = factory.pin(16)
    pin.when_changed = None
    pin.drive_low()
    assert polled(pins) == [(Sense.EXIT_BUTTON, True, 0)]
    assert polled(pins) == []


def test_an_edge_has_the_time_of_the_kernel_where_that_can_be():
    assert edge_ns(7.25, 7_300_000_000) == 7_250_000_000
    assert edge_ns(1_700_000_000.0, 7_300_000_000) == 7_300_000_000  # the time of day
    assert edge_ns(7.25, 8_250_000_000) == 8_250_000_000  # too long ago to be this edge's


def test_at_rest_a_poll_says_nothing(pins):
    assert polled(pins) == []


def test_a_lamp_takes_its_level(pins, factory):
    pins.switches[Out.LAMP_RED].set(on=True)
    assert factory.pin(23).state == 1
    pins.switches[Out.LAMP_RED].set(on=False)
    assert factory.pin(23).state == 0


def test_closing_locks_and_puts_out(factory, heard):
    pins = DoorPins(BOARD, factory, heard.on_edge, heard.wake)
    pins.switches[Out.LAMP_RED].set(on=True)
    pins.relays[Out.RELAY].release(10_000)
    pins.close()
    assert [factory.pin(number).state for number in (17, 23)] == [0, 0]
    DoorPins(BOARD, factory, heard.on_edge, heard.wake).close()  # every line was given back


@pytest.mark.parametrize(("pin", "name"), [(27, "exit_relay"), (23, "lamp_red"), (16, "exit_button")])
def test_a_pin_that_is_busy_is_named_and_nothing_stays_taken(factory, heard, pin, name):
    other = DigitalOutputDevice(pin, pin_factory=factory)
    with pytest.raises(PinError, match=f"{name}: pin {pin} cannot be"):
        DoorPins(BOARD, factory, heard.on_edge, heard.wake)
    other.close()
    DoorPins(BOARD, factory, heard.on_edge, heard.wake).close()


class Gone:
    """The pin of a chip that has gone away."""

    edges, when_changed = "both", None

    @property
    def state(self):
        raise OSError("no such device")


def test_a_sensor_that_cannot_be_read_any_more_is_a_failure(factory, heard):
    failures = []
    button = SenseInput(
        Sense.EXIT_BUTTON, BOARD.exit_button, active_high=False, factory=factory, wake=heard.wake,
        on_failure=lambda: failures.append(1),
    )  # fmt: skip
    button.poll()
    button._pin = Gone()  # as when a chip is unplugged
    assert button.poll() == []
    assert failures
    button.close()
