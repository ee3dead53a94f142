"""How often a PIN may be tried, and how long a session lasts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.staff import Staff, StaffRole
from kiosk.domain.staff_sessions import FORGIVEN_S, FREE, IDLE_S, LONGEST_LOCK_S, WORST, Attempts, Session, lock_s

S = 10**9
NOW = 7 * S


def missed(times, now=NOW):
    attempts = Attempts()
    for _ in range(times):
        attempts = attempts.missed(now)
    return attempts


@pytest.mark.parametrize(
    ("misses", "wait_s"), [(0, 0), (4, 0), (5, 60), (6, 120), (7, 240), (8, 480), (9, 900), (20, 900)]
)
def test_from_the_fifth_miss_on_one_waits_and_twice_as_long_each_time(misses, wait_s):
    assert missed(misses).wait_s(NOW) == wait_s
    assert lock_s(misses) == wait_s


def test_how_many_tries_are_left_is_told():
    assert [missed(times).tries_left for times in range(7)] == [5, 4, 3, 2, 1, 0, 0]


def test_the_wait_is_told_in_whole_seconds_and_ends():
    locked = missed(FREE)
    assert [locked.wait_s(NOW + ns) for ns in (1, S, 60 * S - 1, 60 * S, 61 * S)] == [60, 59, 1, 0, 0]


def test_time_forgives_a_miss_every_quarter_of_an_hour():
    later = NOW + FORGIVEN_S * S
    assert missed(4).missed(later - 1).misses == 5
    assert missed(4).missed(later).misses == 4
    assert missed(4).missed(NOW + 100 * FORGIVEN_S * S).misses == 1


def test_time_that_has_passed_towards_the_next_one_is_not_lost():
    half = FORGIVEN_S * S // 2
    once = missed(3).forgiven(NOW + 3 * half)
    assert (once.misses, once.forgiven(NOW + 4 * half).misses) == (2, 1)


def test_a_manager_begins_anew_and_nobody_else_does():
    four = missed(4)
    assert [four.signed_in(role, NOW).misses for role in StaffRole] == [4, 0, 4]


def test_after_a_restart_the_wait_begins_anew():
    assert Attempts.resumed(4, NOW).wait_s(NOW) == 0
    assert Attempts.resumed(6, NOW).wait_s(NOW) == 120
    assert Attempts.resumed(10_000, NOW) == Attempts.resumed(WORST, NOW)
    assert Attempts.resumed(-3, NOW).misses == 0


@given(st.lists(st.tuples(st.integers(0, 3600), st.booleans()), max_size=300))
def test_whoever_guesses_gets_few_tries_however_they_time_them_and_pull_the_plug(moves):
    attempts, now, tries = Attempts(), NOW, 0
    for seconds, restart in moves:
        now += seconds * S
        if restart:
            attempts = Attempts.resumed(attempts.misses, now)
        if not attempts.wait_s(now):
            tries += 1
            attempts = attempts.missed(now)
            # The owner of a guard's PIN tries too: that gives no more of them.
            attempts = attempts.signed_in(StaffRole.GUARD, now)
        assert attempts.wait_s(now) <= LONGEST_LOCK_S
    hours = (now - NOW) / (3600 * S)
    assert tries <= WORST + 4 * hours + 1


def test_a_session_ends_when_nothing_has_been_asked_for_a_while():
    session = Session(Staff(StaffRole.GUARD, "door"), NOW)
    end = NOW + IDLE_S * S
    assert not session.is_over(end - 1)
    assert session.is_over(end)
    assert not session.used(end - 1).is_over(end)
