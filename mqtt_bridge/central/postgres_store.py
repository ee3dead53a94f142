"""The store in PostgreSQL: for a fleet, with any number of consumers side by side.

How they stay out of each other's way, in one transaction a batch:

1. Insert the events, sorted by key. A number that another transaction is storing is waited for; it is stored once.
2. Lock the cursors of the journals, sorted. From here to the commit, one consumer at a time goes on with a journal.
3. Only now look at the neighbours. Every statement sees what was committed before it began (READ COMMITTED), so
   whoever comes second through step 2 sees the events of whoever came first: a broken link between neighbours that
   two consumers store is found by the second one, and the second one moves the cursor over both.
4. Write findings and cursors, commit with `synchronous_commit`.

Nobody can wait in a circle: rows are taken in one order within a step, steps in one order, and nobody in a later step
waits for somebody in an earlier one.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import cast

import psycopg
from psycopg.conninfo import conninfo_to_dict

from mqtt_bridge.central import judging
from mqtt_bridge.central.judging import Batch, Key, Stored
from mqtt_bridge.central.migrations import migrate_postgres
from mqtt_bridge.central.store import (
    MAX_DEAD_LETTERS,
    Arrival,
    DeadLetter,
    Journal,
    State,
    StoreError,
    StoreUnavailableError,
    Value,
)

# It warns of every pipeline that a lost connection has ended; the store's own errors say that.
logging.getLogger("psycopg").setLevel(logging.ERROR)

_DEFAULTS = {
    "application_name": "kiosk-centre",
    "connect_timeout": 5,
    # A server that has vanished without a word is noticed within about 20 s.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 15_000,
}
"""Unless the URL says otherwise."""
_SESSION = (
    "SET synchronous_commit = on",
    "SET statement_timeout = '20s'",
    # A consumer that has vanished within a transaction must not hold a journal's cursor for ever.
    "SET idle_in_transaction_session_timeout = '20s'",
    # Every statement goes by a primary key. The planner, which has no statistics of a fresh table and keeps a plan that
    # it has made, would read the whole of `events` for every batch, until somebody analyses it.
    *(f"SET enable_{way} = off" for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "sort")),
)
_INSERT = """
INSERT INTO events (kiosk, epoch, seq, place, type, visit, time, clock, prev, hash, record, received)
SELECT given.*, %s FROM unnest(
    %b::text[], %b::text[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[],
    %b::text[], %b::text[]
) AS given
ON CONFLICT DO NOTHING RETURNING kiosk, epoch, seq"""
_LOCK = """
INSERT INTO cursors (kiosk, epoch, upto, began, heard)
SELECT kiosk, epoch, 0, %s, %s FROM unnest(%s::text[], %s::text[]) AS given (kiosk, epoch)
ON CONFLICT (kiosk, epoch) DO UPDATE SET heard = excluded.heard RETURNING kiosk, epoch, upto"""
_LOOK_UP = """
SELECT kiosk, epoch, seq, place, prev, hash, {record}
FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS given (kiosk, epoch, seq) JOIN events USING (kiosk, epoch, seq)"""
_NEIGHBOURS = _LOOK_UP.format(record="''")
_REPEATED = _LOOK_UP.format(record="record")
_END_OF_RUN = """
SELECT seq FROM (
    SELECT seq, lead(seq) OVER (ORDER BY seq) AS following
    FROM events WHERE kiosk = %s AND epoch = %s AND seq > %s
) AS numbers WHERE following IS DISTINCT FROM seq + 1 ORDER BY seq LIMIT 1"""
_ADVANCE = """
UPDATE cursors SET upto = given.upto, repeats = repeats + given.repeated
FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[]) AS given (kiosk, epoch, upto, repeated)
WHERE cursors.kiosk = given.kiosk AND cursors.epoch = given.epoch"""

_NOTE = """
INSERT INTO kiosk_state VALUES (%s,%s,%s,%s) ON CONFLICT (place, name) DO UPDATE
SET payload = excluded.payload, received = excluded.received WHERE kiosk_state.received <= excluded.received"""


class PostgresStore:
    """A store in a PostgreSQL database that exists. It connects anew whenever the connection is gone."""

    def __init__(self, url: str) -> None:
        """Connect, and bring the schema up to date. Raises StoreError."""
        try:
            self._settings = {**_DEFAULTS, **conninfo_to_dict(url)}
        except psycopg.ProgrammingError:
            raise StoreError("the database's address cannot be read; write postgresql://USER@HOST/NAME") from None
        self._open: psycopg.Connection | None = None
        with self._told_and_closed():
            self._connection()
            # Not in this session: a migration of many events takes longer, and reads them from end to end.
            with closing(self._connect()) as database:
                migrate_postgres(database)

    def add(self, arrivals: Sequence[Arrival], dead: Sequence[DeadLetter], received: int) -> Mapping[Journal, int]:
        """Commit a batch, durably, in one transaction. `received`: Unix seconds. Raises StoreError."""
        batch = judging.batch_of(arrivals)
        with self._transaction() as database:
            cursors = self._store(database, batch, received) if batch.rows else {}
            if dead:
                _bury(database, dead, received)
        return cursors

    def contiguous(self, kiosk: str, epoch: str) -> int:
        """Return the number up to which no event is missing; 0: the first one is. Raises StoreError."""
        with self._told_and_closed():
            sql = "SELECT upto FROM cursors WHERE kiosk = %s AND epoch = %s"
            row = self._connection().execute(sql, (kiosk, epoch)).fetchone()
        return int(row[0]) if row else 0

    def note_state(self, states: Sequence[State], received: int) -> None:
        """Keep what kiosks have said last. `received`: Unix seconds. Raises StoreError."""
        with self._transaction() as database:
            database.cursor().executemany(
                _NOTE, [(state.place, state.name, state.payload, received) for state in judging.newest(states)]
            )

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Return what the database answers to a SELECT without parameters. Raises StoreError."""
        with self._told_and_closed():
            return self._connection().execute(sql).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Value, ...]]:
        """Yield it row by row; within `moment`. Raises StoreError."""
        with self._told_and_closed(), self._connection().cursor(name="stream") as cursor:
            yield from cursor.execute(sql)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all that is read within be of one moment, whatever is stored meanwhile. Raises StoreError."""
        with self._told_and_closed():
            database = self._connection()
            with database.transaction():
                database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(**self._settings)  # type: ignore[arg-type]

    def _connection(self) -> psycopg.Connection:
        if self._open is None or self._open.closed:
            database = self._connect()
            try:
                _prepare(database)
            except BaseException:
                database.close()
                raise
            self._open = database
        return self._open

    @contextmanager
    def _told_and_closed(self) -> Iterator[None]:
        """Turn psycopg's errors into the store's, and begin with a new connection after them."""
        try:
            with _told():
                yield
        except StoreError:
            self.close()
            raise

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection]:
        # In a pipeline, statements travel together; only reading an answer waits for the server.
        with self._told_and_closed():
            database = self._connection()
            with database.pipeline(), database.transaction():
                yield database

    def _store(self, database: psycopg.Connection, batch: Batch, received: int) -> dict[Journal, int]:
        """Go through steps 1 to 4, less the commit."""
        columns = [list(column) for column in zip(*map(judging.columns, batch.rows), strict=True)]
        inserted = database.execute(_INSERT, (received, *columns))
        locked = self._lock(database, batch, received)
        beside = database.execute(_NEIGHBOURS, _lists(batch.neighbours, 3))
        new = frozenset(cast("Sequence[Key]", inserted.fetchall()))
        stored = _stored(beside)
        if again := sorted(batch.keys - new):
            stored |= _stored(database.execute(_REPEATED, _lists(again, 3)))
        found = judging.findings(batch, new, stored)
        if found:
            database.cursor().executemany(
                "INSERT INTO findings VALUES (%s,%s,%s,%s,%s,%s,%s) ON CONFLICT DO NOTHING",
                sorted((*one.row.key, one.kind, one.row.hash, one.row.record, received) for one in found),
            )
        reached: dict[Journal, int] = {}
        for *pair, upto in locked.fetchall():
            journal = cast("Journal", tuple(pair))
            reached[journal] = judging.joined(batch, journal, upto)
            if (*journal, reached[journal] + 1) in stored:
                row = database.execute(_END_OF_RUN, (*journal, reached[journal])).fetchone()
                reached[journal] = row[0] if row else reached[journal]
        repeats = judging.repeats(batch, new)
        moved = [(*journal, upto, repeats[journal]) for journal, upto in sorted(reached.items())]
        database.execute(_ADVANCE, _lists(moved, 4))
        return reached

    def _lock(self, database: psycopg.Connection, batch: Batch, received: int) -> psycopg.Cursor:
        """Have the cursors of a batch to itself until the commit; the answer says where they stand."""
        return database.execute(_LOCK, (received, received, *_lists(batch.journals, 2)))


def _prepare(database: psycopg.Connection) -> None:
    """Settle the session. Raises StoreError where the server's word would be worth nothing."""
    database.autocommit = True
    for statement in _SESSION:
        database.execute(statement)
    if database.execute("SHOW fsync").fetchone() != ("on",):
        raise StoreError("the database runs with fsync off and would forget what it has confirmed; turn fsync on")
    if database.execute("SHOW server_encoding").fetchone() != ("UTF8",):
        raise StoreError("the database does not hold every script; make it anew with ENCODING 'UTF8'")


def _bury(database: psycopg.Connection, dead: Sequence[DeadLetter], received: int) -> None:
    # The counter first: its lock lets one consumer at a time decide which letters are the oldest.
    database.execute(
        "INSERT INTO counters VALUES ('dead_letters_total', %s)"
        " ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value",
        (len(dead),),
    )
    database.cursor().executemany(
        "INSERT INTO dead_letters (topic, code, payload, received) VALUES (%s,%s,%s,%s)",
        [(*judging.bounded(letter), received) for letter in dead],
    )
    database.execute(
        "DELETE FROM dead_letters WHERE number <="
        " (SELECT number FROM dead_letters ORDER BY number DESC LIMIT 1 OFFSET %s)",
        (MAX_DEAD_LETTERS,),
    )


def _lists(rows: Sequence[tuple[str | int, ...]], width: int) -> list[list[str | int]]:
    """Return the columns of some rows, as `unnest` takes them."""
    return [[row[place] for row in rows] for place in range(width)]


def _stored(answer: "psycopg.Cursor[tuple[Value, ...]]") -> dict[Key, Stored]:
    return {row[:3]: Stored(*row[3:]) for row in cast("Sequence[tuple[str, ...]]", answer.fetchall())}  # type: ignore[misc]


@contextmanager
def _told() -> Iterator[None]:
    """Turn psycopg's errors into the store's."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction) as error:
        # Away, starting, ended by its administrator, full, or (read only) not the first of its cluster any more.
        raise StoreUnavailableError(f"the centre's database is not there ({_first_line(error)})") from None
    except psycopg.Error as error:
        raise StoreError(f"the centre's database cannot be used ({_first_line(error)})") from None


def _first_line(error: psycopg.Error) -> str:
    # What follows quotes the statement's values.
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
