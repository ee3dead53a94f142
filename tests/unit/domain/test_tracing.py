"""Who shared this place and time, against a list on paper and against every pair."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.tracing import LONGEST_S, Contact, Passage, Stay, contacts, stay_of

HOUR = 3600
NINE = 9 * HOUR


def test_a_stay_lasts_from_entry_to_exit_and_is_known_by_its_entry():
    stay = Stay(1, NINE, NINE + 600, left=True)
    assert stay_of(Passage(1, NINE, True, 2, NINE + 600), HOUR) == stay
    assert stay_of(Passage(2, NINE + 600, False, 1, NINE), HOUR) == stay


def test_whoever_was_not_seen_to_leave_stayed_as_long_as_the_venue_says():
    assert stay_of(Passage(1, NINE, True), HOUR) == Stay(1, NINE, NINE + HOUR)


def test_an_exit_belongs_to_an_entry_of_the_day_before_at_most():
    assert LONGEST_S == 86_400


def test_whoever_was_only_seen_to_leave_had_come_as_long_before():
    assert stay_of(Passage(2, NINE, False), HOUR) == Stay(2, NINE - HOUR, NINE, left=True)


def test_who_leaves_as_another_comes_in_has_met_them_and_a_second_later_has_not():
    one = Stay(1, NINE, NINE + HOUR)
    assert one.meets(Stay(2, NINE + HOUR, NINE + 2 * HOUR))
    assert not one.meets(Stay(2, NINE + HOUR + 1, NINE + 2 * HOUR))
    assert one.meets(Stay(2, NINE + HOUR + 60, NINE + 2 * HOUR), 60)
    assert not one.meets(Stay(2, NINE + HOUR + 61, NINE + 2 * HOUR), 60)
    assert not one.meets(Stay(2, NINE - 120, NINE - 61), 60)


def test_contacts_are_all_who_met_and_neither_the_person_nor_those_who_did_not():
    asked = [Stay(1, NINE, NINE + HOUR), Stay(9, NINE + 5 * HOUR, NINE + 6 * HOUR)]
    met, twice, missed = Stay(2, NINE + 1800, NINE + 2 * HOUR), Stay(3, 0, NINE + 9 * HOUR), Stay(4, 0, NINE - 1)
    found = contacts(asked, [*asked, met, twice, missed], 0, but={1, 9})
    assert found == [Contact(met, 1800), Contact(twice, HOUR)]


def test_the_margin_makes_contacts_that_shared_no_second():
    assert contacts([Stay(1, NINE, NINE + 60)], [Stay(2, NINE + 90, NINE + 120)], 30) == [
        Contact(Stay(2, NINE + 90, NINE + 120), 0)
    ]


moments = st.integers(0, 3 * LONGEST_S)
intervals = st.builds(lambda seq, begins, length: Stay(seq, begins, begins + length),
                      st.integers(1, 99), moments, st.integers(0, LONGEST_S))  # fmt: skip


@given(intervals, intervals, st.integers(0, HOUR))
def test_meeting_is_mutual_and_a_wider_margin_loses_nobody(one, other, margin):
    assert one.meets(other, margin) == other.meets(one, margin)
    assert one.shared_s(other) == other.shared_s(one) <= one.ends - one.begins
    assert one.meets(other, margin + 1) or not one.meets(other, margin)
    assert bool(one.shared_s(other)) <= one.meets(other)


@given(intervals, intervals)
def test_meeting_means_that_some_second_belongs_to_both(one, other):
    first, last = max(one.begins, other.begins), min(one.ends, other.ends)
    assert one.meets(other) == (first <= last)
