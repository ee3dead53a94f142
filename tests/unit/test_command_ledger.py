"""The ledger of remote commands: on the disk before anything is done, and never guessed."""

import json
import os

import pytest

from kiosk.adapters.command_ledger import LedgerError, LedgerFile
from kiosk.domain.command import Command, CommandName, Ledger, Moment, Signed

NOON = 1_780_000_000
CLOCK = Moment(NOON, known=True, mono_ns=0)
NO_CLOCK = Moment(3, known=False, mono_ns=0)
SIGNED = Signed(Command("0f" * 16, CommandName.OPEN, "t/s/k", NOON, NOON + 9, 7), "a1" * 8, ("Control room",))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "commands.json"


def test_a_new_ledger_begins_with_the_time(path):
    assert LedgerFile(path, CLOCK).current == Ledger(created=NOON)
    assert LedgerFile(path, Moment(NOON + 99, known=True, mono_ns=0)).current == Ledger(created=NOON)


def test_a_new_ledger_without_a_clock_is_dated_later(path):
    assert LedgerFile(path, NO_CLOCK).current == Ledger()
    assert LedgerFile(path, CLOCK).current == Ledger()


def test_what_was_taken_is_known_to_the_next_process(path):
    first = LedgerFile(path, CLOCK)
    first.keep(first.current.taken(SIGNED, CLOCK))
    ledger = LedgerFile(path, CLOCK).current
    assert ledger.knows(SIGNED)
    assert ledger.unfinished == {SIGNED.command.id: CommandName.OPEN}
    first.keep(ledger.finished(SIGNED.command.id))
    assert LedgerFile(path, CLOCK).current.unfinished == {}
    assert list(path.parent.iterdir()) == [path]
    assert path.stat().st_mode & 0o077 == 0


GOOD = {"version": 1, "created": NOON, "counters": {"a1": 7}, "ids": ["0f" * 16], "unfinished": {"0f" * 16: "open"}}


def test_the_ledger_of_these_examples_can_be_read(path):
    path.write_text(json.dumps(GOOD))
    assert LedgerFile(path, CLOCK).problem == ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "\xff",
        "x" * 70_000,
        *(json.dumps(GOOD | bad) for bad in (
            {"version": 2}, {"created": "now"}, {"counters": []}, {"counters": {"a1": "7"}}, {"counters": {"a1": -1}},
            {"counters": {"": 7}}, {"ids": ["short"]}, {"ids": [7]}, {"ids": ["0f" * 16] * 257},
            {"unfinished": {"0f" * 16: "burn"}}, {"unfinished": {"x": "open"}}, {"unfinished": {"0f" * 16: 7}},
        )),
    ],
)  # fmt: skip
def test_a_damaged_ledger_is_left_as_it_is_and_none_is_made_up(path, text):
    path.write_text(text, "latin-1")
    file = LedgerFile(path, CLOCK)
    assert file.current is None
    assert "is damaged" in file.problem or "cannot be used" in file.problem
    assert path.read_text("latin-1") == text


def test_a_ledger_that_is_a_link_or_a_pipe_is_not_read(path):
    path.symlink_to("/dev/null")
    assert "cannot be used" in LedgerFile(path, CLOCK).problem
    path.unlink()
    os.mkfifo(path)
    assert LedgerFile(path, CLOCK).current is None


def test_a_ledger_that_cannot_be_kept_stays_the_one_before(path):
    file = LedgerFile(path, CLOCK)
    path.with_name("commands.json.part").mkdir()
    with pytest.raises(LedgerError):
        file.keep(file.current.taken(SIGNED, CLOCK))
    assert file.current == Ledger(created=NOON) == LedgerFile(path, CLOCK).current


def test_without_its_folder_there_is_no_ledger(tmp_path):
    assert "cannot be used" in LedgerFile(tmp_path / "gone" / "commands.json", CLOCK).problem
