"""Visits as stories: what people hold up at the door, and what the door says and writes down."""

import pytest

from kiosk.domain.gate import Fault, FaultSeen, HelpAsked, StaffDone
from kiosk.testing.storybook import (
    ADDRESS,
    ANH,
    DAMAGED,
    LABEL,
    POSTER,
    UNKNOWN,
    Story,
    card,
    expired,
    guest_pass,
    of_a_stranger,
    recovery,
    vaccination,
)

ASIDES = (POSTER, ADDRESS, UNKNOWN, DAMAGED, LABEL)
asides = pytest.mark.parametrize("aside", ASIDES, ids=lambda found: found.reasons[0].value)
good = pytest.mark.parametrize("own", [guest_pass(), vaccination(ANH)], ids=["pass", "certificate"])
refused = pytest.mark.parametrize(
    ("own", "page"),
    [
        (vaccination(ANH, dose=1), "refused doses_missing"),
        (expired(ANH), "refused expired"),
        (guest_pass(zone="roof"), "refused zone_not_allowed"),
        (card(ANH), "more not_enough_alone"),
        (recovery(ANH), "more identity_needed"),
        (of_a_stranger(ANH), "staff issuer_unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)


@pytest.fixture
def story():
    return Story()


# one code


@good
def test_a_good_code_is_admitted_and_the_page_goes_by_itself(story, own):
    story.shows(own)
    assert story.journal() == [("admitted", "s1")]
    assert story.opened == ["s1"]
    assert story.pages(5) == [("admitted", 2.5), ("idle", 2.5)]


@asides
def test_a_code_that_is_nobodys_own_gets_its_hint_when_it_stays_alone(story, aside):
    story.shows(aside)
    assert story.pages(10) == [("code_read", 0.4), (f"refused {aside.reasons[0]}", 8.0), ("idle", 1.6)]
    assert story.journal() == [("denied", "s1")]


# posters and other people's codes


@asides
@good
def test_a_poster_behind_a_visitor_takes_nothing_from_an_admission(story, own, aside):
    story.shows(own)
    for beside in ((), ("s1",)):
        story.after(0.5).shows(aside, beside=beside)
    assert story.pages(1.4) == [("admitted", 1.4)]
    assert story.journal() == [("admitted", "s1")]
    assert story.passed_over == ["s3"], "the one beside the visitor's own; the other waits"


@asides
@good
def test_who_shows_something_else_while_another_one_is_answered_is_answered_after_them(story, own, aside):
    story.shows(own)
    story.after(1).shows(aside)
    assert story.pages(11) == [("admitted", 1.5), (f"refused {aside.reasons[0]}", 8.0), ("idle", 1.5)]
    assert story.journal() == [("admitted", "s1"), ("denied", "s2")]


def test_of_several_such_codes_the_newest_waits(story):
    story.shows(guest_pass())
    story.after(0.5).shows(POSTER)
    story.after(0.5).shows(UNKNOWN)
    assert story.passed_over == ["s2"]
    assert story.after(2).screen == "refused unknown_format"


def test_what_waits_for_the_end_of_another_ones_page_gives_way_to_a_persons_code(story):
    story.shows(vaccination(ANH))
    story.after(0.5).shows(UNKNOWN)
    story.after(0.5).shows(card(ANH))
    assert story.passed_over == ["s3", "s2"]
    assert story.pages(3) == [("admitted", 1.5), ("idle", 1.5)]


def test_what_waits_for_the_end_of_another_ones_page_does_not_wait_for_ever(story):
    story.shows(of_a_stranger(ANH))
    story.after(1).shows(UNKNOWN)
    assert story.after(9.9).passed_over == []
    assert story.after(0.2).passed_over == ["s2"]
    story.put(StaffDone())
    assert story.after(1).screen == "idle"


@asides
@refused
def test_a_poster_behind_a_visitor_takes_nothing_from_any_other_answer(story, own, page, aside):
    story.shows(own)
    before = story.journal()
    story.after(3).shows(aside)
    assert story.pages(2) == [(page, 2.0)]
    assert story.journal() == before


@asides
@good
def test_a_poster_that_is_read_first_is_no_denial_of_the_visitor_whose_code_comes_with_it(story, own, aside):
    story.shows(aside)
    story.after(0.3).shows(own)
    assert story.screen == "admitted"
    story.after(5)
    assert story.journal() == [("admitted", "s2")]
    assert story.passed_over == ["s1"]


@asides
def test_in_one_frame_the_order_does_not_matter(aside):
    for codes in ((aside, guest_pass()), (guest_pass(), aside)):
        story = Story()
        story.shows(*codes)
        assert story.screen == "admitted"
        story.after(5)
        assert [what for what, _ in story.journal()] == ["admitted"]


def test_a_visitor_who_comes_after_the_posters_hint_takes_its_place(story):
    story.shows(POSTER)
    assert story.after(2).screen == "refused venue_poster"
    story.shows(guest_pass())
    assert story.screen == "admitted"
    assert story.journal() == [("denied", "s1"), ("admitted", "s2")]


def test_a_poster_beside_a_code_that_is_still_held_is_not_answered_even_when_the_page_has_gone(story):
    (own,) = story.shows(expired(ANH))
    story.after(20)
    assert story.screen == "idle"
    story.shows(POSTER, beside=[own])
    assert story.pages(2) == [("idle", 2.0)]
    assert story.journal() == [("denied", "s1")]


def test_a_poster_alone_after_somebodys_page_has_gone_gets_its_hint(story):
    story.shows(recovery(ANH))
    story.after(10).shows(POSTER)
    assert story.after(1).screen == "refused venue_poster"
    assert story.journal() == [("needs_more", "s1"), ("denied", "s2")], "two visits: it is no denial of the first"


def test_two_posters_are_answered_once_and_a_third_after_them(story):
    story.shows(POSTER, ADDRESS)
    assert story.after(1).screen == "refused venue_poster"
    story.shows(UNKNOWN)
    assert story.after(1).screen == "refused unknown_format"
    assert story.journal() == [("denied", "s1"), ("denied", "s3")]


def test_a_poster_does_not_clear_the_page_of_somebody_who_waits_for_staff(story):
    story.shows(POSTER)
    story.after(1).put(HelpAsked())
    story.shows(ADDRESS)
    assert story.after(1).screen == "staff help_requested"
    story.put(StaffDone())
    story.shows(ADDRESS)
    story.put(HelpAsked())
    assert story.after(1).screen == "staff help_requested", "help is not taken back by a poster that waited"


@refused
def test_a_new_code_takes_the_place_of_any_answer_to_somebody_else(story, own, page):
    story.shows(own)
    assert story.after(1).screen == page
    story.shows(guest_pass(7))
    assert story.screen == "admitted"


# the same person again


def test_the_first_valid_read_counts_and_a_second_certificate_of_the_same_person_is_no_second_admission(story):
    story.shows(vaccination(ANH))
    for worse in (vaccination(ANH, dose=1), expired(ANH), of_a_stranger(ANH), card(ANH), recovery(ANH)):
        story.after(0.3).shows(worse)
        assert story.screen == "admitted"
    assert story.opened == ["s1"]
    assert story.journal() == [("admitted", "s1")]


def test_two_good_certificates_of_one_person_in_one_frame_admit_one_person(story):
    story.shows(vaccination(ANH), vaccination(ANH, dose=3))
    assert story.screen == "admitted"
    assert story.opened == ["s1"]


def test_a_card_beside_a_pass_that_names_nobody_lies_in_the_same_hand(story):
    story.shows(guest_pass(), card(ANH))
    assert story.pages(2) == [("admitted", 2.0)]
    story = Story()
    story.shows(card(ANH), guest_pass())
    assert story.screen == "admitted"
    assert story.journal() == [("needs_more", "s1"), ("admitted", "s1")]


def test_after_the_page_has_gone_the_same_code_is_a_new_visit(story):
    story.shows(guest_pass())
    story.after(2).shows(guest_pass())
    assert story.opened == ["s1"]
    story.after(3).shows(guest_pass())
    assert story.opened == ["s1", "s3"]


def test_a_refused_person_may_try_another_certificate(story):
    story.shows(expired(ANH))
    story.after(5).shows(vaccination(ANH))
    assert story.journal() == [("denied", "s1"), ("admitted", "s1")]


def test_the_same_code_again_is_answered_again_in_the_same_visit(story):
    story.shows(recovery(ANH))
    story.after(5).shows(recovery(ANH))
    assert story.journal() == [("needs_more", "s1")] * 2
    assert len(story.visits.open[0].evidence) == 1


# an admission that the gate could not carry out


def test_who_was_not_let_in_because_of_the_relay_may_show_the_same_pass_again(story):
    story.put(FaultSeen(Fault.RELAY, present=True))
    story.shows(guest_pass())
    assert story.screen == "staff relay_fault"
    story.put(FaultSeen(Fault.RELAY, present=False))
    story.after(1.6).shows(guest_pass())
    assert story.screen == "admitted"
    assert story.opened == ["s1"]


def test_who_was_not_let_in_because_of_the_journal_may_show_the_same_codes_again(story):
    story.journal_works = False
    story.shows(card(ANH), recovery(ANH))
    story.fails()
    assert story.screen == "staff journal_unavailable"
    story.journal_works = True
    story.after(1.6).shows(card(ANH))
    assert story.screen == "admitted", "the certificate is remembered"


def test_whose_admission_came_too_late_may_show_the_same_pass_again_beside_the_first(story):
    story.journal_works = False
    own = story.shows(guest_pass())
    story.after(3.1).journal_works = True
    story.commits()
    assert story.opened == []
    story.shows(guest_pass(), beside=own)
    assert story.opened == ["s1"]
    assert story.journal() == [("admitted", "s1"), ("annulled", "s1"), ("admitted", "s1")]
