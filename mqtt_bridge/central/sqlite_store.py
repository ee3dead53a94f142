"""The store in one SQLite file: embedded, for a centre that serves one site with one consumer."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mqtt_bridge.central import judging
from mqtt_bridge.central.judging import Batch, Key, Stored
from mqtt_bridge.central.migrations import migrate_sqlite
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

BUSY_S = 10.0
"""How long to wait for another process that writes, such as one that migrates."""
_PASSING = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})


class SqliteStore:
    """A store in one SQLite file, or in memory for `:memory:`."""

    def __init__(self, path: Path | str, *, busy_s: float = BUSY_S) -> None:
        """Open the file and bring its schema up to date. Raises StoreError."""
        try:
            self._db = sqlite3.connect(path, timeout=busy_s, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: cannot be opened as the centre's database ({error})") from None
        try:
            # What a damaged file holds need not be UTF-8; the audit says which event it is.
            self._db.text_factory = lambda data: data.decode(errors="replace")
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            migrate_sqlite(self._db)
        except sqlite3.Error as error:
            self._db.close()
            raise StoreError(f"{path}: cannot be used as the centre's database ({error})") from None
        except StoreError:
            self._db.close()
            raise

    def add(self, arrivals: Sequence[Arrival], dead: Sequence[DeadLetter], received: int) -> Mapping[Journal, int]:
        """Commit a batch, durably, in one transaction. `received`: Unix seconds. Raises StoreError."""
        batch = judging.batch_of(arrivals)
        with _told(), self._transaction():
            new = self._insert(batch, received)
            stored = dict(self._look_up([key for key in (*batch.neighbours, *batch.keys) if key not in new]))
            self._db.executemany(
                "INSERT INTO findings VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
                [
                    (*found.row.key, found.kind, found.row.hash, found.row.record, received)
                    for found in judging.findings(batch, new, stored)
                ],
            )
            cursors = self._advance(batch, new, stored, received)
            self._bury(dead, received)
        return cursors

    def contiguous(self, kiosk: str, epoch: str) -> int:
        """Return the number up to which no event is missing; 0: the first one is. Raises StoreError."""
        with _told():
            row = self._db.execute("SELECT upto FROM cursors WHERE kiosk = ? AND epoch = ?", (kiosk, epoch)).fetchone()
        return int(row[0]) if row else 0

    def note_state(self, states: Sequence[State], received: int) -> None:
        """Keep what kiosks have said last. `received`: Unix seconds. Raises StoreError."""
        with _told(), self._transaction():
            self._db.executemany(
                "INSERT INTO kiosk_state VALUES (?,?,?,?) ON CONFLICT (place, name) DO UPDATE SET"
                " payload = excluded.payload, received = excluded.received WHERE received <= excluded.received",
                [(state.place, state.name, state.payload, received) for state in judging.newest(states)],
            )

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Return what the database answers to a SELECT without parameters. Raises StoreError."""
        with _told():
            return self._db.execute(sql).fetchall()

    def stream(self, sql: str) -> Iterator[tuple[Value, ...]]:
        """Yield it row by row; within `moment`. Raises StoreError."""
        with _told():
            yield from self._db.execute(sql)

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Let all that is read within be of one moment, whatever is stored meanwhile. Raises StoreError."""
        with _told(), self._transaction("BEGIN"):
            yield

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # A full disk may have ended the transaction already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _insert(self, batch: Batch, received: int) -> frozenset[Key]:
        """Store what is not there yet, and return its numbers."""
        sql = "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"
        return frozenset(
            row.key for row in batch.rows if self._db.execute(sql, (*judging.columns(row), received)).rowcount
        )

    def _look_up(self, keys: Sequence[Key]) -> Iterator[tuple[Key, Stored]]:
        sql = "SELECT place, prev, hash, record FROM events WHERE kiosk = ? AND epoch = ? AND seq = ?"
        for key in keys:
            row = self._db.execute(sql, key).fetchone()
            if row:
                yield key, Stored(*row)

    def _advance(
        self, batch: Batch, new: frozenset[Key], stored: Mapping[Key, Stored], received: int
    ) -> dict[Journal, int]:
        """Move the cursors over everything that now joins them."""
        repeats = judging.repeats(batch, new)
        reached: dict[Journal, int] = {}
        for journal in batch.journals:
            row = self._db.execute("SELECT upto FROM cursors WHERE kiosk = ? AND epoch = ?", journal).fetchone()
            upto = judging.joined(batch, journal, row[0] if row else 0)
            reached[journal] = self._end_of_run(journal, upto) if (*journal, upto + 1) in stored else upto
        self._db.executemany(
            "INSERT INTO cursors (kiosk, epoch, upto, repeats, began, heard) VALUES (?,?,?,?,?,?)"
            " ON CONFLICT (kiosk, epoch) DO UPDATE SET"
            " upto = excluded.upto, repeats = repeats + excluded.repeats, heard = excluded.heard",
            [(*journal, upto, repeats[journal], received, received) for journal, upto in reached.items()],
        )
        return reached

    def _end_of_run(self, journal: Journal, upto: int) -> int:
        """Return the last number that follows `upto` without a gap."""
        sql = "SELECT seq FROM events WHERE kiosk = ? AND epoch = ? AND seq > ? ORDER BY seq"
        for (seq,) in self._db.execute(sql, (*journal, upto)):
            if seq != upto + 1:
                break
            upto = seq
        return upto

    def _bury(self, dead: Sequence[DeadLetter], received: int) -> None:
        if not dead:
            return
        self._db.execute(
            "INSERT INTO counters VALUES ('dead_letters_total', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (len(dead),),
        )
        self._db.executemany(
            "INSERT INTO dead_letters (topic, code, payload, received) VALUES (?,?,?,?)",
            [(*judging.bounded(letter), received) for letter in dead],
        )
        self._db.execute(
            "DELETE FROM dead_letters WHERE number <="
            " (SELECT number FROM dead_letters ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (MAX_DEAD_LETTERS,),
        )


@contextmanager
def _told() -> Iterator[None]:
    """Turn SQLite's errors into the store's."""
    try:
        yield
    except sqlite3.Error as error:
        # A file that is full, busy or on a disk in trouble may be well again in a moment; a damaged one will not.
        passing = getattr(error, "sqlite_errorcode", 0) & 0xFF in _PASSING
        kind = StoreUnavailableError if passing else StoreError
        raise kind(f"the centre's database cannot be used ({error})") from None
