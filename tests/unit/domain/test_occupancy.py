"""How full it is, since when that is counted, and what makes the number a guess."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.events import EventType
from kiosk.domain.occupancy import counting_since, leaves_doubt, level, reset_of
from kiosk.domain.policy_terms import Capacity, Passback, PassbackKind, Policy

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(("now", "began"), [
    ("2026-07-03T09:00", "2026-07-03T04:00"),
    ("2026-07-03T03:59", "2026-07-02T04:00"),
    ("2026-07-03T04:00", "2026-07-03T04:00"),
    ("2026-01-01T00:00", "2025-12-31T04:00"),
])  # fmt: skip
def test_counting_begins_at_the_newest_reset(now, began):
    now, began = (datetime.fromisoformat(text).replace(tzinfo=HANOI) for text in (now, began))
    assert counting_since(now, time(4)) == began


@pytest.mark.parametrize(("terms", "hour"), [
    ({}, 4),
    ({"passback": Passback(PassbackKind.HARD, reset_at=time(5))}, 5),
    ({"capacity": Capacity(9, reset_at=time(3)), "passback": Passback(PassbackKind.HARD, reset_at=time(5))}, 3),
])  # fmt: skip
def test_a_policy_has_one_day_of_counting(terms, hour):
    assert reset_of(Policy("1", "lobby", **terms)) == time(hour)


def levels(capacity, *people):
    """Return the level after each number, one after the other."""
    found = [0]
    for number in people:
        found.append(level(number, capacity, found[-1]))
    return found[1:]


def test_two_levels_on_the_way_up():
    assert levels(Capacity(200), 0, 179, 180, 199, 200, 201) == [0, 0, 1, 1, 2, 2]


def test_a_level_is_left_a_little_below_where_it_was_reached():
    assert levels(Capacity(200), 200, 190, 189, 190, 199, 200) == [2, 2, 1, 1, 1, 2]
    assert levels(Capacity(200), 180, 170, 169, 179) == [1, 1, 0, 0]


def test_the_first_level_may_be_written_down():
    assert levels(Capacity(200, warn_at=100), 99, 100, 200) == [0, 1, 2]


@pytest.mark.parametrize(("people", "first"), [(1, 1), (2, 2), (10, 9), (11, 10), (200, 180)])
def test_the_first_level_is_nine_tenths_rounded_up(people, first):
    assert Capacity(people).first_level == first


@given(st.integers(1, 500), st.lists(st.integers(0, 600)))
def test_an_empty_room_has_room_and_a_full_one_has_none(people, numbers):
    capacity = Capacity(people)
    *_, full, empty = levels(capacity, *numbers, people, 0)
    assert (full, empty) == (2, 0)


@pytest.mark.parametrize(("kind", "data", "doubt"), [
    (EventType.MODE_CHANGED, {"mode": "free_passage", "was": "normal"}, True),
    (EventType.MODE_CHANGED, {"mode": "normal", "was": "free_passage"}, True),
    (EventType.MODE_CHANGED, {"mode": "lockdown", "was": "normal"}, False),
    (EventType.MODE_CHANGED, {"mode": "normal", "by": "free_passage"}, False),
    (EventType.SCHEDULE_CHANGED, {"hold_open": False, "first_person": False}, True),
    (EventType.PASSAGE_LEFT, {"free": True, "assumed": True}, True),
    (EventType.PASSAGE_ENTERED, {"free": True}, False),
    (EventType.ALARM_RAISED, {"alarm": "fire_wiring"}, True),
    (EventType.ALARM_RAISED, {"alarm": "fire"}, True),
    (EventType.ALARM_CLEARED, {"alarm": "fire"}, True),
    (EventType.ALARM_RAISED, {"alarm": "door_held"}, False),
    (EventType.VISIT_ADMITTED, {"alarm": "fire"}, False),
])  # fmt: skip
def test_an_open_door_leaves_doubt(kind, data, doubt):
    assert leaves_doubt(kind, data) is doubt
