"""A form as it is filled in: what is asked, what is taken, what staff has to see."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, Verdict
from kiosk.domain.form import (
    NO,
    YES,
    About,
    Form,
    FormError,
    Option,
    Purpose,
    Question,
    QuestionKind,
    When,
    answer,
    as_evidence,
    asked,
    fill,
    in_language,
)
from kiosk.domain.form_values import Problem, ProblemError
from kiosk.domain.reasons import Reason

TODAY = date(2026, 1, 20)
T = {"en": "…"}

NAME = Question("name", QuestionKind.NAME, T, about=About.NAME)
BORN = Question("born", QuestionKind.DATE, T, about=About.BIRTH_DATE)
PHONE = Question("phone", QuestionKind.PHONE, T, required=False, about=About.PHONE)
SYMPTOMS = Question(
    "symptoms", QuestionKind.CHOOSE_MANY, T,
    options=(Option("fever", T, staff=True), Option("cough", T, staff=True), Option("none", T, alone=True)),
)  # fmt: skip
CONTACT = Question("contact", QuestionKind.YES_NO, T, options=(Option(YES, {}, staff=True), Option(NO, {})))
LAST_TIME = Question("last", QuestionKind.DATE, T, days_back=14, when=When("contact", frozenset({YES})))
HOUR = Question("hour", QuestionKind.NUMBER, T, most=Decimal(23), required=False, when=When("last", frozenset({YES})))
HEAT = Question(
    "heat", QuestionKind.NUMBER, T, most=Decimal(45), decimals=1, staff_from=Decimal("37.5"), required=False
)
PLACES = Question("places", QuestionKind.TEXT, T, required=False, max_length=20)
FORM = Form(
    "f", "1", Purpose.DECLARATION, {"en": "Form", "vi": "Tờ khai"}, T,
    (NAME, BORN, PHONE, SYMPTOMS, CONTACT, LAST_TIME, HOUR, HEAT, PLACES),
)  # fmt: skip
WELL = {
    "name": ("Nguyễn Thị Ánh",), "born": ("1990-05-06",), "phone": ("0912 345 678",), "symptoms": ("none",),
    "contact": (NO,), "heat": ("36.8",),
}  # fmt: skip


def problem(question, *given):
    with pytest.raises(ProblemError) as caught:
        answer(question, given, TODAY)
    return caught.value.problem


def test_a_whole_form_is_kept_in_one_way():
    filled = fill(FORM, WELL, TODAY)
    assert filled.clear
    assert filled.answers["phone"] == ("+84912345678",)
    assert "places" not in filled.answers
    assert filled.about(About.NAME) == "Nguyễn Thị Ánh"
    assert filled.about(About.NUMBER) == ""


def test_a_question_is_asked_only_where_an_earlier_one_was_answered_so():
    assert LAST_TIME not in asked(FORM, {"contact": (NO,)})
    assert LAST_TIME in asked(FORM, {"contact": (YES,)})
    assert LAST_TIME not in asked(FORM, {})


def test_a_question_that_hangs_on_one_that_is_not_asked_is_not_asked_either():
    assert HOUR not in asked(FORM, {"contact": (NO,), "last": (YES,)})
    assert HOUR in asked(FORM, {"contact": (YES,), "last": (YES,)})


def test_answers_to_questions_that_are_not_asked_are_left_out():
    filled = fill(FORM, {**WELL, "last": ("2026-01-15",)}, TODAY)
    assert "last" not in filled.answers
    filled = fill(FORM, {**WELL, "contact": (YES,), "last": ("2026-01-15",)}, TODAY)
    assert filled.answers["last"] == ("2026-01-15",)


@pytest.mark.parametrize(
    ("answers", "staff"),
    [
        ({"symptoms": ("cough", "fever")}, ("symptoms",)),
        ({"contact": (YES,), "last": ("2026-01-15",)}, ("contact",)),
        ({"heat": ("37.5",)}, ("heat",)),
        ({"heat": ("37.4",)}, ()),
        ({"symptoms": ("fever",), "heat": ("39",)}, ("symptoms", "heat")),
    ],
)
def test_some_answers_need_staff(answers, staff):
    filled = fill(FORM, {**WELL, **answers}, TODAY)
    assert filled.staff == staff
    assert filled.clear is not bool(staff)


def test_options_are_kept_in_the_order_of_the_form():
    assert answer(SYMPTOMS, ("cough", "fever"), TODAY) == ("fever", "cough")


def test_what_can_be_wrong_with_an_answer():
    assert problem(NAME) is Problem.MISSING
    assert problem(NAME, "  ") is Problem.MISSING
    assert answer(PHONE, ("",), TODAY) == ()
    assert problem(NAME, "An", "Bình") is Problem.NOT_OFFERED
    assert problem(SYMPTOMS, "cold") is Problem.NOT_OFFERED
    assert problem(SYMPTOMS, "fever", "fever") is Problem.NOT_OFFERED
    assert problem(SYMPTOMS, "fever", "none") is Problem.NOT_TOGETHER
    assert problem(CONTACT, YES, NO) is Problem.NOT_OFFERED
    assert problem(LAST_TIME, "2026-01-05") is Problem.TOO_EARLY
    assert answer(LAST_TIME, ("2026-01-06",), TODAY) == ("2026-01-06",)
    assert problem(BORN, "1899-12-31") is Problem.TOO_EARLY
    assert problem(BORN, "2026-01-21") is Problem.TOO_LATE
    assert answer(replace(BORN, days_ahead=1), ("2026-01-21",), TODAY) == ("2026-01-21",)
    assert problem(PLACES, "x" * 21) is Problem.TOO_LONG


def test_a_form_that_cannot_be_taken_names_the_question_and_never_the_answer():
    with pytest.raises(FormError) as caught:
        fill(FORM, {**WELL, "phone": ("12",)}, TODAY)
    assert (caught.value.question, caught.value.problem) == ("phone", Problem.NO_PHONE)
    assert "12" not in str(caught.value)


def test_a_declaration_is_a_persons_own_word_to_the_policy():
    filled = fill(FORM, WELL, TODAY)
    assert as_evidence(filled, "form-1") == Rejected(
        Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.FORM,
        Credential(
            Format.FORM, Kind.DECLARATION, "", "form-1",
            Holder(family_name="Nguyễn Thị Ánh", birth_date="1990-05-06"),
            details={"form": "f", "clear": True, "subject": ""},
        ),
    )  # fmt: skip


def test_a_text_is_said_in_the_language_that_is_read_where_there_is_one():
    assert in_language(FORM.title, "vi") == "Tờ khai"
    assert in_language(FORM.title, "fr") == "Form"
    assert in_language({"vi": "Tờ khai"}, "fr") == "Tờ khai"
    assert in_language({}, "fr") == ""
