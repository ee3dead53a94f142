"""The deny list's file: taken over when it changes, kept where the new one is bad."""

import os
from datetime import date

import pytest

from kiosk.adapters.deny_file import DenyStore
from kiosk.config import ConfigError
from kiosk.deny_file import load_deny_list
from kiosk.domain.deny_list import DenyEntry

ONE, TWO = '[[deny]]\nid = "guest-17"\n', '[[deny]]\nid = "guest-18"\n[[deny]]\nid = "guest-19"\n'


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "deny.toml"
    write(path, ONE, 1)
    return path


def write(path, text, at):
    path.write_text(text)
    path.chmod(0o640)
    os.utime(path, (at, at))


def test_it_is_read_again_when_it_changes(path):
    store = DenyStore(path)
    store.start()
    assert (len(store.current), store.problem, store.reload()) == (1, "", False)
    write(path, TWO, 2)
    assert store.reload()
    assert (len(store.current), store.problem) == (2, "")


@pytest.mark.parametrize("bad", ["deny = 7", "\0", '[[deny]]\nid = "x"\n', "[[deny]]\n"])
def test_a_bad_one_leaves_the_one_before_in_force_and_is_told(path, bad):
    store = DenyStore(path)
    store.start()
    write(path, bad, 2)
    assert store.reload()
    assert (len(store.current), "stays in force" in store.problem) == (1, True)
    assert "guest-17" not in store.problem
    write(path, TWO, 3)
    assert store.reload()
    assert (len(store.current), store.problem) == (2, "")


def test_one_that_vanishes_leaves_the_one_before_in_force(path):
    store = DenyStore(path)
    store.start()
    path.unlink()
    assert store.reload()
    assert (len(store.current), "stays in force" in store.problem) == (1, True)
    assert not store.reload()


def test_without_a_readable_list_it_does_not_start(path):
    path.unlink()
    with pytest.raises(ConfigError):
        DenyStore(path).start()


def test_a_file_that_everybody_may_read_is_used_and_complained_of(path):
    path.chmod(0o644)
    store = DenyStore(path)
    store.start()
    assert (len(store.current), "chmod o-r" in store.problem) == (1, True)
    path.chmod(0o600)
    assert store.reload()
    assert store.problem == ""


def test_without_a_path_nobody_is_denied():
    store = DenyStore(None)
    store.start()
    assert (len(store.current), store.reload()) == (0, False)


def test_a_deny_list(path):
    path.write_text("""
        [[deny]]
        id = "001 099 012 345"
        note = "barred by the court"
        begins = 2026-01-01
        ends = 2026-06-30
        [[deny]]
        id = "guest-17"
        """)
    deny = load_deny_list(path)
    assert len(deny) == 2
    assert deny.entries["001099012345"] == (
        DenyEntry("001 099 012 345", "barred by the court", date(2026, 1, 1), date(2026, 6, 30)),
    )


def test_an_empty_deny_list_denies_nobody(path):
    path.write_text("")
    assert len(load_deny_list(path)) == 0


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('id = " a  b c "', "'deny.0': value error, an id of less than four characters would deny strangers"),
        ('id = "guest"\nbegins = 2026-02-01\nends = 2026-01-31', "'deny.0': value error, it ends before it begins"),
        ('id = "guest"\nuntil = 2026-02-01', "unknown key 'deny.0.until'"),
        ('note = "x"', "the key 'deny.0.id' is missing"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused(path, entry, said):
    path.write_text(f"[[deny]]\n{entry}\n")
    with pytest.raises(ConfigError) as caught:
        load_deny_list(path)
    assert str(caught.value) == f"{path}: {said}"


def test_the_centres_list_counts_beside_the_venues_own(path):
    store = DenyStore(path)
    store.start()
    store.check({"deny.toml": TWO.encode()})()
    assert len(store.current) == 3
    write(path, "", 2)
    assert store.reload()
    assert (len(store.current), store.problem) == (2, "")
    store.check({"deny.toml": b""})()
    assert len(store.current) == 0


def test_the_centres_list_counts_where_the_venue_has_none():
    store = DenyStore(None)
    with pytest.raises(ConfigError):
        store.check({"deny.toml": b"deny = 7"})
    force = store.check({"deny.toml": ONE.encode()})
    assert len(store.current) == 0, "checked, and not in force yet"
    force()
    assert len(store.current) == 1
