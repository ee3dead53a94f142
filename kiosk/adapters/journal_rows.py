"""The tables of a journal's file, and how an event becomes a row and a row an event."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from kiosk.app.ports import JournalError
from kiosk.domain.events import ClockConfidence, Event, EventType

FIRST_REASON = "CASE WHEN json_valid(data) THEN json_extract(data, '$.reasons[0]') END"
SAYS_WHY = "type IN ('visit.denied', 'visit.needs_more', 'visit.annulled', 'staff.called')"
BY_SOMEBODY = """type = 'visit.admitted' AND instr(data, '"by": ') > 0"""
"""Parts of indexes, and of the questions that go by them: to be the same to the letter."""

# One admission a visit, and one more for each that was annulled: its visitor was not let in, and may show the codes
# again. The unique index that files have from before refused those as well.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY, boot TEXT NOT NULL, type TEXT NOT NULL, visit TEXT NOT NULL, time TEXT NOT NULL,
    clock TEXT NOT NULL, mono_ns INTEGER NOT NULL, data TEXT NOT NULL, sealed TEXT NOT NULL,
    prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
DROP INDEX IF EXISTS one_admission_a_visit;
CREATE INDEX IF NOT EXISTS let_in ON events (visit) WHERE type IN ('visit.admitted', 'visit.annulled');
CREATE INDEX IF NOT EXISTS modes ON events (seq) WHERE type = 'mode.changed';
CREATE INDEX IF NOT EXISTS happened ON events (type, time);
CREATE INDEX IF NOT EXISTS by_somebody ON events (seq) WHERE {BY_SOMEBODY};
CREATE INDEX IF NOT EXISTS reasons ON events ({FIRST_REASON}, seq) WHERE {SAYS_WHY};
CREATE TRIGGER IF NOT EXISTS admitted_once BEFORE INSERT ON events
WHEN new.type = 'visit.admitted' AND 'visit.admitted' = (
    SELECT type FROM events WHERE visit = new.visit AND type IN ('visit.admitted', 'visit.annulled')
    ORDER BY seq DESC LIMIT 1
) BEGIN SELECT RAISE(ABORT, 'the visit is admitted already'); END;
CREATE TABLE IF NOT EXISTS dead (seq INTEGER PRIMARY KEY, code TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS kept (seq INTEGER PRIMARY KEY, day TEXT NOT NULL, box BLOB NOT NULL) STRICT;
"""  # noqa: S608 - constants
INSERT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

DROPPED, DROPPED_HASH = "dropped", "dropped_hash"
"""Keys of `meta`: number and hash of the newest event that was dropped, on which the chain of the others hangs."""


class UnfitJournalError(JournalError):
    """The file in the journal's place cannot be gone on with: it is set aside, and another one begun."""

    fault = "journal_corrupt"
    """What the new journal's first event says."""


class CorruptJournalError(UnfitJournalError):
    """The file is no journal any more."""


class ForeignJournalError(UnfitJournalError):
    """The file is the journal of another kiosk, or of this one under another name."""

    fault = "journal_foreign"


class RestoredJournalError(UnfitJournalError):
    """The file is older than the journal was, or another one: its next numbers have been given to other events."""

    fault = "journal_restored"


class UnsentJournalError(UnfitJournalError):
    """A centre came after events had been dropped that none had: it could never confirm the others."""

    fault = "journal_unsent"


class GoneJournalError(JournalError):
    """The file that is open is not in its place any more."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The newest event that was dropped: its number, 0 for none, and its hash."""

    seq: int = 0
    hash: str = ""


def row_of(event: Event) -> tuple[object, ...]:
    """Return an event as a row."""
    return (
        event.seq, event.boot, event.type.value, event.visit, event.time, event.clock.value, event.mono_ns,
        json.dumps(dict(event.data), ensure_ascii=False), event.sealed, event.prev, event.hash,
    )  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class Meta:
    """What the table `meta` says, as text by its keys."""

    said: Mapping[str, str] = field(default_factory=dict)

    @property
    def confirmed(self) -> int:
        """Up to which number the centre has stored all events. Raises ValueError."""
        return int(self.said.get("confirmed", "0"))

    @property
    def dropped(self) -> Dropped:
        """Return what the chain hangs on. Raises ValueError."""
        return Dropped(int(self.said.get(DROPPED, "0")), self.said.get(DROPPED_HASH, ""))


def read_meta(db: sqlite3.Connection) -> Meta:
    """Read the table. Raises sqlite3.Error."""
    return Meta(dict(db.execute("SELECT key, value FROM meta").fetchall()))


def remember(db: sqlite3.Connection, said: Mapping[str, str]) -> None:
    """Write into `meta`. Raises sqlite3.Error."""
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", said.items())


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done meanwhile, durably, all or none. Raises sqlite3.Error."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
