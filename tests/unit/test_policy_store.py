"""A policy from the centre: checked with its country rules, archived, and then in force."""

import pytest

from kiosk.adapters.policy_archive import PolicyArchive, read_policy
from kiosk.adapters.policy_store import PolicyStore
from kiosk.config import ConfigError, NotPermittedError

TEXT = 'version = "{}"\nzone = "lobby"\n[[admit]]\nname = "visitor"\nkinds = ["visit"]\n'
NEW = {"policy.toml": TEXT.format("new").encode()}


@pytest.fixture
def store(tmp_path):
    (tmp_path / "policy.toml").write_text(TEXT.format("own"))
    own, _ = read_policy(tmp_path / "policy.toml")
    return PolicyStore(own, PolicyArchive(tmp_path / "policies"), tmp_path / "documents")


def test_it_is_in_force_once_it_is_archived(store, tmp_path):
    force = store.check(NEW)
    assert store.current.version == "own"
    force()
    assert store.current.version == "new"
    assert PolicyArchive(tmp_path / "policies").load(store.current.digest) == store.current
    assert list((tmp_path / "documents").iterdir()) == [], "nothing is left of the check"


@pytest.mark.parametrize("files", [
    {"policy.toml": b"version = 3"}, {"policy.toml": b"\xff"}, {**NEW, "more.json": b"{}"},
    {"policy.toml": NEW["policy.toml"] + b'[country_rules]\ncountry = "DE"\nrules = "rules"\n'},
])  # fmt: skip
def test_what_the_kiosks_own_reader_refuses_never_comes_into_force(store, files):
    with pytest.raises(ConfigError):
        store.check(files)
    assert store.current.version == "own"


def test_a_dangerous_choice_is_the_venues_own(store):
    with pytest.raises(NotPermittedError, match="accept_unsigned_DANGEROUS"):
        store.check({"policy.toml": NEW["policy.toml"] + b"accept_unsigned_DANGEROUS = true\n"})
    assert store.current.version == "own"


def test_one_that_cannot_be_archived_is_not_in_force(store, tmp_path):
    force = store.check(NEW)
    (tmp_path / "policies").write_text("a file where a folder should be")
    with pytest.raises(FileExistsError):
        force()
    assert store.current.version == "own"
