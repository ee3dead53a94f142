"""Policies by their digest, whole and loadable, as long as they may be needed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.policies import load_policy
from kiosk.adapters.policy_archive import MAX_BYTES, NAME, PolicyArchive, digest_of, policy_bytes, read_policy
from kiosk.cli import main
from kiosk.config import ConfigError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
POLICY = 'version = "a"\nzone = "lobby"\n[[admit]]\nname = "guests"\nkinds = ["visit"]\n'


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "venue" / "rules-of-the-house.toml"
    path.parent.mkdir()
    path.write_text(POLICY)
    return path


@pytest.fixture
def archive(tmp_path):
    return PolicyArchive(tmp_path / "state" / "policies")


def test_a_policy_is_found_again_by_its_digest(policy, archive):
    in_force, document = read_policy(policy)
    assert archive.keep(document) == in_force.digest
    assert replace(in_force, digest="") == load_policy(policy)
    policy.write_text(POLICY.replace("visit", "staff"))
    assert archive.load(in_force.digest) == in_force


def test_any_change_is_another_digest(policy):
    before = read_policy(policy)[0]
    policy.write_text(POLICY + "# a comment\n")
    after = read_policy(policy)[0]
    assert before.version == after.version
    assert before.digest != after.digest


def test_names_and_contents_cannot_run_into_each_other():
    assert digest_of({"a": b"bc"}) != digest_of({"ab": b"c"})


@pytest.mark.parametrize("digest", ["", "0" * 64, "../../../etc", "g" * 65])
def test_what_was_never_in_force_is_not_there(archive, digest):
    assert archive.load(digest) is None


def test_a_policy_that_was_changed_in_the_archive_is_not_that_of_then(tmp_path, policy, archive):
    digest = archive.keep(read_policy(policy)[1])
    (tmp_path / "state" / "policies" / digest / NAME).write_text(POLICY.replace("lobby", "roof"))
    assert archive.load(digest) is None


def test_the_rule_files_that_a_policy_names_are_kept_with_it(policy):
    rules = policy.parent / "de" / "rules"
    rules.mkdir(parents=True)
    (rules / "b.json").write_text("{}")
    (rules / "a.json").write_text("[]")
    (policy.parent / "sets.json").write_text("1")
    (rules / "tests").mkdir()
    (rules / "tests" / "one.json").write_text("{}")
    (rules / "README.txt").write_text("not read")
    policy.write_text('[country_rules]\nrules = "de/rules"\nvalue_sets = "sets.json"')
    assert list(policy_bytes(policy)) == [NAME, "de/rules/a.json", "de/rules/b.json", "sets.json"]
    linked = policy.parent.parent / "link.toml"
    linked.symlink_to(policy)
    assert policy_bytes(linked) == policy_bytes(policy)
    (rules / "GR-1").mkdir()
    (rules / "GR-1" / "rule.json").write_text("{}")
    assert list(policy_bytes(policy)) == [NAME, "de/rules/GR-1/rule.json", "sets.json"]


@pytest.mark.parametrize("named", ['rules = "../secret"', 'rules = "/etc"', 'rules = "r"\nvalue_sets = "a/../../b"'])
def test_rule_files_outside_the_policys_folder_are_refused(policy, named):
    policy.write_text(f"[country_rules]\n{named}\n")
    with pytest.raises(ConfigError, match="leads out of the policy's folder"):
        policy_bytes(policy)


def test_the_check_refuses_what_the_gate_refuses(policy, capsys):
    policy.write_text(POLICY + '[country_rules]\ncountry = "DE"\nrules = "../secret"\n')
    assert main(["policy", "check", str(policy)]) == 2
    assert "leads out of the policy's folder" in capsys.readouterr().err


def test_rule_files_beyond_all_bounds_are_refused(policy):
    policy.write_text('[country_rules]\nrules = "big.json"\n')
    with (policy.parent / "big.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ConfigError):
        policy_bytes(policy)


@pytest.mark.parametrize("content", [b"\xff", b"not toml = = =", b"country_rules = 3", b"country_rules = [3]"])
def test_a_policy_that_is_none_names_no_files(policy, content):
    policy.write_bytes(content)
    assert list(policy_bytes(policy)) == [NAME]


def test_a_policy_that_cannot_be_read_is_said(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_policy(tmp_path / "none.toml")


def test_a_policy_is_forgotten_when_it_has_long_not_been_in_force(policy, archive):
    old = archive.keep(read_policy(policy)[1])
    archive.forget(old, NOW, keep_days=21)
    policy.write_text(POLICY.replace('"a"', '"b"'))
    new = archive.keep(read_policy(policy)[1])
    for days, stays in ((0, True), (21, True), (22, False)):
        archive.forget(new, NOW + timedelta(days=days), keep_days=21)
        assert (archive.load(old) is not None) is stays
    archive.forget(new, NOW + timedelta(days=999), keep_days=21)
    assert archive.load(new) is not None


def test_keeping_it_again_changes_nothing(policy, archive):
    _, document = read_policy(policy)
    assert archive.keep(document) == archive.keep(document)
