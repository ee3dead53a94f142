import numpy as np
import pytest

from kiosk.vision.motion import MotionGate

MS = 1_000_000
FRAME = 33 * MS


def hall(number: int, noise: float = 2.0) -> np.ndarray:
    rng = np.random.default_rng(number)
    slope = np.linspace(60, 150, 1280)[None, :]
    return np.clip(slope + rng.normal(0, noise, (720, 1280)), 0, 255).astype(np.uint8)


HALL = [hall(number) for number in range(3)]


def with_card(frame: np.ndarray, left: int = 500, side: int = 120) -> np.ndarray:
    frame = frame.copy()
    frame[300 : 300 + side, left : left + side] = 230
    return frame


def settled() -> tuple[MotionGate, int]:
    """A gate that has seen three seconds of an empty hall."""
    gate = MotionGate()
    for number in range(91):
        gate.look(HALL[number % 3], number * FRAME)
    return gate, 91 * FRAME


def test_an_empty_hall_is_looked_at_five_times_a_second():
    gate, now = settled()
    looks = [gate.look(HALL[number % 3], now + number * FRAME) for number in range(90)]
    assert 13 <= sum(looks) <= 15
    assert not gate.moving


@pytest.mark.parametrize("wait", range(7))
def test_a_code_that_appears_is_looked_at_in_the_very_frame(wait: int):
    gate, now = settled()
    for number in range(wait):
        gate.look(HALL[number % 3], now + number * FRAME)
    assert gate.look(with_card(HALL[wait % 3]), now + wait * FRAME)
    assert gate.moving


def test_every_frame_is_looked_at_for_a_second_after_the_last_motion():
    gate, now = settled()
    card = [with_card(frame) for frame in HALL]
    looks = [gate.look(card[number % 3], now + number * FRAME) for number in range(90)]
    assert all(looks[:31])
    assert sum(looks[32:]) <= 10


def test_every_frame_is_looked_at_while_a_code_is_in_view():
    gate, now = settled()
    for number in range(60):
        gate.code_seen(now + number * FRAME)
        assert gate.look(HALL[number % 3], now + (number + 1) * FRAME)


def test_slow_motion_adds_up():
    gate, now = settled()
    for number in range(60):
        gate.look(with_card(HALL[number % 3], 500 + number), now + number * FRAME)
    assert gate.moved_ns > now + 50 * FRAME


def test_the_flicker_of_a_dark_hall_is_no_motion():
    gate, dark = MotionGate(), [hall(number, noise=6.0) for number in range(4)]
    for number in range(40):
        gate.look(dark[number % 4], number * FRAME)
    assert not gate.moving


def test_a_frame_of_another_size_counts_as_motion():
    gate, now = settled()
    assert gate.look(HALL[0][:360, :640], now)


def small(frame: np.ndarray) -> np.ndarray:
    """As the camera's own small stream shows it: the mean of 4 × 4 pixels."""
    return frame.reshape(180, 4, 320, 4).mean(axis=(1, 3)).astype(np.uint8)


def test_the_small_stream_of_a_camera_does_as_well():
    gate, hall, card = MotionGate(), [small(frame) for frame in HALL], small(with_card(HALL[1]))
    looks = [gate.look(hall[number % 3], number * FRAME) for number in range(181)]
    assert 13 <= sum(looks[91:]) <= 15
    assert gate.look(card, 181 * FRAME)
    assert gate.moving


def bracketed(number: int, frame: np.ndarray) -> tuple[np.ndarray, int, int]:
    """Frame `number` of a camera that exposes every third one half as long."""
    darker = number % 3 == 2
    return ((frame * 0.73).astype(np.uint8) if darker else frame), number * FRAME, int(darker)


def test_the_darker_frames_of_a_bracket_are_no_motion():
    gate = MotionGate()
    looks = [gate.look(*bracketed(number, HALL[number % 2])) for number in range(181)]
    assert 12 <= sum(looks[91:]) <= 15
    assert gate.moved_ns == 2 * FRAME  # the first of the darker ones, which nothing compares with
    for number in range(181, 187):
        assert gate.look(*bracketed(number, with_card(HALL[number % 2])))
        assert gate.moving == (number < 183)  # one of each exposure shows what is new


def test_without_their_number_they_would_be():
    """The counterpart: like has to be compared with like."""
    gate = MotionGate()
    looks = [gate.look(*bracketed(number, HALL[number % 2])[:2]) for number in range(181)]
    assert all(looks)


@pytest.mark.parametrize("fps", [15, 25, 30, 60])
def test_the_looks_at_an_idle_bracket_are_five_a_second_at_any_rate(fps: int):
    gate, looks = MotionGate(), 0
    for number in range(fps * 8):
        luma, _, bracket = bracketed(number, HALL[number % 2])
        looks += gate.look(luma, number * 1_000_000_000 // fps, bracket) and number >= fps * 4
    assert 16 <= looks <= 20


def test_a_picture_of_one_pixel_is_a_picture():
    gate = MotionGate()
    for number in range(60):
        gate.look(np.zeros((1, 1), np.uint8), number * FRAME)
    assert not gate.moving
