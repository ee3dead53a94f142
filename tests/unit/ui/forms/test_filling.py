"""A visitor's way through a form, step by step."""

from datetime import date
from pathlib import Path

import pytest

from kiosk.api.messages import FormTaken, Page
from kiosk.domain.form import Purpose
from kiosk.domain.form_values import Problem
from kiosk.form_file import load_forms
from ui.forms.filling import ASK_MS, IDLE_MS, MS, RECEIPT_MS, SENDING_MS, Filling, Stage

FORMS = load_forms(
    Path(__file__).resolve().parents[4] / "firmware_config" / "forms", ("health-declaration.toml", "check-in.toml")
)
TODAY = date(2026, 11, 25)
CLOSED = [Page.FIRE, Page.LOCKDOWN, Page.MAINTENANCE, Page.OUT_OF_ORDER, Page.FREE_PASSAGE]
SERVING = [page for page in Page if page not in {Page.IDLE, *CLOSED}]


def begun(purpose=Purpose.DECLARATION):
    return Filling.begin(FORMS[purpose], TODAY, 0)


def at_review(symptom="none"):
    filling = begun().enter("Nguyễn Thị Ánh").enter("06051990").enter("0912345678")
    return filling.choose(symptom).next().choose("no").next().choose("no").next()


def sending():
    return at_review().next().agree().next()


def test_one_question_comes_after_the_other_and_then_all_answers():
    filling = begun()
    assert (filling.at, filling.number) == ("name", 1)
    filling = filling.enter("Nguyễn Thị Ánh")
    assert (filling.at, filling.number) == ("birth_date", 2)
    filling = at_review()
    assert filling.stage is Stage.REVIEW
    assert filling.answers["birth_date"] == ("1990-05-06",)
    assert filling.answers["phone"] == ("+84912345678",)


def test_an_answer_that_cannot_be_taken_says_why_and_stays():
    filling = begun().enter("x")
    assert (filling.at, filling.problem, filling.draft) == ("name", Problem.NO_NAME, ("x",))
    assert filling.enter("Ánh Lê").problem is None


@pytest.mark.parametrize(("typed", "problem"), [
    ("31022000", Problem.NO_DATE), ("0605199", Problem.NO_DATE), ("", Problem.MISSING), ("26112026", Problem.TOO_LATE),
    ("31121899", Problem.TOO_EARLY),
])  # fmt: skip
def test_days_that_there_are_not(typed, problem):
    assert begun().enter("Ánh Lê").enter(typed).problem is problem


def test_of_several_options_each_is_chosen_and_taken_back_and_none_excludes_them():
    filling = begun().enter("Ánh Lê").enter("06051990").enter("0912345678")
    assert filling.choose("fever").choose("cough").draft == ("fever", "cough")
    assert filling.choose("fever").choose("fever").draft == ()
    assert filling.choose("fever").choose("none").draft == ("none",)
    assert filling.choose("none").choose("fever").draft == ("fever",)
    assert filling.choose("no such") is filling


def test_a_question_has_one_answer_where_it_has_one():
    filling = begun().enter("Ánh Lê").enter("06051990").enter("0912345678").choose("none").next()
    assert filling.choose("yes").choose("no").draft == ("no",)


def test_going_back_shows_what_was_answered_and_before_the_first_question_ends_it():
    filling = begun().enter("Ánh Lê").back()
    assert (filling.at, filling.draft) == ("name", ("Ánh Lê",))
    assert filling.back() is None


def test_an_answer_is_changed_from_the_review_and_leads_back_to_it():
    filling = at_review().change("name")
    assert (filling.stage, filling.at) == (Stage.QUESTION, "name")
    assert filling.back().stage is Stage.REVIEW
    filling = filling.enter("Lê Ánh")
    assert filling.stage is Stage.REVIEW
    assert filling.answers["name"] == ("Lê Ánh",)
    assert at_review().change("no such").stage is Stage.REVIEW


def test_a_changed_answer_that_asks_more_asks_it_before_the_review():
    filling = at_review().change("contact").choose("yes").next()
    assert (filling.stage, filling.at) == (Stage.QUESTION, "contact_date")
    assert filling.enter("20112026").stage is Stage.REVIEW


def test_what_may_be_passed_over_is_asked_once_more_only_by_choice():
    filling = at_review().change("travelled").choose("yes").next()
    assert filling.stage is Stage.REVIEW
    assert any(one.id == "places" for one in filling.questions)


def test_nothing_is_sent_without_consent_and_nothing_is_ticked_beforehand():
    filling = at_review().next()
    assert (filling.stage, filling.agreed) == (Stage.CONSENT, False)
    asked = filling.next()
    assert (asked.stage, asked.failed) == (Stage.CONSENT, "agree")
    assert asked.agree().failed == ""
    assert filling.agree().next().stage is Stage.SENDING
    assert filling.agree().agree().next().stage is Stage.CONSENT
    assert filling.agree().back().next().agreed is False


def test_a_declaration_is_over_once_the_gate_has_taken_it():
    assert sending().taken(FormTaken(id=1)) is None


def test_a_check_in_ends_with_a_receipt_and_keeps_no_answer():
    filling = begun(Purpose.CHECK_IN).enter("302").enter("Ánh Lê").enter("36,8").choose("none").next().next()
    filling = filling.next().agree().next().taken(FormTaken(id=1, receipt="7A3F2C"))
    assert (filling.stage, filling.receipt, filling.answers) == (Stage.RECEIPT, "7A3F2C", {})
    assert filling.back() is None
    assert filling.pass_time(Page.IDLE, (RECEIPT_MS - 1) * MS) is not None
    assert filling.pass_time(Page.IDLE, RECEIPT_MS * MS) is None


def test_what_the_gate_does_not_take_is_said_where_it_can_be_mended():
    wrong = sending().taken(FormTaken(id=1, code="invalid", question="phone", problem="no_phone"))
    assert (wrong.stage, wrong.at, wrong.problem) == (Stage.QUESTION, "phone", Problem.NO_PHONE)
    assert wrong.enter("0912345678").stage is Stage.REVIEW
    odd = sending().taken(FormTaken(id=1, code="invalid", question="no such", problem="no_phone"))
    assert (odd.stage, odd.failed) == (Stage.CONSENT, "invalid")
    assert sending().taken(FormTaken(id=1, code="not_recorded")).failed == "not_recorded"
    assert begun().taken(FormTaken(id=1)) == begun(), "not what was asked"


def test_a_gate_that_says_nothing_is_waited_for_a_while():
    filling = sending()
    assert filling.pass_time(Page.IDLE, (SENDING_MS - 1) * MS) is filling
    late = filling.pass_time(Page.IDLE, SENDING_MS * MS)
    assert (late.stage, late.failed, late.agreed) == (Stage.CONSENT, "unreachable", True)
    assert filling.back() is filling


def test_after_a_while_it_asks_and_then_forgets_everything():
    filling = begun().enter("Ánh Lê")
    assert filling.pass_time(Page.IDLE, (IDLE_MS - 1) * MS) is filling
    asking = filling.pass_time(Page.IDLE, IDLE_MS * MS)
    assert asking.stage is Stage.STILL_THERE
    assert asking.left_s(IDLE_MS * MS) == ASK_MS // 1000
    assert asking.pass_time(Page.IDLE, (IDLE_MS + ASK_MS - 1) * MS) is asking
    assert asking.pass_time(Page.IDLE, (IDLE_MS + ASK_MS) * MS) is None


def test_whoever_is_there_goes_on_as_often_as_they_like():
    filling, now = begun().enter("Ánh Lê"), 0
    for _ in range(12):
        now += IDLE_MS * MS
        filling = filling.pass_time(Page.IDLE, now).touch(now).next()
        assert (filling.stage, filling.at) == (Stage.QUESTION, "birth_date")
    assert filling.pass_time(Page.IDLE, now + IDLE_MS * MS).back() is None


@pytest.mark.parametrize("page", SERVING)
def test_somebody_else_is_answered_first_and_then_it_asks_without_showing_an_answer(page):
    filling = at_review().pass_time(page, 5).pass_time(page, 6)
    assert filling.stage is Stage.STILL_THERE
    assert filling.pass_time(Page.IDLE, 7).touch(7).next().stage is Stage.REVIEW


def test_a_form_that_was_left_behind_is_forgotten_though_a_line_of_people_is_answered():
    filling, now = at_review(), 0
    while filling is not None and now <= ASK_MS + 1000:
        page = Page.ADMITTED if now % 5000 else Page.IDLE  # one after another, with a glimpse of the form between them
        filling, now = filling.pass_time(page, now * MS), now + 1000
    assert filling is None


def test_while_staff_comes_to_whoever_fills_in_the_form_it_waits():
    filling = at_review().pass_time(Page.STAFF, 5).pass_time(Page.STAFF, 10 * ASK_MS * MS)
    assert filling.stage is Stage.STILL_THERE
    assert filling.pass_time(Page.IDLE, (10 * ASK_MS + 1) * MS) is filling


@pytest.mark.parametrize("page", SERVING)
def test_the_answer_to_a_form_does_not_bring_it_back(page):
    assert sending().pass_time(page, 5).taken(FormTaken(id=1)) is None


@pytest.mark.parametrize("page", CLOSED)
def test_where_nobody_is_served_it_is_given_up(page):
    assert at_review().pass_time(page, 5) is None
    assert sending().pass_time(page, 5) is None


def test_nothing_happens_on_a_page_that_does_not_have_it():
    review = at_review()
    assert review.choose("fever") is review
    assert review.enter("x") is review
    assert review.agree() is review
    assert begun().change("name").stage is Stage.QUESTION
