"""What can still be read from a journal that was set aside, and which numbers cannot.

Every event that is whole, and chained to the one before it where that can be read, is told again in the new journal as
`journal.salvaged`, with all its fields; every run of numbers without one as `journal.gap`. docs/adr/0014 says why.
"""

import itertools
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters.journal_mark import Mark, place, read_mark
from kiosk.adapters.journal_rows import Meta, event_of, read_meta
from kiosk.app.ports import JournalError
from kiosk.app.records import to_wire
from kiosk.domain.events import Event, EventDraft, EventType, digest

BATCH = 100
BLIND = 10_000
"""Unreadable numbers in a row after which a search ends, beyond those that the mark tells of."""
_SET_ASIDE = re.compile(r"\.(corrupt|foreign|restored|unsent)-\d{8}T\d{6}(-\d+)?")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """Some of it: what to record, and up to which number that goes."""

    drafts: Sequence[EventDraft]
    upto: int


def done_note(aside: Path) -> Path:
    """Return the place of the file which says that all of a journal that was set aside is told."""
    return aside.with_name(aside.name + ".salvaged")


def waiting(journal: Path) -> list[Path]:
    """Return the files that were set aside from a journal's place, and are not told of yet, in their order."""
    try:
        files = sorted(journal.parent.glob(f"{journal.name}.*"))
    except OSError:
        return []
    found = [path for path in files if _SET_ASIDE.fullmatch(path.name.removeprefix(journal.name))]
    return [path for path in found if not done_note(path).exists()]


class SetAside:
    """A journal that was set aside: read as far as it can be, and never written to."""

    def __init__(self, path: Path, kiosk: str) -> None:
        """Open it; `kiosk` wrote it, unless it says another one itself. Raises JournalError."""
        # Where there is no log to be read with it, SQLite need not leave any files of its own beside it.
        options = "mode=ro" if path.with_name(path.name + "-wal").exists() else "mode=ro&immutable=1"
        address = f"{path.resolve().as_uri()}?{options}"
        try:
            self._db = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=5)
        except sqlite3.Error as error:
            raise JournalError("the file that was set aside cannot be opened") from error
        self._db.row_factory = sqlite3.Row
        self._db.text_factory = lambda text: text.decode(errors="replace")
        mark, meta = read_mark(place(path)), Meta()
        with suppress(sqlite3.Error):
            meta = read_meta(self._db)
        self._epoch = meta.said.get("epoch") or (mark.epoch if mark else "")
        self._kiosk = meta.said.get("kiosk", kiosk)
        known = mark if mark is not None and mark.epoch == self._epoch else Mark(self._epoch, 0)
        self._last, self.confirmed = known.last, known.confirmed
        """Up to which number there were events, and up to which the centre has them, as far as that is known."""
        with suppress(ValueError):
            # A flipped bit here would let events be passed over: the lower word counts. Repeats do no harm.
            if meta.said:
                self.confirmed = min(meta.confirmed, known.confirmed) if known.last else meta.confirmed

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def batches(self, after: int) -> Iterator[Salvaged]:
        """Yield what is to be recorded of the events after a number, in order."""
        upto, last_hash, whole = after, "", self._whole(after)
        while events := list(itertools.islice(whole, BATCH)):
            drafts: list[EventDraft] = []
            for event in events:
                if event.seq == upto + 1 and last_hash and event.prev != last_hash:
                    continue  # whole, but of another chain
                drafts += self._gap(upto + 1, event.seq - 1)
                drafts.append(EventDraft(EventType.JOURNAL_SALVAGED, data=to_wire(event).model_dump()))
                upto, last_hash = event.seq, event.hash
            yield Salvaged(drafts, upto)
        if self._last > upto:
            yield Salvaged(self._gap(upto + 1, self._last), self._last)

    def newest_mode(self) -> Event | None:
        """Return the newest whole event that says how the door was run; None where there is none to be read."""
        for table in ("events", "events NOT INDEXED"):
            query = f"SELECT * FROM {table} WHERE type = ? ORDER BY seq DESC"  # noqa: S608 - two constants
            with suppress(sqlite3.Error):
                rows = self._db.execute(query, (EventType.MODE_CHANGED,))
                return next(filter(None, map(self._event, rows)), None)
        return None

    def _gap(self, first: int, last: int) -> list[EventDraft]:
        data = {"epoch": self._epoch, "first": first, "last": last}
        return [EventDraft(EventType.JOURNAL_GAP, data=data)] if first <= last else []

    def _whole(self, after: int) -> Iterator[Event]:
        """Yield the events that are what was written."""
        yield from filter(None, map(self._event, self._rows(after)))

    def _event(self, row: sqlite3.Row) -> Event | None:
        """Return a row as the event that was written; None for anything else."""
        try:
            event = event_of(self._epoch, self._kiosk, row)
            return event if event.hash == digest(event) else None
        except (ValueError, TypeError):
            return None

    def _rows(self, after: int) -> Iterator[sqlite3.Row]:
        """Yield the rows that can be read, in their order: in batches, and one by one where a page is damaged."""
        blind = 0
        while True:
            rows = self._batch(after)
            if rows:
                yield from rows
                after, blind = rows[-1]["seq"], 0
            elif rows is not None or not self._is_worth_trying(after, blind):
                return
            else:
                after, blind = after + 1, blind + 1
                yield from self._one(after)

    def _is_worth_trying(self, after: int, blind: int) -> bool:
        return after < self._last or blind < BLIND

    def _batch(self, after: int) -> list[sqlite3.Row] | None:
        """Return some rows after a number; none at the end, None where they cannot be read."""
        query = "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        try:
            rows = self._db.execute(query, (after, BATCH)).fetchall()
        except (sqlite3.Error, OverflowError):
            return None
        numbers = [after, *(row["seq"] for row in rows)]
        return rows if all(one < other for one, other in itertools.pairwise(numbers)) else None

    def _one(self, seq: int) -> list[sqlite3.Row]:
        try:
            rows = self._db.execute("SELECT * FROM events WHERE seq = ?", (seq,)).fetchall()
        except sqlite3.Error:
            return []
        return [row for row in rows if row["seq"] == seq]
