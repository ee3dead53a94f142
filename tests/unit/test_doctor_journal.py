"""What `kiosk doctor` says of the journal."""

import sqlite3
from contextlib import closing

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Retention, Sealer, SqliteJournal
from kiosk.cli import doctor_journal
from kiosk.config import KioskConfig
from kiosk.domain.events import EventDraft, EventType

NOTE = EventDraft(EventType.KIOSK_STARTED)
BIG = EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 50_000})


@pytest.fixture
def config(tmp_path):
    return KioskConfig.model_validate({
        "kiosk": {"id": "k"}, "paths": {"state": tmp_path, "policy": "p", "trust": "t"},
        "gate": {"board": "b", "pins": "mock"}, "journal": {"max_mb": 8},
    })  # fmt: skip


@pytest.fixture
def journal(config):
    journal = SqliteJournal(
        config.paths.state / "journal.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None),
        retention=Retention(max_mb=8),
    )  # fmt: skip
    yield journal
    journal.close()


def look(config, disk=0.3):
    return list(doctor_journal.journal(config, lambda _: disk))


def states(config):
    return [finding.state for finding in look(config)]


def test_before_the_first_start_there_is_nothing_to_say(config):
    assert states(config) == states(None) == []


def test_a_whole_journal_with_room_is_well(config, journal):
    journal.append([NOTE] * 3)
    (finding,) = look(config)
    assert finding.state == "ok"
    assert "events: 3, no centre is configured" in finding.found


def test_with_a_centre_it_says_how_much_is_not_confirmed(config, journal):
    journal.append([NOTE] * 3)
    journal.confirm(1)
    settings = {**config.model_dump(exclude_unset=True), "mqtt": {}, "centre": {"keys": "c"}}
    (finding,) = look(KioskConfig.model_validate(settings))
    assert "events: 3, 2 not confirmed" in finding.found


@pytest.mark.parametrize(("share", "state"), [(0.82, "warning"), (0.92, "missing")])
def test_a_journal_that_fills_is_a_finding(config, journal, share, state):
    while journal.filled() < share:
        journal.append([BIG])
    assert states(config) == [state]


def test_a_disk_that_fills_is_a_finding(config, journal):
    (finding,) = look(config, disk=0.85)
    assert finding.state == "warning"
    assert "disk 85 % full" in finding.found


def test_newest_events_that_are_no_chain_are_a_finding(config, journal):
    journal.append([NOTE] * 9)
    with closing(sqlite3.connect(config.paths.state / "journal.db")) as db, db:
        db.execute("DELETE FROM events WHERE seq = 5")
    assert states(config) == ["missing"]


def test_a_file_that_is_no_journal_is_a_finding(config):
    (config.paths.state / "journal.db").write_text("no journal")
    assert states(config) == ["missing"]


def test_what_was_set_aside_and_not_read_yet_is_said(config, journal):
    aside = config.paths.state / "journal.db.corrupt-20260601T080000"
    aside.touch()
    assert states(config) == ["ok", "warning"]
    aside.with_name(aside.name + ".salvaged").touch()
    assert states(config) == ["ok"]


def test_events_that_never_reached_the_centre_whole_are_listed(config, journal):
    journal.append([NOTE] * 9)
    for seq in (3, 8):
        journal.bury(seq, "too_large")
    whole, dead = look(config)
    assert (whole.state, dead.state) == ("ok", "warning")
    assert "2, the newest: 3 (too_large), 8 (too_large)" in dead.found
