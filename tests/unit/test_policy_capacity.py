"""Another number of people than the policy's own: the policy is another document, and reads as one."""

import pytest

from kiosk.adapters.policy_capacity import people_of, policy_with
from kiosk.config import ConfigError

POLICY = """
schema = 2
version = "1"
title = "Hall"
zone = "hall"
[[admit]]
name = "visitor"
kinds = ["visit"]
[capacity]            # of the hall
people = 100          # by the fire brigade
warn_at = 90
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


def test_the_number_is_put_into_the_policys_text(path, tmp_path):
    own, document = policy_with(path, None, tmp_path / "room")
    policy, changed = policy_with(path, 120, tmp_path / "room")
    assert (own.capacity.people, policy.capacity.people, policy.capacity.warn_at) == (100, 120, 90)
    assert policy.digest != own.digest
    assert b"people = 120          # by the fire brigade" in changed["policy.toml"]
    assert path.read_text() == POLICY, "the venue's file stays as it is"
    assert policy_with(path, 100, tmp_path / "room")[1] == document
    assert list((tmp_path / "room").iterdir()) == []


def test_a_warning_that_would_come_after_the_room_is_full_goes(path, tmp_path):
    capacity = policy_with(path, 50, tmp_path / "room")[0].capacity
    assert (capacity.people, capacity.warn_at) == (50, 0)


def test_a_policy_that_counts_nobody_stays_as_it_is(path, tmp_path):
    path.write_text(POLICY.split("[capacity]", maxsplit=1)[0])
    assert policy_with(path, 50, tmp_path / "room")[0].capacity is None
    assert people_of(path) is None


def test_a_layout_that_cannot_be_changed_is_said(path, tmp_path):
    path.write_text("capacity = {people = 100}\n" + POLICY.split("[capacity]", maxsplit=1)[0])
    with pytest.raises(ConfigError, match="cannot be changed there"):
        policy_with(path, 50, tmp_path / "room")
    assert people_of(path) == 100


@pytest.mark.parametrize("text", ["capacity = 1", "no toml [", "[capacity]\npeople = true\n"])
def test_what_is_no_policy_allows_no_number(path, text):
    path.write_text(text)
    assert people_of(path) is None
