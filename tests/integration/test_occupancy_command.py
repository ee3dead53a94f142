"""`kiosk occupancy` as people use it, beside a journal that a gate writes."""

import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.cli import main
from kiosk.cli.occupancy import wait_for
from kiosk.demo.script import make_issuers
from kiosk.demo.world import Choices, make_world
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.testing.clock import FakeClock

EXTRA = EventDraft(EventType.PASSAGE_ENTERED, "", {"extra": True}, count=Count(change=1))
DOUBT = EventDraft(EventType.ALARM_RAISED, "", {"alarm": "fire"}, count=Count(unsure=True))
CAPACITY = '\n[capacity]\npeople = 10\nwarn_at = 3\nreset_at = "{reset}"\n'


@pytest.fixture
def kiosk(tmp_path):
    """A kiosk's folder, whose day of counting began five minutes ago at the least."""
    now = SystemClock().now()
    world = make_world(tmp_path, make_issuers(now), Choices(), 18831)
    hour = "12" if 0 <= (now + timedelta(hours=7)).hour < 12 else "00"
    with (world.folder / "policy.toml").open("a") as policy:
        policy.write(CAPACITY.format(reset=f"{hour}:00"))
    return world


@pytest.fixture
def write(kiosk):
    def append(*drafts, later_s=0):
        clock = FakeClock(SystemClock().now())
        clock.advance(later_s)
        journal = SqliteJournal(kiosk.journal, kiosk="k", boot="b", clock=clock, sealer=Sealer(None))
        journal.append(drafts)
        journal.close()

    return append


@pytest.fixture
def ask(kiosk, capsys):
    def command(*words):
        status = main(["occupancy", *words, "--config", str(kiosk.config)])
        return status, capsys.readouterr().out

    return command


def admissions(*visits):
    return [EventDraft(EventType.VISIT_ADMITTED, visit, count=Count(change=1)) for visit in visits]


def test_how_many_are_inside_and_how_sure_that_is(ask, write):
    write(*admissions("a", "b"), EventDraft(EventType.PASSAGE_ENTERED, "a"), EXTRA)
    status, out = ask("--json")
    said = json.loads(out)
    assert status == 0
    assert said | {"since": ""} == {
        "inside": 3, "since": "", "certain": True, "arrivals": 3, "confirmed": 1, "counted": None, "capacity": 10,
        "level": 1,
    }  # fmt: skip
    write(DOUBT)
    assert json.loads(ask("show", "--json")[1])["certain"] is False


def test_what_staff_counted_is_said_with_its_time(ask, write):
    at = SystemClock().now().isoformat()
    said = {"people": 41, "was": 2, "by": "staff", "why": "", "at": at, "applied": True}
    write(*admissions("a", "b"), DOUBT, EventDraft(EventType.OCCUPANCY_SET, data=said, count=Count(change=39)))
    write(EXTRA)
    status, out = ask()
    assert status == 0
    lines = out.splitlines()
    assert lines[0].startswith("42 inside, by this kiosk's count since ")
    assert lines[1].startswith("Staff counted 41 at ")
    assert lines[2:] == [
        "3 came in since then; a sensor has confirmed 0 admissions.", "Of 10: full.",
        "Nobody is known to have passed uncounted.",
    ]  # fmt: skip


def test_in_vietnamese(ask, write):
    write(*admissions("a"), DOUBT)
    lines = ask("show", "--language", "vi")[1].splitlines()
    assert lines[0].startswith("1 người bên trong")
    assert lines[-1].startswith("Không chắc chắn")


def test_without_a_gate_the_number_waits_and_the_answer_says_so(ask, write, kiosk):
    write(*admissions("a"))
    status, out = ask("set", "41", "--why", "shift_change")
    assert status == 1
    assert out.startswith("Not on record yet")
    (word,) = (kiosk.folder / "state" / "lookups").iterdir()
    said = json.loads(word.read_text())
    assert (said["what"], said["people"], said["by"], said["why"]) == ("count", 41, "staff", "shift_change")


@pytest.mark.parametrize("words", [
    ("set",), ("set", "many"), ("set", "-1"), ("set", "1000001"), ("set", "5", "--by", "Nguyễn"),
    ("set", "5", "--why", "x" * 33), ("frobnicate",),
])  # fmt: skip
def test_wrong_usage_is_one_sentence(words, kiosk, capsys):
    assert main(["occupancy", *words, "--config", str(kiosk.config)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_settings_or_a_journal(kiosk, capsys, tmp_path):
    assert main(["occupancy", "--config", str(tmp_path / "gone.toml")]) == 2
    assert main(["occupancy", "--config", str(kiosk.config)]) == 3
    assert "there is no journal" in capsys.readouterr().err


def test_waiting_ends():
    answers, pauses = iter([None, None, "event"]), []
    assert wait_for(lambda: next(answers), pauses.append) == "event"
    assert wait_for(lambda: None, pauses.append) is None
    assert 5 <= sum(pauses) <= 6


@pytest.mark.system
def test_a_running_gate_puts_it_on_record_and_it_survives_kill_9(kiosk, ask):
    """The gate's own process counts; the command waits for the record, and the next gate goes on from it."""
    def gate():
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk", "run", "--config", kiosk.config], stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while not any(kiosk.run.glob("ui.sock")) and time.monotonic() < deadline:
            time.sleep(0.05)
        return process

    first = gate()
    status, out = ask("set", "7", "--json")
    first.kill()
    first.wait()
    assert (status, {**json.loads(out), "event": 0}) == (0, {"people": 7, "was": 0, "event": 0, "applied": True})
    assert json.loads(ask("--json")[1])["inside"] == 7
    (kiosk.run / "ui.sock").unlink(missing_ok=True)
    second = gate()
    status, out = ask("set", "9")
    second.terminate()
    second.wait(30)
    assert status == 0
    assert out.startswith("9 inside, on record as event ")
    assert out.rstrip().endswith("it had been 7.")
