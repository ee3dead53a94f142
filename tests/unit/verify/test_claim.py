"""The provisioning code: what is put in comes out; anything else is refused in one way, and nothing of it repeated."""

from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import pytest
from base45 import b45encode
from hypothesis import given
from hypothesis import strategies as st

from kiosk.verify.claim import MAX_TEXT, PREFIX, Claim, ClaimError, decode, encode

CLAIM = Claim(
    host="provisioning.example",
    port=8443,
    ca_sha256=bytes(range(32)),
    token=b"sixteen secret b",
    kiosk="hanoi/north-gate/gate-1",
    until=datetime(2026, 7, 5, 9, tzinfo=UTC),
)
CONTENT = {1: ["provisioning.example", 8443], 2: bytes(32), 3: bytes(16), 4: "hanoi/north-gate/gate-1", 5: 1783242000}


def text_of(content: object) -> str:
    return PREFIX + b45encode(cbor2.dumps(content)).decode()


def test_a_code_comes_back_as_it_was_made():
    assert decode(encode(CLAIM)) == CLAIM


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::1", "::1", "a", "x" * 253])
def test_hosts(host):
    claim = replace(CLAIM, host=host)
    assert decode(encode(claim)) == claim


def test_a_code_fits_the_compact_way_of_qr_codes():
    assert set(encode(CLAIM)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def test_the_longest_code_is_read():
    longest = replace(CLAIM, host="x" * 253, kiosk="/".join(["n" * 63] * 3))
    assert decode(encode(longest)) == longest


def test_the_token_is_not_shown():
    assert "secret" not in repr(CLAIM)


def test_the_content_that_the_page_describes():
    assert decode(text_of(CONTENT)).until == CLAIM.until


@pytest.mark.parametrize(
    "changed",
    [
        {1: ["https://x/", 1]}, {1: ["", 1]}, {1: ["x" * 254, 1]}, {1: ["-x", 1]}, {1: ["x;rm", 1]}, {1: ["x\n", 1]},
        {1: ["x", 0]}, {1: ["x", 65_536]}, {1: ["x"]}, {1: ["x", "1"]}, {1: "x"},
        {2: bytes(31)}, {2: "x" * 32}, {3: bytes(15)}, {3: bytes(17)}, {3: None},
        {4: "a/b"}, {4: "a/b/c/d"}, {4: "a/b/"}, {4: "a/../c"}, {4: "A/b/c"}, {4: "a/b/kiosk_centre"}, {4: 1},
        {5: -1}, {5: 253_402_300_800}, {5: 1.5}, {5: "now"}, {6: "more"},
    ],
)  # fmt: skip
def test_other_content_is_refused(changed):
    with pytest.raises(ClaimError):
        decode(text_of(CONTENT | changed))


@pytest.mark.parametrize("key", CONTENT)
def test_no_value_may_be_missing(key):
    with pytest.raises(ClaimError):
        decode(text_of({k: v for k, v in CONTENT.items() if k != key}))


@pytest.mark.parametrize(
    "text", ["", "GKP1:", "GK1:ABC", "GKP1:ü", "GKP1:A", encode(CLAIM) + "00", encode(CLAIM)[5:], " " + encode(CLAIM)]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ClaimError, match=r"^not a provisioning code$"):
        decode(text)


def test_a_text_that_is_too_long_is_not_even_read():
    with pytest.raises(ClaimError):
        decode(encode(CLAIM).ljust(MAX_TEXT + 1, "0"))


@given(st.one_of(st.text(max_size=300), st.binary(max_size=200).map(lambda data: PREFIX + b45encode(data).decode())))
def test_no_text_does_anything_but_be_refused(text):
    with pytest.raises(ClaimError):
        decode(text)
