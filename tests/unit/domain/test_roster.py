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
