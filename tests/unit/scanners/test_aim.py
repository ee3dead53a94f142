"""AIM identifiers: what kind of code it was, and the bytes that were in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.adapters.scanners.aim import identified
from kiosk.domain.symbology import Symbology

QR_ONLY = (Symbology.QR,)
BOTH = (Symbology.QR, Symbology.CODE128)


def qr(data):
    return identified(data, QR_ONLY)


@given(st.binary(max_size=80), st.sampled_from([b"0", b"1", b"3", b"5"]))
def test_a_qr_code_loses_its_identifier_and_nothing_else(data, modifier):
    assert qr(b"]Q" + modifier + data) == (Symbology.QR, data)


@pytest.mark.parametrize("data", [b"", b"]", b"]Q", b"]Q7x", b"]C1x", b"]d2x", b"]F0123", b"]e0x", b"]q1x", b"x]Q1"])
def test_what_is_not_said_to_be_a_qr_code_is_none(data):
    assert qr(data) is None


@pytest.mark.parametrize("data", [b"]C0NCOV-2108-000123", b"]C1NCOV-2108-000123"])
def test_a_code_128_is_taken_only_where_it_is_wanted(data):
    assert identified(data, BOTH) == (Symbology.CODE128, b"NCOV-2108-000123")
    assert qr(data) is None


@pytest.mark.parametrize("data", [b"]C2x", b"]C4x", b"]C", b"]F0123456", b"]E04006381333931", b"x]C0123456", b"123456"])
def test_other_linear_codes_are_never_taken(data):
    assert identified(data, BOTH) is None


def test_a_qr_code_stays_one_where_code_128_is_wanted_too():
    assert identified(b"]Q1NCOV-2108-000123", BOTH) == (Symbology.QR, b"NCOV-2108-000123")


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
        assert qr(b"]Q" + bytes([modifier]) + sent) == (Symbology.QR, held)


@given(st.binary(max_size=80))
def test_what_an_imager_escapes_comes_back_whole(data):
    assert qr(b"]Q2\\000026" + data.replace(b"\\", b"\\\\")) == (Symbology.QR, data)
