"""Visits as stories: the codes of one person add up, and those of two people never do."""

import pytest

from kiosk.domain.credential import Rejected, Verdict
from kiosk.domain.reasons import Reason
from kiosk.testing.storybook import (
    ANH,
    BINH,
    CHI,
    LABEL,
    NOBODY,
    Story,
    card,
    expired,
    guest_pass,
    recovery,
    vaccination,
)


@pytest.fixture
def story():
    return Story()


# evidence adds up


@pytest.mark.parametrize("codes", [(card(ANH), recovery(ANH)), (recovery(ANH), card(ANH))], ids=["card first", "last"])
@pytest.mark.parametrize("pause", [0, 1, 29])
def test_a_card_and_a_certificate_of_one_person_add_up_within_one_visit(story, codes, pause):
    first, second = codes
    story.shows(first)
    assert story.screen.startswith("more")
    story.after(pause).shows(second)
    assert story.screen == "admitted"
    assert story.journal() == [("needs_more", "s1"), ("admitted", "s1")]
    assert story.answers[-1].judged.evidence == codes
    assert story.opened == ["s1"]


@pytest.mark.parametrize("codes", [(card(ANH), recovery(ANH)), (recovery(ANH), card(ANH))], ids=["card first", "last"])
def test_beside_each_other_they_add_up_at_once(story, codes):
    story.shows(*codes)
    assert story.screen == "admitted"
    assert story.journal()[-1] == ("admitted", "s1")
    assert len(story.opened) == 1


def test_a_visit_ends_half_a_minute_after_its_last_code(story):
    story.shows(card(ANH))
    story.after(30.1).shows(recovery(ANH))
    assert story.journal() == [("needs_more", "s1"), ("needs_more", "s2")]
    story.after(29).shows(card(ANH))
    assert story.journal()[-1] == ("admitted", "s2")


@pytest.mark.parametrize("own", [card(ANH), vaccination(ANH)], ids=["asked for more", "admitted"])
def test_after_half_a_minute_nothing_of_a_visit_is_left_in_memory_although_nobody_comes(story, own):
    story.shows(own)
    assert story.after(30).visits.open
    assert not story.after(0.1).visits.open


def test_an_admission_ends_the_visit_and_its_evidence_is_not_used_again(story):
    story.shows(card(ANH), recovery(ANH))
    story.after(5).shows(recovery(ANH))
    assert story.screen == "more identity_needed"
    assert story.opened == ["s1"]


def test_what_was_shown_first_has_to_be_good_still_when_it_counts(story):
    story.shows(recovery(ANH))
    story.after(10).turns_into(recovery(ANH), expired(ANH))
    story.shows(card(ANH))
    assert story.screen == "refused expired"
    assert story.answers[-1].judged.evidence == (expired(ANH), card(ANH))
    assert story.opened == []


def test_what_was_not_good_yet_may_have_become_so(story):
    story.shows(card(ANH), expired(ANH))
    story.after(10).turns_into(expired(ANH), recovery(ANH))
    story.shows(card(ANH))
    assert story.screen == "admitted"


def test_a_restart_forgets_what_was_shown_and_asks_again(story):
    story.shows(card(ANH))
    again = Story()
    again.shows(recovery(ANH))
    assert again.screen == "more identity_needed"


def test_a_certificate_that_fails_is_told_rather_than_the_card_and_the_next_one_adds_up(story):
    story.shows(card(ANH))
    story.after(3).shows(expired(ANH))
    assert story.screen == "refused expired"
    story.after(3).shows(recovery(ANH))
    assert story.journal() == [("needs_more", "s1"), ("denied", "s1"), ("admitted", "s1")]


def test_what_was_asked_for_stays_asked_for_when_something_worse_is_shown(story):
    story.shows(recovery(ANH))
    story.after(3).shows(expired(ANH))
    assert story.screen == "more identity_needed"


# somebody else's


def test_another_persons_card_does_not_make_a_certificate_good(story):
    story.shows(recovery(ANH))
    story.after(3).shows(card(BINH))
    assert story.screen == "refused identity_mismatch"
    assert story.journal() == [("needs_more", "s1"), ("denied", "s1")]
    story.after(2).shows(card(ANH))
    assert story.journal()[-1] == ("admitted", "s1"), "the right card still adds up"


@pytest.mark.parametrize(
    "codes", [(card(BINH), recovery(ANH)), (recovery(ANH), card(BINH))], ids=["card first", "last"]
)
def test_beside_each_other_another_persons_card_is_a_mismatch_in_either_order(story, codes):
    story.shows(*codes)
    assert story.screen == "refused identity_mismatch"
    assert story.opened == []
    story.after(5).shows(card(BINH))
    assert story.after(0.1).screen == "more not_enough_alone", "from now on it counts for its own holder"
    story.after(2).shows(card(ANH))
    assert story.screen == "admitted"


def test_the_next_in_the_queue_is_not_mixed_with_the_one_who_gave_up(story):
    story.shows(card(ANH))
    story.after(5).shows(recovery(BINH))
    assert story.screen == "more identity_needed", "asked for his own card"
    story.after(3).shows(card(BINH))
    assert story.journal() == [("needs_more", "s1"), ("needs_more", "s2"), ("admitted", "s2")]
    assert story.answers[-1].judged.evidence == (recovery(BINH), card(BINH))


def test_whose_card_was_taken_for_another_ones_does_not_have_to_show_it_again(story):
    story.shows(recovery(ANH))
    story.after(8).shows(card(BINH))
    assert story.screen == "refused identity_mismatch"
    story.after(3).shows(recovery(BINH))
    assert story.screen == "admitted"
    assert story.journal()[-1] == ("admitted", "s2"), "in his own visit"
    assert story.answers[-1].judged.evidence == (card(BINH), recovery(BINH))


def test_the_cards_of_a_queue_keep_no_visit_open_and_only_the_first_is_taken_for_the_answer(story):
    story.shows(recovery(ANH))
    story.after(25).shows(card(CHI))
    assert story.screen == "refused identity_mismatch"
    story.after(3).shows(card(BINH))
    assert story.screen == "more not_enough_alone", "who begins with his card is asked for his certificate"
    for _ in range(10):
        story.after(25).shows(card(CHI))
        assert story.screen == "more not_enough_alone"
        story.after(3).shows(card(BINH))
    story.shows(card(ANH))
    assert story.screen == "more not_enough_alone"
    assert story.opened == []


def test_a_strangers_card_gives_a_visit_no_more_time(story):
    story.shows(recovery(ANH))
    story.after(25).shows(card(BINH))
    story.after(6).shows(card(ANH))
    assert story.screen == "more not_enough_alone", "31 s after the certificate it is forgotten"


def test_who_is_asked_anew_has_the_next_card_taken_for_the_answer_again(story):
    story.shows(recovery(ANH))
    for _ in range(2):
        story.after(3).shows(card(BINH))
        assert story.screen == "refused identity_mismatch"
        story.after(3).shows(recovery(ANH))
        assert story.screen == "more identity_needed"


def test_whose_card_was_taken_for_another_ones_is_no_part_of_their_party(story):
    story.shows(recovery(ANH))
    story.after(3).shows(card(BINH))
    story.after(3).shows(recovery(BINH))
    assert story.pages(4) == [("admitted", 2.5), ("idle", 1.5)], "the other one's refusal does not come back"


def test_a_card_that_was_taken_for_another_ones_gives_its_own_visit_more_time(story):
    story.shows(card(BINH))
    story.after(20).shows(recovery(ANH))
    story.after(5).shows(card(BINH))
    assert story.screen == "refused identity_mismatch"
    story.after(25).shows(recovery(BINH))
    assert story.screen == "admitted"
    assert story.journal()[-1] == ("admitted", "s1")


def test_two_certificates_of_different_people_never_add_up(story):
    story.shows(recovery(ANH))
    story.after(1).shows(recovery(BINH))
    story.after(1).shows(card(CHI))
    assert story.screen == "refused identity_mismatch"
    assert story.opened == []
    assert [len(answer.judged.evidence) for answer in story.answers] == [1, 1, 2]


def test_a_card_after_somebody_else_was_served_is_not_the_answer_to_an_older_question(story):
    story.shows(recovery(ANH))
    story.after(3).shows(guest_pass())
    story.after(5).shows(card(BINH))
    assert story.screen == "more not_enough_alone"


def test_a_pass_that_names_nobody_is_no_part_of_another_ones_visit(story):
    story.shows(card(ANH))
    story.after(3).shows(guest_pass())
    assert story.journal() == [("needs_more", "s1"), ("admitted", "s2")]


def test_where_a_card_is_asked_for_a_code_without_a_name_says_so(story):
    story.shows(recovery(NOBODY), card(ANH))
    assert story.screen == "refused holder_not_named"
    story.after(1).shows(card(NOBODY))
    assert story.screen == "more not_enough_alone"


def test_a_card_without_a_birth_date_binds_nobody(story):
    story.shows(recovery(ANH))
    story.after(1).shows(card(NOBODY))
    assert story.screen == "refused identity_mismatch"
    story.after(1).shows(card(ANH))
    assert story.screen == "admitted"


def test_a_code_without_content_is_nobodys(story):
    bare = Rejected(Verdict.BAD_SIGNATURE, (Reason.SIGNATURE_INVALID,))
    story.shows(bare)
    story.after(1).shows(bare)
    assert story.journal() == [("denied", "s1"), ("denied", "s2")]


# labels of sample tubes


def test_the_label_of_a_tube_is_nobodys_code(story):
    story.shows(LABEL)
    assert story.after(1).screen == "refused sample_label"
    assert story.visits.open == ()


def test_the_label_of_a_tube_is_no_answer_to_the_question_for_a_card(story):
    (own,) = story.shows(recovery(ANH))
    story.after(1).shows(LABEL, beside=[own])
    assert story.after(1).screen == "more identity_needed"
    assert [len(visit.evidence) for visit in story.visits.open] == [1]
    assert story.journal() == [("needs_more", "s1")]
