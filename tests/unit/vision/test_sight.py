from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.vision.sight import DARK_NS, FROZEN_NS, Sight, State, sample

MS = 1_000_000
FRAME = 33 * MS
RNG = np.random.default_rng(5)


def noisy(luma: np.ndarray, noise: float = 1.0) -> np.ndarray:
    return np.clip(luma + RNG.normal(0, noise, luma.shape), 0, 255).astype(np.uint8)


HALL = np.tile(np.linspace(60, 150, 320), (180, 1))
NIGHT = np.full((180, 320), 3.0)


def shown(sight: Sight, frames: Iterator[np.ndarray] | list[np.ndarray], begin_ns: int = 1) -> list[State]:
    return [sight.see(frame, at, at) for at, frame in enumerate_ns(frames, begin_ns)]


def enumerate_ns(frames, begin_ns: int) -> Iterator[tuple[int, np.ndarray]]:
    for number, frame in enumerate(frames):
        yield begin_ns + number * FRAME, frame


def test_a_hall_is_seen():
    sight = Sight(live=True)
    assert set(shown(sight, [noisy(HALL) for _ in range(120)])) == {"ok"}
    assert sight.fresh


def test_a_lens_that_is_covered_is_dark_after_three_seconds():
    states = shown(Sight(live=True), [noisy(NIGHT, 3) for _ in range(120)])
    assert states.index("dark") == DARK_NS // FRAME + 1
    assert set(states[states.index("dark") :]) == {"dark"}


@pytest.mark.parametrize("black", [0, 2])
def test_a_lens_that_is_covered_without_any_noise_is_dark_and_not_frozen(black: int):
    states = shown(Sight(live=True), [np.full((180, 320), black, np.uint8)] * 150)
    assert "frozen" not in states
    assert states[-1] == "dark"


def test_a_lit_telephone_in_the_night_is_not_dark():
    night = NIGHT.copy()
    night[80:100, 150:170] = 120  # 60 × 80 pixels at 720p
    assert set(shown(Sight(live=True), [noisy(night) for _ in range(120)])) == {"ok"}


def test_the_first_frame_with_something_in_it_ends_the_dark():
    sight = Sight(live=True)
    shown(sight, [noisy(NIGHT) for _ in range(120)])
    assert sight.see(noisy(HALL), 200 * FRAME, 200 * FRAME) == "ok"


def test_what_is_hardly_brighter_does_not_end_the_dark():
    sight = Sight(live=True)
    shown(sight, [noisy(NIGHT) for _ in range(120)])
    assert set(shown(sight, [noisy(NIGHT + 10) for _ in range(60)], 121 * FRAME)) == {"dark"}


@pytest.mark.parametrize("ring", [1, 2, 6])
def test_the_same_pictures_again_and_again_are_a_frozen_camera(ring: int):
    frames = [noisy(HALL) for _ in range(ring)]
    states = shown(Sight(live=True), [frames[number % ring] for number in range(120)])
    assert abs(states.index("frozen") - (FROZEN_NS // FRAME + ring)) <= 1


def test_nothing_of_a_frozen_camera_is_fresh_and_nothing_of_a_first_picture_can_be():
    sight, picture = Sight(live=True), noisy(HALL)
    fresh = []
    for number in range(3):
        sight.see(picture, number * FRAME + 1, number * FRAME + 1)
        fresh.append(sight.fresh)
    sight.see(noisy(HALL), 9 * FRAME, 9 * FRAME)
    assert [*fresh, sight.fresh] == [False, False, False, True]


def test_a_clock_that_stands_still_is_a_frozen_camera():
    sight = Sight(live=True)
    states = [sight.see(noisy(HALL), 77, number * FRAME) for number in range(120)]
    assert states[-1] == "frozen"


def test_a_frame_that_is_new_ends_it():
    sight, picture = Sight(live=True), noisy(HALL)
    shown(sight, [picture] * 120)
    assert sight.see(noisy(HALL), 200 * FRAME, 200 * FRAME) == "ok"


def test_a_camera_that_is_opened_anew_stays_frozen_until_it_shows_something_new():
    sight, picture = Sight(live=True), noisy(HALL)
    shown(sight, [picture] * 120)
    sight.reopened()
    assert set(shown(sight, [picture] * 10, 300 * FRAME)) == {"frozen"}
    assert sight.see(noisy(HALL), 400 * FRAME, 400 * FRAME) == "ok"


def test_a_sensor_that_is_blinded_is_not_frozen():
    assert set(shown(Sight(live=True), [np.full((180, 320), 255, np.uint8)] * 120)) == {"ok"}


def test_files_may_repeat():
    sight = Sight(live=False)
    assert set(shown(sight, [noisy(HALL)] * 120)) == {"ok"}
    assert sight.fresh


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (180, 320), (720, 1280), (2592, 4608)])
def test_a_sample_is_small_and_never_empty(shape: tuple[int, int]):
    points = sample(np.zeros(shape, np.uint8))
    assert 1 <= points.size <= 5000
