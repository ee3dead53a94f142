"""Which database an operator means by a word."""

from mqtt_bridge.central.store import Store

DATABASE_HELP = "a file of SQLite, or postgresql://USER@HOST/NAME (a password belongs into ~/.pgpass, not here)"


def is_url(where: str) -> bool:
    """Tell whether this names a PostgreSQL, rather than a file."""
    return where.startswith(("postgresql://", "postgres://"))


def open_store(where: str) -> Store:
    """Open a database and bring its schema up to date. Raises StoreError.

    The driver is loaded only where it is used: a site with one file needs no PostgreSQL.
    """
    if is_url(where):
        from mqtt_bridge.central.postgres_store import PostgresStore

        return PostgresStore(where)
    from mqtt_bridge.central.sqlite_store import SqliteStore

    return SqliteStore(where)
