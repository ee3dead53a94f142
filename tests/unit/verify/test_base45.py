"""Base45 against another implementation, and RFC 9285's own examples."""

import base45 as package
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.verify.base45 import b45decode

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.mark.parametrize(
    ("text", "data"),
    [("BB8", b"AB"), ("%69 VD92EX0", b"Hello!!"), ("UJCLQE7W581", b"base-45"), ("QED8WEX0", b"ietf!"), ("", b"")],
)
def test_the_examples_of_the_specification(text, data):
    assert b45decode(text) == data


@pytest.mark.parametrize(
    "text",
    ["0", "0000", "GGX", "GGW" + ":::", "000GGX", "U6", "::", "0a0", "BB8\n", "B\0B", "BBé", "BB\ud800", "BB\uff21"],
)
def test_what_is_not_base45_is_refused(text):
    with pytest.raises(ValueError, match="Base45"):
        b45decode(text)


def test_the_largest_values():
    assert b45decode("FGW") == b"\xff\xff"
    assert b45decode("U5") == b"\xff"


@given(st.binary(max_size=3000))
def test_it_reads_what_another_encoder_writes(data):
    assert b45decode(package.b45encode(data).decode()) == data


@given(st.text(ALPHABET, max_size=60) | st.text(max_size=10))
def test_it_refuses_what_another_decoder_refuses(text):
    try:
        expected = package.b45decode(text)
    except ValueError:
        expected = None
    # The other one passes over line feeds at the end: nothing here does.
    if expected is None or text.endswith("\n"):
        with pytest.raises(ValueError, match="Base45"):
            b45decode(text)
    else:
        assert b45decode(text) == expected
