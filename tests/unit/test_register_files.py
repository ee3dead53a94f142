"""Roster and results as files: strict, and with nobody's name in them."""

from datetime import UTC, date, datetime

import pytest

from kiosk.config import ConfigError
from kiosk.domain.roster import Member
from kiosk.domain.sample_results import ResultOutcome, SampleResult, ShownAt
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster

MEMBER = '[[member]]\nperson = "staff-17"\n'
RESULT = '[[result]]\nsample = "TUBE-0001"\noutcome = "{}"\nat = 2026-07-05T09:00:00Z\n'


def test_a_roster_says_who_belongs_where_and_when():
    text = f"""{MEMBER}group = "staff"\nzones = ["lobby", "lab"]\nbegins = 2026-07-01\nends = 2026-07-31
key = "{"ab" * 32}"\nsealed_name = "{"A" * 80}"\n[[member]]\nperson = "p.2:x"\n"""
    roster = read_roster(text.encode(), "roster.toml")
    assert list(roster.members.values()) == [
        Member("staff-17", "staff", frozenset({"lobby", "lab"}), date(2026, 7, 1), date(2026, 7, 31), "ab" * 32,
               "A" * 80),
        Member("p.2:x"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    '[[member]]\nperson = "001099012345"', '[[member]]\nperson = "NV-0912345678"',  # citizen and phone numbers
    '[[member]]\nperson = "Nguyễn Thị Ánh"', '[[member]]\nperson = "Anh Nguyen"', '[[member]]\nperson = ""',
    f'{MEMBER}name = "Anh"', f'{MEMBER}sealed_name = "Nguyen Thi Anh"', f'{MEMBER}key = "001099012345"',
    f"{MEMBER}begins = 2026-07-02\nends = 2026-07-01", MEMBER + MEMBER,
    f'{MEMBER}key = "{"ab" * 32}"\n[[member]]\nperson = "b"\nkey = "{"ab" * 32}"',
    "member = 3", "[[member]]", "\0", "people = []", MEMBER + f'zones = ["{"a" * 65}"]',
])  # fmt: skip
def test_a_roster_that_names_a_person_or_makes_no_sense_is_refused(text):
    with pytest.raises(ConfigError) as caught:
        read_roster(text.encode(), "roster.toml")
    said = str(caught.value)
    assert said.startswith("roster.toml: ")
    assert "\n" not in said
    for personal in ("0010", "0912", "Anh"):
        assert personal not in said


def test_results_are_those_of_labels():
    text = RESULT.format("negative") + 'show = "kiosk"\n' + RESULT.format("positive").replace("0001", "0002")
    at = datetime(2026, 7, 5, 9, tzinfo=UTC)
    assert list(read_results(text.encode(), "results.toml").results.values()) == [
        SampleResult("TUBE-0001", ResultOutcome.NEGATIVE, at, ShownAt.KIOSK),
        SampleResult("TUBE-0002", ResultOutcome.POSITIVE, at, ShownAt.DESK),
    ]


@pytest.mark.parametrize("text", [
    RESULT.format("positive") + 'show = "kiosk"\n', RESULT.format("unclear") + 'show = "kiosk"\n',
    RESULT.format("sick"), RESULT.format("negative").replace("Z", ""),
    RESULT.format("negative").replace("TUBE", "\x07"),
    RESULT.format("negative").replace("TUBE-0001", "T"), RESULT.format("negative") + 'person = "x"\n', "result = {}",
])  # fmt: skip
def test_results_that_would_tell_too_much_or_nothing_are_refused(text):
    with pytest.raises(ConfigError, match=r"^results.toml: "):
        read_results(text.encode(), "results.toml")


def test_an_empty_list_is_a_list():
    assert len(read_roster(b"", "roster.toml")) == len(read_results(b"", "results.toml")) == 0
