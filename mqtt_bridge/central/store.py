"""Where the centre keeps events. `SqliteStore` serves one machine; another database can stand in its place.

An event is stored once: (kiosk, epoch, number) is the primary key. Whatever does not fit is a *finding* and
never passed over in silence: a hash that does not cover its event, a link that does not meet its neighbour,
a number that comes again with another content, a kiosk that appears at another place.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from kiosk.api.messages import EventRecord
from kiosk.domain.events import GENESIS
from mqtt_bridge.codec import is_whole

MAX_DEAD_LETTERS = 1000
"""Rows; the newest stay. `dead_letters_total` in `counters` counts all."""
MAX_DEAD_BYTES = 1024
"""Bytes kept of a message that could not be read."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS events (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    place TEXT NOT NULL, type TEXT NOT NULL, visit TEXT NOT NULL, time TEXT NOT NULL, clock TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursors (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, upto INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS findings (
    kiosk TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL, hash TEXT NOT NULL, record TEXT NOT NULL, received INTEGER NOT NULL,
    PRIMARY KEY (kiosk, epoch, seq, kind, hash)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL, code TEXT NOT NULL, payload BLOB NOT NULL, received INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class StoreError(Exception):
    """The database cannot be used. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event and the kiosk's path (`tenant/site/kiosk`) that it came from."""

    record: EventRecord
    place: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is no event, with the stable code of why."""

    topic: str
    payload: bytes
    code: str


class Store(Protocol):
    """What the ingest needs of a database."""

    def add(self, arrivals: Sequence[Arrival], dead: Sequence[DeadLetter], received: int) -> None:
        """Commit a batch, durably, in one transaction. `received`: Unix seconds. Raises StoreError."""

    def contiguous(self, kiosk: str, epoch: str) -> int:
        """Return the number up to which no event is missing; 0: the first one is."""

    def close(self) -> None:
        """Close the database."""


class SqliteStore:
    """A store in one SQLite file, or in memory for `:memory:`."""

    def __init__(self, path: Path | str) -> None:
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: cannot be opened as the centre's database ({error})") from None
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
        except sqlite3.Error as error:
            self._db.close()
            raise StoreError(f"{path}: cannot be used as the centre's database ({error})") from None

    def add(self, arrivals: Sequence[Arrival], dead: Sequence[DeadLetter], received: int) -> None:
        """Commit a batch, durably, in one transaction. `received`: Unix seconds. Raises StoreError."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for arrival in arrivals:
                    self._add_event(arrival, received)
                for kiosk, epoch in {(arrival.record.kiosk, arrival.record.epoch) for arrival in arrivals}:
                    self._advance(kiosk, epoch)
                self._bury(dead, received)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise StoreError(f"the centre's database cannot take events ({error})") from None

    def contiguous(self, kiosk: str, epoch: str) -> int:
        """Return the number up to which no event is missing; 0: the first one is."""
        row = self._db.execute("SELECT upto FROM cursors WHERE kiosk = ? AND epoch = ?", (kiosk, epoch)).fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _add_event(self, arrival: Arrival, received: int) -> None:
        event, text = arrival.record, _text(arrival.record)
        key = (event.kiosk, event.epoch, event.seq)
        told = (arrival.place, event.type, event.visit, event.time, event.clock, event.prev, event.hash, text)
        new = self._db.execute(
            "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            (*key, *told, received),
        ).rowcount
        kinds = self._doubts(arrival) if new else self._contradictions(arrival, text)
        self._db.executemany(
            "INSERT INTO findings VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
            [(*key, kind, event.hash, text, received) for kind in kinds],
        )

    def _doubts(self, arrival: Arrival) -> Iterable[str]:
        """Return what is wrong with an event that has just been stored, by its own and its neighbours' word."""
        event = arrival.record
        if not is_whole(event):
            yield "hash"
        before = self._neighbour("hash", event, event.seq - 1)
        expected = GENESIS if event.seq == 1 else before
        if expected is not None and event.prev != expected:
            yield "link"
        after = self._neighbour("prev", event, event.seq + 1)
        if after is not None and after != event.hash:
            yield "link_after"
        moved = self._db.execute(
            "SELECT 1 FROM events WHERE kiosk = ? AND epoch = ? AND seq = ? AND place != ?",
            (event.kiosk, event.epoch, event.seq - 1, arrival.place),
        ).fetchone()
        if moved:
            yield "place"

    def _neighbour(self, column: str, event: EventRecord, seq: int) -> str | None:
        row = self._db.execute(
            f"SELECT {column} FROM events WHERE kiosk = ? AND epoch = ? AND seq = ?",  # noqa: S608 - two constants
            (event.kiosk, event.epoch, seq),
        ).fetchone()
        return str(row[0]) if row else None

    def _contradictions(self, arrival: Arrival, text: str) -> Iterable[str]:
        """Return what is wrong with an event that had been stored before."""
        event = arrival.record
        row = self._db.execute(
            "SELECT record FROM events WHERE kiosk = ? AND epoch = ? AND seq = ?",
            (event.kiosk, event.epoch, event.seq),
        ).fetchone()
        if row[0] != text:
            yield "conflict"

    def _advance(self, kiosk: str, epoch: str) -> None:
        """Move the cursor over everything that now joins it."""
        start = upto = self.contiguous(kiosk, epoch)
        for (seq,) in self._db.execute(
            "SELECT seq FROM events WHERE kiosk = ? AND epoch = ? AND seq > ? ORDER BY seq",
            (kiosk, epoch, start),
        ):
            if seq != upto + 1:
                break
            upto = seq
        self._db.execute(
            "INSERT INTO cursors VALUES (?,?,?) ON CONFLICT (kiosk, epoch) DO UPDATE SET upto = excluded.upto",
            (kiosk, epoch, upto),
        )

    def _bury(self, dead: Sequence[DeadLetter], received: int) -> None:
        if not dead:
            return
        self._db.executemany(
            "INSERT INTO dead_letters (topic, code, payload, received) VALUES (?,?,?,?)",
            [(letter.topic[:256], letter.code, letter.payload[:MAX_DEAD_BYTES], received) for letter in dead],
        )
        self._db.execute(
            "DELETE FROM dead_letters WHERE number <= (SELECT max(number) FROM dead_letters) - ?",
            (MAX_DEAD_LETTERS,),
        )
        self._db.execute(
            "INSERT INTO counters VALUES ('dead_letters_total', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
            (len(dead),),
        )


def _text(record: EventRecord) -> str:
    return json.dumps(record.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
