"""Roster and results as files: strict, and with nobody's name in them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.config import ConfigError
from kiosk.domain.roster import Member, Roster
from kiosk.domain.sample_results import ResultOutcome, SampleResult, ShownAt
from kiosk.results_file import read_results
from kiosk.roster_file import read_roster, write_roster

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


ids = st.from_regex(r"[A-Za-z][A-Za-z_.:-]{0,12}", fullmatch=True)
words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
days = st.none() | st.dates(date(2000, 1, 1), date(2099, 1, 1))
members = st.builds(
    lambda person, group, zones, begins, more: Member(
        person, group, zones, begins, begins and more and max(begins, more)
    ),
    ids, st.just("") | words, st.frozensets(words, max_size=3), days, days,
)  # fmt: skip


@given(st.lists(members, max_size=5, unique_by=lambda one: one.person))
def test_a_roster_that_is_written_is_read_as_it_was(listed):
    roster = Roster.of(listed)
    assert read_roster(write_roster(roster), "roster.toml") == Roster.of(sorted(listed, key=lambda one: one.person))


def test_a_written_roster_is_laid_out_as_people_write_one():
    member = Member("staff-17", "staff", frozenset({"lobby", "lab"}), date(2026, 7, 1), None, "ab" * 32)
    assert write_roster(Roster.of([member])).decode() == f"""[[member]]
person = "staff-17"
group = "staff"
key = "{"ab" * 32}"
zones = ["lab", "lobby"]
begins = 2026-07-01
"""
