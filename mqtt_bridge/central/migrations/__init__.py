"""The schema of the centre's database, step by step (alembic), for SQLite and PostgreSQL alike.

Both stores call this when they open. Several processes may start at once: the first one migrates while the others
wait for its transaction, and then find that nothing is left to do.
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mqtt_bridge.central.store import StoreError

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

HEAD = "0003"
"""The newest revision. Known without alembic, so that a start with nothing to do need not load it."""
LOCK = 0x676B_6365_6E74_7265
"""The number of PostgreSQL's advisory lock: 'gkcentre'."""
_ALEMBIC = threading.Lock()
"""Alembic keeps what it is doing in the module `alembic.context`, of which a process has one."""
_REVISION = "SELECT version_num FROM alembic_version"


def migrate_sqlite(database: sqlite3.Connection) -> None:
    """Bring a file's schema up to date in one transaction, a file without alembic's table included.

    Raises StoreError where a newer version has made it, sqlite3.Error where it cannot be used.
    """
    known = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    if not known or database.execute(_REVISION).fetchone() != (HEAD,):
        # Python's own transactions begin too late and end before a CREATE TABLE: SQLAlchemy's recipe.
        _upgrade("sqlite://", lambda: database, "BEGIN IMMEDIATE")


def migrate_postgres(database: "psycopg.Connection[Any]") -> None:
    """Bring a database's schema up to date in one transaction, by a connection that serves nothing else.

    Raises StoreError where a newer version has made it, psycopg.Error where it cannot be used.
    """
    with database.transaction():
        known = database.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
        newest = known == (True,) and database.execute(_REVISION).fetchone() == (HEAD,)
    if not newest:
        _upgrade("postgresql+psycopg://", lambda: database, f"SELECT pg_advisory_xact_lock({LOCK})")


def _upgrade(dialect: str, connect: Callable[[], Any], first: str) -> None:
    try:
        from alembic import command, config, util
        from sqlalchemy import create_engine, event, exc, pool
    except ImportError:
        raise StoreError(
            "the centre's database needs packages that are not here: pip install 'entrance-kiosk[centre]'"
        ) from None
    engine = create_engine(dialect, creator=connect, poolclass=pool.StaticPool)

    @event.listens_for(engine, "begin")
    def begin(connection: "Connection") -> None:
        connection.exec_driver_sql(first)

    settings = config.Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    try:
        with _ALEMBIC, engine.begin() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")
    except util.CommandError:
        raise StoreError("the centre's database is of a newer version of this program; install that one") from None
    except exc.DBAPIError as error:
        raise error.orig or error from None
