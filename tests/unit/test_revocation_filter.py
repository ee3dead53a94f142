"""What stands before a list on disk: never wrong about what is on it, seldom unsure about what is not."""

import hashlib

from kiosk.adapters.revocation_filter import Filter, size

COUNT = 20_000


def identifier(number):
    return hashlib.sha256(number.to_bytes(4, "big")).digest()[:16]


def filled(count=COUNT):
    made = Filter(bytearray(size(count)))
    for number in range(count):
        made.add(identifier(number))
    return made


def test_whatever_is_on_the_list_may_be_on_it():
    made = filled()
    assert all(made.may_have(identifier(number)) for number in range(COUNT))


def test_of_a_hundred_that_are_not_on_it_about_one_may_be():
    made = filled()
    unsure = sum(made.may_have(identifier(number)) for number in range(COUNT, 2 * COUNT))
    assert 0.005 < unsure / COUNT < 0.015


def test_ten_bits_an_entry():
    assert (size(0), size(1), size(4), size(5_000_000)) == (0, 2, 5, 6_250_000)


def test_an_empty_list_has_nothing():
    assert not filled(0).may_have(identifier(1))


def test_an_identifier_whose_halves_are_zero_is_one_as_any_other():
    made = filled(100)
    made.add(bytes(16))
    assert made.may_have(bytes(16))
