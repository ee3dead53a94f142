"""A PostgreSQL that goes away and comes back: nothing is confirmed meanwhile, and the store finds it again."""

import sqlite3
from contextlib import closing

import psycopg
import pytest

from kiosk.testing.broker import free_port
from kiosk.testing.journals import chain
from kiosk.testing.postgres import Postgres
from mqtt_bridge.central.postgres_store import PostgresStore
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import Arrival, StoreError, StoreUnavailableError

JOURNAL = ("gate-1", "e1")


def arrivals(count):
    return [Arrival(record, "local/main/gate-1") for record in chain(count)]


def test_a_session_that_the_server_ends_is_opened_anew_by_the_next_call(connect, url):
    store = connect()
    store.add(arrivals(1), [], 1)
    with psycopg.connect(url) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kiosk-centre'")
    with pytest.raises(StoreUnavailableError):
        store.add(arrivals(2), [], 1)
    assert store.add(arrivals(2), [], 1) == {JOURNAL: 2}


@pytest.mark.usefixtures("server")
def test_a_server_that_is_down_takes_nothing_and_everything_once_it_is_back():
    with Postgres() as own, closing(PostgresStore(own.create("centre"))) as store:
        store.add(arrivals(1), [], 1)
        own.kill()
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                store.add(arrivals(3), [], 1)
        with pytest.raises(StoreUnavailableError):
            store.contiguous(*JOURNAL)
        own.start()
        assert store.contiguous(*JOURNAL) == 1
        assert store.add(arrivals(3), [], 1) == {JOURNAL: 3}


def test_a_store_that_waits_for_a_lock_for_too_long_gives_up_and_leaves_nothing_behind(connect, url):
    store = connect()
    store.add(arrivals(1), [], 1)
    with psycopg.connect(url) as holder:
        holder.execute("SELECT FROM cursors FOR UPDATE")
        store.rows("SELECT set_config('statement_timeout', '50ms', false)")
        with pytest.raises(StoreUnavailableError):
            store.add(arrivals(3), [], 1)
        assert store.rows("SELECT count(*) FROM events") == [(1,)]
    assert store.add(arrivals(3), [], 1) == {JOURNAL: 3}


def test_a_database_that_is_read_only_may_take_events_later(connect):
    store = connect()
    store.rows("SELECT set_config('default_transaction_read_only', 'on', false)")
    with pytest.raises(StoreUnavailableError):
        store.add(arrivals(1), [], 1)


def test_a_server_that_is_not_there_is_one_sentence():
    with pytest.raises(StoreUnavailableError) as told:
        PostgresStore(f"postgresql://centre@127.0.0.1:{free_port()}/centre")
    assert "\n" not in str(told.value)


def test_an_address_that_cannot_be_read_is_one_sentence_without_it():
    with pytest.raises(StoreError, match="write postgresql://") as told:
        PostgresStore("postgresql://centre:secret@host:port:port/?x")
    assert "secret" not in str(told.value)


@pytest.mark.usefixtures("server")
def test_a_database_that_forgets_what_it_confirms_is_refused():
    with Postgres(settings=["fsync = off"]) as careless, pytest.raises(StoreError, match="fsync"):
        PostgresStore(careless.url())


def test_a_database_that_does_not_hold_every_script_is_refused(server, url):
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="UTF8"):
        PostgresStore(server.url("latin"))


def test_tables_that_somebody_has_changed_are_no_passing_trouble(connect, url):
    store = connect()
    with psycopg.connect(url) as database:
        database.execute("DROP TABLE findings")
    store.add(arrivals(1), [], 1)
    wrong = [Arrival(record, "local/other/gate-1") for record in chain(2)[1:]]
    with pytest.raises(StoreError) as told:
        store.add(wrong, [], 1)
    assert not isinstance(told.value, StoreUnavailableError)
    assert store.contiguous(*JOURNAL) == 1


def test_a_file_that_somebody_else_writes_to_is_a_passing_trouble(tmp_path):
    with closing(SqliteStore(tmp_path / "centre.db", busy_s=0.01)) as store:
        with closing(sqlite3.connect(tmp_path / "centre.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreUnavailableError):
                store.add(arrivals(1), [], 1)
        assert store.add(arrivals(1), [], 1) == {JOURNAL: 1}


def test_a_file_that_is_full_leaves_the_batch_out_and_takes_it_when_there_is_room(tmp_path):
    with closing(SqliteStore(tmp_path / "centre.db")) as store:
        store.add(arrivals(1), [], 1)
        ((pages,),) = store.rows("PRAGMA page_count")
        store.rows(f"PRAGMA max_page_count = {pages + 5}")
        with pytest.raises(StoreUnavailableError):
            store.add(arrivals(500), [], 1)
        assert store.contiguous(*JOURNAL) == 1
        store.rows("PRAGMA max_page_count = 100000")
        assert store.add(arrivals(500), [], 1) == {JOURNAL: 500}


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    file = tmp_path / "c.db"
    file.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        SqliteStore(file)


def test_every_commit_reaches_the_disk(connect):
    with closing(SqliteStore(":memory:")) as file:
        assert file.rows("PRAGMA synchronous") == [(2,)]
    assert connect().rows("SELECT current_setting('synchronous_commit')") == [("on",)]
