"""All lines of a board on gpiozero's own mock pins: edges in and out, bounded, and nothing half taken."""

import pytest
from gpiozero import DigitalOutputDevice
from gpiozero.pins.mock import MockFactory

from kiosk.adapters.door_pins import DoorPins
from kiosk.adapters.gpio import PinError
from kiosk.board_file import Board
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
        self.lines, self.edges = [], []

    def on_line(self, sense, active, _at_ns, edges):
        self.lines.append((sense, active, edges))

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
    pins = DoorPins(BOARD, factory, heard.on_edge, heard.on_line)
    heard.lines.clear()
    yield pins
    pins.close()


def test_it_says_at_the_start_how_each_sensor_stands(factory, heard):
    DoorPins(BOARD, factory, heard.on_edge, heard.on_line).close()
    assert heard.lines == [
        (Sense.CONTACT, True, 1), (Sense.EXIT_BUTTON, False, 1), (Sense.PRESENCE, True, 1),
    ]  # fmt: skip


def test_relays_start_locked_and_lamps_dark(pins, factory):
    assert [factory.pin(number).state for number in (17, 27, 23)] == [0, 0, 0]
    assert (set(pins.relays), set(pins.switches)) == ({Out.RELAY, Out.EXIT_RELAY}, {Out.LAMP_RED})


def test_a_contact_that_closes_is_a_door_that_is_shut(pins, factory, heard):
    factory.pin(5).drive_low()
    pins.poll()
    assert heard.lines == [(Sense.CONTACT, False, 1)]


def test_a_button_to_ground_is_pressed_when_it_is_low(pins, factory, heard):
    factory.pin(16).drive_low()
    pins.poll()
    factory.pin(16).drive_high()
    pins.poll()
    assert heard.lines == [(Sense.EXIT_BUTTON, True, 1), (Sense.EXIT_BUTTON, False, 1)]


def test_edges_that_come_close_are_counted_and_not_each_handed_over(pins, factory, heard):
    for _ in range(200):
        factory.pin(5).drive_low()
        factory.pin(5).drive_high()
    pins.poll()
    assert sum(edges for _, _, edges in heard.lines) == 400
    assert len(heard.lines) < 100
    assert heard.lines[-1][1] is True


def test_at_rest_a_poll_says_nothing(pins, heard):
    pins.poll()
    pins.poll()
    assert heard.lines == []


def test_a_lamp_takes_its_level(pins, factory):
    pins.switches[Out.LAMP_RED].set(on=True)
    assert factory.pin(23).state == 1
    pins.switches[Out.LAMP_RED].set(on=False)
    assert factory.pin(23).state == 0


def test_closing_locks_and_puts_out(factory, heard):
    pins = DoorPins(BOARD, factory, heard.on_edge, heard.on_line)
    pins.switches[Out.LAMP_RED].set(on=True)
    pins.relays[Out.RELAY].release(10_000)
    pins.close()
    assert [factory.pin(number).state for number in (17, 23)] == [0, 0]
    DoorPins(BOARD, factory, heard.on_edge, heard.on_line).close()  # every line was given back


@pytest.mark.parametrize(("pin", "name"), [(27, "exit_relay"), (23, "lamp_red"), (16, "exit_button")])
def test_a_pin_that_is_busy_is_named_and_nothing_stays_taken(factory, heard, pin, name):
    other = DigitalOutputDevice(pin, pin_factory=factory)
    with pytest.raises(PinError, match=f"{name}: pin {pin} cannot be"):
        DoorPins(BOARD, factory, heard.on_edge, heard.on_line)
    other.close()
    DoorPins(BOARD, factory, heard.on_edge, heard.on_line).close()
