"""Day and night on the screen, and where its picture lies."""

import pytest

from kiosk.times_text import read_hours
from ui.daytime import DRIFT_S, drift, is_night

EVENING, OVER_NOON = read_hours("18:00-06:00"), read_hours("11:00-13:00")


@pytest.mark.parametrize(
    ("hours", "minute", "night"),
    [
        (EVENING, 17 * 60 + 59, False), (EVENING, 18 * 60, True), (EVENING, 0, True), (EVENING, 6 * 60 - 1, True),
        (EVENING, 6 * 60, False), (OVER_NOON, 12 * 60, True), (OVER_NOON, 13 * 60, False), (OVER_NOON, 0, False),
    ],
)  # fmt: skip
def test_by_itself_it_is_night_in_the_hours_of_the_night(hours, minute, night):
    assert is_night("auto", hours, minute) is night


def test_a_fixed_theme_needs_no_clock_and_without_a_clock_it_is_day():
    assert is_night("night", EVENING, None)
    assert not is_night("day", EVENING, 0)
    assert not is_night("auto", EVENING, None)


def test_the_picture_goes_round_in_single_steps_and_lies_in_the_middle_on_average():
    places = [drift(turn * DRIFT_S, 2) for turn in range(9)]
    assert places[0] == (0, 0)
    assert len(set(places)) == 9
    assert (sum(x for x, _ in places), sum(y for _, y in places)) == (0, 0)
    for (x, y), (right, down) in zip(places, places[1:] + places[:1], strict=True):
        assert max(abs(x - right), abs(y - down)) == 2


def test_between_steps_nothing_moves():
    assert drift(DRIFT_S - 0.001, 2) == drift(0, 2) != drift(DRIFT_S, 2)
