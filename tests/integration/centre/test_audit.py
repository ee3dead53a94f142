"""What somebody has altered or removed in the database is found, and nothing else is."""

import contextlib
import json
import random
import sqlite3

import psycopg
import pytest

from kiosk.testing.journals import chain
from mqtt_bridge.central.audit import CURSORS, EVENTS, KNOWN, audit
from mqtt_bridge.central.database_commands import COMMANDS
from mqtt_bridge.central.databases import open_store
from mqtt_bridge.central.store import Arrival


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    """A database with ten events of one kiosk and five of another."""
    where = request.getfixturevalue("url") if request.param == "postgres" else str(tmp_path / "centre.db")
    with contextlib.closing(open_store(where)) as store:
        add(store, *chain(10), *chain(5, kiosk="gate-2"))
    return where


def add(store, *records):
    store.add([Arrival(record, f"local/main/{record.kiosk}") for record in records], [], 1)


def tamper(where, sql):
    if "://" in where:
        with psycopg.connect(where) as database:
            database.execute(sql)
    else:
        with contextlib.closing(sqlite3.connect(where)) as file:
            file.execute(sql)
            file.commit()


def flaws(where):
    with contextlib.closing(open_store(where)) as store, store.moment():
        found = list(audit(store.stream(EVENTS), store.rows(CURSORS), store.rows(KNOWN)))
    return [(flaw.kiosk, flaw.seq, flaw.kind) for flaw in found]


def test_a_database_that_nobody_has_touched_has_no_flaw(where):
    assert flaws(where) == []


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE events SET record = replace(record, 'v4', 'v5') WHERE seq = 4 AND kiosk = 'gate-1'",
         [("gate-1", 4, "altered"), ("gate-1", 4, "columns")]),
        ("UPDATE events SET record = 'no record' WHERE seq = 4 AND kiosk = 'gate-1'", [("gate-1", 4, "altered")]),
        ("UPDATE events SET visit = 'v5' WHERE seq = 4 AND kiosk = 'gate-1'", [("gate-1", 4, "columns")]),
        ("DELETE FROM events WHERE seq IN (4, 5) AND kiosk = 'gate-1'",
         [("gate-1", 4, "removed"), ("gate-1", 5, "removed")]),
        ("DELETE FROM events WHERE seq IN (1, 10) AND kiosk = 'gate-1'",
         [("gate-1", 1, "removed"), ("gate-1", 10, "removed")]),
        ("DELETE FROM events WHERE seq > 3 AND kiosk = 'gate-2'",
         [("gate-2", 4, "removed"), ("gate-2", 5, "removed")]),
        ("DELETE FROM events WHERE seq > 0 AND kiosk = 'gate-2'",
         [("gate-2", number, "removed") for number in range(1, 6)]),
    ],
)  # fmt: skip
def test_what_was_altered_or_removed_is_found(where, sql, found):
    tamper(where, sql)
    assert flaws(where) == found


def test_an_event_that_was_made_anew_with_a_hash_of_its_own_is_found_by_the_next_one(where):
    new = chain(4)[3].model_copy(update={"visit": "other"})
    new = new.model_copy(update={"hash": "e" * 64})
    text = json.dumps(new.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    change = f"visit = 'other', hash = '{new.hash}', record = '{text}'"
    tamper(where, f"UPDATE events SET {change} WHERE seq = 4 AND kiosk = 'gate-1'")  # noqa: S608 - of this test
    assert flaws(where) == [("gate-1", 4, "altered"), ("gate-1", 5, "link")]


def test_what_was_wrong_when_it_came_is_not_told_twice(where):
    records = chain(9, kiosk="gate-3", broken=frozenset({3, 6}))
    records[7] = records[7].model_copy(update={"visit": "other"})
    with contextlib.closing(open_store(where)) as store:
        add(store, *records[5:])  # 6 comes before 5: its link is found by 5
        add(store, *records[:5])
    assert flaws(where) == []


def test_numbers_that_have_not_come_yet_were_not_removed(where):
    with contextlib.closing(open_store(where)) as store:
        add(store, *chain(14)[12:])
    assert flaws(where) == []


def test_what_is_stored_while_it_reads_is_no_flaw(where):
    records = chain(14)
    with contextlib.closing(open_store(where)) as store, contextlib.closing(open_store(where)) as consumer:
        with store.moment():
            events = store.stream(EVENTS)
            first = next(events)
            add(consumer, *records[10:], records[9].model_copy(update={"visit": "other"}))
            rest = list(events)
            assert list(audit([first, *rest], store.rows(CURSORS), store.rows(KNOWN))) == []
        assert len(rest) == 14
        assert store.contiguous("gate-1", "e1") == 14


def test_every_byte_of_a_record_counts(tmp_path):
    where, rng = str(tmp_path / "centre.db"), random.Random(6)
    with contextlib.closing(open_store(where)) as store:
        add(store, *chain(1))
        ((text,),) = store.rows("SELECT record FROM events")
    missed = []
    for _ in range(100):
        place, bit = rng.randrange(len(text.encode())), 1 << rng.randrange(8)
        changed = bytearray(text.encode())
        changed[place] ^= bit
        with contextlib.closing(sqlite3.connect(where)) as file:
            file.execute("UPDATE events SET record = CAST(? AS TEXT)", (bytes(changed),))
            file.commit()
        missed += [] if flaws(where) else [(place, bit)]
    assert missed == []


def test_the_command_tells_people_and_ends_with_1(where, capsys):
    assert COMMANDS["report"](["--database", where, "--audit"]) == 0
    assert "every event was read again: no flaws\n" in capsys.readouterr().out
    tamper(where, "DELETE FROM events WHERE seq = 4 AND kiosk = 'gate-1'")
    assert COMMANDS["report"](["--database", where]) == 0
    assert COMMANDS["report"](["--database", where, "--audit"]) == 1
    assert "gate-1 e1: 4 was removed from the database: the centre had confirmed it\n" in capsys.readouterr().out
    assert COMMANDS["report"](["--database", where, "--audit", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["flaws"] == [
        {"kiosk": "gate-1", "epoch": "e1", "seq": 4, "kind": "removed"}
    ]
