"""Visits as stories: what people hold up at the door, and what the door says and writes down."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Holder, Rejected, Verdict, Verified
from kiosk.domain.decision import Admit
from kiosk.domain.gate import TURNS, Fault, FaultSeen, HelpAsked, Judged, StaffDone, Touched
from kiosk.domain.names import is_named, same_person
from kiosk.domain.policy_terms import MinorRule, Minors
from kiosk.domain.reasons import Reason
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


@refused
def test_a_new_code_takes_the_place_of_any_answer_to_somebody_else(story, own, page):
    story.shows(own)
    assert story.after(1).screen == page
    story.shows(guest_pass(7))
    assert story.screen == "admitted"


# people whose codes fit each other only in part

NAM = Holder("Nguyễn Văn", "Nam", "1990-03-05")
NAMESAKE = replace(NAM, birth_date="1990-07-01")
MASKED = replace(NAM, birth_date="1990")
"""What a personal code shows of either."""


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
