"""Reading a journal beside the gate process that writes it: for look-ups, as the gate's user or root."""

import sqlite3
from datetime import datetime
from pathlib import Path

from kiosk.adapters.entry_counts import Numbers, read_numbers
from kiosk.adapters.journal_room import filled
from kiosk.adapters.journal_rows import Meta, event_of, read_meta
from kiosk.app.ports import JournalError, JournalHead
from kiosk.domain.events import GENESIS, Event, EventType, digest, follows

DECISIONS = (EventType.VISIT_ADMITTED, EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE)
_DECIDED = f"type IN ({', '.join(repr(kind.value) for kind in DECISIONS)})"


class JournalReader:
    """A journal that is looked at and never written to."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises JournalError with one sentence."""
        try:
            if not path.is_file():
                raise JournalError(f"{path}: there is no journal")
            self._db, meta = open_file(path)
            self._epoch, self._kiosk, self._dropped = meta.said["epoch"], meta.said["kiosk"], meta.dropped
        except (sqlite3.Error, KeyError, ValueError, PermissionError) as error:
            raise JournalError(f"{path}: cannot be read as a journal; try as root") from error

    @property
    def epoch(self) -> str:
        """The journal's random name."""
        return self._epoch

    @property
    def dropped(self) -> int:
        """The number up to which events have been dropped: all but the newest word on how the door is run."""
        return self._dropped.seq

    def head(self) -> JournalHead:
        """Return where the journal stands. Raises JournalError."""
        try:
            return JournalHead(self._epoch, self.last(), read_meta(self._db).confirmed)
        except (sqlite3.Error, ValueError) as error:
            raise JournalError("the journal cannot be read there: it is damaged") from error

    def filled(self, max_mb: int) -> float:
        """Return how much of this bound is used, of 1. Raises JournalError."""
        try:
            return filled(self._db, max_mb)
        except sqlite3.Error as error:
            raise JournalError("the journal cannot be measured") from error

    def is_whole(self, after: int = 0) -> bool:
        """Tell whether all events after a number, and after those that were dropped, are one chain."""
        after = max(after, self._dropped.seq)
        try:
            before = self._hash_before(after + 1)
            for row in self._db.execute("SELECT * FROM events WHERE seq > ? ORDER BY seq", (after,)):
                event = event_of(self._epoch, self._kiosk, row)
                after += 1
                if event.seq != after or before is None or not follows(event, before):
                    return False
                before = event.hash
        except (sqlite3.Error, ValueError, JournalError):
            return False
        return True

    def dead(self) -> dict[int, str]:
        """Return which events can never be sent whole, and why, by number. Raises JournalError."""
        try:
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'dead'").fetchone():
                return {}  # of a gate process from before there was such a list
            return {seq: str(code) for seq, code in self._db.execute("SELECT seq, code FROM dead ORDER BY seq")}
        except sqlite3.Error as error:
            raise JournalError("the journal cannot be read there: it is damaged") from error

    def event(self, seq: int) -> Event | None:
        """Return an event by its number. Raises JournalError."""
        return self._one("SELECT * FROM events WHERE seq = ?", seq)

    def last_decision(self) -> Event | None:
        """Return the newest decision on a visit. Raises JournalError."""
        return self._one(f"SELECT * FROM events WHERE {_DECIDED} ORDER BY seq DESC LIMIT 1")  # noqa: S608

    def decision_on(self, visit: str) -> Event | None:
        """Return the newest decision on this visit. Raises JournalError."""
        query = f"SELECT * FROM events WHERE visit = ? AND {_DECIDED} ORDER BY seq DESC LIMIT 1"  # noqa: S608
        return self._one(query, visit)

    def of_visit(self, visit: str, limit: int = 50) -> tuple[Event, ...]:
        """Return the first events of a visit, in order; none for an event without one. Raises JournalError."""
        if not visit:
            return ()
        try:
            query = "SELECT * FROM events WHERE visit = ? ORDER BY seq LIMIT ?"
            rows = self._db.execute(query, (visit, limit)).fetchall()
            return tuple(event_of(self._epoch, self._kiosk, row) for row in rows)
        except (sqlite3.Error, ValueError) as error:
            raise JournalError("the journal cannot be read there: it is damaged") from error

    def kept(self, seq: int) -> tuple[str, bytes] | None:
        """Return the name of the day key and the encrypted inputs of an event, where there are any."""
        try:
            row = self._db.execute("SELECT day, box FROM kept WHERE seq = ?", (seq,)).fetchone()
        except sqlite3.Error:  # a journal from before anything was kept
            return None
        return None if row is None else (row["day"], row["box"])

    def numbers(self, since: datetime) -> Numbers:
        """Return what is counted from a moment on. Raises JournalError."""
        try:
            return read_numbers(self._db, since)
        except (sqlite3.Error, ValueError) as error:
            raise JournalError("the counts cannot be read; has the gate of this version run yet?") from error

    def last(self) -> int:
        """Return the number of the newest event; 0 where there is none. Raises JournalError."""
        event = self._one("SELECT * FROM events ORDER BY seq DESC LIMIT 1")
        return event.seq if event is not None else 0

    def count_by_staff(self, word: str, after: int) -> Event | None:
        """Return the event of a number that staff has counted, among those after a number. Raises JournalError."""
        query = f"SELECT * FROM events WHERE seq > ? AND type = '{EventType.OCCUPANCY_SET}'"  # noqa: S608
        try:
            events = (event_of(self._epoch, self._kiosk, row) for row in self._db.execute(query, (after,)))
            return next((event for event in events if event.data.get("word") == word), None)
        except (sqlite3.Error, ValueError) as error:
            raise JournalError("the journal cannot be read there: it is damaged") from error

    def is_chained(self, event: Event) -> bool:
        """Tell whether an event is whole and in its place: between the one before it and the one after it."""
        if event.seq <= self._dropped.seq:  # its neighbours are gone
            return event.hash == digest(event)
        before, after = self._hash_before(event.seq), self.event(event.seq + 1)
        return before is not None and follows(event, before) and (after is None or follows(after, event.hash))

    def _hash_before(self, seq: int) -> str | None:
        if seq == self._dropped.seq + 1:
            return self._dropped.hash or GENESIS
        before = self.event(seq - 1)
        return before.hash if before is not None else None

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _one(self, query: str, *arguments: object) -> Event | None:
        try:
            row = self._db.execute(query, arguments).fetchone()
            return None if row is None else event_of(self._epoch, self._kiosk, row)
        except (sqlite3.Error, OverflowError, ValueError) as error:
            raise JournalError("the journal cannot be read there: it is damaged") from error


def open_file(path: Path) -> tuple[sqlite3.Connection, Meta]:
    """Open read-only; a file that the gate has closed, in a folder without leave to write, as one that stands still."""
    try:
        return _connect(path, "mode=ro")
    except sqlite3.OperationalError:
        if path.with_name(path.name + "-wal").exists():
            raise
        return _connect(path, "mode=ro&immutable=1")


def _connect(path: Path, options: str) -> tuple[sqlite3.Connection, Meta]:
    db = sqlite3.connect(f"{path.resolve().as_uri()}?{options}", uri=True, isolation_level=None, timeout=5)
    db.row_factory = sqlite3.Row
    try:
        return db, read_meta(db)
    except sqlite3.Error:
        db.close()
        raise
