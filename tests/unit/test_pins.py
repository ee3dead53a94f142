"""The file of PINs: what it keeps, who may read it, and what happens where it is damaged."""

import json
import stat

import pytest

from kiosk.adapters.pins import PinFile, PinsError
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.domain.staff_sessions import WORST

GUARD, MANAGER = Staff(StaffRole.GUARD, "door"), Staff(StaffRole.MANAGER, "office")


@pytest.fixture
def pins(tmp_path):
    return PinFile(tmp_path)


def book(*pins):
    return json.dumps({"version": 1, "salt": "0" * 32, "pins": pins}).encode()


def code(call, *args):
    with pytest.raises(RefusedError) as caught:
        call(*args)
    return caught.value.code, caught.value.detail


def test_a_pin_says_who_it_is_also_to_the_next_process(pins, tmp_path):
    pins.put(GUARD, "135792")
    pins.put(MANAGER, "246813")
    again = PinFile(tmp_path)
    assert again.everybody() == (GUARD, MANAGER)
    assert (again.find("135792"), again.find("246813"), again.find("908172")) == (GUARD, MANAGER, None)


def test_only_the_kiosk_may_read_the_file_and_no_pin_stands_in_it(pins, tmp_path):
    pins.put(GUARD, "135792")
    path = tmp_path / "pins.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "135792" not in path.read_text()


def test_a_new_pin_takes_the_place_of_the_old_one(pins):
    pins.put(GUARD, "135792")
    pins.put(GUARD, "908172")
    assert (pins.find("135792"), pins.find("908172")) == (None, GUARD)
    pins.put(GUARD, "908172")  # the same again is no other person's


def test_two_people_have_two_pins_as_a_pin_alone_says_who_it_is(pins):
    pins.put(GUARD, "135792")
    assert code(pins.put, MANAGER, "135792") == (Refused.INVALID, "pin_taken")
    assert pins.everybody() == (GUARD,)


def test_a_removed_pin_is_nobodys(pins):
    pins.put(GUARD, "135792")
    pins.put(MANAGER, "246813")
    assert pins.remove("door") == GUARD
    assert pins.find("135792") is None
    assert code(pins.remove, "office") == (Refused.INVALID, "last_manager")
    assert code(pins.remove, "door") == (Refused.NOT_FOUND, "name")


def test_without_pins_that_is_said(pins):
    assert pins.everybody() == ()
    assert code(pins.find, "135792") == (Refused.NO_PINS, "")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"\xff\xfe", b"[" * 9000, b"x" * (17 << 10), b'{"version": 2, "salt": "", "pins": []}',
        b'{"version": 1, "salt": "00", "pins": []}',
        book({"name": "a", "role": "king", "key": "0" * 64}),
        book({"name": "a", "role": "guard", "key": ""}),
        book(*[{"name": "a", "role": "guard", "key": "0" * 64}] * 2),
    ],
    ids=range(11),
)  # fmt: skip
def test_a_damaged_file_lets_nobody_in_and_is_left_as_it_is(pins, tmp_path, content):
    path = tmp_path / "pins.json"
    path.write_bytes(content)
    with pytest.raises(PinsError, match=r"pins\.json: is damaged; move it away"):
        pins.everybody()
    assert code(pins.find, "135792") == (Refused.UNAVAILABLE, "pins")
    with pytest.raises(PinsError):
        pins.put(GUARD, "135792")
    assert path.read_bytes() == content


def test_a_link_in_the_files_place_is_not_followed(pins, tmp_path):
    (tmp_path / "elsewhere").write_text("{}")
    (tmp_path / "pins.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PinsError, match="cannot be read"):
        pins.everybody()


@pytest.mark.parametrize(
    ("content", "misses"), [(None, 0), (b"3\n", 3), (b"7000", WORST), (b"", WORST), (b"-1", WORST), (b"9" * 40, WORST)]
)
def test_wrong_pins_are_remembered_and_where_nobody_can_tell_there_were_many(pins, tmp_path, content, misses):
    if content is not None:
        (tmp_path / "pin-misses").write_bytes(content)
    assert pins.misses() == misses


def test_what_is_remembered_comes_back(pins):
    pins.keep_misses(4)
    assert pins.misses() == 4
