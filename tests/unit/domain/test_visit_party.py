"""Visits as stories: a family's phone, children with an adult, and who is told what in which turn."""

from dataclasses import replace

import pytest

from kiosk.domain.decision import Admit
from kiosk.domain.gate import TURNS, Fault, FaultSeen, Judged, Touched
from kiosk.domain.policy_terms import MinorRule, Minors
from kiosk.testing.storybook import (
    ANH,
    BINH,
    CHI,
    DUNG,
    POSTER,
    Story,
    card,
    expired,
    guest_pass,
    of_a_stranger,
    recovery,
    vaccination,
)


@pytest.fixture
def story():
    return Story()


# a family's phone


def test_two_good_codes_in_view_together_admit_two_people(story):
    story.shows(vaccination(ANH), vaccination(BINH))
    assert story.screen == "admitted 2 people"
    assert story.journal() == [("admitted", "s1"), ("admitted", "s2")]
    assert story.opened == ["s1", "s2"], "the second one extends the opening"
    assert story.pages(3) == [("admitted 2 people", 2.5), ("idle", 0.5)]


def test_the_second_code_may_be_read_a_little_later(story):
    first = story.shows(guest_pass(1))
    assert story.after(1).screen == "admitted"
    story.shows(guest_pass(2), beside=first)
    assert story.pages(3) == [("admitted 2 people", 2.5), ("idle", 0.5)]
    assert story.opened == ["s1", "s2"]


def test_three_people(story):
    story.shows(guest_pass(1), guest_pass(2), vaccination(CHI), POSTER)
    assert story.screen == "admitted 3 people"


def test_one_after_the_other_they_are_not_one_party(story):
    story.shows(guest_pass(1))
    story.after(1).shows(guest_pass(2))
    assert story.screen == "admitted"
    assert story.opened == ["s1", "s2"]


@pytest.mark.parametrize("order", [1, -1])
def test_one_admitted_and_one_refused_are_both_told(story, order):
    story.shows(*(vaccination(ANH), vaccination(BINH, dose=1))[::order])
    assert story.pages(12) == [("admitted", 1.5), ("refused doses_missing", 8.0), ("idle", 2.5)]
    assert sorted(what for what, _ in story.journal()) == ["admitted", "denied"]
    assert len(story.opened) == 1


@pytest.mark.parametrize("order", [1, -1])
def test_with_a_slow_journal_the_admission_is_still_told_first(story, order):
    story.journal_works = False
    story.shows(*(vaccination(ANH), vaccination(BINH, dose=1))[::order])
    story.after(1)
    story.journal_works = True
    story.commits()
    assert story.pages(12) == [("admitted", 1.5), ("refused doses_missing", 8.0), ("idle", 2.5)]


@pytest.mark.parametrize("order", [1, -1])
def test_one_admitted_and_one_for_whom_staff_is_called(story, order):
    story.shows(*(vaccination(ANH), of_a_stranger(BINH))[::order])
    assert story.pages(4) == [("admitted", 1.5), ("staff issuer_unknown", 2.5)]
    assert [draft.type for draft in story.records].count("staff.called") == 1


def test_a_certificate_that_admits_by_itself_beside_another_ones_card_leaves_the_card_its_own_answer(story):
    story.shows(card(ANH), vaccination(BINH))
    assert story.pages(10)[:2] == [("admitted", 1.5), ("more not_enough_alone", 8.0)]
    assert story.journal() == [("needs_more", "s1"), ("admitted", "s2")]


def test_who_came_before_and_is_shown_beside_others_now_is_one_of_them(story):
    story.shows(expired(BINH))
    story.after(10).shows(vaccination(ANH), expired(BINH))
    assert story.pages(4) == [("admitted", 1.5), ("refused expired", 2.5)]


def test_two_who_are_refused_are_told_one_after_the_other_and_a_touch_gives_the_first_longer(story):
    story.shows(expired(ANH), vaccination(BINH, dose=1))
    assert story.pages(13) == [("refused expired", 4.0), ("refused doses_missing", 8.0), ("idle", 1.0)]
    story.shows(expired(CHI), vaccination(BINH, dose=1))
    story.put(Touched())
    assert story.pages(20)[0] == ("refused expired", 19.0)


def test_where_too_many_are_refused_the_call_for_staff_is_told_all_the_same(story):
    refusals = [guest_pass(number, zone="roof") for number in range(TURNS + 2)]
    story.shows(*refusals, of_a_stranger(BINH))
    assert [turn.view.name for turn in story.gate.later] == ["REFUSED"] * (TURNS - 1) + ["STAFF"]
    assert story.after(4 * TURNS + 1).screen == "staff issuer_unknown"


def test_an_admission_that_makes_one_turn_too_many_does_not_push_out_the_call_for_staff(story):
    refusals = [guest_pass(number, zone="roof") for number in range(TURNS)]
    story.shows(*refusals, of_a_stranger(BINH))
    story.shows(guest_pass(99), beside=["s1"])
    assert story.screen == "admitted"
    assert [turn.view.name for turn in story.gate.later] == ["REFUSED"] * (TURNS - 1) + ["STAFF"]


def test_somebody_else_takes_the_screen_at_once_whatever_a_party_was_still_to_be_told(story):
    story.shows(vaccination(ANH), vaccination(BINH, dose=1))
    story.after(0.5).shows(guest_pass())
    assert story.pages(10) == [("admitted", 2.5), ("idle", 7.5)]
    assert len(story.journal()) == 3


@pytest.mark.parametrize(
    ("other", "then"),
    [
        (expired(BINH), [("refused expired", 8.0), ("idle", 1.5)]),
        (of_a_stranger(BINH), [("staff issuer_unknown", 9.5)]),
    ],
    ids=["refused", "staff"],
)
def test_a_late_admission_of_another_one_does_not_take_a_refusal_from_who_has_only_just_read_it(story, other, then):
    story.journal_works = False
    story.shows(guest_pass())
    story.after(0.5).shows(other)
    story.after(0.3).journal_works = True
    story.commits()
    assert story.pages(11) == [("admitted", 1.5), *then], "told again, in full"
    assert story.opened == ["s1"]


def test_a_refusal_that_was_read_is_not_told_again_after_another_ones_admission(story):
    story.shows(expired(BINH))
    story.after(3).journal_works = False
    story.put(Judged("late", Admit("guests")))
    story.after(1).commits()
    assert story.pages(4) == [("admitted", 2.5), ("idle", 1.5)]


# children who are let in with an adult only


@pytest.fixture
def guarded():
    return Story(minors=Minors(16, MinorRule.WITH_ADULT))


def test_a_child_whose_code_is_read_before_the_adults_is_let_in_by_itself_and_once(guarded):
    guarded.shows(vaccination(DUNG), vaccination(ANH))
    assert guarded.journal() == [("denied", "s1"), ("admitted", "s2"), ("admitted", "s1")]
    assert guarded.opened == ["s2", "s1"]
    assert guarded.answers[-1].judged.evidence == (vaccination(DUNG),), "the child's codes alone"
    assert guarded.pages(5) == [("admitted 2 people", 2.5), ("idle", 2.5)], "nobody waits for staff any more"
    guarded.shows(vaccination(BINH))
    assert guarded.opened == ["s2", "s1", "s3"]


def test_the_adults_code_may_be_read_beside_the_childs_a_moment_later(guarded):
    child = guarded.shows(vaccination(DUNG))
    assert guarded.screen == "staff minor_alone"
    guarded.after(29).shows(vaccination(ANH), beside=child)
    assert guarded.screen == "admitted 2 people"
    guarded.after(1).shows(vaccination(DUNG))
    assert guarded.opened == ["s2", "s1"], "passed over, as any code of who was just admitted"


def test_an_adult_who_still_needs_a_card_brings_the_child_in_when_it_comes(guarded):
    child = guarded.shows(vaccination(DUNG))
    guarded.shows(recovery(ANH), beside=child)
    assert guarded.opened == []
    guarded.after(3).shows(card(ANH))
    assert guarded.opened == ["s2", "s1"]


def test_two_children_come_in_with_one_adult(guarded):
    other = replace(DUNG, given_name="Em", given_name_icao="EM")
    guarded.shows(vaccination(DUNG), vaccination(other), vaccination(ANH))
    assert guarded.opened == ["s3", "s1", "s2"]
    assert guarded.screen == "admitted 3 people"


@pytest.mark.parametrize("late", [0, 31], ids=["not beside", "too late"])
def test_an_adult_of_another_party_or_who_comes_too_late_brings_no_child_in(guarded, late):
    child = guarded.shows(vaccination(DUNG))
    guarded.after(late).shows(vaccination(ANH), beside=child if late else ())
    assert guarded.opened == ["s2"]


@pytest.mark.parametrize("adult", [expired(ANH), card(ANH), guest_pass()], ids=["refused", "card", "of unknown age"])
def test_who_is_no_adult_for_sure_or_not_let_in_brings_no_child_in(guarded, adult):
    guarded.shows(vaccination(DUNG), adult)
    assert "s1" not in guarded.opened


def test_a_child_whose_code_does_not_count_any_more_stays_with_staff(guarded):
    child = guarded.shows(vaccination(DUNG))
    guarded.turns_into(vaccination(DUNG), expired(DUNG))
    guarded.after(3).shows(vaccination(ANH), beside=child)
    assert guarded.journal() == [("denied", "s1"), ("admitted", "s2")]
    assert guarded.after(2).screen == "staff minor_alone"


def test_an_adult_whom_the_gate_cannot_let_in_brings_no_child_in(guarded):
    guarded.put(FaultSeen(Fault.RELAY, present=True))
    guarded.shows(vaccination(DUNG), vaccination(ANH))
    assert guarded.journal() == [("denied", "s1"), ("denied", "s2")]


def test_with_a_slow_journal_both_are_told_once_both_are_on_record(guarded):
    guarded.journal_works = False
    guarded.shows(vaccination(DUNG), vaccination(ANH))
    assert guarded.opened == []
    guarded.after(1).commits()
    assert guarded.opened == ["s2", "s1"]
    assert guarded.screen == "admitted 2 people"
