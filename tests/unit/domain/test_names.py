import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.credential import Holder, StandIn
from kiosk.domain.names import fold, is_named, same_person, spellings

CARD = Holder(family_name="Nguyễn Thị Ánh", birth_date="1990-08-15")


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Nguyễn Thị Ánh", "NGUYEN THI ANH"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Ánh"), "NGUYEN THI ANH"),
        ("NGUYEN<THI<<ANH", "NGUYEN THI ANH"),
        ("  nguyễn-thị \t ánh ", "NGUYEN THI ANH"),
        ("Đặng Đình Ổn", "DANG DINH ON"),
        ("Ðặng", "DANG"),
        ("O'Brien-D\u2019Arcy", "OBRIEN DARCY"),
        ("Łukasz Ødegård", "LUKASZ OEDEGARD"),
        ("Strauß", "STRAUSS"),
        ("Ærø Œuvre Þór", "AEROE OEUVRE THOR"),
        ("Đỗ  _ Hà", "DO HA"),
        ("Петров", "ПЕТРОВ"),
        ("", ""),
        (" -<< ", ""),
    ],
)
def test_names_are_folded_as_travel_documents_write_them(name, folded):
    assert fold(name) == folded


@given(st.text())
def test_what_is_folded_stays_as_it_is(name):
    once = fold(name)
    assert fold(once) == once
    assert once == once.strip()


def test_a_holder_is_spelt_as_written_and_as_the_issuer_folded_it():
    holder = Holder("Nguyễn Thị", "Ánh", "1990-08-15", "NGUYEN<THI", "ANH")
    assert spellings(holder) == {"NGUYEN THI ANH"}
    assert spellings(Holder("Müller", "Jörg", "", "MUELLER", "JOERG")) == {"MULLER JORG", "MUELLER JOERG"}
    assert spellings(Holder()) == frozenset()


@pytest.mark.parametrize(
    "other",
    [
        Holder("Nguyễn Thị", "Ánh", "1990-08-15"),
        Holder("", "", "1990-08-15", "NGUYEN<THI", "ANH"),
        Holder("Nguyễn T.", "Ánh", "1990-08-15", "NGUYEN<THI", "ANH"),
        Holder("NGUYEN THI ANH", birth_date="1990-08-15T00:00:00"),
    ],
)
def test_one_person_in_two_spellings(other):
    assert same_person(CARD, other)
    assert same_person(other, CARD)


@pytest.mark.parametrize(
    "other",
    [
        Holder("Nguyễn Thị", "Ánh", "1990-08-16"),
        Holder("Nguyễn Thị", "Ánh", "1990"),
        Holder("Nguyễn Thị", "Anh Thư", "1990-08-15"),
        Holder("Trần", "Ánh", "1990-08-15"),
        Holder("Nguyễn Thị", "Ánh"),
        Holder(birth_date="1990-08-15"),
        Holder(),
    ],
)
def test_another_person_or_nobody_known(other):
    assert not same_person(CARD, other)
    assert not same_person(other, CARD)


def test_whoever_is_not_named_is_nobody_not_even_the_same_one():
    for nobody in (Holder(), Holder("Ánh"), Holder(birth_date="1990-08-15")):
        assert not is_named(nobody)
        assert not same_person(nobody, nobody)
    assert is_named(CARD)


def test_what_stands_in_for_a_person_says_whom_that_person_matched():
    anh, card, binh = (
        Holder(stand_in=StandIn(number, same, named=True))
        for number, same in enumerate((frozenset({0, 1}), frozenset({0, 1}), frozenset({2})))
    )
    assert same_person(anh, card)
    assert same_person(card, anh)
    assert not same_person(anh, binh)
    assert not same_person(binh, card)
    assert not same_person(anh, CARD), "a person and a stand-in cannot be compared"
    assert not same_person(CARD, anh)


def test_what_stands_in_for_nobody_in_particular_is_not_named():
    assert is_named(Holder(stand_in=StandIn(0, frozenset({0}), named=True)))
    assert not is_named(Holder(birth_date="1990-08-15", stand_in=StandIn(0, frozenset(), named=False)))
