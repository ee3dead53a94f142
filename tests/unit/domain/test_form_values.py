"""What people enter: kept in one way, or refused with what is wrong."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain import form_values as values
from kiosk.domain.form_values import Problem, ProblemError

FIRST, LAST = date(2026, 1, 10), date(2026, 1, 20)


def problem(call, *arguments):
    with pytest.raises(ProblemError) as caught:
        call(*arguments)
    return caught.value.problem


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("0912345678", "+84912345678"), ("091 234 56 78", "+84912345678"), ("(028) 3829-1234", "+842838291234"),
        ("+84 912 345 678", "+84912345678"), ("0084912345678", "+84912345678"), ("+49 30 901820", "+4930901820"),
        ("+1-202-555-0143", "+12025550143"),
    ],
)  # fmt: skip
def test_phone_numbers_are_kept_in_one_way(entered, kept):
    assert values.phone(entered) == kept


@pytest.mark.parametrize(
    "entered", ["912345678", "091234567", "09123456789012", "0112345678", "+8491", "+0123456789", "ba"]
)
def test_what_is_no_phone_number(entered):
    assert problem(values.phone, entered) is Problem.NO_PHONE


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Ánh", "Ó Briain", "Jean-Luc O\u2019Neil", "李小龙", "محمد علي", "प्रिया शर्मा"]
)
def test_names_of_every_script_are_taken(name):
    assert values.name(f"  {name} ") == values.written(name)


def test_a_name_typed_with_loose_marks_is_kept_as_others_write_it():
    assert values.name("Nguye\u0302\u0303n  Anh") == "Nguyễn Anh"


@pytest.mark.parametrize("name", ["A", "...", "An 2", "An@", "☺☺"])
def test_what_is_no_name(name):
    assert problem(values.name, name) is Problem.NO_NAME


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "a\u200fb", "a\ud800"])
def test_control_characters_and_what_turns_the_writing_are_refused(text):
    assert problem(values.written, text) is Problem.NO_TEXT


def test_texts_are_bounded():
    assert values.written("x" * 200) == "x" * 200
    assert problem(values.written, "x" * 201) is Problem.TOO_LONG
    assert problem(values.written, " " * 10_000) is Problem.TOO_LONG
    assert problem(values.name, "x" * 101) is Problem.TOO_LONG


def test_dates_are_of_the_calendar_and_within_their_bounds():
    assert values.day("2026-01-10", FIRST, LAST) == "2026-01-10"
    assert values.day("2026-01-20", FIRST, LAST) == "2026-01-20"
    assert problem(values.day, "2026-01-09", FIRST, LAST) is Problem.TOO_EARLY
    assert problem(values.day, "2026-01-21", FIRST, LAST) is Problem.TOO_LATE


@pytest.mark.parametrize("text", ["2026-02-30", "20260115", "15.01.2026", "", "2026-1-15", "\u0662026-01-15"])
def test_what_is_no_date(text):
    assert problem(values.day, text, FIRST, LAST) is Problem.NO_DATE


def test_numbers_have_no_more_places_than_they_may():
    least, most = Decimal(34), Decimal(43)
    assert values.number("36,8", least, most, 1) == "36.8"
    assert values.number(" 37 ", least, most, 1) == "37.0"
    assert values.number("-5", Decimal(-9), Decimal(0), 0) == "-5"
    assert problem(values.number, "36.85", least, most, 1) is Problem.NO_NUMBER
    assert problem(values.number, "36.", least, most, 1) is Problem.NO_NUMBER
    assert problem(values.number, "1e1", least, most, 1) is Problem.NO_NUMBER
    assert problem(values.number, "33.9", least, most, 1) is Problem.TOO_SMALL
    assert problem(values.number, "43.1", least, most, 1) is Problem.TOO_LARGE
    assert values.number("34", least, most, 0) == "34"
    assert values.number("43", least, most, 0) == "43"


@given(st.text(max_size=60))
def test_whatever_is_entered_is_kept_or_refused_and_what_is_kept_stays_so(text):
    for call in (values.phone, values.name, values.written):
        try:
            kept = call(text)
        except ProblemError:
            continue
        assert call(kept) == kept
