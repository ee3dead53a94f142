"""The index that answers 'was this person here', and who was here at the same time.

Two tables in the journal's file, written in the transaction of the admission: `admissions`, a row for each by its
number, and `terms`, by what its person can be found (kiosk.domain.look_up), hashed under the key of the day. Whoever
goes out is paired with their entry of the last 24 hours, once, as it is written: then the key of the day before is
still here. An admission that is taken back leaves both tables. With the key of a day the rows of the day go; whoever
has a copy of the file from before can tell nobody's terms without the key. docs/adr/0021 has the reasons.
"""

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.adapters.day_keys import DayKeys
from kiosk.domain.events import Event, EventDraft, EventType
from kiosk.domain.situation import Direction
from kiosk.domain.tracing import LONGEST_S

SCHEMA = """
CREATE TABLE IF NOT EXISTS admissions (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, entry INTEGER NOT NULL, day TEXT NOT NULL,
    pair INTEGER NOT NULL DEFAULT 0, paired_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS admitted_at ON admissions (at);
CREATE INDEX IF NOT EXISTS paired_with ON admissions (pair) WHERE pair != 0;
CREATE INDEX IF NOT EXISTS admitted_on ON admissions (day);
CREATE TABLE IF NOT EXISTS terms (
    term BLOB NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (term, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS terms_of ON terms (seq);
"""
"""`at` is Unix time; `entry` is 1 for whoever came in and 0 for whoever went out; `pair` is the number of the same
person's exit, or entry, and `paired_at` its time; 0: none was seen."""
STEP = 500
"""Rows deleted at once: a record must not wait for a day's clearing."""
_DAYS = """
WITH RECURSIVE days (day) AS (
    SELECT min(day) FROM admissions
    UNION ALL SELECT (SELECT min(day) FROM admissions WHERE day > days.day) FROM days WHERE day IS NOT NULL
) SELECT day FROM days WHERE day IS NOT NULL
"""
"""The days that there are, each found by one step down the index."""
_STEP_OF = "SELECT seq FROM admissions WHERE day = ? ORDER BY seq LIMIT ?"
_ADMISSION_OF = """
SELECT max(seq) FROM events
WHERE visit = ? AND type IN ('visit.admitted', 'visit.annulled') AND type = 'visit.admitted'
"""
"""The first condition on `type` is that of the index `let_in`, to the letter."""
_ENTRY_OF = """
SELECT max(seq), at FROM admissions
WHERE seq IN (SELECT seq FROM terms WHERE term IN ({})) AND entry = 1 AND pair = 0 AND at BETWEEN ? AND ?
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What is written of an admission."""

    seq: int
    at: int
    entry: bool
    day: str
    terms: tuple[bytes, ...]
    came_by: tuple[bytes, ...] = ()
    """Of whoever goes out, what their entry may have been written with, today or yesterday."""


def rows(drafts: Sequence[EventDraft], events: Sequence[Event], keys: DayKeys | None) -> list[Row]:
    """Return what is to be written of the admissions among new events; nothing where there is no key of the day."""
    if keys is None:
        return []
    found = []
    for draft, event in zip(drafts, events, strict=True):
        hashed = keys.hash_terms(draft.terms) if draft.type is EventType.VISIT_ADMITTED else None
        if hashed is not None:
            at = int(datetime.fromisoformat(event.time).timestamp())
            entry = draft.data.get("direction", Direction.ENTRY) == Direction.ENTRY
            found.append(Row(event.seq, at, entry, *hashed, () if entry else keys.recent_hashes(draft.terms)))
    return found


def write(db: sqlite3.Connection, drafts: Sequence[EventDraft], found: Sequence[Row]) -> None:
    """Write them, and take away what new events annul, in the open transaction. Raises sqlite3.Error."""
    for row in found:
        db.execute(
            "INSERT OR REPLACE INTO admissions VALUES (?, ?, ?, ?, 0, 0)", (row.seq, row.at, row.entry, row.day)
        )
        db.executemany("INSERT OR IGNORE INTO terms VALUES (?, ?)", [(term, row.seq) for term in row.terms])
        if row.came_by:
            _pair(db, row)
    for visit in (draft.visit for draft in drafts if draft.type is EventType.VISIT_ANNULLED):
        (seq,) = db.execute(_ADMISSION_OF, (visit,)).fetchone()
        db.execute("DELETE FROM terms WHERE seq = ?", (seq,))
        db.execute("DELETE FROM admissions WHERE seq = ?", (seq,))
        db.execute("UPDATE admissions SET pair = 0, paired_at = 0 WHERE pair != 0 AND pair = ?", (seq,))


def _pair(db: sqlite3.Connection, exit_: Row) -> None:
    """Pair an exit with the newest entry of the same person that has none."""
    query = _ENTRY_OF.format(",".join("?" * len(exit_.came_by)))
    seq, at = db.execute(query, (*exit_.came_by, exit_.at - LONGEST_S, exit_.at)).fetchone()
    if seq is not None:
        pairs = [(exit_.seq, exit_.at, seq), (seq, at, exit_.seq)]
        db.executemany("UPDATE admissions SET pair = ?, paired_at = ? WHERE seq = ?", pairs)


def days_of(db: sqlite3.Connection) -> list[str]:
    """Return the names of the days of which there are rows. Raises sqlite3.Error."""
    return [day for (day,) in db.execute(_DAYS)]


def forget(db: sqlite3.Connection, days: Collection[str]) -> bool:
    """Delete one step of the rows of all days but these; tell whether there were any. Raises sqlite3.Error."""
    over = next((day for day in days_of(db) if day not in days), None)
    if over is None:
        return False
    db.execute(f"DELETE FROM terms WHERE seq IN ({_STEP_OF})", (over, STEP))  # noqa: S608 - constants
    db.execute(f"DELETE FROM admissions WHERE seq IN ({_STEP_OF})", (over, STEP))  # noqa: S608 - constants
    return True


def drop(db: sqlite3.Connection, cut: int) -> None:
    """Delete the rows of all events up to a number, in the open transaction. Raises sqlite3.Error."""
    db.execute("DELETE FROM terms WHERE seq <= ?", (cut,))
    db.execute("DELETE FROM admissions WHERE seq <= ?", (cut,))
