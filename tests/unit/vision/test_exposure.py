import itertools
from collections import deque
from collections.abc import Iterator

import pytest

from kiosk.vision.exposure import TARGET, Exposure, ExposureControl, Limits

LIMITS = Limits(least_us=50, short_us=2000, long_us=8000, gain=8)
DELAY = 4
"""Frames that pass before a setting has arrived in a picture."""


class Sensor:
    """A sensor in front of a scene of some brightness: rounds what it is set to, and is late."""

    def __init__(self, scene: float, flicker: float = 0.0) -> None:
        self.scene, self._flicker = scene, itertools.cycle((1 + flicker, 1, 1 - flicker))
        self._coming = deque([Exposure(5000, 1.0)] * DELAY)

    def set(self, exposure: Exposure) -> None:
        self._coming.append(Exposure(exposure.us // 19 * 19 or 19, round(exposure.gain * 16) / 16))

    def expose(self) -> tuple[float, float, float]:
        """Return time, gain and mean luma of the next frame."""
        exposure = self._coming.popleft()
        light = self.scene * exposure.light * next(self._flicker)
        return exposure.us, exposure.gain, min(255 * light ** (1 / 2.2), 255)


def played(control: ExposureControl, sensor: Sensor, frames: int) -> Iterator[tuple[int, float, float, float]]:
    """Yield the number in the bracket, time, gain and luma of each frame."""
    for _ in range(frames):
        us, gain, mean = sensor.expose()
        bracket = control.seen(us, gain, mean)
        exposure = control.next()
        assert exposure is not None
        sensor.set(exposure)
        yield bracket, us, gain, mean


@pytest.mark.parametrize("scene", [1e-3, 1e-4, 3e-5, 1e-5])
def test_it_finds_the_right_light_within_a_second_and_stays_there(scene: float):
    control, sensor = ExposureControl(LIMITS, bracket=False), Sensor(scene)
    list(played(control, sensor, 30))
    luma = [mean for _, _, _, mean in played(control, sensor, 60)]
    assert min(luma) > TARGET * 0.9
    assert max(luma) < TARGET * 1.12


def test_neither_time_nor_gain_go_beyond_what_is_set():
    control, sensor = ExposureControl(LIMITS, bracket=True), Sensor(1e-9)
    frames = list(played(control, sensor, 90))
    assert max(us for _, us, _, _ in frames) <= 8000
    assert max(gain for _, _, gain, _ in frames) <= 8
    sensor.scene = 1
    frames = list(played(control, sensor, 90))
    assert 19 <= frames[-1][1] <= 57
    assert frames[-1][2] == 1


def test_a_bright_hall_needs_no_gain_and_a_dim_one_shares_between_time_and_gain():
    assert LIMITS.split(1500) == Exposure(1500, 1.0)
    middle = LIMITS.split(2000 * (4 * 8) ** 0.5)
    assert middle.us == pytest.approx(4000)
    assert middle.gain == pytest.approx(8**0.5)
    assert LIMITS.split(1e9) == Exposure(8000, 8.0)


def test_the_flicker_of_the_mains_is_not_followed():
    control, sensor = ExposureControl(LIMITS, bracket=False), Sensor(3e-5, flicker=0.05)
    list(played(control, sensor, 60))
    assert len({us for _, us, _, _ in played(control, sensor, 60)}) == 1


def test_every_third_frame_has_half_the_light_and_is_known_by_it():
    control, sensor = ExposureControl(LIMITS, bracket=True), Sensor(3e-5)
    list(played(control, sensor, 60))
    frames = list(played(control, sensor, 30))
    assert sum(bracket for bracket, _, _, _ in frames) == 10
    usual = {us * gain for bracket, us, gain, _ in frames if not bracket}
    darker = {us * gain for bracket, us, gain, _ in frames if bracket}
    assert len(usual) == len(darker) == 1
    assert usual.pop() / darker.pop() == pytest.approx(2, rel=0.06)


def test_the_darker_frames_do_not_make_the_others_brighter():
    with_it, without = (ExposureControl(LIMITS, bracket=bracket) for bracket in (True, False))
    light = []
    for control in (with_it, without):
        sensor = Sensor(3e-5)
        light.append([us * gain for bracket, us, gain, _ in played(control, sensor, 90) if not bracket][-1])
    assert light[0] == pytest.approx(light[1], rel=0.15)


def test_light_that_is_switched_on_is_followed_within_a_second():
    control, sensor = ExposureControl(LIMITS, bracket=True), Sensor(1e-5)
    list(played(control, sensor, 60))
    sensor.scene *= 8
    list(played(control, sensor, 30))
    luma = [mean for bracket, _, _, mean in played(control, sensor, 30) if not bracket]
    assert max(luma) < TARGET * 1.15


def test_before_the_first_frame_nothing_is_set():
    assert ExposureControl(LIMITS, bracket=True).next() is None
