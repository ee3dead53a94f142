"""Whoever was let in is found again by the number or the name of a document, however it is written."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.birth import HiddenBirthDate, birth_hash
from kiosk.domain.credential import Credential, Format, Holder, Kind, Rejected, TrustBasis, Verdict, Verified
from kiosk.domain.look_up import asked_number, asked_person, number_term, terms_of
from kiosk.domain.reasons import Reason

BORN = date(1990, 8, 15)
ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15")


def a_pass(holder=ANH, number="booking-1", **details):
    credential = Credential(Format.PASS, Kind.VISIT, "Desk", number, holder, details=details)
    return Verified(credential, "01", TrustBasis("1", 0))


def a_card(holder=ANH, number="001190012345", **details):
    card = Credential(Format.CCCD, Kind.IDENTITY, "VN", number, holder, details=details)
    return Rejected(Verdict.UNSIGNED, (Reason.UNSIGNED_CARD,), Format.CCCD, card)


def is_found(asked, *evidence):
    return not set(asked).isdisjoint(terms_of(evidence))


def test_the_terms_of_a_pass_are_its_number_its_name_and_its_name_without_the_middle():
    assert terms_of([a_pass()]) == (
        b"number\0BOOKING1", b"name\0ANH NGUYEN THI\x001990-08-15", b"short\0ANH NGUYEN\x001990-08-15",
    )  # fmt: skip


@pytest.mark.parametrize("typed", ["001190012345", "001 190 012 345", "001-190-012345"])
def test_a_number_is_found_however_it_is_typed(typed):
    assert is_found(asked_number(typed), a_pass(), a_card())
    assert not is_found(asked_number(typed), a_pass())


def test_capitals_and_hyphens_of_a_number_do_not_matter():
    assert is_found(asked_number("BOOKING 1"), a_pass())
    assert number_term("bOO-king1") == b"number\0BOOKING1"
    assert asked_number("--- ") == ()


def test_of_a_number_64_characters_are_looked_at():
    assert number_term("7" * 64) == number_term("7" * 65) != number_term("7" * 63)


def test_what_a_document_says_of_its_holder_in_other_numbers_finds_it_too():
    assert is_found(asked_number("guest-7"), a_pass(subject="guest-7"))
    assert is_found(asked_number("123456789"), a_card(old_number="123456789"))
    assert not is_found(asked_number("7"), a_pass(subject=7))


@pytest.mark.parametrize("typed", [
    "Nguyễn Thị Ánh", "NGUYEN THI ANH", "nguyen thi anh", "Ánh Nguyễn Thị", "Nguyễn Ánh",
])  # fmt: skip
def test_a_name_is_found_with_and_without_its_marks_turned_round_and_without_its_middle(typed):
    assert is_found(asked_person(typed, BORN), a_pass())


@pytest.mark.parametrize("typed", ["Nguyễn Thị Anh Thư", "Nguyễn Văn Ánh", "Thị Ánh", "Nguyễn", "Nguyễn Thị Bình"])
def test_another_name_is_not_found(typed):
    assert not is_found(asked_person(typed, BORN), a_pass())


def test_where_the_document_leaves_the_middle_out_the_whole_name_finds_it():
    short = Holder("Nguyễn", "Ánh", "1990-08-15")
    assert is_found(asked_person("Nguyễn Thị Ánh", BORN), a_pass(short))


def test_thi_and_van_alone_may_be_missing():
    long = Holder("Nguyễn", "Văn Anh Tuấn", "1990-08-15")
    assert is_found(asked_person("Nguyễn Anh Tuấn", BORN), a_pass(long))
    assert not is_found(asked_person("Nguyễn Văn Tuấn Anh", date(1990, 8, 16)), a_pass(long))


@pytest.mark.parametrize(("typed", "found"), [
    ("Nguyễn Ánh", True), ("Nguyễn Minh Ánh", True), ("Nguyễn Thị Ánh", False), ("Minh Ánh", False),
])  # fmt: skip
def test_of_four_words_all_middle_ones_may_be_missing_or_thi_alone(typed, found):
    assert is_found(asked_person(typed, BORN), a_pass(Holder("Nguyễn Thị", "Minh Ánh", "1990-08-15"))) is found


def test_another_middle_word_alone_may_not_be_missing():
    assert not is_found(asked_person("Nguyễn Minh Ánh", BORN), a_pass(Holder("Nguyễn Hoàng", "Minh Ánh", "1990-08-15")))


def test_letters_that_may_be_written_in_several_ways_are_found_in_each():
    holder = Holder("Müller", "Jürgen", "1990-08-15")
    assert is_found(asked_person("MUELLER JUERGEN", BORN), a_pass(holder))
    assert is_found(asked_person("Muller Jurgen", BORN), a_pass(holder))


def test_a_name_without_a_whole_birth_date_is_no_person():
    assert terms_of([a_pass(Holder("Nguyễn", "Ánh", "1990"), "")]) == ()
    assert terms_of([a_pass(Holder("Nguyễn", "Ánh"), "")]) == ()
    assert not is_found(asked_person("Nguyễn Thị Ánh", date(1990, 8, 16)), a_pass())
    assert terms_of([a_pass(Holder("", "", "1990-08-15"), "")]) == ()


def test_a_birth_date_that_a_pass_hides_is_told_by_the_card_beside_it():
    hidden = HiddenBirthDate(b"s", birth_hash(b"s", "1990-08-15"))
    holder = Holder("Nguyễn Thị", "Ánh", hidden_birth_date=hidden)
    assert not is_found(asked_person("Nguyễn Thị Ánh", BORN), a_pass(holder))
    assert is_found(asked_person("Nguyễn Thị Ánh", BORN), a_pass(holder), a_card())


def test_a_code_that_could_not_be_read_says_nobody():
    assert terms_of([Rejected(Verdict.MALFORMED, (Reason.UNREADABLE,))]) == ()


@given(st.text(max_size=40), st.dates(date(1, 1, 1), date(2100, 1, 1)))
def test_whoever_types_what_the_document_says_finds_it(name, born):
    holder = Holder(name, birth_date=born.isoformat())
    terms = terms_of([a_pass(holder, "")])
    assert not terms or is_found(asked_person(name, born), a_pass(holder, ""))
