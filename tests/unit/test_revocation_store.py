"""Lists of withdrawn codes on disk: what they hold they find, and what is damaged never says 'not withdrawn'."""

import bisect
import hashlib
import os
import threading
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_store import (
    PAGE,
    PER_BLOCK,
    Header,
    RevocationStore,
    pack_block,
)
from kiosk.domain.trust import RevocationUnavailableError, TrustError
from kiosk.verify.revocation_lists import Revoked

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def numbered(number):
    return hashlib.sha256(str(number).encode()).digest()[:16]


def make(path, identifiers, *, source="ministry", version=1, **more):
    return build(path, identifiers, source=source, version=version, now=NOW, **more)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ministry.revoked"


@pytest.fixture
def many(path):
    make(path, map(numbered, range(1000)))
    return path


def turn(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("count", [0, 1, PER_BLOCK - 1, PER_BLOCK, PER_BLOCK + 1, 3 * PER_BLOCK, 2000])
def test_everything_in_it_is_found_and_nothing_else(path, count):
    header = make(path, map(numbered, range(count)), run=300)
    store = RevocationStore(path)
    store.check()
    assert header == store.header
    assert (header.count, header.source, header.version, header.built_at, len(store)) == (
        count, "ministry", 1, NOW, count,
    )  # fmt: skip
    assert all(numbered(i) in store for i in range(count))
    assert not any(numbered(-i - 1) in store for i in range(500))
    assert path.stat().st_size == header.file_size


def test_neighbours_and_ends_are_not_taken_for_entries(path):
    edges = [bytes(16), bytes(15) + b"\1", b"\xff" * 16, b"\xff" * 15 + b"\xfe", b"A" * 8 + bytes(8)]
    make(path, [edge for i, edge in enumerate(edges) if i % 2 == 0])
    store = RevocationStore(path)
    assert [edge in store for edge in edges] == [True, False, True, False, True]
    assert bytes(15) not in store
    assert "text" not in store


def test_bytes_across_two_entries_are_no_entry(path):
    make(path, [b"\0" * 15 + b"A", b"\0" * 14 + b"AB"])
    store = RevocationStore(path)
    assert b"\0" * 14 + b"AB" in store
    assert b"A" + b"\0" * 15 not in store
    assert b"\0" * 13 + b"A" + b"\0\0" not in store


def test_entries_that_begin_alike_in_many_blocks_are_found(path):
    alike = [b"SAMESAME" + i.to_bytes(8, "big") for i in range(0, 4 * PER_BLOCK, 2)]
    make(path, [*alike, bytes(16), b"\xff" * 16])
    store = RevocationStore(path)
    assert all(identifier in store for identifier in alike)
    assert not any(b"SAMESAME" + i.to_bytes(8, "big") in store for i in range(1, 4 * PER_BLOCK, 2))


def test_repeated_entries_count_once_and_their_order_does_not_matter(path):
    there = [numbered(i) for i in range(700)]
    assert make(path, there[::-1] + there + there[:9], run=100).count == 700


@settings(max_examples=40, deadline=None)
@given(st.sets(st.binary(min_size=16, max_size=16), max_size=60), st.binary(min_size=16, max_size=16))
def test_it_is_a_set(tmp_path_factory, entries, other):
    path = tmp_path_factory.mktemp("lists") / "a.revoked"
    make(path, sorted(entries), run=7)
    store = RevocationStore(path)
    assert all(entry in store for entry in entries)
    assert (other in store) == (other in entries)


def test_dated_entries_keep_their_latest_moment(path):
    earlier, later = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC)
    entries = [Revoked(b"1" * 16, earlier), Revoked(b"1" * 16, later), Revoked(b"2" * 16), b"3" * 16]
    assert make(path, entries).dated == 1
    store = RevocationStore(path)
    assert store.dated == {b"1" * 16: later}
    assert (b"1" * 16 in store, b"2" * 16 in store, b"3" * 16 in store, len(store)) == (False, True, True, 3)


def test_a_block_that_is_damaged_is_unavailable_and_never_says_no(many):
    turn(many, PAGE + 1000)
    store = RevocationStore(many)
    first = sorted(map(numbered, range(1000)))[:PER_BLOCK]
    for identifier in (*first, first[0][:-1] + b"\0"):
        if identifier >= first[0]:
            with pytest.raises(RevocationUnavailableError):
                _ = identifier in store
    others = sorted(map(numbered, range(1000)))[PER_BLOCK:]
    assert all(identifier in store for identifier in others)
    with pytest.raises(TrustError, match="is damaged"):
        store.check()


@pytest.mark.parametrize("at", [0, 9, 60, 300, PAGE - 1, -1, -30])
def test_damage_at_beginning_or_end_is_refused_at_once(many, at):
    turn(many, at)
    with pytest.raises(TrustError, match=r"ministry\.revoked: "):
        RevocationStore(many)


@pytest.mark.parametrize("at", range(PAGE, 5 * PAGE, 97))
def test_no_turned_bit_of_a_block_un_revokes(many, at):
    turn(many, at)
    store = RevocationStore(many)
    lost = 0
    for identifier in map(numbered, range(0, 1000, 3)):
        try:
            assert identifier in store
        except RevocationUnavailableError:
            lost += 1
    assert lost > 0


def test_swapped_blocks_are_noticed(many):
    data = many.read_bytes()
    one, two = data[PAGE : 2 * PAGE], data[2 * PAGE : 3 * PAGE]
    many.write_bytes(data[:PAGE] + two + one + data[3 * PAGE :])
    store = RevocationStore(many)
    with pytest.raises(RevocationUnavailableError):
        _ = min(map(numbered, range(1000))) in store


@pytest.mark.parametrize("size", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, -1])
def test_cut_files_are_refused(many, size):
    many.write_bytes(many.read_bytes()[:size])
    with pytest.raises(TrustError):
        RevocationStore(many)


def test_longer_files_are_refused(many):
    many.write_bytes(many.read_bytes() + b"\0")
    with pytest.raises(TrustError, match="not as long"):
        RevocationStore(many)


def test_a_file_that_is_cut_while_it_is_open_is_unavailable(many):
    store = RevocationStore(many)
    os.truncate(many, 2 * PAGE)
    with pytest.raises(RevocationUnavailableError):
        _ = max(map(numbered, range(1000))) in store
    with pytest.raises(TrustError, match="to its end"):
        store.check()


@pytest.mark.parametrize("claims", [{"count": 1 << 30}, {"count": 500}, {"dated": 1 << 20}])
def test_a_header_that_claims_too_much_allocates_nothing(path, claims):
    path.write_bytes(Header("x", 1, NOW, **({"count": 0, "dated": 0} | claims)).to_bytes())
    with pytest.raises(TrustError):
        RevocationStore(path)


def test_a_block_that_claims_no_entries_or_too_many_is_unavailable(many):
    data, content = many.read_bytes(), RevocationStore(many).header.content_id
    for page in (pack_block(0, [], content), pack_block(0, [bytes(16)], content)[:-8] + b"\x01\x00" + content):
        many.write_bytes(data[:PAGE] + page + data[2 * PAGE :])
        with pytest.raises(RevocationUnavailableError):
            _ = min(map(numbered, range(1000))) in RevocationStore(many)


def test_what_is_no_list_or_no_file_is_refused(tmp_path):
    with pytest.raises(TrustError, match="cannot be read"):
        RevocationStore(tmp_path / "none")
    with pytest.raises(TrustError):
        RevocationStore(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TrustError):
        RevocationStore(tmp_path / "pipe")
    (tmp_path / "text").write_text("x" * 10_000)
    with pytest.raises(TrustError, match="no list made by"):
        RevocationStore(tmp_path / "text")


def test_an_open_list_outlives_its_replacement(many):
    old = RevocationStore(many)
    make(many, [b"n" * 16], version=2)
    assert numbered(1) in old
    assert numbered(1) not in RevocationStore(many)


def unavailable(store, identifiers):
    """Return how many cannot be looked up, where none may be called not withdrawn."""
    lost = 0
    for identifier in identifiers:
        try:
            assert identifier in store
        except RevocationUnavailableError:
            lost += 1
    return lost


@pytest.mark.parametrize("count", [1000, 1001, 700, 5000])
def test_a_list_copied_over_one_that_is_open_is_not_read_through_the_old_fences(many, tmp_path, count):
    old = RevocationStore(many)
    make(tmp_path / "other.revoked", map(numbered, range(900, 900 + count)), version=2)
    many.write_bytes((tmp_path / "other.revoked").read_bytes())
    assert unavailable(old, map(numbered, range(1000))) == 1000
    assert unavailable(RevocationStore(many), map(numbered, range(900, 900 + count))) == 0


def test_a_page_of_another_list_is_damage_even_where_its_number_fits(many, tmp_path):
    store = RevocationStore(many)
    other = tmp_path / "other.revoked"
    make(other, map(numbered, range(1000)), source="clinic")
    one, two = many.read_bytes(), other.read_bytes()
    many.write_bytes(one[:PAGE] + two[PAGE : 2 * PAGE] + one[2 * PAGE :])
    assert unavailable(store, map(numbered, range(1000))) == PER_BLOCK


def test_the_same_list_copied_over_itself_changes_nothing(many):
    store = RevocationStore(many)
    many.write_bytes(many.read_bytes())
    assert unavailable(store, map(numbered, range(1000))) == 0


def test_the_same_entries_make_the_same_file(many, tmp_path):
    make(tmp_path / "again.revoked", map(numbered, range(1000)))
    assert (tmp_path / "again.revoked").read_bytes() == many.read_bytes()


def test_older_versions_and_other_sources_are_not_built_over_a_list(path):
    make(path, [b"1" * 16], version=5)
    with pytest.raises(TrustError, match="newer than 4"):
        make(path, [b"2" * 16], version=4)
    with pytest.raises(TrustError, match="one file a source"):
        make(path, [b"2" * 16], source="clinic", version=9)
    assert b"1" * 16 in RevocationStore(path)


@pytest.mark.parametrize(
    ("entries", "more"),
    [([b"short"], {}), ([], {"source": ""}), ([], {"source": "x" * 129}), ([], {"version": -1})],
)
def test_nothing_is_left_where_it_cannot_be_built(tmp_path, path, entries, more):
    with pytest.raises(TrustError):
        make(path, entries, **more)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TrustError, match="cannot be written"):
        make(tmp_path / "none" / "a.revoked", [])


def test_look_ups_may_come_from_several_threads(many):
    store, wrong = RevocationStore(many), []
    order = sorted(map(numbered, range(1000)))

    def look(start):
        for number in range(start, start + 1000):
            identifier = numbered(number)
            at = bisect.bisect_left(order, identifier)
            if (identifier in store) != (at < len(order) and order[at] == identifier):
                wrong.append(number)

    threads = [threading.Thread(target=look, args=(start,)) for start in (0, 250, 500, 750)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
