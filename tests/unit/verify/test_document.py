"""The payload of a document from the centre: what is packed is read again, and nothing else is."""

from dataclasses import replace
from datetime import UTC, datetime

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.document import Document, DocumentKind
from kiosk.verify.document import MAX_DOCUMENT, MAX_FILES, DocumentError, is_file_name, pack, unpack

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
POLICY = Document(
    DocumentKind.POLICY, frozenset({"hanoi/gate", "hanoi/school/door-1"}), 7, NOW,
    {"policy.toml": b'version = "7"', "rules/DE/rule (1).json": b"{}", "sets.json": b""},
)  # fmt: skip
DENY = Document(DocumentKind.DENY, frozenset({"*"}), (1 << 53) - 1, NOW, {"deny.toml": b""})
BODY = {1: "deny", 2: ["*"], 3: 1, 4: 1_783_000_000, 5: {"deny.toml": b""}}


@pytest.mark.parametrize("document", [POLICY, DENY])
def test_what_was_packed_is_read_again(document):
    found = unpack(pack(document))
    assert found == document
    assert list(found.files) == list(document.files), "in this order"


def test_the_layout_is_the_one_that_is_documented():
    assert unpack(cbor2.dumps(BODY)) == Document(
        DocumentKind.DENY, frozenset({"*"}), 1, datetime.fromtimestamp(1_783_000_000, UTC), {"deny.toml": b""}
    )


@pytest.mark.parametrize("change", [
    {1: "trust"}, {1: "Deny"}, {1: 3}, {1: b"deny"},
    {2: []}, {2: "*"}, {2: ["*", "somewhere"]}, {2: [1]}, {2: ["*"] * 10_001},
    {3: 0}, {3: -1}, {3: 1 << 53}, {3: True}, {3: 1.0}, {3: "1"},
    {4: 0}, {4: 253_402_300_800}, {4: "2026-07-05"}, {4: None},
    {5: {}}, {5: []}, {5: {"policy.toml": b""}}, {5: {"deny.toml": ""}}, {5: {b"deny.toml": b""}},
    {5: {"deny.toml": b"", "more.toml": b""}},
    {6: "more"},
])  # fmt: skip
def test_any_other_layout_is_refused(change):
    with pytest.raises(DocumentError):
        unpack(cbor2.dumps(BODY | change))


@pytest.mark.parametrize("gone", BODY)
def test_a_part_that_is_missing_is_refused(gone):
    with pytest.raises(DocumentError):
        unpack(cbor2.dumps({key: value for key, value in BODY.items() if key != gone}))


@pytest.mark.parametrize("name", [
    "", "/etc/passwd", "../kiosk.toml", "rules/../../kiosk.toml", "rules//a", "rules/", ".hidden", "rules/.hidden",
    "a\\b", "a\0b", "a\nb", "Nguyễn.json", "~/a", "a" * 101, "a/" * 100 + "a", 7, None,
])  # fmt: skip
def test_a_name_that_leads_elsewhere_is_none(name):
    assert not is_file_name(name)


def test_a_document_with_such_a_name_is_refused():
    for name in ("../kiosk.toml", "rules/.part"):
        with pytest.raises(DocumentError):
            pack(replace(POLICY, files={"policy.toml": b"", name: b""}))


def test_a_file_is_no_folder_as_well():
    with pytest.raises(DocumentError, match="folder"):
        pack(replace(POLICY, files={"policy.toml": b"", "rules/DE": b"", "rules/DE/one.json": b""}))


def test_size_and_number_of_files_are_bounded():
    with pytest.raises(DocumentError, match="4 MiB"):
        pack(replace(DENY, files={"deny.toml": bytes(MAX_DOCUMENT)}))
    many = {"policy.toml": b"", **{f"{number}.json": b"" for number in range(MAX_FILES)}}
    with pytest.raises(DocumentError):
        pack(replace(POLICY, files=many))
    many.popitem()
    assert len(unpack(pack(replace(POLICY, files=many))).files) == MAX_FILES


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(data):
    with pytest.raises(DocumentError):
        unpack(data)


@given(st.data())
def test_a_changed_byte_is_refused_or_read_as_what_it_says(data):
    whole = bytearray(pack(POLICY))
    whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = unpack(bytes(whole))
    except DocumentError:
        return
    assert unpack(pack(found)) == found
