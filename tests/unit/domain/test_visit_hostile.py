"""Visits as stories: people whose codes fit each other in part, and everything at once."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Holder, Verified
from kiosk.domain.decision import Admit
from kiosk.domain.names import is_named, same_person
from kiosk.domain.policy_terms import MinorRule, Minors
from kiosk.domain.visit import MAX_EVIDENCE, MAX_SCANS, MAX_VISITS
from kiosk.testing.storybook import (
    ADDRESS,
    ANH,
    BINH,
    CHI,
    DAMAGED,
    DUNG,
    LABEL,
    NOBODY,
    POSTER,
    UNKNOWN,
    VACCINATED,
    Story,
    card,
    expired,
    guest_pass,
    of_a_stranger,
    recovery,
    vaccination,
)

ASIDES = (POSTER, ADDRESS, UNKNOWN, DAMAGED, LABEL)

NAM = Holder("Nguyễn Văn", "Nam", "1990-03-05")
NAMESAKE = replace(NAM, birth_date="1990-07-01")
MASKED = replace(NAM, birth_date="1990")
"""What a personal code shows of either."""


@pytest.fixture
def story():
    return Story()


# people whose codes fit each other only in part


def test_a_personal_code_with_a_masked_date_adds_to_a_certificate_of_that_name_and_year(story):
    story.shows(recovery(NAM))
    story.after(1).shows(card(MASKED))
    assert story.journal() == [("needs_more", "s1"), ("admitted", "s1")]


def test_a_masked_date_that_fits_two_people_does_not_bring_their_codes_together(story):
    story.shows(vaccination(NAM, dose=1))
    story.after(1).shows(card(MASKED))
    story.after(1).shows(vaccination(NAMESAKE))
    assert story.journal()[-1] == ("admitted", "s3")
    assert [one.visit for one in story.answers] == ["s1", "s1", "s3"]
    assert [len(visit.evidence) for visit in story.visits.open] == [2, 1]


def test_the_same_code_stays_its_visits_whatever_else_is_there(story):
    story.shows(vaccination(NAM, dose=1))
    story.after(1).shows(card(MASKED))
    story.after(5).shows(vaccination(NAM, dose=1))
    assert {one.visit for one in story.answers} == {"s1"}


# hostile


CODES = st.sampled_from(
    [*ASIDES, *(make(holder) for holder in (ANH, BINH, CHI, NOBODY)
                for make in (card, recovery, vaccination, expired, of_a_stranger)),
     *(make(holder) for holder in (NAM, NAMESAKE, MASKED, replace(NAM, family_name="Nguyễn"))
       for make in (card, recovery)),
     vaccination(DUNG), recovery(DUNG), card(DUNG), guest_pass(1), guest_pass(2), guest_pass(3, zone="roof")]
)  # fmt: skip


def holders(evidence):
    return [piece.credential.holder for piece in evidence if is_named(piece.credential.holder)]


@given(
    st.lists(
        st.tuples(st.lists(CODES, min_size=1, max_size=3), st.booleans(), st.sampled_from([0, 0.1, 1, 3, 20])),
        max_size=25,
    )
)  # fmt: skip
def test_whatever_is_shown_in_whatever_order(frames):
    story, last = Story(VACCINATED, *Story().policy.admit, minors=Minors(16, MinorRule.WITH_ADULT)), ()
    for codes, beside, pause in frames:
        last = story.shows(*codes, beside=last if beside else ())
        assert len(story.visits.open) <= MAX_VISITS
        for visit in story.visits.open:
            assert len(visit.evidence) <= MAX_EVIDENCE
            assert len(visit.scans) <= MAX_SCANS
            people = holders(visit.evidence)
            assert all(same_person(*both) for both in combinations(people, 2)), "two people's evidence is kept together"
        story.after(pause)
    story.after(100)
    assert story.screen.split()[0] in ("idle", "staff")
    admissions = [visit for what, visit in story.journal() if what == "admitted"]
    assert story.opened == admissions
    assert len(set(admissions)) == len(admissions), "one admission a visit"
    for answer in (one.judged for one in story.answers):
        if not isinstance(answer.decision, Admit):
            continue
        alone = [piece for piece in answer.evidence if isinstance(story.weigh([piece], with_adult=True)[0], Admit)]
        recovered = [piece for piece in answer.evidence if isinstance(piece, Verified)]
        cards = [piece.credential.holder for piece in answer.evidence if not isinstance(piece, Verified)]
        assert alone or any(same_person(piece.credential.holder, one) for piece in recovered for one in cards)


def test_a_flood_of_codes_leaves_a_small_memory(story):
    for number in range(200):
        story.shows(of_a_stranger(CHI, number), guest_pass(number, zone="roof"), card(ANH), POSTER)
    assert len(story.visits.open) == MAX_VISITS
    assert max(len(visit.evidence) for visit in story.visits.open) <= MAX_EVIDENCE


def test_what_can_never_count_makes_room_for_what_can(story):
    story.shows(card(ANH))
    for number in range(10):
        story.shows(of_a_stranger(ANH, number))
    story.shows(recovery(ANH))
    assert story.screen == "admitted"


def test_pieces_that_could_all_count_give_way_by_age(story):
    for dose in range(3, 13):
        story.shows(vaccination(ANH, dose=-dose))
    kept = [piece.credential.credential_id for piece in story.visits.open[0].evidence]
    assert kept == ["v-9", "v-10", "v-11", "v-12"]
