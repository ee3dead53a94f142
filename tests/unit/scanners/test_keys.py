"""Key events in, codes out."""

import re
import string
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.scanners.assembly import Discard, Received
from kiosk.adapters.scanners.decoders import SILENT_NS
from kiosk.adapters.scanners.keys import EVENT, US, KeyDecoder
from kiosk.api.messages import MAX_CODE
from kiosk.testing.scanners import LEFT_SHIFT, dropped_event, key_event, typed

MS = 1_000_000
NOW = 1_000_000_000
ESCAPE, TAB, ENTER, LEFT_CTRL, KEY_A, KEY_M, CAPS_LOCK, NUM_LOCK, KP_ENTER = 1, 15, 28, 29, 30, 50, 58, 69, 96
PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
HEADER = Path("/usr/include/linux/input-event-codes.h")
PASS = "HC1:6BF+70790T9WJWG.FKY*4GO0.O1CV2 O5 N2FBBRW1*70HS8WY04AC*WIFN0AHCD8KD97TK0F90KECTHGWJC0FDC:5AIA%G7X+"


def decode(events: bytes) -> tuple[list[bytes], Counter[Discard]]:
    discarded: Counter[Discard] = Counter()
    return [code.data for code in KeyDecoder(discarded).feed(events, 0)], discarded


def press(*keys: int, at_ns: int = NOW) -> bytes:
    return b"".join(key_event(key, value, at_ns) for key in keys for value in (1, 0))


@pytest.mark.skipif(not HEADER.is_file(), reason="the kernel's list of key codes is not installed (linux-libc-dev)")
def test_the_layout_has_the_kernels_key_codes():
    codes = {name: int(code) for name, code in re.findall(r"#define KEY_(\w+)\s+(\d+)\s", HEADER.read_text())}
    names = {
        "MINUS": "-_", "EQUAL": "=+", "LEFTBRACE": "[{", "RIGHTBRACE": "]}", "SEMICOLON": ";:", "APOSTROPHE": "'\"",
        "GRAVE": "`~", "BACKSLASH": "\\|", "COMMA": ",<", "DOT": ".>", "SLASH": "/?", "SPACE": "  ",
        "KPASTERISK": "**", "KPSLASH": "//", "KPMINUS": "--", "KPPLUS": "++", "KPDOT": "..", "KPEQUAL": "==",
        "KPCOMMA": ",,",
        **{letter: letter.lower() + letter for letter in string.ascii_uppercase},
        **dict(zip(string.digits, ("0)", "1!", "2@", "3#", "4$", "5%", "6^", "7&", "8*", "9("), strict=True)),
        **{f"KP{digit}": digit * 2 for digit in string.digits},
    }  # fmt: skip
    assert {codes[name]: (ord(pair[0]), ord(pair[1])) for name, pair in names.items()} == US


def test_a_pass_is_typed_and_enter_ends_it():
    assert decode(typed(PASS + "\n", NOW)) == ([PASS.encode()], Counter())


@given(st.text(PRINTABLE, min_size=1, max_size=60), st.data())
def test_everything_printable_survives_however_the_events_are_chopped(text, data):
    events = typed(text + "\n", NOW)
    cut = data.draw(st.integers(0, len(events)))
    decoder = KeyDecoder(Counter())
    assert [code.data for part in (events[:cut], events[cut:]) for code in decoder.feed(part, 0)] == [text.encode()]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 260), st.integers(-1, 2)), max_size=80))
def test_no_events_at_all_break_it_and_only_printable_ascii_comes_out(events):
    stream = b"".join(EVENT.pack(1, n, kind, code, value) for n, (kind, code, value) in enumerate(events))
    codes, _ = decode(stream + press(ENTER))
    assert all(32 <= byte < 127 for code in codes for byte in code)


def test_the_keypad_types_digits_and_its_enter_ends_a_code():
    assert decode(press(NUM_LOCK, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, KP_ENTER))[0] == [b"1234567890."]


def test_caps_lock_turns_letters_only_and_shift_turns_them_back():
    shifted = key_event(LEFT_SHIFT, 1, NOW) + press(KEY_A, 2) + key_event(LEFT_SHIFT, 0, NOW)
    assert decode(press(CAPS_LOCK, KEY_A, 2) + shifted + press(CAPS_LOCK, KEY_A, ENTER))[0] == [b"A1a!a"]


def test_a_key_that_repeats_by_itself_is_one_key():
    held = key_event(KEY_A, 1, NOW) + key_event(KEY_A, 2, NOW) * 20 + key_event(KEY_A, 0, NOW)
    assert decode(held + press(ENTER))[0] == [b"a"]


@pytest.mark.parametrize("spoiler", [press(ESCAPE), press(TAB), press(14), press(59), press(103), press(255)])
def test_a_key_that_stands_for_no_character_spoils_its_code_and_no_other(spoiler):
    events = typed("one", NOW) + spoiler + typed("more\nnext\n", NOW)
    assert decode(events) == ([b"next"], Counter({Discard.BROKEN: 1}))


@pytest.mark.parametrize("chord", [29, 97, 56, 100, 125, 126])
def test_ctrl_alt_and_meta_type_nothing(chord):
    chorded = key_event(chord, 1, NOW) + press(KEY_M) + key_event(chord, 0, NOW)
    assert decode(typed("ab", NOW) + chorded + press(ENTER) + typed("cd\n", NOW)) == (
        [b"cd"],
        Counter({Discard.BROKEN: 1}),
    )


def test_events_that_the_kernel_lost_spoil_the_code_and_what_follows_is_not_believed_before_the_next_report():
    lost = dropped_event(NOW) + key_event(LEFT_SHIFT, 1, NOW)[: EVENT.size] + typed("", NOW) + key_event(0, 0, NOW)
    events = typed("HC1:AB", NOW) + lost + typed("cd\nnext\n", NOW)
    assert decode(events) == ([b"next"], Counter({Discard.LOST: 1}))


def test_a_shift_whose_release_was_lost_is_not_held_for_ever():
    events = key_event(LEFT_SHIFT, 1, NOW) + dropped_event(NOW) + press(ENTER, ENTER) + typed("ab\n", NOW)
    assert decode(events)[0] == [b"ab"]


def test_typing_without_end_is_dropped_up_to_enter():
    flood = typed("x" * (MAX_CODE + 1), NOW)
    assert decode(flood + press(ENTER) + typed("y\n", NOW)) == ([b"y"], Counter({Discard.TOO_LONG: 1}))
    assert decode(typed("x" * MAX_CODE + "\n", NOW))[0] == [b"x" * MAX_CODE]


def test_what_was_typed_without_enter_does_not_begin_the_next_code():
    later = NOW + SILENT_NS + 10 * MS
    assert decode(typed("half", NOW) + typed("whole\n", later)) == ([b"whole"], Counter({Discard.UNFINISHED: 1}))


def test_a_code_says_when_the_kernel_saw_its_first_and_last_key():
    decoder = KeyDecoder(Counter())
    assert decoder.feed(typed("ab\n", NOW), NOW * 9) == [Received(b"ab", NOW, NOW + 4 * MS)]


def test_silence_is_noticed_without_a_key_as_well():
    discarded: Counter[Discard] = Counter()
    decoder = KeyDecoder(discarded)
    decoder.feed(press(KEY_A), 0)
    assert decoder.due_ns == NOW + SILENT_NS
    decoder.quiet(NOW + SILENT_NS)
    assert decoder.due_ns == 0
    assert discarded == Counter({Discard.UNFINISHED: 1})
