import json
import os

import pytest

from kiosk.adapters import rule_files
from kiosk.adapters.rule_files import RuleFileError

RULE = {
    "Identifier": "GR-VN-0001", "Type": "Acceptance", "Country": "VN", "Version": "1.0.0", "SchemaVersion": "1.0.0",
    "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "General", "AffectedFields": [],
    "Description": [], "ValidFrom": "2022-01-01T00:00:00Z", "ValidTo": "2030-01-01T00:00:00Z", "Logic": True,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """Lay out two rules as publishers do, each in a folder of its own, with tests that are no rules."""
    for name in ("GR-VN-0001", "GR-VN-0002"):
        (tmp_path / "rules/VN" / name / "tests").mkdir(parents=True)
        (tmp_path / "rules/VN" / name / "rule.json").write_text(json.dumps(RULE | {"Identifier": name}))
        (tmp_path / "rules/VN" / name / "tests/test1.json").write_text(json.dumps({"expected": True}))
    (tmp_path / "sets.json").write_text(json.dumps({"colours": ["red"]}))
    return tmp_path


def names(rule_set):
    return [rule.identifier for rule in rule_set.rules]


def test_a_tree_of_rule_folders(folder):
    loaded = rule_files.load(folder / "rules", folder / "sets.json", country="VN")
    assert names(loaded) == ["GR-VN-0001", "GR-VN-0002"]
    assert loaded.value_sets == {"colours": ["red"]}


def test_one_rule_a_list_and_a_folder_of_files(folder):
    one = folder / "rules/VN/GR-VN-0001/rule.json"
    assert names(rule_files.load(one, None, country="VN")) == ["GR-VN-0001"]
    flat = folder / "flat"
    flat.mkdir()
    (flat / "list.json").write_text(json.dumps([RULE, RULE]))
    (flat / "one.json").write_text(json.dumps(RULE))
    assert len(rule_files.load(flat / "list.json", None, country="VN").rules) == 2
    assert len(rule_files.load(flat, None, country="VN").rules) == 3


def test_a_folder_of_value_sets(folder):
    sets = folder / "sets"
    sets.mkdir()
    (sets / "a.json").write_text(json.dumps({"a": ["1"]}))
    (sets / "b.json").write_text(json.dumps([{"valueSetId": "b", "valueSetValues": {"2": {}}}]))
    assert rule_files.read_value_sets(sets) == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[NaN]", b"\xff{}", b"[" * 100_000, b"[" + b"9" * 5000 + b"]", b'{"Identifier": "GR-VN-0001"}', b"7"],
)
def test_a_file_that_cannot_be_used_is_named_in_one_sentence(tmp_path, content):
    path = tmp_path / "rule.json"
    path.write_bytes(content)
    with pytest.raises(RuleFileError, match=r"rule\.json: ") as caught:
        rule_files.load(path, None, country="VN")
    assert "\n" not in str(caught.value)


def test_value_sets_that_cannot_be_used(folder):
    (folder / "sets.json").write_text('"text"')
    with pytest.raises(RuleFileError, match=r"sets\.json: "):
        rule_files.load(folder / "rules", folder / "sets.json", country="VN")


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_a_folder_without_rules(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RuleFileError):
        rule_files.load(tmp_path / name, None, country="VN")


def test_a_file_that_is_too_large(tmp_path):
    path = tmp_path / "rule.json"
    path.touch()
    os.truncate(path, rule_files.MAX_FILE + 1)
    with pytest.raises(RuleFileError, match="too large"):
        rule_files.read_json(path)
