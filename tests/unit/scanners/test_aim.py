"""AIM identifiers: what kind of code it was, and the bytes that were in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.scanners.aim import without_identifier


@given(st.binary(max_size=80), st.sampled_from([b"0", b"1", b"3", b"5"]))
def test_a_qr_code_loses_its_identifier_and_nothing_else(data, modifier):
    assert without_identifier(b"]Q" + modifier + data) == data


@pytest.mark.parametrize("data", [b"", b"]", b"]Q", b"]Q7x", b"]C1x", b"]d2x", b"]F0123", b"]e0x", b"]q1x", b"x]Q1"])
def test_what_is_not_said_to_be_a_qr_code_is_none(data):
    assert without_identifier(data) is None


@pytest.mark.parametrize(
    ("sent", "held"),
    [
        (rb"a\\b", rb"a\b"),
        (rb"a\\000026", rb"a\000026"),
        (rb"\00002", rb"\00002"),
        ("\\000026Thị Ánh\\000003x".encode(), "Thị Ánhx".encode()),
    ],
)
def test_an_identifier_with_eci_means_that_character_sets_are_named_within(sent, held):
    for modifier in b"246":
        assert without_identifier(b"]Q" + bytes([modifier]) + sent) == held


@given(st.binary(max_size=80))
def test_what_an_imager_escapes_comes_back_whole(data):
    assert without_identifier(b"]Q2\\000026" + data.replace(b"\\", b"\\\\")) == data
