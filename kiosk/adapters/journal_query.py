"""Questions to the journal, each by a connection of its own: the thread that records waits for none of them.

What makes them fast: the index `happened` of types and times, which counts a day without reading its events; the
table `counts` of two days; and the index of who was here (kiosk.adapters.entry_index).
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from kiosk.adapters import entry_index
from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.journal_rows import BY_SOMEBODY, FIRST_REASON, SAYS_WHY, event_of
from kiosk.app.books import EntryQuery, Moved, Span
from kiosk.app.ports import JournalError
from kiosk.domain.events import Event, EventType
from kiosk.domain.tracing import LONGEST_S, Passage

QUARTER_S = 900
_AT_ONCE = 500
"""Numbers in one statement; SQLite takes at least 999."""
_PASSAGES = "SELECT seq, at, entry, pair, paired_at FROM admissions"
_BEGINNING, _END = "0000", "9999"
"""Before and after every time as text."""


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OverflowError, ValueError, OSError) as error:
        raise JournalError("the journal cannot be read there: it is damaged") from error


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


class JournalQuery(JournalReader):
    """One look: as kiosk.app.books.Books."""

    def __init__(self, path: Path, keys: DayKeys) -> None:
        """Open the file; `keys` are those of the days that can be looked up. Raises JournalError."""
        super().__init__(path)
        self._keys = keys

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def counts(self, span: Span) -> Mapping[EventType, int]:
        """Return how many events there are of each type. Raises JournalError."""
        query = "SELECT type, count(*) FROM events WHERE type IN ({}) AND time >= ? AND time < ? GROUP BY type"
        types = [kind.value for kind in EventType]
        with _reading():
            rows = self._db.execute(query.format(_marks(types)), (*types, *_texts(span)))
            return {EventType(kind): count for kind, count in rows}

    def refusals(self, span: Span, most: int) -> Sequence[tuple[str, int]]:
        """Return the most frequent first reasons of refusals. Raises JournalError."""
        query = (
            f"SELECT {FIRST_REASON} AS why, count(*) AS n FROM events "  # noqa: S608 - constants
            "WHERE type = ? AND time >= ? AND time < ? GROUP BY why HAVING why IS NOT NULL ORDER BY n DESC, why LIMIT ?"
        )
        with _reading():
            rows = self._db.execute(query, (EventType.VISIT_DENIED.value, *_texts(span), most))
            return [(str(why), count) for why, count in rows]

    def moved(self, span: Span) -> Sequence[Moved]:
        """Return who came and left by quarters of an hour; what staff has counted is nobody. Raises JournalError."""
        query = (
            "SELECT at / ? * ? AS quarter, sum(max(change, 0)), -sum(min(change, 0)) FROM counts "
            "WHERE at >= ? AND at < ? AND mark != 'counted' AND change != 0 GROUP BY quarter ORDER BY quarter"
        )
        with _reading():
            return [Moved(*row) for row in self._db.execute(query, (QUARTER_S, QUARTER_S, *_seconds(span)))]

    def entries(self, query: EntryQuery) -> Sequence[Event]:
        """Return events, the newest first. Raises JournalError."""
        before = query.before or self.last() + 1
        with _reading():
            sql, values = _newest(query, before) if _is_all(query) else _narrowed(query, before)
            rows = self._db.execute(sql, values).fetchall()
            return [event_of(self._epoch, self._kiosk, row) for row in rows]

    def found(self, terms: Iterable[bytes], most: int) -> Sequence[Passage]:
        """Return the passages that terms find, the newest first. Raises JournalError."""
        with _reading():
            hashed = list(self._keys.hashes_of(terms))
            numbers = {seq for part in _parts(hashed) for (seq,) in self._db.execute(
                f"SELECT seq FROM terms WHERE term IN ({_marks(part)})", part)}  # fmt: skip  # noqa: S608
        return sorted(self.passages(numbers), key=lambda one: -one.seq)[:most]

    def days(self) -> int:
        """Return how many days can be looked up. Raises JournalError."""
        with _reading():
            return len(self._keys.names().intersection(entry_index.days_of(self._db)))

    def passages(self, numbers: Collection[int]) -> Sequence[Passage]:
        """Return those of these numbers that are passages. Raises JournalError."""
        with _reading():
            return [_passage(row) for part in _parts(sorted(numbers)) for row in self._db.execute(
                f"{_PASSAGES} WHERE seq IN ({_marks(part)})", part)]  # fmt: skip

    def of_same(self, numbers: Collection[int]) -> frozenset[int]:
        """Return the numbers of all passages of the persons of these. Raises JournalError."""
        query = "SELECT seq FROM terms WHERE term IN (SELECT term FROM terms WHERE seq IN ({}))"
        with _reading():
            return frozenset(numbers).union(
                seq for part in _parts(sorted(numbers)) for (seq,) in self._db.execute(
                    query.format(_marks(part)), part)
            )  # fmt: skip

    def meeting(self, begin: int, end: int, usual_s: int) -> Sequence[Passage]:
        """Return one passage of each stay that may have a second of a time in it. Raises JournalError."""
        entries = f"{_PASSAGES} WHERE entry = 1 AND at BETWEEN ? AND ? AND iif(pair, paired_at, at + ?) >= ?"
        exits = f"{_PASSAGES} WHERE entry = 0 AND pair = 0 AND at BETWEEN ? AND ?"
        with _reading():
            came = self._db.execute(entries, (begin - max(LONGEST_S, usual_s), end, usual_s, begin))
            left = self._db.execute(exits, (begin, end + usual_s))
            return [_passage(row) for rows in (came, left) for row in rows]

    def sealed(self, numbers: Collection[int]) -> Mapping[int, str]:
        """Return what is sealed with events. Raises JournalError."""
        with _reading():
            return dict(row for part in _parts(sorted(numbers)) for row in self._db.execute(
                f"SELECT seq, sealed FROM events WHERE sealed != '' AND seq IN ({_marks(part)})", part))  # fmt: skip  # noqa: S608

    def numbers_in(self, span: Span) -> tuple[int, int] | None:
        """Return the first and the last number of a time. Raises JournalError."""
        types = [kind.value for kind in EventType]
        query = "SELECT min(seq), max(seq) FROM events WHERE type IN ({}) AND time >= ? AND time < ?"
        with _reading():
            first, last = self._db.execute(query.format(_marks(types)), (*types, *_texts(span))).fetchone()
            return None if first is None else (first, last)

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after a number, in order. Raises JournalError."""
        with _reading():
            query = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
            rows = self._db.execute(query, (max(after, self.dropped), limit)).fetchall()
            return [event_of(self._epoch, self._kiosk, row) for row in rows]


def _is_all(query: EntryQuery) -> bool:
    return query.types == frozenset(EventType) and query.span == Span() and not query.reason


def _newest(query: EntryQuery, before: int) -> tuple[str, list[object]]:
    return "SELECT * FROM events WHERE seq < ? ORDER BY seq DESC LIMIT ?", [before, query.limit]


def _narrowed(query: EntryQuery, before: int) -> tuple[str, list[object]]:
    """Return the statement of a list that is narrowed down: numbers by the indexes first, then their events."""
    types = sorted(kind.value for kind in query.types)
    why = f"{FIRST_REASON} = ? AND " if query.reason else ""
    rest = f"{why}seq < ? AND time >= ? AND time < ? ORDER BY seq DESC LIMIT ?"
    values = [*([query.reason] if why else []), before, *_texts(query.span), query.limit]
    by_type = f"{f'{SAYS_WHY} AND ' if why else ''}type IN ({_marks(types)})"
    numbers = f"SELECT * FROM (SELECT seq FROM events WHERE {by_type} AND {rest})"  # noqa: S608 - constants and marks
    given: list[object] = [*types, *values]
    if query.by_somebody:
        opened = f"SELECT seq FROM events INDEXED BY by_somebody WHERE {BY_SOMEBODY} AND {rest}"  # noqa: S608
        numbers, given = f"{numbers} UNION ALL SELECT * FROM ({opened})", [*given, *values]  # noqa: S608
    return (
        f"SELECT * FROM events WHERE seq IN ({numbers}) ORDER BY seq DESC LIMIT ?",  # noqa: S608
        [*given, query.limit],
    )


def _parts(values: Sequence[object]) -> Iterator[Sequence[object]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))


def _passage(row: sqlite3.Row) -> Passage:
    return Passage(row["seq"], row["at"], bool(row["entry"]), row["pair"], row["paired_at"])


def _texts(span: Span) -> tuple[str, str]:
    """Return a time as events have it, in UTC."""
    return _text(span.begin, _BEGINNING), _text(span.end, _END)


def _text(moment: datetime | None, otherwise: str) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds") if moment is not None else otherwise


def _seconds(span: Span) -> tuple[float, float]:
    begin = span.begin.timestamp() if span.begin is not None else float("-inf")
    return begin, span.end.timestamp() if span.end is not None else float("inf")
