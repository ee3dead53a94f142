"""The keyboard while a person types: cursor, capitals, layers, what fits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.keyboard.entry import Entry
from ui.keyboard.layouts import GAP_MM, KEY_MM, LETTERS, PAD_EXTRAS, WIDE_MM, Does, board
from ui.keyboard.state import Shift, Typing

LAYOUTS = sorted(LETTERS | PAD_EXTRAS.keys())


def typed(typing, keys):
    for key in keys:
        typing = typing.press(Does.TYPE, key)
    return typing


def test_a_name_begins_each_word_with_a_capital():
    assert typed(Typing.begin("name"), "nguyeenx thij hoaf").entry.text == "Nguyễn Thị Hòa"


def test_a_text_begins_each_sentence_with_a_capital():
    assert typed(Typing.begin("text"), "tooi ddau. hoj nhieeuf").entry.text == "Tôi đau. Họ nhiều"


def test_an_address_is_typed_as_it_stands():
    assert typed(Typing.begin("email"), "aanh.le@x.vn").entry.text == "aanh.le@x.vn"


def test_a_password_is_typed_as_it_stands():
    assert typed(Typing.begin("plain"), "aa dd$1").entry.text == "aa dd$1"
    assert typed(Typing.begin("text"), "aa dd").entry.text != "aa dd"


def test_telex_can_be_turned_off():
    typing = Typing.begin("name").press(Does.TELEX)
    assert typed(typing, "aas").entry.text == "Aas"


def test_shift_is_for_one_letter_and_twice_for_all():
    once = Typing.begin("email").press(Does.SHIFT)
    assert once.shift is Shift.ONCE
    assert typed(once, "ab").entry.text == "Ab"
    locked = once.press(Does.SHIFT)
    assert typed(locked, "ab").entry.text == "AB"
    assert locked.press(Does.SHIFT).shift is Shift.OFF


def test_symbols_stay_until_a_space():
    typing = typed(Typing.begin("text").press(Does.SYMBOLS), "12")
    assert typing.symbols
    assert not typed(typing, " ").symbols
    assert not typing.press(Does.LETTERS).symbols


def test_the_cursor_goes_back_into_a_word_and_its_tone_is_changed_there():
    typing = typed(Typing.begin("name"), "lan anh").press(Does.LEFT)
    assert typing.entry.cursor == 6
    assert typed(typing, "s").entry.text == "Lan Ánh"
    for _ in range(10):
        typing = typing.press(Does.LEFT)
    assert typing.entry.cursor == 0
    assert typed(typing, "x").entry.text == "xLan Anh"


def test_erasing_takes_one_character_as_it_is_read():
    typing = typed(Typing.begin("name"), "tieengs")
    assert typing.press(Does.ERASE).entry.text == "Tiến"
    assert typed(typing.press(Does.ERASE), "gf").entry.text == "Tiềng"
    assert Typing.begin("name").press(Does.ERASE).entry.text == ""
    assert Entry("ab", tail="cd").erase_after().text == "abd"


def test_a_text_that_is_full_takes_marks_and_no_more_letters():
    typing = typed(Typing.begin("name", max_length=4), "anhn")
    assert typed(typing, "x").entry.text == "Anhn"
    assert typed(Typing.begin("name", max_length=3), "anhs").entry.text == "Ánh"


def test_a_text_that_was_too_long_already_can_still_be_shortened():
    typing = Typing.begin("text", "x" * 9, max_length=4)
    assert typed(typing, "y").entry.text == "x" * 9
    assert typing.press(Does.ERASE).entry.text == "x" * 8


def test_a_real_keyboard_types_what_the_layout_has():
    pin = Typing.begin("pin", max_length=6)
    assert pin.type("a") is pin
    assert pin.type("7").entry.text == "7"
    assert pin.type("") is pin
    assert Typing.begin("phone").type("+").entry.text == "+"
    assert Typing.begin("text").type("\n").entry.text == ""
    assert Typing.begin("email").type("É").entry.text == "É"


def test_a_date_is_shown_with_strokes_as_it_grows():
    typing = Typing.begin("date")
    shown = []
    for digit in "060519901":
        typing = typing.press(Does.TYPE, digit)
        shown.append(typing.shown)
    assert shown == ["0", "06", "06/0", "06/05", "06/05/1", "06/05/19", "06/05/199", "06/05/1990", "06/05/1990"]
    assert typing.entry.text == "06051990"
    assert typing.shown_cursor == 10
    assert typing.move_to(3).shown_cursor == 4


def test_an_unknown_layout_is_letters():
    assert Typing.begin("emoji").layout == "text"


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("symbols", [False, True])
@pytest.mark.parametrize("narrow", [False, True])
def test_rows_are_as_wide_as_their_board(layout, symbols, narrow):
    keys = board(layout, symbols=symbols, narrow=narrow)
    assert all(sum(key.units for key in row) == keys.columns for row in keys.rows)
    assert sum(key.does is Does.ACCEPT for row in keys.rows for key in row) == 1
    assert sum(key.does is Does.ERASE for row in keys.rows for key in row) == 1


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("layout", sorted(LETTERS))
def test_both_shapes_have_all_letters_and_digits(layout, narrow):
    def types(*, symbols):
        return {key.types for row in board(layout, symbols=symbols, narrow=narrow).rows for key in row}

    assert set("abcdefghijklmnopqrstuvwxyz") <= types(symbols=False)
    assert set("0123456789@#%&*()/:;!?\"'-+=_~") <= types(symbols=True) | types(symbols=False)


def test_ten_keys_fit_beside_each_other_on_the_smallest_glass_that_lies():
    assert WIDE_MM <= 800 / 5.19
    assert 5 * KEY_MM + 4 * GAP_MM <= 720 / 8.2


@given(st.lists(st.sampled_from([(key.does, key.types) for row in board("name").rows for key in row]), max_size=40))
def test_no_keys_break_it(keys):
    typing = Typing.begin("name", max_length=12)
    for does, types in keys:
        typing = typing.press(does, types)
        assert len(typing.entry.text) <= 12
        assert 0 <= typing.entry.cursor <= len(typing.entry.text)
