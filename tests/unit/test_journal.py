"""The journal: numbered, chained, sealed, durable; bounded, and honest when it cannot be written."""

import base64
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from nacl.public import PrivateKey, SealedBox

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Retention, Sealer, SealingError, SqliteJournal, open_journal
from kiosk.app.ports import JournalError
from kiosk.domain.events import GENESIS, EventDraft, EventType, follows
from kiosk.testing.clock import FakeClock

AUTHORITY = PrivateKey.generate()
NOTE = EventDraft(EventType.KIOSK_STARTED)


def admission(visit, **personal):
    return EventDraft(EventType.VISIT_ADMITTED, visit, {"rule": "visitor"}, personal)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def opened(folder, **options):
    sealer = Sealer(base64.b64encode(bytes(AUTHORITY.public_key)))
    return SqliteJournal(folder / "j.db", kiosk="k", boot="b", clock=SystemClock(), sealer=sealer, **options)


@pytest.fixture
def journal(folder):
    journal = opened(folder)
    yield journal
    journal.close()


def test_events_are_numbered_and_chained(journal):
    first, second = journal.append([NOTE, admission("v1")])
    (third,) = journal.append([NOTE])
    assert [e.seq for e in (first, second, third)] == [1, 2, 3]
    assert follows(first, GENESIS)
    assert follows(second, first.hash)
    assert follows(third, second.hash)


def test_what_is_read_is_what_was_written(journal):
    written = [*journal.append([NOTE, admission("v1", family_name="Mẫu")])]
    assert list(journal.read(0, 10)) == written
    assert list(journal.read(1, 10)) == written[1:]


def test_numbers_and_chain_go_on_after_a_restart(folder):
    journal = opened(folder)
    (before,) = journal.append([NOTE])
    epoch = journal.head().epoch
    journal.close()
    journal = opened(folder)
    (after,) = journal.append([NOTE])
    journal.close()
    assert (after.seq, after.epoch) == (2, epoch)
    assert follows(after, before.hash)


def test_a_new_file_has_an_epoch_of_its_own(folder, journal):
    other = opened(folder / "other")
    assert other.head().epoch != journal.head().epoch
    other.close()


def test_only_the_authority_can_open_what_is_sealed(folder, journal):
    (event,) = journal.append([admission("v1", family_name="Nguyễn Thị Mẫu", birth_date="1990-01-01")])
    opened_by_authority = SealedBox(AUTHORITY).decrypt(base64.b64decode(event.sealed))
    assert json.loads(opened_by_authority) == {"family_name": "Nguyễn Thị Mẫu", "birth_date": "1990-01-01"}
    on_disk = b"".join(path.read_bytes() for path in folder.iterdir())
    assert "Nguyễn".encode() not in on_disk
    assert b"1990-01-01" not in on_disk


def test_without_an_authority_personal_fields_are_dropped():
    assert Sealer(None).seal(admission("v1", family_name="Mẫu")) == ""


@pytest.mark.parametrize("key", [b"short", b"not base64 !!!", base64.b64encode(bytes(31))])
def test_an_unusable_authority_key_is_said(key):
    with pytest.raises(SealingError):
        Sealer(key)


def test_the_confirmation_never_goes_back(journal):
    journal.append([NOTE] * 3)
    assert journal.confirm(2) == 2
    assert journal.confirm(1) == 2
    assert journal.head().confirmed == 2


def test_the_same_visit_is_never_admitted_twice(journal):
    journal.append([admission("v1")])
    with pytest.raises(JournalError):
        journal.append([admission("v1")])
    with pytest.raises(JournalError):
        journal.append([admission("v2"), admission("v2")])
    assert journal.head().last == 1


def test_a_visit_that_was_annulled_is_admitted_once_more(journal):
    annulment = EventDraft(EventType.VISIT_ANNULLED, "v1")
    journal.append([admission("v1"), annulment])
    journal.append([admission("v2"), admission("v1")])
    for refused in ([admission("v1")], [admission("v2")], [annulment, admission("v1"), admission("v1")]):
        with pytest.raises(JournalError):
            journal.append(refused)
    journal.append([annulment, admission("v1")])
    assert journal.head().last == 6


def test_a_file_that_allowed_one_admission_a_visit_for_ever_is_gone_on_with(folder):
    journal = opened(folder)
    journal.append([admission("v1")])
    journal.close()
    with closing(sqlite3.connect(folder / "j.db")) as db:
        db.executescript(
            "DROP TRIGGER admitted_once;"
            "CREATE UNIQUE INDEX one_admission_a_visit ON events (visit) WHERE type = 'visit.admitted'"
        )
    journal = opened(folder)
    with pytest.raises(JournalError):
        journal.append([admission("v1")])
    journal.append([EventDraft(EventType.VISIT_ANNULLED, "v1"), admission("v1")])
    journal.close()


def test_whether_a_visit_was_admitted_is_looked_up_not_searched_for(folder, journal):
    with closing(sqlite3.connect(folder / "j.db")) as db:
        trigger = db.execute("SELECT sql FROM sqlite_master WHERE name = 'admitted_once'").fetchone()[0]
        query = trigger[trigger.index("SELECT type") : trigger.index(") BEGIN")].replace("new.visit", "'v1'")
        (plan,) = db.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert "SEARCH events USING INDEX let_in (visit=?)" in plan[3]


def test_a_batch_is_written_whole_or_not_at_all(journal):
    with pytest.raises(JournalError):
        journal.append([NOTE, admission("v1"), admission("v1")])
    assert list(journal.read(0, 10)) == []
    (next_one,) = journal.append([NOTE])
    assert next_one.seq == 1


def append_for_ever(journal, draft):
    while True:
        journal.append([draft])


def test_a_full_journal_refuses_and_stays_readable(folder):
    journal = opened(folder, retention=Retention(max_mb=8))
    big = EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 500_000})
    with pytest.raises(JournalError):
        append_for_ever(journal, big)
    last = journal.head().last
    assert 0 < last < 40
    assert journal.read(last - 1, 5)[-1].seq == last
    journal.close()


def test_a_commit_is_synchronised_to_the_disk_before_it_counts(folder, journal):
    journal.append([NOTE])
    assert journal._db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL
    assert journal._db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_damaged_file_is_set_aside_and_a_new_journal_says_so(folder):
    (folder / "j.db").write_bytes(b"this is no database, and never was one" * 200)
    journal = open_journal(
        folder / "j.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None)
    )
    (event,) = journal.read(0, 10)
    journal.close()
    assert event.data["fault"] == "journal_corrupt"
    assert (folder / event.data["set_aside"]).read_bytes().startswith(b"this is no database")


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError):
        opened(tmp_path / "file")


def test_time_is_utc_and_the_clock_says_how_good_it_is(journal):
    (event,) = journal.append([NOTE])
    assert datetime.fromisoformat(event.time).tzinfo == UTC
    assert event.clock in ("synced", "drifting")


@pytest.mark.parametrize("damage", [
    "UPDATE events SET data = replace(data, 'visitor', 'vizitor') WHERE seq = 2",
    "UPDATE events SET type = 'visit.admittex' WHERE seq = 2",
    "UPDATE events SET data = 'no json' WHERE seq = 2",
    "DELETE FROM events WHERE seq = 2",
    "UPDATE events SET data = '[1]' WHERE seq = 3",
    "UPDATE events SET data = '5' WHERE seq = 3",
    "UPDATE events SET data = replace(hex(zeroblob(50000)), '0', '[') WHERE seq = 3",
    """UPDATE events SET data = '{"a": "\\ud800"}' WHERE seq = 3""",
    "UPDATE events SET visit = CAST(x'ff' AS TEXT) WHERE seq = 3",
])  # fmt: skip
def test_a_journal_whose_newest_events_are_damaged_is_set_aside(folder, damage):
    journal = opened(folder)
    journal.append([NOTE, admission("v1"), NOTE])
    epoch = journal.head().epoch
    journal.close()
    with sqlite3.connect(folder / "j.db") as database:
        database.execute(damage)
    database.close()
    journal = open_journal(folder / "j.db", kiosk="k", boot="b", clock=SystemClock(), sealer=Sealer(None))
    (event,) = journal.read(0, 10)
    journal.close()
    assert event.data["fault"] == "journal_corrupt"
    assert event.epoch != epoch


def test_an_event_that_had_to_wait_is_dated_when_it_happened(folder):
    clock = FakeClock(datetime(2026, 6, 1, 9, tzinfo=UTC), mono_ns=3_600_000_000_000)
    journal = SqliteJournal(folder / "j.db", kiosk="k", boot="b", clock=clock, sealer=Sealer(None))
    (event,) = journal.append([EventDraft(EventType.GATE_LOCKED, mono_ns=1_800_000_000_000)])
    journal.close()
    assert event.time == "2026-06-01T08:30:00.000+00:00"
    assert event.mono_ns == 1_800_000_000_000


def test_a_number_beyond_all_bounds_is_an_answer_not_a_crash(journal):
    with pytest.raises(JournalError):
        journal.read(1 << 70, 10)


KEPT = EventDraft(EventType.VISIT_DENIED, "v", {"policy": "p"}, kept=b"inputs of a decision")


def kept_rows(folder):
    with closing(sqlite3.connect(folder / "j.db")) as database:
        return database.execute("SELECT seq, day, box FROM kept ORDER BY seq").fetchall()


def keeping(folder):
    clock = FakeClock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    keys = DayKeys(folder / "day-keys", clock=clock)
    sealer = Sealer(None)
    return keys, SqliteJournal(folder / "j.db", kiosk="k", boot="b", clock=clock, sealer=sealer, day_keys=keys)


def test_inputs_are_kept_beside_their_event_encrypted_and_no_part_of_it(folder):
    keys, journal = keeping(folder)
    note, event = journal.append([NOTE, KEPT])
    assert list(journal.read(0, 9)) == [note, event]
    assert "inputs" not in str(event)
    assert follows(event, note.hash), "the chain does not hang on what goes away"
    ((seq, day, box),) = kept_rows(folder)
    assert (seq, day, keys.open(day, box, event.epoch, seq)) == (2, "2026-06-01", KEPT.kept)
    journal.close()
    assert b"inputs of a decision" not in b"".join(p.read_bytes() for p in folder.iterdir() if p.is_file())


def test_inputs_and_event_are_written_together_or_not_at_all(folder):
    _, journal = keeping(folder)
    with pytest.raises(JournalError):
        journal.append([KEPT, admission("v1"), admission("v1")])
    assert kept_rows(folder) == []
    journal.append([KEPT])
    assert [row[0] for row in kept_rows(folder)] == [1]
    journal.close()


def test_what_is_deleted_is_overwritten(folder):
    _, journal = keeping(folder)
    journal.append([KEPT])
    ((_, _, box),) = kept_rows(folder)
    journal._clock.advance(40 * 86_400)
    journal.forget_kept()
    journal._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert journal._db.execute("PRAGMA secure_delete").fetchone()[0] == 1
    assert box not in (folder / "j.db").read_bytes()
    journal.close()


def test_without_day_keys_nothing_is_kept_and_nothing_forgotten(folder, journal):
    journal.append([KEPT])
    journal.forget_kept()
    assert kept_rows(folder) == []


def test_forgetting_that_fails_is_said(folder):
    keys, journal = keeping(folder)
    journal.append([KEPT])
    journal.close()
    with pytest.raises(JournalError):
        journal.forget_kept()
    assert len(keys.names()) == 1


def test_a_journal_from_before_anything_was_kept_is_gone_on_with(folder):
    journal = opened(folder)
    journal.append([NOTE])
    journal.close()
    with closing(sqlite3.connect(folder / "j.db")) as database:
        database.execute("DROP TABLE kept")
    _, journal = keeping(folder)
    (event,) = journal.append([KEPT])
    journal.close()
    assert event.seq == 2
    assert [row[0] for row in kept_rows(folder)] == [2]


def test_what_is_kept_makes_room_for_records(folder):
    clock = FakeClock(datetime(2026, 6, 1, 9, tzinfo=UTC))
    keys = DayKeys(folder / "day-keys", clock=clock)
    journal = SqliteJournal(
        folder / "j.db", kiosk="k", boot="b", clock=clock, sealer=Sealer(None), day_keys=keys,
        retention=Retention(max_mb=8),
    )
    fat = EventDraft(EventType.VISIT_DENIED, kept=bytes(500_000))
    most = 0
    for _ in range(40):  # 20 MB of inputs, in a file of 8
        journal.append([fat])
        most = max(most, len(kept_rows(folder)))
    assert journal.head().last == 40
    assert 0 < len(kept_rows(folder)) <= most < 20
    journal.close()
