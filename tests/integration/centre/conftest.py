"""Databases for the tests of the centre: one server for all of them, emptied for each."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from kiosk.testing.needed import needed
from kiosk.testing.postgres import Postgres, PostgresMissingError
from mqtt_bridge.central.postgres_store import PostgresStore
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import Store


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with needed(Postgres, PostgresMissingError) as postgres:
        postgres.create("centre")
        yield postgres


@pytest.fixture
def url(server: Postgres) -> str:
    # A schema goes in a moment; a database is three hundred files.
    with psycopg.connect(server.url("centre")) as database:
        database.execute("SET lock_timeout = '5s'")
        database.execute("DROP SCHEMA public CASCADE")
        database.execute("CREATE SCHEMA public")
    return server.url("centre")


@pytest.fixture
def connect(url: str) -> Iterator[Callable[..., PostgresStore]]:
    """Open stores on one database, as consumers side by side do, and close them in the end."""
    opened: list[PostgresStore] = []

    def connect(kind: type[PostgresStore] = PostgresStore) -> PostgresStore:
        opened.append(kind(url))
        return opened[-1]

    yield connect
    for store in opened:
        store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "postgres":
        store: Store = PostgresStore(request.getfixturevalue("url"))
    else:
        store = SqliteStore(":memory:")
    yield store
    store.close()
