"""`kiosk simulate`: shipped scenarios go as expected, what does not is said, and files are refused with a sentence."""

import json

import pytest

from kiosk.cli import main
from kiosk.testing.simulator.scenario import SHIPPED, shipped

LONG = {"day", "network-down", "missing-sensors", "rush"}
"""Played by `kiosk simulate --all`; the others take a second or two each."""
STORY = (SHIPPED / "turnstile.toml").read_text()


@pytest.fixture
def simulate(capsys):
    def run(*words):
        status = main(["simulate", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "scenario.toml"
        path.write_text(text)
        return path

    return write


@pytest.mark.parametrize("path", [path for path in shipped() if path.stem not in LONG], ids=lambda path: path.stem)
def test_a_shipped_scenario_goes_as_expected(path, simulate):
    status, out, _ = simulate(path.stem)
    assert status == 0, out


def test_the_library_has_what_a_door_has_to_stand():
    assert {path.stem for path in shipped()} >= {
        "rush", "fire", "tailgaters", "double-entry", "network-down", "clock-unset", "day",
    }  # fmt: skip


def test_a_day_is_the_same_each_time(simulate):
    once, again = (json.loads(simulate("double-entry", "--json")[1]) for _ in range(2))
    for result in (once, again):
        del result["took_s"]
    assert once == again


def test_for_machines_each_expectation_says_what_was_seen(simulate):
    status, out, _ = simulate("tailgaters", "--json")
    result = json.loads(out)
    assert (status, result["as_expected"], result["counts"]["extra"]) == (0, True, 10)
    assert {"name": "alarm tailgating", "expected": "10", "seen": "10", "held": True} in result["expectations"]


def test_what_is_not_as_expected_is_status_1_and_named(simulate, file):
    status, out, _ = simulate(file(STORY.replace("entered = 400", "entered = 401")))
    assert status == 1
    assert "NOT  entered" in out


def test_an_alarm_that_nobody_expected_is_not_as_expected(simulate, file):
    status, out, _ = simulate(file(STORY.replace("alarms = { wrong_direction = 1 }", "")))
    assert status == 1
    assert "NOT  alarm wrong_direction" in out


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("count = 400", "cuont = 400"), "did you mean 'count'?"),
        (('kind = "turnstile"', 'kind = "revolving"'), "'door.kind'"),
        (('at = "08:01"', 'at = "8:01"'), "'people.0.at'"),
        (('at = "08:01"', 'at = "07:00"'), "before the start or after the end"),
        (("count = 400", "count = 100001"), "'people.0.count'"),
        (("starts = 2026-03-02T08:00:00", "starts = 2026-03-02T08:00:00Z"), "leave the time zone out"),
        (('kinds = ["visit"]', 'kinds = ["guest"]'), "'policy': "),
        (('kind = "turnstile"', 'kind = "interlock"'), "needs the lines contact, inner_contact"),
    ],
)
def test_a_file_that_cannot_be_played_is_refused_with_a_sentence(simulate, file, change, said):
    status, out, err = simulate(file(STORY.replace(*change)))
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("words", [["nowhere.toml"], [], ["--all", "--chart", "x.png"], ["rush", "--chart", "x.gif"]])
def test_wrong_words_are_refused(simulate, words):
    status, _, err = simulate(*words)
    assert status == 2
    assert err.startswith("kiosk: ")


def test_the_shipped_ones_are_listed(simulate):
    status, out, _ = simulate("--list")
    assert status == 0
    assert "A thousand people at eight" in out


def test_the_chart_is_a_picture(simulate, tmp_path):
    status, _, _ = simulate("double-entry", "--chart", tmp_path / "chart.svg")
    assert status == 0
    assert (tmp_path / "chart.svg").read_text().startswith("<?xml")
