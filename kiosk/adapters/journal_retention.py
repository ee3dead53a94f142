"""What a journal may drop, oldest first, and how the chain of the rest stays checkable.

What the centre has confirmed may go when it is older than the kept days, or when the file comes near its bound. What
it has not confirmed never goes. Where no centre is configured nothing is ever confirmed: there age alone decides.
"""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from kiosk.adapters import entry_index
from kiosk.adapters.journal_rows import DROPPED, DROPPED_HASH, remember
from kiosk.domain.events import ClockConfidence, EventType

ROOMY = 0.7
"""The share of the bound up to which confirmed events stay: below the first alarm, which they must not raise."""
KEEP_NEWEST = 1000
"""Events that stay whatever their age: an opening that repeats, and the check at a start, look back on some."""
STEP = 1000
"""Events dropped with one commit: a record must not wait for a night's clearing."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept, and for how long."""

    max_mb: int = 512
    """The bound of the file, without its write-ahead log."""
    keep_days: int = 30
    has_centre: bool = True
    """A centre is configured, and takes over the duty to keep what it has confirmed."""

    def limit(self, last: int, confirmed: int) -> int:
        """Return the number up to which events may go at all."""
        most = last - KEEP_NEWEST
        return min(most, confirmed) if self.has_centre else most

    def cut(
        self, db: sqlite3.Connection, limit: int, dropped: int, *, share: float, now: datetime | None
    ) -> int | None:
        """Return the number up to which to drop now, one step at most; None: nothing.

        `share` is how full the file is, of 1. `now` is None where the date is not sure: a clock that runs ahead would
        drop everything. Raises sqlite3.Error.
        """
        if limit <= dropped:
            return None
        if self.has_centre and share > ROOMY:
            return oldest(db, limit, dropped)
        return _older(db, limit, dropped, now - timedelta(days=self.keep_days)) if now is not None else None


def oldest(db: sqlite3.Connection, limit: int, dropped: int) -> int | None:
    """Return the number up to which the oldest events are one step, whatever their age. Raises sqlite3.Error."""
    query = "SELECT max(seq) FROM (SELECT seq FROM events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?)"
    (cut,) = db.execute(query, (dropped, limit, STEP)).fetchone()
    return int(cut) if cut is not None else None


def _older(db: sqlite3.Connection, limit: int, dropped: int, moment: datetime) -> int | None:
    # What was written before the date was known goes with the next one that has a date.
    query = "SELECT seq, time FROM events WHERE seq > ? AND seq <= ? AND clock != ? ORDER BY seq LIMIT ?"
    before, cut = moment.isoformat(timespec="milliseconds"), None
    for seq, time in db.execute(query, (dropped, limit, ClockConfidence.UNSET, STEP)):
        if time >= before:
            break
        cut = int(seq)
    return cut


def drop(db: sqlite3.Connection, cut: int) -> None:
    """Drop all events up to a number, with what was kept for them, in the open transaction. Raises sqlite3.Error.

    The newest word on how the door is run stays: a door that was locked down last year is locked down.
    """
    (anchor,) = db.execute("SELECT hash FROM events WHERE seq = ?", (cut,)).fetchone()
    (mode,) = db.execute("SELECT max(seq) FROM events WHERE type = ?", (EventType.MODE_CHANGED,)).fetchone()
    db.execute("DELETE FROM events WHERE seq <= ? AND seq IS NOT ?", (cut, mode))
    db.execute("DELETE FROM kept WHERE seq <= ?", (cut,))
    entry_index.drop(db, cut)
    remember(db, {DROPPED: str(cut), DROPPED_HASH: anchor})
