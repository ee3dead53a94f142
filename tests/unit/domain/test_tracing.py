"""Who shared this place and time, against a list on paper and against every pair."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.tracing import LONGEST_S, Contact, Passage, Stay, contacts, stays

HOUR = 3600
NINE = 9 * HOUR
ANH, BINH = frozenset({b"anh", b"001"}), frozenset({b"binh"})


def came(seq, at, who=frozenset()):
    return Passage(seq, at, True, who)


def left(seq, at, who=frozenset()):
    return Passage(seq, at, False, who)


def test_a_stay_lasts_from_entry_to_exit():
    assert stays([came(1, NINE, ANH), left(2, NINE + 600, ANH)], HOUR) == [Stay(1, NINE, NINE + 600, left=True)]


def test_whoever_was_not_seen_to_leave_stayed_as_long_as_the_venue_says():
    assert stays([came(1, NINE, ANH)], HOUR) == [Stay(1, NINE, NINE + HOUR)]


def test_one_document_less_at_the_exit_is_still_the_same_person():
    assert stays([came(1, NINE, ANH), left(2, NINE + 60, frozenset({b"001"}))], HOUR)[0].left


def test_the_exit_of_another_ends_no_stay():
    found = stays([came(1, NINE, ANH), left(2, NINE + HOUR, BINH)], HOUR)
    assert found == [Stay(1, NINE, NINE + HOUR), Stay(2, NINE, NINE + HOUR, left=True)]


def test_whoever_comes_twice_and_leaves_once_leaves_the_second_time():
    found = stays([came(1, NINE, ANH), came(2, NINE + HOUR, ANH), left(3, NINE + 2 * HOUR, ANH)], 600)
    assert found == [Stay(1, NINE, NINE + 600), Stay(2, NINE + HOUR, NINE + 2 * HOUR, left=True)]


def test_an_exit_a_day_later_ends_a_stay_whose_beginning_nobody_saw():
    late = NINE + LONGEST_S + 1
    found = stays([came(1, NINE, ANH), left(2, late, ANH)], HOUR)
    assert found == [Stay(1, NINE, NINE + HOUR), Stay(2, late - HOUR, late, left=True)]
    assert stays([came(1, NINE, ANH), left(2, late - 1, ANH)], HOUR) == [Stay(1, NINE, late - 1, left=True)]


def test_one_exit_ends_one_stay():
    found = stays([came(1, NINE, ANH), left(2, NINE + 60, ANH), left(3, NINE + 120, ANH)], 30)
    assert [stay.seq for stay in found] == [1, 3]


def test_passages_come_in_any_order():
    assert stays([left(2, NINE + 600, ANH), came(1, NINE, ANH)], HOUR) == [Stay(1, NINE, NINE + 600, left=True)]


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


persons = st.sampled_from([frozenset({bytes([n])}) for n in range(4)])
passages = st.lists(st.builds(Passage, st.integers(1, 10_000), moments, st.booleans(), persons),
                    max_size=30, unique_by=lambda one: one.seq)  # fmt: skip


@given(passages, st.integers(1, LONGEST_S))
def test_every_entry_is_one_stay_and_every_exit_ends_one_or_is_one(given_passages, usual):
    found = stays(given_passages, usual)
    entries = {one.seq for one in given_passages if one.entry}
    assert entries <= {stay.seq for stay in found}
    assert len({stay.seq for stay in found}) == len(found)
    assert sum(stay.left for stay in found) == sum(not one.entry for one in given_passages)
    assert all(0 <= stay.ends - stay.begins <= LONGEST_S for stay in found)
