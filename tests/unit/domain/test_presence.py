from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.presence import (
    ALWAYS_NS,
    AWAY_ALWAYS_MOST_NS,
    AWAY_MOST_NS,
    CAPACITY,
    LONG_NS,
    REARM_NS,
    Presence,
)

MS = 1_000_000
S = 1000 * MS


def test_a_code_that_stays_in_view_is_one_scan():
    presence = Presence()
    assert presence.see([b"A"], 0) == [b"A"]
    assert [presence.see([b"A"], frame * 33 * MS) for frame in range(1, 200)] == [[]] * 199


def test_a_code_that_a_few_frames_miss_is_not_shown_again():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.see([], 700 * MS)
    assert presence.see([b"A"], 1400 * MS) == []


def test_a_code_that_was_away_for_a_second_and_a_half_is_shown_again():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.see([], 1499 * MS)
    assert presence.see([b"A"], 1500 * MS) == [b"A"]


def test_two_codes_at_once_are_two_scans():
    presence = Presence()
    assert presence.see([b"A", b"B"], 0) == [b"A", b"B"]
    assert presence.see([b"B", b"C"], 33 * MS) == [b"C"]


def test_a_gate_process_that_has_restarted_is_told_what_is_in_view():
    presence = Presence()
    presence.see([b"A"], 0)
    presence.forget()
    assert presence.see([b"A"], 33 * MS) == [b"A"]


def test_a_wall_of_codes_fills_the_memory_and_no_more():
    presence = Presence()
    wall = [bytes([n]) for n in range(40)]
    assert len(presence.see(wall, 0)) == CAPACITY
    assert presence.see(wall, 33 * MS) == []
    assert presence.see([b"late"], 33 * MS + REARM_NS) == [b"late"]


def hang(presence, code, begin, end):
    """Let a code hang there from `begin` to `end`, seen every half second; return how often it counted."""
    return sum(len(presence.see([code], at)) for at in (*range(begin, end, 500 * MS), end))


def test_a_poster_does_not_count_anew_for_every_visitor_who_walks_in_front_of_it():
    for hung in (LONG_NS, AWAY_MOST_NS, 2 * AWAY_ALWAYS_MOST_NS):
        presence = Presence()
        assert hang(presence, b"poster", 0, hung) == 1
        for visitor in range(200):
            begin = hung + visitor * 10 * S
            assert hang(presence, b"poster", begin + 3 * S, begin + 10 * S) == 0, "hidden for 3 s, visible for 7"


def away_that_counts(stayed):
    """Return the shortest time away, in whole seconds, after which a code that stayed so long counts anew."""
    presence = Presence()
    hang(presence, b"A", 0, stayed)
    for away in range(1, 700):
        if deepcopy(presence).see([b"A"], stayed + away * S):
            return away
    raise AssertionError("it never counts")


def test_a_code_that_was_there_for_long_has_to_be_away_for_as_long_but_no_longer_than_a_person_comes_back():
    assert away_that_counts(LONG_NS - MS) == 2
    assert away_that_counts(LONG_NS) == 30
    assert away_that_counts(50 * S) == 50
    assert away_that_counts(ALWAYS_NS - S) == AWAY_MOST_NS / S == 60
    assert away_that_counts(ALWAYS_NS) == 300
    assert away_that_counts(2 * AWAY_ALWAYS_MOST_NS) == AWAY_ALWAYS_MOST_NS / S == 600


@pytest.mark.parametrize(("held", "tries"), [(31 * S, 2), (60 * S, 3), (290 * S, 3)])
def test_who_held_a_code_for_long_is_answered_soon_however_often_they_try(held, tries):
    presence = Presence()
    hang(presence, b"A", 0, held)
    answers = [presence.see([b"A"], held + attempt * 25 * S) for attempt in range(1, tries + 1)]
    assert answers == [*[[]] * (tries - 1), [b"A"]]


def test_who_tries_for_a_while_each_time_is_answered_when_they_have_been_away_for_longer():
    presence, counted = Presence(), []
    hang(presence, b"A", 0, 40 * S)
    for attempt in range(1, 4):
        begin = 40 * S + attempt * 25 * S
        counted.append(hang(presence, b"A", begin, begin + 3 * S))
    assert counted == [0, 1, 1]


def test_what_comes_back_and_stays_does_not_count_by_staying():
    presence = Presence()
    hang(presence, b"poster", 0, 40 * S)
    assert hang(presence, b"poster", 42 * S, 500 * S) == 0


def test_posters_that_are_hidden_take_no_room_from_a_visitor():
    presence = Presence()
    posters = [bytes([n]) for n in range(CAPACITY)]
    for at in range(0, LONG_NS + 1, 500 * MS):
        presence.see(posters, at)
    assert presence.see([b"own code"], LONG_NS + REARM_NS - MS) == []
    assert presence.see([b"own code"], LONG_NS + REARM_NS) == [b"own code"]
    assert presence.see(posters, LONG_NS + REARM_NS + 33 * MS) == []  # the one that gave way waits for room


@given(
    st.lists(
        st.tuples(st.sampled_from([33, 700, 1499, 1500, 5000, 29_000, 31_000, 599_000, 601_000]),
                  st.sets(st.sampled_from([b"A", b"B", b"C"]))),
        max_size=60,
    )
)  # fmt: skip
def test_a_scan_means_that_the_code_was_away_long_enough(frames: list[tuple[int, set[bytes]]]):
    presence, now = Presence(), 0
    first, last, owed = {}, {}, {}
    for step, codes in frames:
        now += step * MS
        expected = set()
        for code in codes:
            gap = now - last.get(code, -(10**15))
            if gap >= REARM_NS:
                there = owed.get(code, 0) + last.get(code, 0) - first.get(code, 0)
                hangs = owed.get(code, 0) > 0 or there >= LONG_NS
                due = min(there, AWAY_MOST_NS if there < ALWAYS_NS else AWAY_ALWAYS_MOST_NS) if hangs else 0
                owed[code] = max(0, max(due, REARM_NS) - gap)
                first[code] = now
                if not owed[code]:
                    expected.add(code)
            last[code] = now
        assert set(presence.see(sorted(codes), now)) == expected


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 290))
def test_a_person_is_answered_after_a_minute_away_whatever_went_before(pauses, held):
    presence, now = Presence(), held * S
    hang(presence, b"A", 0, now)
    for pause in pauses:
        now += pause * S
        presence.see([b"A"], now)
    assert presence.see([b"A"], now + AWAY_MOST_NS) == [b"A"]


@given(st.lists(st.tuples(st.integers(1, 3000), st.lists(st.binary(min_size=1, max_size=1), max_size=40)), max_size=40))
def test_the_memory_is_bounded_and_a_code_in_view_is_never_lost_from_it(frames):
    presence, now, known = Presence(), 0, {}
    for step, codes in frames:
        now += step * MS
        new = presence.see(codes, now)
        assert len(presence._stays) <= CAPACITY
        assert len(set(new)) == len(new)
        for code in new:
            assert code not in known or now - known[code] >= REARM_NS
        known |= dict.fromkeys((code for code in codes if code in presence._stays), now)
