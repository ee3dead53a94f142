"""Lists of withdrawn credentials as their publishers write them, and as nobody should."""

import base64
import contextlib
import json
from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.trust import TrustError
from kiosk.verify.revocation import shc_identifier
from kiosk.verify.revocation_lists import MAX_DOCUMENT, Revoked, read_document, read_list, read_text, version_of

FIRST, SECOND = bytes(range(16)), bytes(range(16, 32))
ISSUER = "https://spec.smarthealth.cards/examples/issuer"
MOMENT = datetime(2023, 6, 22, 16, 19, 25, tzinfo=UTC)


def batch(**changes):
    entries = [{"hash": base64.b64encode(identifier).decode()} for identifier in (FIRST, SECOND)]
    whole = {"country": "VN", "expires": "2026-10-01T00:00:00Z", "kid": "9cWXDQFvBm8=", "hashType": "UCI",
             "entries": entries}  # fmt: skip
    return whole | changes


def cards(**changes):
    return {"kid": "a-key", "method": "rid", "ctr": 3, "rids": ["vwAjHdarZuc.1687450765", "FKDIxsTCGlU"]} | changes


def as_json(content):
    return json.dumps(content).encode()


def test_a_text_list_has_one_identifier_a_line_and_comments():
    text = f"# withdrawn\n{FIRST.hex()}  # lost\n\n{SECOND.hex().upper()}\r\n".encode()
    assert read_list(text) == {FIRST, SECOND}
    assert list(read_text(text.splitlines(keepends=True))) == [FIRST, SECOND]


@pytest.mark.parametrize("line", ["abc", "00" * 15, "00" * 17, "zz" * 16, "\u0660" * 32])
def test_a_line_that_is_no_identifier_is_named(line):
    with pytest.raises(TrustError, match="line 2"):
        read_list(f"# list\n{line}\n".encode())


@pytest.mark.parametrize("hash_type", ["SIGNATURE", "UCI", "COUNTRYCODEUCI"])
def test_a_batch_of_the_gateway(hash_type):
    assert list(read_document(as_json(batch(hashType=hash_type)))) == [Revoked(FIRST), Revoked(SECOND)]


def test_a_batch_in_cbor_may_have_its_hashes_as_they_are():
    assert list(read_document(cbor2.dumps(batch()))) == [Revoked(FIRST), Revoked(SECOND)]
    assert list(read_document(cbor2.dumps(batch(entries=[FIRST, {"hash": SECOND}])))) == [
        Revoked(FIRST), Revoked(SECOND),
    ]  # fmt: skip


def test_a_card_list_names_some_cards_for_good_and_some_by_when_they_were_issued():
    assert list(read_document(as_json(cards()), ISSUER)) == [
        Revoked(shc_identifier(ISSUER, "a-key", "vwAjHdarZuc"), MOMENT),
        Revoked(shc_identifier(ISSUER, "a-key", "FKDIxsTCGlU")),
    ]
    assert version_of(as_json(cards())) == 3
    assert version_of(as_json(batch())) is None


def test_a_card_list_belongs_to_an_issuer():
    with pytest.raises(TrustError, match="--issuer"):
        list(read_document(as_json(cards())))


@pytest.mark.parametrize(
    "content",
    [
        batch(hashType="MD5"), batch(hashType=None), batch(entries=None), batch(entries={"hash": ""}),
        batch(entries=[{"hash": "AAAA"}]), batch(entries=[{"hash": "%"}]), batch(entries=[{}]), batch(entries=[7]),
        cards(method="x"), cards(kid=7), cards(kid="a key"), cards(kid=""), cards(rids=None), cards(rids=[7]),
        cards(rids=["x" * 25]), cards(rids=["a.b"]), cards(rids=["a.123456789012"]), cards(rids=["a.1\n"]),
        cards(rids=["\u0661"]), cards(rids=["a.\u0661"]),
    ],
)  # fmt: skip
def test_documents_of_another_layout_are_refused(content):
    with pytest.raises(TrustError):
        list(read_document(as_json(content), ISSUER))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\x80", b"7", b'{"a":' * 10_000, b"\xff{}", as_json(cards()) + b"}"]
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(TrustError, match="neither JSON nor CBOR"):
        list(read_document(data, ISSUER))


def test_a_document_has_a_largest_size():
    with pytest.raises(TrustError, match="larger"):
        version_of(b"{" + bytes(MAX_DOCUMENT))


KEYS = st.sampled_from(["rids", "kid", "method", "hashType", "entries", "hash"])
DOCUMENTS = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)
)


@given(st.binary(max_size=200) | DOCUMENTS.map(as_json))
def test_nothing_but_a_typed_refusal_comes_of_any_bytes(data):
    with contextlib.suppress(TrustError):
        assert all(len(entry.identifier) == 16 for entry in read_document(data, ISSUER))
