"""Events, cursors, findings, dead letters.

`IF NOT EXISTS`: SQLite files from before there were migrations have these very tables, and are taken over as they are.

One index an event: its primary key. It starts with the kiosk, so every kiosk appends at a place of its own, a repeat is
found in one descent, and the numbers after a cursor lie side by side. No partitions: by time, the key would have to
hold the time and two partitions could hold one number twice; by kiosk, they would bring nothing before the index
outgrows memory, and can be laid in then. In PostgreSQL, keys compare as bytes (`COLLATE "C"`), which no upgrade of the
system's languages can put out of order, and cursors, which every batch changes, leave room for that in their pages.
"""

from alembic import op

revision = "0001"
down_revision = None

_SQLITE = {
    "key": "TEXT",
    "int": "INTEGER",
    "bytes": "BLOB",
    "serial": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "table": "WITHOUT ROWID",
    "hot_table": "WITHOUT ROWID",
}
_POSTGRES = {
    "key": 'TEXT COLLATE "C"',
    "int": "BIGINT",
    "bytes": "BYTEA",
    "serial": "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "table": "",
    "hot_table": "WITH (fillfactor = 50)",
}
_TABLES = (
    """CREATE TABLE IF NOT EXISTS events (
        kiosk {key} NOT NULL, epoch {key} NOT NULL, seq {int} NOT NULL,
        place TEXT NOT NULL, type TEXT NOT NULL, visit TEXT NOT NULL, time TEXT NOT NULL, clock TEXT NOT NULL,
        prev TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL, received {int} NOT NULL,
        PRIMARY KEY (kiosk, epoch, seq)
    ) {table}""",
    """CREATE TABLE IF NOT EXISTS cursors (
        kiosk {key} NOT NULL, epoch {key} NOT NULL, upto {int} NOT NULL,
        PRIMARY KEY (kiosk, epoch)
    ) {hot_table}""",
    """CREATE TABLE IF NOT EXISTS findings (
        kiosk {key} NOT NULL, epoch {key} NOT NULL, seq {int} NOT NULL,
        kind {key} NOT NULL, hash {key} NOT NULL, record TEXT NOT NULL, received {int} NOT NULL,
        PRIMARY KEY (kiosk, epoch, seq, kind, hash)
    ) {table}""",
    """CREATE TABLE IF NOT EXISTS dead_letters (
        number {serial},
        topic TEXT NOT NULL, code TEXT NOT NULL, payload {bytes} NOT NULL, received {int} NOT NULL
    )""",
    "CREATE TABLE IF NOT EXISTS counters (name {key} PRIMARY KEY, value {int} NOT NULL) {table}",
)


def upgrade() -> None:
    """Make the tables."""
    words = _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES
    for table in _TABLES:
        op.execute(table.format_map(words))
