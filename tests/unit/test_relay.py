"""The relay driver on gpiozero's own mock pins: bounded, self-ending, locked when in doubt."""

import queue
import threading

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from kiosk.adapters.gpio import PinError, PinLog, RelayOutput, pin_factory
from kiosk.board_file import RelayPin

WAIT_S = 5


def board(**relay):
    return RelayPin(**{"pin": 17, "max_pulse_ms": 200, **relay})


class Edges:
    """What a probe on the line sees, in order."""

    def __init__(self):
        self._queue = queue.Queue()

    def __call__(self, released, at_ns):
        self._queue.put((released, at_ns))

    def next(self):
        return self._queue.get(timeout=WAIT_S)

    def none_waiting(self):
        return self._queue.empty()


@pytest.fixture
def edges():
    return Edges()


@pytest.fixture
def factory():
    return MockFactory()


@pytest.fixture
def relay(edges, factory):
    relay = RelayOutput(board(), factory, edges)
    yield relay
    relay.close()


def test_it_starts_locked_and_says_nothing(relay, edges, factory):
    assert factory.pin(17).state == 0
    assert edges.none_waiting()


def test_a_release_ends_by_itself_after_its_time(relay, edges):
    relay.release(60)
    on, off = edges.next(), edges.next()
    assert (on[0], off[0]) == (True, False)
    assert 55 <= (off[1] - on[1]) / 1e6 < 160


def test_a_release_is_clamped_to_the_boards_longest(relay, edges):
    relay.release(60_000)
    on, off = edges.next(), edges.next()
    assert (off[1] - on[1]) / 1e6 < 400


def test_a_second_release_starts_the_time_anew_without_an_edge(relay, edges):
    relay.release(150)
    on = edges.next()
    relay.release(200)
    off = edges.next()
    assert not off[0]
    assert (off[1] - on[1]) / 1e6 >= 195


def test_lock_ends_a_release_at_once(relay, edges):
    relay.release(200)
    on = edges.next()
    relay.lock()
    off = edges.next()
    assert (off[1] - on[1]) / 1e6 < 150


def test_a_relay_that_switches_on_low_is_locked_high(edges, factory):
    relay = RelayOutput(board(active_high=False), factory, edges)
    assert factory.pin(17).state == 1
    relay.release(50)
    assert edges.next()[0]
    edges.next()
    assert factory.pin(17).state == 1
    relay.close()


def test_closing_locks(edges, factory):
    relay = RelayOutput(board(), factory, edges)
    relay.release(200)
    assert edges.next()[0]
    pin = factory.pin(17)
    relay.close()
    assert pin.state == 0


def test_a_pin_in_use_is_said_in_one_sentence(relay, factory):
    with pytest.raises(PinError, match="pin 17"):
        RelayOutput(board(), factory, lambda *_: None)


def test_a_driver_that_does_not_work_here_is_an_error_not_a_fall_back():
    with pytest.raises(PinError):
        pin_factory("lgpio")


def test_the_pin_log_holds_every_level(edges, factory, tmp_path):
    log = PinLog(tmp_path / "pins.log")
    relay = RelayOutput(board(), factory, edges, log)
    relay.release(50)
    on, off = edges.next(), edges.next()
    relay.close()
    log.close()
    assert (tmp_path / "pins.log").read_text().splitlines() == [f"17 1 {on[1]}", f"17 0 {off[1]}"]


class DeadPin(MockPin):
    """A line whose driver fails as soon as it is to be raised."""

    def _set_state(self, value):
        if value:
            raise OSError(5, "the line is gone")
        super()._set_state(value)


def test_a_line_that_obeys_no_more_is_reported_and_left_locked(edges):
    failed = threading.Event()
    factory = MockFactory(pin_class=DeadPin)
    relay = RelayOutput(board(), factory, edges, on_failure=failed.set)
    relay.release(100)
    assert failed.wait(WAIT_S)
    assert factory.pin(17).state == 0
    assert edges.none_waiting()
    relay.close()
