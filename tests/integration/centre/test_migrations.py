"""The schema of both databases: from nothing, from before there were migrations, and by several at once."""

import contextlib
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.script import ScriptDirectory

from kiosk.testing.journals import chain
from mqtt_bridge.central import migrations
from mqtt_bridge.central.databases import open_store
from mqtt_bridge.central.store import Arrival, StoreError

FIRST_SCHEMA = """
CREATE TABLE events (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    place TEXT NOT NULL, type TEXT NOT NULL, visit TEXT NOT NULL, time TEXT NOT NULL, clock TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq)
) WITHOUT ROWID;
CREATE TABLE cursors (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, upto INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch)
) WITHOUT ROWID;
CREATE TABLE findings (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq, kind, hash)
) WITHOUT ROWID;
CREATE TABLE dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, code TEXT NOT NULL, payload BLOB NOT NULL, received INTEGER NOT NULL
);
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
"""What the centre made before it had migrations."""


@pytest.fixture(params=["sqlite", "postgres"])
def where(request, tmp_path):
    return request.getfixturevalue("url") if request.param == "postgres" else str(tmp_path / "centre.db")


def arrivals(count):
    return [Arrival(record, "local/main/gate-1") for record in chain(count)]


def first_file(path: Path, *, statements=()):
    """Write a file as the first version of the centre left it, with three events that came at 100, 101 and 102."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST_SCHEMA)
        for arrival in arrivals(3):
            event, text = arrival.record, arrival.record.model_dump_json()
            row = (event.kiosk, event.epoch, event.seq, arrival.place, event.type, event.visit, event.time,
                   event.clock, event.prev, event.hash, text, 99 + event.seq)  # fmt: skip
            database.execute("INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", row)
        database.execute("INSERT INTO cursors VALUES ('gate-1', 'e1', 3)")
        database.execute("INSERT INTO findings VALUES ('gate-1', 'e1', 2, 'place', 'ab', '{}', 101)")
        database.execute("INSERT INTO dead_letters (topic, code, payload, received) VALUES ('t', 'json', x'00', 5)")
        database.execute("INSERT INTO counters VALUES ('dead_letters_total', 7)")
        for statement in statements:
            database.execute(statement)
        database.commit()
    return path


def test_the_newest_revision_is_the_one_that_the_stores_look_for():
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_current_head() == migrations.HEAD


def test_an_empty_database_gets_the_whole_schema_and_a_second_start_changes_nothing(where):
    with contextlib.closing(open_store(where)) as store:
        assert store.rows("SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]
        store.add(arrivals(2), [], 50)
    with contextlib.closing(open_store(where)) as store:
        assert store.contiguous("gate-1", "e1") == 2
        assert store.rows("SELECT upto, repeats, began, heard FROM cursors") == [(2, 0, 50, 50)]


def test_a_file_from_before_migrations_is_taken_over_with_its_rows(tmp_path):
    file = first_file(tmp_path / "centre.db")
    with contextlib.closing(open_store(str(file))) as store:
        assert store.rows("SELECT seq, received FROM events ORDER BY seq") == [(1, 100), (2, 101), (3, 102)]
        assert store.rows("SELECT upto, repeats, began, heard FROM cursors") == [(3, 0, 100, 102)]
        assert store.rows("SELECT kind FROM findings") == [("place",)]
        assert store.rows("SELECT topic, payload FROM dead_letters") == [("t", b"\0")]
        assert store.rows("SELECT value FROM counters") == [(7,)]
        assert store.add(arrivals(5)[3:], [], 200) == {("gate-1", "e1"): 5}
        assert store.rows("SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]


def test_a_migration_that_fails_leaves_the_file_as_it_was(tmp_path):
    file = first_file(tmp_path / "centre.db", statements=["ALTER TABLE cursors ADD COLUMN heard INTEGER"])
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(str(file))
    with contextlib.closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT * FROM cursors").fetchall() == [("gate-1", "e1", 3, None)]
        assert database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall() == []


def test_a_migration_that_fails_leaves_the_postgres_as_it_was(url):
    with psycopg.connect(url) as database:
        database.execute("CREATE TABLE cursors (kiosk TEXT, epoch TEXT, upto BIGINT, heard BIGINT)")
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(url)
    with psycopg.connect(url) as database:
        tables = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        assert database.execute(tables).fetchall() == [("cursors",)]


@contextlib.contextmanager
def migrating(where):
    """Hold what a migration holds, as another process that is in the middle of one."""
    if "://" in where:
        with psycopg.connect(where) as database:
            database.execute("SELECT pg_advisory_xact_lock(%s)", (migrations.LOCK,))
            yield
    else:
        with contextlib.closing(sqlite3.connect(where, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("COMMIT")


def test_several_processes_may_start_at_once(where):
    command = [sys.executable, "-m", "mqtt_bridge.central", "migrate", "--database", where]
    with contextlib.ExitStack() as stack:
        with migrating(where):
            processes = [stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE)) for _ in range(2)]
            with pytest.raises(subprocess.TimeoutExpired):
                processes[0].wait(0.2)
        said = [process.communicate(timeout=30)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    with contextlib.closing(open_store(where)) as store:
        assert store.rows("SELECT version_num FROM alembic_version") == [(migrations.HEAD,)]


def test_several_threads_may_start_at_once(where):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: open_store(where).close(), range(4)))
    with contextlib.closing(open_store(where)) as store:
        assert store.add(arrivals(3), [], 1) == {("gate-1", "e1"): 3}


def test_a_database_of_a_newer_version_is_left_alone(where):
    open_store(where).close()
    newer = "UPDATE alembic_version SET version_num = '9999'"
    if "://" in where:
        with psycopg.connect(where) as database:
            database.execute(newer)
    else:
        with contextlib.closing(sqlite3.connect(where)) as file:
            file.execute(newer)
            file.commit()
    with pytest.raises(StoreError, match="newer version"):
        open_store(where)
