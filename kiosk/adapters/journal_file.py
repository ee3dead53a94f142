"""A journal's file: opened, checked against the witness beside it, and read (kiosk.adapters.journal has the rest)."""

import itertools
import secrets
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, NoReturn

from kiosk.adapters import entry_counts, entry_index, journal_rows
from kiosk.adapters.journal_ballast import Ballast
from kiosk.adapters.journal_mark import Mark, MarkFile
from kiosk.adapters.journal_retention import Retention
from kiosk.adapters.journal_room import Room, disk_used, filled, pages
from kiosk.adapters.journal_rows import event_of, read_meta, remember
from kiosk.app.ports import JournalError, JournalHead
from kiosk.domain.events import GENESIS, Event, follows

CHECKED = 100
"""How many of the newest events have to be whole and chained for a file to be gone on with."""
MAX_DEAD = 10_000
"""Dead letters that are listed: a broker that refuses everything for good does not fill the disk."""
FULL = "full"
"""Key of `meta`: the newest word on it is that the journal is full."""


class JournalFile:
    """An open file; what stands in it, without the writing of events."""

    SYNCHRONOUS: ClassVar = "FULL"

    def __init__(self, path: Path, kiosk: str, retention: Retention) -> None:
        """Open or create it. Raises UnfitJournalError for a file that has to be set aside, and JournalError."""
        self._path, self._kiosk, self._retention = path, kiosk, retention
        self._pages = pages(retention.max_mb)
        self._lock, self._mark_lock = threading.Lock(), threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._ballast, self._mark = Ballast(path), MarkFile(path)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        except (sqlite3.Error, OSError) as error:
            raise JournalError(f"{path}: the journal's folder cannot be made or entered") from error
        try:
            self._db.row_factory = sqlite3.Row
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute(f"PRAGMA synchronous={self.SYNCHRONOUS}")
            # What is deleted is overwritten: some builds of SQLite leave it in the file until its page is used again.
            self._db.execute("PRAGMA secure_delete=ON")
            self._db.execute(f"PRAGMA max_page_count={self._pages}")
            self._db.executescript(journal_rows.SCHEMA)
            entry_counts.prepare(self._db)
            self._db.executescript(entry_index.SCHEMA)
            self._open()
            self.counts = entry_counts.EntryCounts(self._db)
            self._in_place = self._identity()
            with suppress(OSError):  # the first record will say that the disk is full
                self._ballast.hold()
        except sqlite3.OperationalError as error:  # a subclass of DatabaseError: locked, disk full
            self._db.close()
            if not hasattr(error, "sqlite_errorcode"):  # Python's own: text that is no UTF-8
                raise journal_rows.CorruptJournalError(f"{path}: the journal is damaged") from error
            # The next try may have what it needs: opening a file may take a page or two.
            self._ballast.free()
            raise JournalError(f"{path}: the journal cannot be opened; is the disk full?") from error
        except journal_rows.UnfitJournalError:
            self._db.close()
            raise
        except (sqlite3.DatabaseError, KeyError, ValueError) as error:
            self._db.close()
            raise journal_rows.CorruptJournalError(f"{path}: the journal is damaged") from error

    def _open(self) -> None:
        """Read where the journal stands; a new file gets a random epoch, so that numbers never come twice."""
        meta = read_meta(self._db)
        is_new = "epoch" not in meta.said
        if is_new:
            remember(self._db, {"epoch": secrets.token_hex(8), "kiosk": self._kiosk})
            meta = read_meta(self._db)
        if meta.said.get("kiosk", self._kiosk) != self._kiosk:
            raise journal_rows.ForeignJournalError(f"{self._path}: this is the journal of another kiosk")
        self._epoch, self._confirmed, self._dropped = meta.said["epoch"], meta.confirmed, meta.dropped.seq
        newest = self._db.execute("SELECT * FROM events ORDER BY seq DESC LIMIT ?", (CHECKED,)).fetchall()
        events = [event_of(self._epoch, self._kiosk, row) for row in reversed(newest) if row["seq"] > self._dropped]
        if not all(follows(event, before.hash) for before, event in itertools.pairwise(events)):
            raise ValueError("the newest events are not one chain")
        self._is_full = bool(meta.said.get(FULL))
        self._last: int = events[-1].seq if events else 0
        self._hash: str = events[-1].hash if events else GENESIS
        self.lost: Mark | None = None
        """Where another journal stood that was in this place, and is gone."""
        if is_new:
            self.lost = self._mark.mark
        elif not self._agrees(self._mark.mark):
            raise journal_rows.RestoredJournalError(f"{self._path}: the journal is older than it was")
        if self._retention.has_centre and self._dropped > self._confirmed:
            raise journal_rows.UnsentJournalError(f"{self._path}: events were dropped that the centre never had")

    def _agrees(self, mark: Mark | None) -> bool:
        """Tell whether the file has come as far as the mark says, by the same way."""
        if mark is None:
            return True
        if mark.epoch != self._epoch or mark.last > self._last:
            return False
        row = self._db.execute("SELECT hash FROM events WHERE seq = ?", (mark.last,)).fetchone()
        return mark.last <= self._dropped or not mark.hash or (row is not None and row["hash"] == mark.hash)

    def _identity(self) -> tuple[tuple[int, int], ...]:
        """Return which two files are in the journal's place; nothing where one is missing."""
        try:
            stats = [self._path.with_name(self._path.name + suffix).stat() for suffix in ("", "-wal")]
        except OSError:
            return ()
        return tuple((stat.st_dev, stat.st_ino) for stat in stats)

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after number `after`, in order. Raises JournalError."""
        query = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        with self._lock:
            try:
                rows = self._db.execute(query, (max(after, self._dropped), limit)).fetchall()
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

    def remembered(self, key: str) -> str:
        """Return what was said with a record; empty: nothing. Raises JournalError."""
        with self._lock:
            try:
                return read_meta(self._db).said.get(key, "")
            except sqlite3.Error as error:
                raise JournalError("the journal cannot be read") from error

    def bury(self, seq: int, code: str) -> None:
        """List an event that can never be sent whole; the newest MAX_DEAD stay listed. Raises JournalError."""
        with self._lock:
            if not 0 < seq <= self._last:
                return
            try:
                self._db.execute("INSERT OR IGNORE INTO dead VALUES (?, ?)", (seq, code))
                self._db.execute(
                    "DELETE FROM dead WHERE seq <= (SELECT seq FROM dead ORDER BY seq DESC LIMIT 1 OFFSET ?)",
                    (MAX_DEAD,),
                )
            except sqlite3.Error as error:
                raise JournalError("a dead letter could not be listed") from error

    def confirm(self, upto: int) -> int:
        """Remember that the centre has stored all events up to a number; it never goes back.

        Raises RestoredJournalError where the centre has more than was ever written here, and JournalError.
        """
        with self._lock:
            if upto > self._last:
                self._remember_more(upto)
            if upto > self._confirmed:
                try:
                    remember(self._db, {"confirmed": str(upto)})
                except sqlite3.Error as error:
                    raise JournalError("the confirmation could not be kept") from error
                self._confirmed = upto
            return self._confirmed

    def _remember_more(self, last: int) -> NoReturn:
        """Leave it to the mark that this journal had come further: the next opening finds out by it."""
        try:
            with self._mark_lock:
                self._mark.write(Mark(self._epoch, last, confirmed=self._confirmed))
        except OSError as error:
            raise JournalError("the centre's word could not be kept") from error
        raise journal_rows.RestoredJournalError("the centre has more events than the journal: it is older than it was")

    def head(self) -> JournalHead:
        """Return where the journal stands; never waits for a commit under way."""
        return JournalHead(self._epoch, self._last, self._confirmed)

    def filled(self) -> float:
        """Return how much of its bound is used, of 1. Raises JournalError."""
        with self._lock:
            try:
                return self._filled()
            except sqlite3.Error as error:
                raise JournalError("nobody can tell how full the journal is") from error

    def _filled(self) -> float:
        return filled(self._db, self._retention.max_mb)

    def _room(self) -> Room:
        return Room(self._filled(), disk_used(self._path.parent))

    def mark(self) -> None:
        """Leave word beside the file of how far it has come, durably, where that is news. Raises JournalError."""
        with self._lock:
            mark = Mark(self._epoch, self._last, self._hash if self._last else "", self._confirmed)
        try:
            with self._mark_lock:
                self._mark.write(mark)
        except OSError as error:
            raise JournalError("the journal's mark could not be written") from error

    def close(self) -> None:
        """Leave the mark and close the file."""
        with suppress(JournalError):
            self.mark()
        with self._lock:
            self._db.close()
