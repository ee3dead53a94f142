"""Databases for the tests of the centre: one server for all of them, a fresh database for each."""

import itertools
import os
from collections.abc import Callable, Iterator

import pytest

from kiosk.testing.postgres import Postgres, PostgresMissingError
from mqtt_bridge.central.postgres_store import PostgresStore
from mqtt_bridge.central.sqlite_store import SqliteStore
from mqtt_bridge.central.store import Store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    try:
        postgres = Postgres()
    except PostgresMissingError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))
    with postgres:
        yield postgres


@pytest.fixture
def url(server: Postgres) -> str:
    return server.create(f"centre_{next(_numbers)}")


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
