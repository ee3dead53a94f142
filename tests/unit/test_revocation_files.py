"""Lists of withdrawn codes among the trust files: what is damaged makes nothing valid, and keeps no key out."""

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.adapters.revocation_build import build
from kiosk.adapters.revocation_files import Withdrawn, revoked_beside
from kiosk.adapters.revocation_store import PAGE
from kiosk.adapters.trust_files import load
from kiosk.adapters.trust_store import TrustStore
from kiosk.domain.trust import Algorithm, RevocationUnavailableError, TrustError, TrustList, TrustSource
from kiosk.verify.revocation_lists import Revoked

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
ONE, TWO, THREE, FOUR = (digit * 16 for digit in (b"1", b"2", b"3", b"4"))
UNKNOWN = None


def make(path, *identifiers, source="eu", version=1, now=NOW):
    build(path, identifiers, source=source, version=version, now=now)
    return path


def damage(path):
    """Turn a bit of the first block, in place."""
    data = bytearray(path.read_bytes())
    data[PAGE] ^= 1
    path.write_bytes(data)


def put(path, *identifiers, **more):
    """Put another list in the place of one, whatever is there."""
    path.unlink(missing_ok=True)
    return make(path, *identifiers, **more)


def says(lists, *identifiers):
    """Return of each whether it is withdrawn, UNKNOWN where that cannot be looked up."""
    answers = []
    for identifier in identifiers:
        try:
            answers.append(identifier in lists)
        except RevocationUnavailableError:
            answers.append(UNKNOWN)
    return answers


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "a.der").write_bytes(make_signer("A", Algorithm.ED25519, NOW).certificate)
    return tmp_path / "trust"


@pytest.fixture
def withdrawn(folder):
    return Withdrawn(folder)


def test_several_lists_answer_together(folder):
    make(folder / "a.revoked", ONE, Revoked(b"d" * 16, NOW), source="a", version=3)
    make(folder / "b.revoked", TWO, source="b")
    (folder / "revoked.txt").write_text(THREE.hex())
    lists = revoked_beside(folder)
    assert says(lists, ONE, TWO, THREE, FOUR) == [True, True, True, False]
    assert (len(lists), lists.versions, lists.dated) == (4, {"a": 3, "b": 1}, {b"d" * 16: NOW})


def test_a_hit_counts_even_where_another_list_cannot_say(folder):
    make(folder / "a.revoked", ONE, THREE, source="a")
    make(folder / "b.revoked", ONE, TWO, source="b")
    lists = revoked_beside(folder)
    os.truncate(folder / "a.revoked", PAGE)
    assert says(lists, ONE, THREE) == [True, UNKNOWN]
    trust = TrustList(revoked=lists)
    assert trust.withdraws([THREE, ONE], None)
    with pytest.raises(RevocationUnavailableError):
        trust.withdraws([THREE], None)


def test_a_list_that_was_never_read_is_not_taken_for_an_empty_one(folder, withdrawn):
    damage(make(folder / "eu.revoked", ONE))
    make(folder / "clinic.revoked", TWO, source="clinic")
    assert says(withdrawn.reload(), ONE, TWO, THREE) == [UNKNOWN, True, UNKNOWN]
    assert "eu.revoked: is damaged; copy it again" in withdrawn.problems[0]
    assert withdrawn.problems[1:] == ["eu.revoked: nothing stands in for it, so nobody is valid until then"]
    assert withdrawn.gone == ()
    put(folder / "eu.revoked", ONE)
    assert says(withdrawn.reload(), ONE, TWO, THREE) == [True, True, False]
    assert withdrawn.problems == []


@pytest.mark.parametrize("text", ["nonsense", THREE.hex() + "00"])
def test_a_text_that_cannot_be_read_leaves_the_one_before_it_or_nothing_to_go_by(folder, withdrawn, text):
    (folder / "revoked.txt").write_text(text)
    assert says(withdrawn.reload(), ONE) == [UNKNOWN]
    (folder / "revoked.txt").write_text(ONE.hex())
    assert says(withdrawn.reload(), ONE, TWO) == [True, False]
    (folder / "revoked.txt").write_text(text)
    assert says(withdrawn.reload(), ONE, TWO) == [True, False]
    assert "revoked.txt: line 1" in withdrawn.problems[0]
    (folder / "revoked.txt").unlink()
    assert says(withdrawn.reload(), ONE) == [False]


def test_what_is_refused_is_stood_in_for_and_the_others_go_on(folder, withdrawn):
    make(folder / "eu.revoked", ONE, version=2)
    withdrawn.reload()
    put(folder / "eu.revoked", THREE, version=1)
    make(folder / "clinic.revoked", TWO, source="clinic")
    assert says(withdrawn.reload(), ONE, TWO, THREE) == [True, True, False]
    assert "of 'eu' is older than the one in force" in withdrawn.problems[0]
    put(folder / "eu.revoked", THREE, version=3)
    assert says(withdrawn.reload(), ONE, TWO, THREE) == [False, True, True]
    assert withdrawn.problems == []


def test_an_older_list_beside_the_newer_one_of_its_source_changes_nothing(folder, withdrawn):
    make(folder / "eu.revoked", ONE, version=2)
    withdrawn.reload()
    make(folder / "copy.revoked", TWO, version=1)
    assert says(withdrawn.reload(), ONE, TWO) == [True, False]
    assert "copy.revoked: " in withdrawn.problems[0]


def test_a_copy_over_the_open_file_is_unavailable_until_a_good_one_lies_there(folder, withdrawn, tmp_path):
    make(folder / "eu.revoked", ONE, version=2)
    good = Path(shutil.copy(folder / "eu.revoked", tmp_path / "good"))
    withdrawn.reload()
    older = make(tmp_path / "older.revoked", TWO, version=1)
    (folder / "eu.revoked").write_bytes(older.read_bytes())
    assert says(withdrawn.reload(), ONE) == [UNKNOWN]
    good.replace(folder / "eu.revoked")
    assert says(withdrawn.reload(), ONE, TWO) == [True, False]


def test_nothing_that_has_changed_is_the_same_object(folder, withdrawn):
    make(folder / "eu.revoked", ONE)
    first = withdrawn.reload()
    assert withdrawn.reload() is first


def restarted(folder, memory):
    found = Withdrawn(folder, memory)
    found.reload()
    return found


def test_after_a_restart_an_older_list_is_refused_and_nobody_is_called_valid_by_it(folder, tmp_path):
    memory = tmp_path / "revocation.json"
    make(folder / "eu.revoked", ONE, version=9)
    restarted(folder, memory)
    put(folder / "eu.revoked", TWO, version=8)
    again = restarted(folder, memory)
    assert "of 'eu' is older" in again.problems[0]
    assert says(again.current, ONE, TWO) == [UNKNOWN, UNKNOWN]
    put(folder / "eu.revoked", TWO, version=10)
    assert says(again.reload(), ONE, TWO) == [False, True]
    assert restarted(folder, memory).problems == []


def test_lists_that_are_taken_away_are_named_also_after_a_restart(folder, tmp_path):
    memory = tmp_path / "revocation.json"
    make(folder / "eu.revoked", ONE, version=9)
    make(folder / "clinic.revoked", TWO, source="clinic")
    (folder / "revoked.txt").write_text(THREE.hex())
    first = restarted(folder, memory)
    assert first.gone == ()
    (folder / "eu.revoked").unlink()
    (folder / "revoked.txt").unlink()
    first.reload()
    assert first.gone == restarted(folder, memory).gone == ("withdrawn/eu", "withdrawn/revoked.txt")
    make(folder / "again.revoked", ONE, version=9)
    assert restarted(folder, memory).gone == ("withdrawn/revoked.txt",)
    memory.unlink()
    assert restarted(folder, memory).gone == ()


def test_the_store_of_trust_keeps_the_memory_and_says_what_is_gone(folder, tmp_path):
    make(folder / "eu.revoked", ONE, version=9)
    TrustStore(folder, None, MONTH, tmp_path / "trust.json").reload()
    (folder / "eu.revoked").unlink()
    store = TrustStore(folder, None, MONTH, tmp_path / "trust.json")
    store.reload()
    assert (store.gone, store.problem) == (("withdrawn/eu",), "")
    make(folder / "eu.revoked", TWO, version=8)
    store.reload()
    assert "'eu' is older" in store.problem


def test_the_age_of_a_source_starts_when_its_oldest_list_was_built(folder):
    make(folder / "eu.revoked", ONE, version=2, now=NOW)
    make(folder / "eu-more.revoked", TWO, version=3, now=NOW - MONTH)
    make(folder / "clinic.revoked", source="clinic", version=8, now=NOW)
    (folder / "revoked.txt").write_text(THREE.hex())
    week = timedelta(days=7)
    assert revoked_beside(folder).sources(week, ["withdrawn/clinic", "eu"]) == (
        TrustSource("withdrawn/clinic", "8", NOW, week, accept_stale=True),
        TrustSource("withdrawn/eu", "2", NOW - MONTH, week),
    )


def test_both_ways_of_loading_trust_know_how_old_its_lists_of_withdrawn_codes_may_be(folder):
    make(folder / "eu.revoked", ONE, now=NOW)
    week = timedelta(days=7)
    store = TrustStore(folder, None, MONTH, revocation_max_age=week, accept_stale=["withdrawn/eu"])
    store.reload()
    loaded = load(folder, revocation_max_age=week, accept_stale=["withdrawn/eu"])
    expected = (TrustSource("withdrawn/eu", "1", NOW, week, accept_stale=True),)
    assert store.current.withdrawing == loaded.withdrawing == expected
    (other,) = load(folder).withdrawing
    assert (other.max_age, other.accept_stale) == (MONTH, False)


class Forbidden(type(Path())):
    """A folder that may not be looked at."""

    def is_dir(self):
        raise PermissionError(13, "Permission denied", str(self))


def test_a_folder_that_may_not_be_looked_at_is_not_taken_for_an_empty_one(folder):
    withdrawn = Withdrawn(Forbidden(folder))
    assert says(withdrawn.reload(), ONE) == [UNKNOWN]
    assert "cannot be looked at" in withdrawn.problems[0]


@pytest.mark.parametrize("known_before", [True, False])
def test_a_damaged_list_keeps_no_key_from_being_taken_over(folder, known_before):
    make(folder / "eu.revoked", ONE)
    if not known_before:
        damage(folder / "eu.revoked")
    store = TrustStore(folder, None, MONTH)
    store.reload()
    assert (len(store.current), bool(store.problem)) == (1, not known_before)
    if known_before:
        (folder / "eu.revoked").rename(folder / "eu")
        (folder / "eu.revoked").write_bytes((folder / "eu").read_bytes()[:-1])
    (folder / "b.der").write_bytes(make_signer("B", Algorithm.ED25519, NOW).certificate)
    store.reload()
    assert len(store.current) == 2
    assert "eu.revoked: is" in store.problem
    assert says(store.current.revoked, ONE, TWO) == ([True, False] if known_before else [UNKNOWN, UNKNOWN])


def test_the_command_line_still_names_a_damaged_list(folder):
    damage(make(folder / "eu.revoked", ONE))
    with pytest.raises(TrustError, match=r"eu\.revoked: is damaged"):
        revoked_beside(folder)
    (folder / "eu.revoked").unlink()
    (folder / "revoked.txt").write_text("nonsense")
    with pytest.raises(TrustError, match=r"revoked\.txt: line 1"):
        revoked_beside(folder)
