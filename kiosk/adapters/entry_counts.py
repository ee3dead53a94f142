"""The kiosk's counts: how often a credential was let in, how many people are inside, and who went where.

A table in the journal's file, so that a count changes in the same transaction as the record that it belongs to. One
row an admission, by its visit: annulling it takes the row away, and the stay that was before counts again. What no
visit belongs to (somebody behind the one who was let in, the exit button, a number that staff has counted) has a row
by the number of its event. Credentials and persons stand there as keyed hashes.
"""

import itertools
import math
import sqlite3
import threading
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from kiosk.app.ports import LastSeen
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.passback import LOOKED_BACK
from kiosk.domain.situation import Direction

SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    visit TEXT PRIMARY KEY, who BLOB NOT NULL, change INTEGER NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL,
    person BLOB NOT NULL DEFAULT x'', mark TEXT NOT NULL DEFAULT '', passed INTEGER NOT NULL DEFAULT 0
) STRICT;
"""
_ADDED = {
    "person": "BLOB NOT NULL DEFAULT x''", "mark": "TEXT NOT NULL DEFAULT ''", "passed": "INTEGER NOT NULL DEFAULT 0",
}  # fmt: skip
"""Columns that tables from before do not have."""
_PASSAGES = frozenset({EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT})
_REMEMBERED_S = int(LOOKED_BACK.total_seconds())
"""How long a row is kept that is no use of a counted credential: longer than any day of counting."""
_CLEARED_EVERY_S = 3600
_CLEARED_AT_ONCE = 200
"""Rows taken away with one commit: a record must not wait for a whole night's clearing."""

Mark = Literal["", "unsure", "counted"]
"""Whether from this row on people may have passed uncounted, or staff has counted them."""


def prepare(db: sqlite3.Connection) -> None:
    """Make the table, or give an older one the columns that it lacks. Raises sqlite3.Error."""
    db.executescript(SCHEMA)
    there = {row[1] for row in db.execute("PRAGMA table_info(counts)")}
    for name, kind in _ADDED.items():
        if name not in there:
            db.execute(f"ALTER TABLE counts ADD COLUMN {name} {kind}")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, without its key."""

    who: bytes
    change: int
    at: int
    until: int
    person: bytes = b""
    mark: Mark = ""

    def is_over(self, at: int) -> bool:
        """Tell whether nothing of it is needed any more."""
        return self.until < at and self.is_past(at)

    def is_past(self, at: int) -> bool:
        """Tell whether it says nothing of who is inside any more; a wrong clock may have dated it years ahead."""
        return abs(at - self.at) > _REMEMBERED_S


class _Sums:
    """Changes by the Unix second of each, and their sum from one moment on.

    The sum is kept for the moment that was asked for last, and made anew for another: once a day, at a door.
    """

    def __init__(self) -> None:
        self._changes: Counter[int] = Counter()
        self._since = math.inf
        self._sum = 0

    def add(self, second: int, change: int) -> None:
        self._changes[second] += change
        self._sum += change if second >= self._since else 0

    def take(self, second: int, change: int) -> None:
        if second in self._changes:
            self.add(second, -change)

    def keep(self, first: int, last: int) -> None:
        """Forget changes of other times than these, which nobody asks for any more."""
        self._changes = Counter({second: n for second, n in self._changes.items() if first <= second <= last})
        self._since = math.inf

    def since(self, moment: float) -> int:
        if self._since != moment:
            self._since = moment
            self._sum = sum(change for second, change in self._changes.items() if second >= moment)
        return self._sum


class EntryCounts:
    """The table, and a copy of it in memory with its sums: a decision waits for no disk. Any thread may ask.

    One thread writes, the journal's; it holds the lock for some hundred steps at most, and asking for one step.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read the table, which is there. Raises sqlite3.Error."""
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        """In the order in which they were written."""
        self._numbers: dict[str, int] = {}
        """That order."""
        self._next = itertools.count()
        self._uses: Counter[bytes] = Counter()
        self._balance, self._arrivals = _Sums(), _Sums()
        self._stays: dict[bytes, list[str]] = {}
        """The rows of each person, the newest last."""
        self._clear_at = 0
        self._due: deque[str] = deque()
        """Rows to be cleared away, some with each commit."""
        self._step: tuple[tuple[str, _Row | None], ...] = ()
        """What is written by the commit under way: rows, and keys of those that go."""
        self._cleared = 0
        """How many of them were due."""
        for key, *row in db.execute("SELECT visit, who, change, at, until, person, mark FROM counts ORDER BY rowid"):
            self._keep(key, _Row(bytes(row[0]), row[1], row[2], row[3], bytes(row[4]), row[5]))

    def write(
        self, db: sqlite3.Connection, drafts: Sequence[EventDraft], first: int, now: datetime, *, sure: bool
    ) -> None:
        """Write what events change, of which `first` is the first's number, in the transaction that is open.

        What is over is cleared away only where the clock is `sure`: a wrong one would let used passes in again.
        Raises sqlite3.Error.
        """
        at = int(now.timestamp())
        if sure:
            self._find_due(at)
        due = tuple(itertools.islice(self._due, _CLEARED_AT_ONCE)) if sure else ()
        self._cleared = len(due)
        self._step = (*((key, self._left_of(key, at)) for key in due), *_changes(drafts, first, at))
        for key, row in self._step:
            if row is None:
                db.execute("DELETE FROM counts WHERE visit = ?", (key,))
            else:
                values = key, row.who, row.change, row.at, row.until, row.person, row.mark
                db.execute("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?, ?, ?, ?, 0)", values)
        passed = [(draft.visit,) for draft in drafts if draft.visit and draft.type in _PASSAGES]
        db.executemany("UPDATE counts SET passed = 1 WHERE visit = ?", passed)

    def committed(self) -> None:
        """Take over what was written, once it is durable."""
        with self._lock:
            for key, row in self._step:
                self._forget(key)
                if row is not None:
                    self._keep(key, row)
            for _ in range(self._cleared):
                self._due.popleft()
            self._step, self._cleared = (), 0

    def _find_due(self, at: int) -> None:
        """Look for what is over, every hour."""
        # A clock that ran ahead is not waited for.
        if self._due or self._clear_at - _CLEARED_EVERY_S <= at < self._clear_at:
            return
        self._clear_at = at + _CLEARED_EVERY_S
        past = ((key, row) for key, row in self._rows.items() if row.is_past(at))
        self._due.extend(key for key, row in past if row.is_over(at) or row.change or row.person or row.mark)
        with self._lock:
            for sums in (self._balance, self._arrivals):
                sums.keep(at - _REMEMBERED_S, at + _REMEMBERED_S)

    def _left_of(self, key: str, at: int) -> _Row | None:
        """Return what is to be left of a row that is due: the use of a credential that has not expired."""
        row = self._rows.get(key)
        return None if row is None or row.is_over(at) else replace(row, change=0, person=b"", mark="")

    def _keep(self, key: str, row: _Row) -> None:
        self._rows[key], self._numbers[key] = row, next(self._next)
        self._balance.add(row.at, row.change)
        self._arrivals.add(row.at, _arrived(row))
        self._uses.update([row.who] if row.who else [])
        if row.person:
            self._stays.setdefault(row.person, []).append(key)

    def _forget(self, key: str) -> None:
        row = self._rows.pop(key, None)
        if row is None:
            return
        del self._numbers[key]
        self._balance.take(row.at, row.change)
        self._arrivals.take(row.at, _arrived(row))
        if row.who:
            self._uses[row.who] -= 1
            if not self._uses[row.who]:
                del self._uses[row.who]
        if row.person:
            self._stays[row.person].remove(key)
            if not self._stays[row.person]:
                del self._stays[row.person]

    def used(self, who: bytes, but: frozenset[str] = frozenset()) -> int:
        """Return how often a credential was let in, the visits `but` left out."""
        with self._lock:
            return self._uses[who] - sum(row.who == who for row in self._of(but))

    def inside(self, since: datetime, but: frozenset[str] = frozenset()) -> int:
        """Return how many more people came in than went out from a moment on, the visits `but` left out."""
        moment = since.timestamp()
        with self._lock:
            return self._balance.since(moment) - sum(row.change for row in self._of(but) if row.at >= moment)

    def arrivals(self, since: datetime, but: frozenset[str] = frozenset()) -> int:
        """Return how many people came in from a moment on, the visits `but` left out."""
        moment = since.timestamp()
        with self._lock:
            return self._arrivals.since(moment) - sum(_arrived(row) for row in self._of(but) if row.at >= moment)

    def last_seen(self, person: Sequence[bytes], but: frozenset[str] = frozenset()) -> tuple[LastSeen, ...]:
        """Return where a person was last seen to go, the visits `but` left out; nothing where nowhere.

        `person`: one hash for each key that there was.
        """
        with self._lock:
            known = (key for one in person for key in self._stays.get(one, ()) if key not in but)
            newest = max(known, key=self._numbers.__getitem__, default=None)
            if newest is None:
                return ()
            row = self._rows[newest]
            return (LastSeen(Direction.ENTRY if row.change > 0 else Direction.EXIT, row.at),)

    def _of(self, visits: frozenset[str]) -> Iterator[_Row]:
        return (self._rows[visit] for visit in visits if visit in self._rows)


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the table says beside the gate process that writes it, from a moment on."""

    inside: int
    arrivals: int
    """How many people came in."""
    confirmed: int
    """How many of the admissions a sensor has confirmed."""
    certain: bool
    """Whether nobody may have passed uncounted, or staff has counted since."""
    counted: int
    """Number of the event by which staff has counted last; 0: nobody has."""


def read_numbers(db: sqlite3.Connection, since: datetime) -> Numbers:
    """Return what is counted from a moment on. Raises sqlite3.Error."""
    query = "SELECT visit, change, at, mark, passed FROM counts WHERE at >= ? ORDER BY rowid"
    found = [(key, _Row(b"", change, at, 0, mark=mark), passed)
             for key, change, at, mark, passed in db.execute(query, (since.timestamp(),))]  # fmt: skip
    marks = [(key, row.mark) for key, row, _ in found if row.mark]
    counts = [int(key.rpartition("#")[2]) for key, mark in marks if mark == "counted"]
    return Numbers(
        max(0, sum(row.change for _, row, _ in found)), sum(_arrived(row) for _, row, _ in found),
        sum(passed for *_, passed in found), not marks or marks[-1][1] == "counted", counts[-1] if counts else 0,
    )  # fmt: skip


def _changes(drafts: Sequence[EventDraft], first: int, at: int) -> Iterator[tuple[str, _Row | None]]:
    """Yield what events change: the row that is written, or the key of the one that goes."""
    for number, draft in enumerate(drafts, first):
        if draft.type is EventType.VISIT_ANNULLED:
            yield draft.visit, None
        elif draft.count is not None:
            yield draft.visit or f"{draft.type}#{number}", _row(draft.type, draft.count, at)


def _row(kind: EventType, count: Count, at: int) -> _Row:
    mark: Mark = "counted" if kind is EventType.OCCUPANCY_SET else "unsure" if count.unsure else ""
    return _Row(count.who, count.change, at, count.until, count.person, mark)


def _arrived(row: _Row) -> int:
    """Return how many people came in by a row: what staff has counted is no passage."""
    return max(row.change, 0) if row.mark != "counted" else 0
