"""`kiosk policy test`: what it finds below a folder, what it prints, and with which status it ends."""

import json

import pytest

from kiosk.cli import main

RULE = {
    "Identifier": "GR-VN-0001", "Type": "Acceptance", "Country": "VN", "Version": "1.0.0", "SchemaVersion": "1.0.0",
    "Engine": "CERTLOGIC", "EngineVersion": "1.0.0", "CertificateType": "General", "AffectedFields": [],
    "Description": [], "ValidFrom": "2022-01-01T00:00:00Z", "ValidTo": "2030-01-01T00:00:00Z",
    "Logic": {"!": [{"!": [{"var": "payload.v"}]}]},
}  # fmt: skip
SUITE = {"name": "s", "cases": [{"assertions": [{"certLogicExpression": {"+": [1, 2]}, "data": {}, "expected": 3}]}]}
CHECKS = {"name": "v", "cases": [{"certLogicExpression": 1, "issues": []}]}


def write(path, document):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))


@pytest.fixture
def folder(tmp_path):
    for country, expected in (("VN", True), ("DE", False)):
        write(tmp_path / country / "GR-0001" / "rule.json", RULE)
        write(tmp_path / country / "GR-0001" / "tests" / "test1.json", {"payload": {"v": [1]}, "expected": expected})
        write(tmp_path / country / "GR-0001" / "tests" / "test2.json", {"payload": {}, "expected": False})
    write(tmp_path / "spec" / "testSuite" / "plus.json", SUITE)
    write(tmp_path / "spec" / "validation-testSuite" / "one.json", CHECKS)
    write(tmp_path / "sets.json", {"colours": ["red"]})
    write(tmp_path / "list.json", "MEUCIQ== {}")
    write(tmp_path / "README.md", "{")
    return tmp_path


def run(capsys, *words):
    status = main(["policy", "test", *map(str, words)])
    said = capsys.readouterr()
    return status, said.out.splitlines(), said.err


def test_everything_below_a_folder_is_found_and_counted(capsys, folder):
    status, lines, _ = run(capsys, "--json", folder)
    objects = [json.loads(line) for line in lines]
    assert status == 1
    assert lines[-1] == '{"passed": 5, "failed": 1}'
    assert [(one["suite"], one["passed"], one["failed"]) for one in objects[:-1]] == [
        ("DE/GR-0001", 1, 1), ("VN/GR-0001", 2, 0),
        ("spec/testSuite/plus.json", 1, 0), ("spec/validation-testSuite/one.json", 1, 0),
    ]  # fmt: skip
    assert objects[0]["failures"] == [{"test": "test1.json", "expected": "false", "got": "true"}]


def test_a_rule_without_tests_has_passed_nothing(capsys, folder):
    for test in (folder / "VN/GR-0001/tests").iterdir():
        test.unlink()
    status, lines, said = run(capsys, "--json", folder / "VN")
    assert (status, lines[-1]) == (2, '{"passed": 0, "failed": 0}')
    assert "no rule in this folder has a test" in said


def test_a_rule_that_the_kiosk_would_not_load_is_told(capsys, folder):
    write(folder / "VN/GR-0001/rule.json", {"Logic": RULE["Logic"]})
    status, lines, _ = run(capsys, folder / "VN")
    assert status == 0
    assert "GR-0001: the kiosk would not load this rule: AffectedFields is missing, or no list of texts" in lines


def test_files_may_begin_with_a_byte_order_mark(capsys, folder):
    path = folder / "spec/testSuite/plus.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    status, lines, _ = run(capsys, folder / "spec")
    assert (status, lines[-1]) == (0, "2 passed, 0 failed")


def test_people_get_a_table_and_each_failure_in_words(capsys, folder):
    status, lines, _ = run(capsys, folder)
    assert status == 1
    assert "DE/GR-0001, test1.json: expected false, got true" in lines
    assert lines[-1] == "5 passed, 1 failed"


@pytest.mark.parametrize("part", ["VN", "VN/GR-0001", "spec", "spec/testSuite/plus.json"])
def test_any_part_can_be_named(capsys, folder, part):
    status, lines, _ = run(capsys, folder / part)
    assert status == 0
    assert lines[-1].endswith(" passed, 0 failed")


@pytest.mark.parametrize(
    "broken", ["VN/GR-0001/rule.json", "VN/GR-0001/tests/test1.json", "spec/testSuite/plus.json"]
)
def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_run(capsys, folder, broken):
    write(folder / broken, "{not JSON")
    status, lines, error = run(capsys, "--json", folder)
    assert status == 2
    assert broken in error
    assert json.loads(lines[-1])["passed"] >= 3


@pytest.mark.parametrize("name", ["nowhere", "empty", "sets.json"])
def test_where_there_is_nothing_to_run(capsys, folder, name):
    (folder / "empty").mkdir()
    status, lines, error = run(capsys, folder / name)
    assert (status, lines) == (2, [])
    assert error.startswith("kiosk: ")
    assert error.count("\n") == 1


def test_policy_needs_a_part(capsys):
    assert main(["policy"]) == 2
    assert "kiosk policy --help" in capsys.readouterr().err
