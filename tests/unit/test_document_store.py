"""Documents as they are kept: the old one or the new one, whatever happens in between."""

import itertools

import pytest

from kiosk.adapters.document_store import DocumentStore
from kiosk.adapters.trust_memory import write_whole
from kiosk.domain.document import DocumentKind, Newest

DENY, POLICY = DocumentKind.DENY, DocumentKind.POLICY


class Disk:
    """A disk that fails at the write of a number, before anything of it is there."""

    def __init__(self, fails_at=None):
        self.writes, self.fails_at = 0, fails_at

    def write(self, path, data):
        self.writes += 1
        if self.writes == self.fails_at:
            raise OSError(28, "No space left on device")
        write_whole(path, data)


def test_the_one_before_is_kept_and_comes_back(tmp_path):
    store = DocumentStore(tmp_path / "documents")
    assert (store.current(DENY), store.before(DENY)) == (b"", b"")
    for content in (b"one", b"two", b"three"):
        store.store(DENY, content)
    assert (store.current(DENY), store.before(DENY), store.current(POLICY)) == (b"three", b"two", b"")
    store.roll_back(DENY)
    assert (store.current(DENY), store.before(DENY)) == (b"two", b"two")
    assert (tmp_path / "documents").stat().st_mode & 0o777 == 0o700


def test_rolled_back_the_first_one_leaves_none(tmp_path):
    store = DocumentStore(tmp_path / "documents")
    store.roll_back(DENY)
    store.store(DENY, b"one")
    store.roll_back(DENY)
    assert store.current(DENY) == b""


def test_what_is_not_worth_keeping_does_not_take_the_place_of_the_one_before(tmp_path):
    store = DocumentStore(tmp_path)
    store.store(DENY, b"good")
    store.store(DENY, b"not in force")
    store.store(DENY, b"new", keep=False)
    store.roll_back(DENY)
    assert store.current(DENY) == b"good"


def test_a_disk_that_fails_at_any_moment_leaves_the_old_one_or_the_new_one_whole(tmp_path):
    for number in itertools.count(1):
        folder = tmp_path / str(number)
        DocumentStore(folder).store(DENY, b"old")
        disk = Disk(number)
        try:
            DocumentStore(folder, disk.write).store(DENY, b"new")
        except OSError:
            assert DocumentStore(folder).current(DENY) == b"old"
        else:
            assert DocumentStore(folder).current(DENY) == b"new"
            assert disk.writes == number - 1 == 2, "each write has failed once"
            break


def test_the_highest_version_is_remembered_for_each_key(tmp_path):
    store = DocumentStore(tmp_path)
    assert store.newest(DENY, ["aa"]) == Newest()
    store.remember(DENY, ["aa", "bb"], Newest(7, b"\1"))
    store.remember(DENY, ["bb"], Newest(9, b"\2"))
    store.remember(POLICY, ["aa"], Newest(3, b"\3"))
    again = DocumentStore(tmp_path)
    assert again.newest(DENY, ["aa", "bb"]) == Newest(9, b"\2")
    assert again.newest(DENY, ["aa"]) == Newest(7, b"\1")
    assert again.newest(DENY, ["cc"]) == again.newest(DENY, []) == Newest()
    assert again.newest(POLICY, ["aa", "bb"]) == Newest(3, b"\3")


@pytest.mark.parametrize("damage", [
    b"", b"\xff", b"[]", b'{"deny": 7}', b'{"deny": {"aa": 7}}', b'{"deny": {"aa": ["9", "00"]}}',
    b'{"deny": {"aa": [9, "xy"]}}', b'{"deny": {"aa": [9]}}', b"[" * 100_000,
])  # fmt: skip
def test_a_damaged_memory_remembers_nothing_and_is_mended(tmp_path, damage):
    store = DocumentStore(tmp_path)
    (tmp_path / "newest.json").write_bytes(damage)
    assert store.newest(DENY, ["aa"]) == Newest()
    store.remember(DENY, ["aa"], Newest(9, b"\2"))
    assert store.newest(DENY, ["aa"]) == Newest(9, b"\2")
