"""Who belongs here, and on which days."""

from datetime import date

import pytest

from kiosk.domain.roster import Member, Roster

STAFF = Member("s-1", "staff", frozenset({"lobby"}), date(2026, 7, 1), date(2026, 7, 31), key="ab" * 32)
PUPIL = Member("p-1", "class 5", frozenset({"school"}))


@pytest.mark.parametrize(("zone", "day", "belongs"), [
    ("lobby", date(2026, 7, 1), True), ("lobby", date(2026, 7, 31), True), ("lobby", date(2026, 6, 30), False),
    ("lobby", date(2026, 8, 1), False), ("school", date(2026, 7, 5), False),
])  # fmt: skip
def test_a_member_belongs_where_and_when_it_says(zone, day, belongs):
    assert STAFF.belongs(zone, day) is belongs


def test_without_dates_it_is_for_good_and_without_zones_nowhere():
    assert PUPIL.belongs("school", date(2031, 1, 1))
    assert not Member("x").belongs("school", date(2031, 1, 1))


def test_members_are_found_by_id_and_by_the_hash_of_a_number():
    roster = Roster.of([STAFF, PUPIL])
    assert len(roster) == 2
    assert roster.members["p-1"] is PUPIL
    assert dict(roster.by_key) == {"ab" * 32: STAFF}


def test_a_member_more_or_another_in_the_place_of_one():
    grown = Roster.of([STAFF]).including(PUPIL)
    assert set(grown.members) == {"s-1", "p-1"}
    moved = grown.including(Member("p-1", "class 6"))
    assert (len(moved), moved.members["p-1"].group) == (2, "class 6")


def test_who_ends_belongs_here_up_to_the_last_day():
    ended = Roster.of([STAFF, PUPIL]).ending("s-1", date(2026, 7, 9)).members["s-1"]
    assert ended.belongs("lobby", date(2026, 7, 9))
    assert not ended.belongs("lobby", date(2026, 7, 10))
    assert ended.key == STAFF.key


def test_who_would_end_before_beginning_is_no_member_any_more():
    assert set(Roster.of([STAFF, PUPIL]).ending("s-1", date(2026, 6, 30)).members) == {"p-1"}


def test_nobody_ends_who_is_no_member():
    with pytest.raises(KeyError):
        Roster.of([STAFF]).ending("p-1", date(2026, 7, 9))
