"""What is read from a journal that was set aside: whole events and gaps, from any kind of damage."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.journal import Sealer, SqliteJournal, open_journal
from kiosk.adapters.journal_mark import place
from kiosk.adapters.journal_salvage import SetAside, done_note, waiting
from kiosk.app.ports import JournalError
from kiosk.domain.events import EventDraft, EventType, digest

NUMBER = 300


@pytest.fixture
def path(tmp_path):
    return tmp_path / "j.db"


@pytest.fixture
def written(path):
    """A journal of 300 events that is closed; the first 10 are confirmed."""
    drafts = [EventDraft(EventType.VISIT_DENIED, f"v{n}", {"filler": "x" * 300}) for n in range(NUMBER)]
    with closing(SqliteJournal(path, kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))) as journal:
        events = journal.append(drafts)
        journal.confirm(10)
    return {event.seq: event for event in events}


def salvage(path, after=None):
    with closing(SetAside(path, "k")) as old:
        return [draft for batch in old.batches(old.confirmed if after is None else after) for draft in batch.drafts]


def told(drafts):
    """Return the numbers of what was salvaged, and the gaps."""
    salvaged = [draft.data["seq"] for draft in drafts if draft.type is EventType.JOURNAL_SALVAGED]
    gaps = [(draft.data["first"], draft.data["last"]) for draft in drafts if draft.type is EventType.JOURNAL_GAP]
    return salvaged, gaps


def numbers_of(salvaged, gaps):
    return sorted([*salvaged, *(seq for first, last in gaps for seq in range(first, last + 1))])


def change(path, statement):
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)


def test_all_that_is_not_confirmed_is_told_with_all_its_fields(path, written):
    drafts = salvage(path)
    assert told(drafts) == (list(range(11, NUMBER + 1)), [])
    event, data = written[11], drafts[0].data
    assert (data["epoch"], data["hash"], data["prev"]) == (event.epoch, event.hash, event.prev)
    assert (data["type"], data["visit"], data["data"]) == ("visit.denied", "v10", dict(event.data))


def test_it_goes_on_where_it_ended(path, written):
    assert told(salvage(path, after=290)) == (list(range(291, 301)), [])


@pytest.mark.parametrize("harm", [
    "DELETE FROM events WHERE seq BETWEEN 20 AND 22",
    "UPDATE events SET visit = 'other' WHERE seq BETWEEN 20 AND 22",
    "UPDATE events SET data = '[' WHERE seq BETWEEN 20 AND 22",
    "UPDATE events SET visit = CAST(x'ff' AS TEXT) WHERE seq BETWEEN 20 AND 22",
    "UPDATE events SET type = 'no.such' WHERE seq BETWEEN 20 AND 22",
])  # fmt: skip
def test_what_is_not_whole_is_a_gap(path, written, harm):
    change(path, harm)
    salvaged, gaps = told(salvage(path))
    assert gaps == [(20, 22)]
    assert len(salvaged) == NUMBER - 10 - 3


def test_a_whole_event_of_another_chain_is_a_gap(path, written):
    """Somebody put another event there, whose hash fits it."""
    foreign = replace(written[20], visit="other", prev="f" * 64)
    with closing(sqlite3.connect(path)) as db, db:
        values = foreign.visit, foreign.prev, digest(foreign)
        db.execute("UPDATE events SET visit = ?, prev = ?, hash = ? WHERE seq = 20", values)
    salvaged, gaps = told(salvage(path))
    assert gaps == [(20, 20)]
    assert len(salvaged) == NUMBER - 10 - 1


def test_what_the_mark_tells_of_and_the_file_has_not_is_a_gap_at_the_end(path, written):
    change(path, "DELETE FROM events WHERE seq > 250")
    assert told(salvage(path))[1] == [(251, 300)]


def test_without_a_mark_nobody_knows_what_is_missing_at_the_end(path, written):
    change(path, "DELETE FROM events WHERE seq > 250")
    place(path).unlink()
    assert told(salvage(path)) == (list(range(11, 251)), [])


def test_of_a_file_that_is_no_database_all_is_one_gap(path, written):
    path.write_bytes(b"no database, and never was one" * 1000)
    assert told(salvage(path)) == ([], [(11, 300)])


def test_of_a_file_without_anything_nothing_is_told(path):
    path.write_bytes(b"no database, and never was one" * 1000)
    assert salvage(path) == []


@pytest.mark.parametrize("seed", range(12))
def test_damaged_pages_leave_the_others_readable_and_every_number_is_accounted_for(path, written, seed):
    data, chance = bytearray(path.read_bytes()), Random(seed)
    for page in chance.sample(range(1, len(data) // 4096), 1 + seed % 4):
        data[page * 4096 : (page + 1) * 4096] = chance.randbytes(4096)
    path.write_bytes(data)
    salvaged, gaps = told(salvage(path))
    assert numbers_of(salvaged, gaps)[-1] == NUMBER
    assert numbers_of(salvaged, gaps) == list(range(numbers_of(salvaged, gaps)[0], NUMBER + 1))
    assert {draft.data["hash"] for draft in salvage(path) if "hash" in draft.data} <= {e.hash for e in written.values()}


def test_a_confirmed_number_with_a_flipped_bit_passes_nothing_over(path, written):
    change(path, "UPDATE meta SET value = '50' WHERE key = 'confirmed'")
    assert told(salvage(path))[0][0] == 11


def test_the_file_is_left_as_it_is(path, written):
    before = path.read_bytes()
    salvage(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("harm", ["no index", "no mode", "nothing"])
def test_a_door_that_was_locked_down_is_locked_down_in_the_new_journal(path, harm):
    settings = {"kiosk": "k", "boot": "b", "clock": SystemClock(), "sealer": Sealer(None)}
    said = {"mode": "lockdown", "by": "centre"}
    with closing(SqliteJournal(path, **settings)) as journal:
        journal.append([EventDraft(EventType.MODE_CHANGED, data=said), *[EventDraft(EventType.EXIT_REQUESTED)] * 9])
    change(path, "UPDATE events SET boot = 'x' WHERE seq = 9")
    if harm == "no mode":
        change(path, "UPDATE events SET data = '{}' WHERE seq = 1")
    if harm == "no index":
        change(path, "DROP INDEX modes")
    with closing(open_journal(path, **settings)) as journal:
        newest = journal.newest_mode()
        assert journal.read(0, 1)[0].data["fault"] == "journal_corrupt"
    assert newest is None if harm == "no mode" else newest.data == said


def test_a_file_that_has_gone_meanwhile_is_said(path):
    with pytest.raises(JournalError):
        SetAside(path, "k")


def test_files_that_were_set_aside_wait_until_they_are_done(path):
    names = ["j.db.corrupt-20260601T080000", "j.db.restored-20260602T080000", "j.db.corrupt-20260601T080000-2"]
    for name in [*names, "j.db.mark", "j.db.ballast", "j.db-wal", "j.db.corrupt-20260601T080000.mark", "other.db"]:
        path.with_name(name).touch()
    assert [found.name for found in waiting(path)] == sorted(names)
    done_note(path.with_name(names[0])).touch()
    assert [found.name for found in waiting(path)] == sorted(names[1:])


def test_a_folder_that_is_not_there_holds_none(tmp_path):
    assert waiting(tmp_path / "none" / "j.db") == []
