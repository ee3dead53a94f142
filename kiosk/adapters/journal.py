"""The journal: one SQLite file of numbered, chained events (DESIGN section 5).

WAL with `synchronous=FULL` is what loses nothing in a power cut; NORMAL lost committed records in every
measured run. A ballast row is not needed: `max_page_count` bounds the file, and a full disk is an error that
the gate answers with 'deny and call staff'.
"""

import base64
import itertools
import json
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from nacl.public import PublicKey, SealedBox

from kiosk.adapters import entry_counts
from kiosk.adapters.day_keys import DayKeys
from kiosk.app.ports import Clock, JournalError, JournalHead
from kiosk.domain.events import GENESIS, ClockConfidence, Count, Event, EventDraft, EventType, digest, follows

_PAGE = 4096
CHECKED = 100
"""How many of the newest events have to be whole and chained for a file to be gone on with."""
# One admission a visit, and one more for each that was annulled: its visitor was not let in, and may show the codes
# again. The unique index that files have from before refused those as well.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, boot TEXT NOT NULL, type TEXT NOT NULL, visit TEXT NOT NULL, time TEXT NOT NULL,
    clock TEXT NOT NULL, mono_ns INTEGER NOT NULL, data TEXT NOT NULL, sealed TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
DROP INDEX IF EXISTS one_admission_a_visit;
CREATE INDEX IF NOT EXISTS let_in ON events (visit) WHERE type IN ('visit.admitted', 'visit.annulled');
CREATE INDEX IF NOT EXISTS modes ON events (seq) WHERE type = 'mode.changed';
CREATE TRIGGER IF NOT EXISTS admitted_once BEFORE INSERT ON events
WHEN new.type = 'visit.admitted' AND 'visit.admitted' = (
    SELECT type FROM events WHERE visit = new.visit AND type IN ('visit.admitted', 'visit.annulled')
    ORDER BY seq DESC LIMIT 1
) BEGIN SELECT RAISE(ABORT, 'the visit is admitted already'); END;
CREATE TABLE IF NOT EXISTS kept (seq INTEGER PRIMARY KEY, day TEXT NOT NULL, box BLOB NOT NULL) STRICT;
"""


class CorruptJournalError(JournalError):
    """The file is no journal any more."""


class GoneJournalError(JournalError):
    """The file that is open is not in its place any more."""


class SealingError(ValueError):
    """The authority's key is not 32 bytes in base64."""


class Sealer:
    """Seals personal fields to the health authority (libsodium sealed box); the kiosk cannot open them."""

    def __init__(self, public_key: bytes | None) -> None:
        """Take the key as base64 text. Without one, personal fields are dropped, not kept in the clear."""
        try:
            self._box = SealedBox(PublicKey(base64.b64decode(public_key))) if public_key else None
        except (ValueError, TypeError) as error:
            raise SealingError("the authority's key is not 32 bytes in base64") from error

    def seal(self, draft: EventDraft) -> str:
        """Return the sealed personal fields in base64; empty where there are none."""
        if not draft.personal or self._box is None:
            return ""
        plain = json.dumps(dict(draft.personal), ensure_ascii=False, sort_keys=True).encode()
        return base64.b64encode(self._box.encrypt(plain)).decode()


def event_of(epoch: str, kiosk: str, row: sqlite3.Row) -> Event:
    """Return a row as an event. Raises ValueError for what this journal never wrote."""
    try:
        data = json.loads(row["data"])
        json.dumps(data, ensure_ascii=False).encode()  # neither half a surrogate pair nor thousands of levels
    except RecursionError:
        raise ValueError("data is nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("data is no object")  # noqa: TRY004 - as for all that is wrong with a row
    return Event(
        epoch, row["seq"], kiosk, row["boot"], EventType(row["type"]), row["visit"], row["time"],
        ClockConfidence(row["clock"]), row["mono_ns"], data, row["sealed"],
        row["prev"], row["hash"],
    )  # fmt: skip


class SqliteJournal:
    """A journal in one file, used by one process; calls are serialised, so any thread may make them."""

    def __init__(
        self, path: Path, *, kiosk: str, boot: str, clock: Clock, sealer: Sealer, max_mb: int = 512,
        day_keys: DayKeys | None = None,
    ) -> None:  # fmt: skip
        """Open or create the file; without `day_keys`, no inputs are kept. Raises JournalError where there is none."""
        self._day_keys = day_keys
        self._path, self._kiosk, self._boot, self._clock, self._sealer = path, kiosk, boot, clock, sealer
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"{path}: the journal's folder cannot be made or entered") from error
        try:
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            # What is deleted is overwritten: some builds of SQLite leave it in the file until its page is used again.
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.execute(f"PRAGMA max_page_count={max_mb * (1 << 20) // _PAGE}")
            self._db.executescript(_SCHEMA)
            entry_counts.prepare(self._db)
            self._open()
            self.counts = entry_counts.EntryCounts(self._db)
            self._in_place = self._identity()
        except sqlite3.OperationalError as error:  # a subclass of DatabaseError: locked, disk full
            self._db.close()
            if not hasattr(error, "sqlite_errorcode"):  # Python's own: text that is no UTF-8
                raise CorruptJournalError(f"{path}: the journal is damaged") from error
            raise JournalError(f"{path}: the journal cannot be opened; is the disk full?") from error
        except (sqlite3.DatabaseError, KeyError, ValueError) as error:
            self._db.close()
            raise CorruptJournalError(f"{path}: the journal is damaged") from error

    def _open(self) -> None:
        """Read where the journal stands; a new file gets a random epoch, so that numbers never come twice."""
        self._db.execute("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)", (secrets.token_hex(8),))
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('kiosk', ?)", (self._kiosk,))
        meta = dict(self._db.execute("SELECT key, value FROM meta").fetchall())
        self._epoch, self._confirmed = meta["epoch"], int(meta.get("confirmed", "0"))
        newest = self._db.execute("SELECT * FROM events ORDER BY seq DESC LIMIT ?", (CHECKED,)).fetchall()
        events = [event_of(self._epoch, self._kiosk, row) for row in reversed(newest)]
        if not all(follows(event, before.hash) for before, event in itertools.pairwise(events)):
            raise ValueError("the newest events are not one chain")
        self._last: int = events[-1].seq if events else 0
        self._hash: str = events[-1].hash if events else GENESIS

    def _identity(self) -> tuple[tuple[int, int], ...]:
        """Return which two files are in the journal's place; nothing where one is missing."""
        try:
            stats = [self._path.with_name(self._path.name + suffix).stat() for suffix in ("", "-wal")]
        except OSError:
            return ()
        return tuple((stat.st_dev, stat.st_ino) for stat in stats)

    def _chain(self, drafts: Sequence[EventDraft]) -> list[Event]:
        now, confidence, mono_ns = self._clock.now(), self._clock.confidence(), self._clock.mono_ns()
        events: list[Event] = []
        prev = self._hash
        for number, draft in enumerate(drafts, self._last + 1):
            # An event happened when it was drafted, however long the disk kept it waiting.
            at_ns = draft.mono_ns or mono_ns
            time = (now - timedelta(microseconds=(mono_ns - at_ns) / 1000)).isoformat(timespec="milliseconds")
            event = Event(
                self._epoch, number, self._kiosk, self._boot, draft.type, draft.visit, time, confidence, at_ns,
                dict(draft.data), self._sealer.seal(draft), prev,
            )  # fmt: skip
            prev = digest(event)
            events.append(replace(event, hash=prev))
        return events

    def _write(
        self, rows: list[tuple[object, ...]], kept: list[tuple[int, str, bytes]], drafts: Sequence[EventDraft],
        now: datetime,
    ) -> None:  # fmt: skip
        """Commit rows, and what the drafts count, all or none. Raises sqlite3.Error."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany(f"INSERT INTO events VALUES ({','.join('?' * 11)})", rows)  # noqa: S608
            self._db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", kept)
            sure = self._clock.confidence() is ClockConfidence.SYNCED
            self.counts.write(self._db, drafts, self._last + 1, now, sure=sure)
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _kept(self, drafts: Sequence[EventDraft], events: Sequence[Event]) -> list[tuple[int, str, bytes]]:
        """Return the rows of what is kept for replays, encrypted under the key of the day."""
        if self._day_keys is None:
            return []
        boxes = ((e.seq, self._day_keys.seal(draft, e.epoch, e.seq)) for draft, e in zip(drafts, events, strict=True))
        return [(seq, *box) for seq, box in boxes if box is not None]

    def forget_kept(self) -> None:
        """Destroy the day keys whose time is over, and delete what was encrypted under them. Raises JournalError."""
        if self._day_keys is None:
            return
        with self._lock:
            try:
                days = sorted(self._day_keys.destroy_old())
                self._db.execute(f"DELETE FROM kept WHERE day NOT IN ({','.join('?' * len(days))})", days)  # noqa: S608
            except (sqlite3.Error, OSError) as error:
                raise JournalError("what was kept for replays could not be forgotten") from error

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Event]:
        """Commit events, all or none, durably. Raises JournalError."""
        with self._lock:
            if self._identity() != self._in_place:
                # SQLite would go on writing into a file that nobody finds again.
                raise GoneJournalError("the journal's file was taken away; a record there would be lost")
            now = self._clock.now()
            events = self._chain(drafts)
            rows: list[tuple[object, ...]] = [
                (e.seq, e.boot, e.type.value, e.visit, e.time, e.clock.value, e.mono_ns,
                 json.dumps(dict(e.data), ensure_ascii=False), e.sealed, e.prev, e.hash)
                for e in events
            ]  # fmt: skip
            kept = self._kept(drafts, events)
            try:
                try:
                    self._write(rows, kept, drafts, now)
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                        raise
                    # A record goes before what is only there to explain older ones.
                    self._db.execute("DELETE FROM kept")
                    self._write(rows, [], drafts, now)
            except sqlite3.Error as error:
                raise JournalError("the record could not be made durable") from error
            self._last, self._hash = events[-1].seq, events[-1].hash
            self.counts.committed()
            return events

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after number `after`, in order. Raises JournalError."""
        query = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        with self._lock:
            try:
                rows = self._db.execute(query, (after, limit)).fetchall()
                return [event_of(self._epoch, self._kiosk, row) for row in rows]
            except (sqlite3.Error, OverflowError, ValueError) as error:
                raise JournalError("the journal cannot be read") from error

    def newest_mode(self) -> Event | None:
        """Return the newest event that says how the door is run. Raises JournalError."""
        query = "SELECT * FROM events WHERE type = 'mode.changed' ORDER BY seq DESC LIMIT 1"
        with self._lock:
            try:
                rows = self._db.execute(query).fetchall()
                return next((event_of(self._epoch, self._kiosk, row) for row in rows), None)
            except (sqlite3.Error, ValueError) as error:
                raise JournalError("the journal cannot be read") from error

    def confirm(self, upto: int) -> int:
        """Remember what the centre has stored; never goes back, never beyond what was written."""
        with self._lock:
            if self._confirmed < upto <= self._last:
                try:
                    self._db.execute("INSERT OR REPLACE INTO meta VALUES ('confirmed', ?)", (str(upto),))
                except sqlite3.Error as error:
                    raise JournalError("the confirmation could not be kept") from error
                self._confirmed = upto
            return self._confirmed

    def head(self) -> JournalHead:
        """Return where the journal stands; never waits for a commit under way."""
        return JournalHead(self._epoch, self._last, self._confirmed)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def open_journal(
    path: Path, *, kiosk: str, boot: str, clock: Clock, sealer: Sealer, max_mb: int = 512,
    day_keys: DayKeys | None = None,
) -> SqliteJournal:  # fmt: skip
    """Open a journal; a corrupt file is set aside, never deleted, and a new one with a new epoch begun.

    The new journal's first event says so. Raises JournalError where no journal can be had.
    """
    def opened() -> SqliteJournal:
        return SqliteJournal(
            path, kiosk=kiosk, boot=boot, clock=clock, sealer=sealer, max_mb=max_mb, day_keys=day_keys
        )

    try:
        journal = opened()
    except CorruptJournalError:
        aside = path.with_name(f"{path.name}.corrupt-{clock.now():%Y%m%dT%H%M%S}")
        try:
            for suffix in ("", "-wal", "-shm"):
                old = path.with_name(path.name + suffix)
                if old.exists():
                    old.rename(aside.with_name(aside.name + suffix))
        except OSError as error:
            raise JournalError("the corrupt journal cannot be set aside") from error
        journal = opened()
        data = {"fault": "journal_corrupt", "set_aside": aside.name}
        journal.append([EventDraft(EventType.FAULT_RAISED, data=data, count=Count(unsure=True))])
    return journal
