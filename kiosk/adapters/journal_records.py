"""One journal in one SQLite file: numbered, chained events that are durable when `append` returns.

WAL with `synchronous=FULL` is what loses nothing in a power cut; NORMAL lost committed records in every
measured run (tests/faults/test_power_cuts.py). `max_page_count` bounds the file. Where there is no room, confirmed
events make some for new ones; where none may go, the last record says that the journal is full, and the gate denies
and calls staff until there is room again.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from kiosk.adapters import entry_index, journal_retention
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal_ballast import SIZE
from kiosk.adapters.journal_file import FULL, JournalFile
from kiosk.adapters.journal_retention import Retention
from kiosk.adapters.journal_room import Room
from kiosk.adapters.journal_rows import INSERT, GoneJournalError, remember, row_of, transaction
from kiosk.adapters.sealer import Sealer
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import ClockConfidence, Event, EventDraft, EventType, digest

_RESERVE = 32
"""Pages beyond the bound for the record that says that it is reached."""
_NOTHING: Mapping[str, str] = {}


class SqliteJournal(JournalFile):
    """A journal in one file, used by one process; calls are serialised, so any thread may make them."""

    def __init__(
        self, path: Path, *, kiosk: str, boot: str, clock: Clock, sealer: Sealer, day_keys: DayKeys | None = None,
        retention: Retention | None = None,
    ) -> None:  # fmt: skip
        """Open or create the file; without `day_keys`, no inputs are kept.

        Raises UnfitJournalError for a file that has to be set aside, JournalError where there is none to be had.
        """
        super().__init__(path, kiosk, retention or Retention())
        self._boot, self._clock, self._sealer, self._day_keys = boot, clock, sealer, day_keys

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

    def _commit(self, drafts: Sequence[EventDraft], said: Mapping[str, str], *, inputs: bool = True) -> list[Event]:
        """Commit events, what they count, the `inputs` and terms that are kept with them and `said`, all or none."""
        now, events = self._clock.now(), self._chain(drafts)
        kept = self._kept(drafts, events) if inputs else []
        found_by = entry_index.rows(drafts, events, self._day_keys) if inputs else []
        with transaction(self._db):
            self._db.executemany(INSERT, map(row_of, events))
            self._db.executemany("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", kept)
            entry_index.write(self._db, drafts, found_by)
            sure = self._clock.confidence() is ClockConfidence.SYNCED
            self.counts.write(self._db, drafts, self._last + 1, now, sure=sure)
            remember(self._db, said)
        self._is_full = bool(said.get(FULL, self._is_full))
        if events:
            self._last, self._hash = events[-1].seq, events[-1].hash
        self.counts.committed()
        return events

    def _kept(self, drafts: Sequence[EventDraft], events: Sequence[Event]) -> list[tuple[int, str, bytes]]:
        """Return the rows of what is kept for replays, encrypted under the key of the day."""
        if self._day_keys is None:
            return []
        boxes = ((e.seq, self._day_keys.seal(draft, e.epoch, e.seq)) for draft, e in zip(drafts, events, strict=True))
        return [(seq, *box) for seq, box in boxes if box is not None]

    def append(self, drafts: Sequence[EventDraft], said: Mapping[str, str] = _NOTHING) -> Sequence[Event]:
        """Commit events, all or none, durably; `said` is remembered with them. Raises JournalError."""
        with self._lock:
            if self._identity() != self._in_place:
                # SQLite would go on writing into a file that nobody finds again.
                raise GoneJournalError("the journal's file was taken away; a record there would be lost")
            try:
                return self._commit_where_room(drafts, said)
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                    self._say_full()
                raise JournalError("the record could not be made durable") from error
            except OSError as error:
                raise JournalError("the disk is full, and the record could not be made durable") from error

    def _commit_where_room(self, drafts: Sequence[EventDraft], said: Mapping[str, str]) -> Sequence[Event]:
        """Commit, and make room for it where there is none. Raises sqlite3.Error or OSError."""
        # Without the ballast the next full disk could not be put on record: it comes before anything else. What was
        # full goes on only where there is room for more than the next record, or it would be full again at once.
        self._ballast.hold(beside=SIZE if self._is_full else 0)
        first: list[EventDraft] = []
        if self._is_full:
            first, said = [_full(EventType.FAULT_CLEARED, self._room())], {**said, FULL: ""}
        try:
            return self._commit([*first, *drafts], said)[len(first) :]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
        # A record goes before what is only there to explain older ones, and before what the centre has.
        for make_room in (self._drop_kept, self._drop_oldest):
            with suppress(sqlite3.OperationalError):
                make_room()
                return self._commit([*first, *drafts], said, inputs=False)[len(first) :]
        return self._commit([*first, *drafts], said, inputs=False)[len(first) :]

    def _drop_kept(self) -> None:
        self._db.execute("DELETE FROM kept")

    def _drop_oldest(self) -> None:
        if self._retention.has_centre:
            limit = self._retention.limit(self._last, self._confirmed)
            self._drop(journal_retention.oldest(self._db, limit, self._dropped))

    def _say_full(self) -> None:
        """Put on record that there is no room, in the room that was held for that."""
        self._ballast.free()
        with suppress(sqlite3.Error, OSError):
            if self._is_full:
                return
            self._db.execute(f"PRAGMA max_page_count={self._pages + _RESERVE}")
            try:
                self._commit([_full(EventType.FAULT_RAISED, self._room())], {FULL: "yes"})
                self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                self._db.execute(f"PRAGMA max_page_count={self._pages}")

    # Upkeep

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

    def tidy(self) -> bool:
        """Drop one step of what may go, or of the index of days that are over; tell whether there was any.

        Raises JournalError.
        """
        sure = self._clock.confidence() is ClockConfidence.SYNCED
        with self._lock:
            try:
                limit = self._retention.limit(self._last, self._confirmed)
                now = self._clock.now() if sure else None
                cut = self._retention.cut(self._db, limit, self._dropped, share=self._filled(), now=now)
                return self._drop(cut) or self._forget_index()
            except (sqlite3.Error, OSError) as error:
                raise JournalError("old events could not be dropped") from error

    def _forget_index(self) -> bool:
        if self._day_keys is None:
            return False
        days = self._day_keys.names()
        with transaction(self._db):
            return entry_index.forget(self._db, days)

    def _drop(self, cut: int | None) -> bool:
        if cut is None:
            return False
        try:
            self._drop_upto(cut)
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_CORRUPT_INDEX:
                raise
            # A bit has flipped, in an event or in what finds it: else nothing could ever be dropped again.
            self._db.execute("REINDEX events")
            self._drop_upto(cut)
        return True

    def _drop_upto(self, cut: int) -> None:
        with transaction(self._db):
            journal_retention.drop(self._db, cut)
        self._dropped = cut


def _full(kind: EventType, now: Room) -> EventDraft:
    return EventDraft(kind, data={"fault": "journal_full", "of": now.of, "percent": now.percent})
