"""The kiosk's counts: how often a credential was let in, and how many people are inside.

A table in the journal's file, so that a count changes in the same transaction as the record of the admission. One row
an admission, by its visit: annulling it takes the row away. Credentials stand there as keyed hashes.
"""

import os
import secrets
import sqlite3
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from kiosk.domain.events import EventDraft, EventType

SCHEMA = """
CREATE TABLE IF NOT EXISTS counts (
    visit TEXT PRIMARY KEY, who BLOB NOT NULL, change INTEGER NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL
) STRICT;
"""
KEY_SIZE = 32
_REMEMBERED_S = 2 * 24 * 3600
"""How long an admission that is no use of a counted credential is kept: longer than any day of counting."""
_CLEARED_EVERY_S = 3600


class SecretError(OSError):
    """The key of the counts cannot be read or made. The text is one sentence."""


def load_key(path: Path) -> bytes:
    """Return the 32 bytes of the key that credentials are hashed with; made on first use. Raises SecretError."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Whole or not at all: a key that is lost with the power would let every pass in again.
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            draft.touch(mode=0o600)
            with draft.open("wb") as file:
                file.write(secrets.token_bytes(KEY_SIZE))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        key = path.read_bytes()
    except OSError as error:
        why = (error.strerror or "error").lower()
        raise SecretError(f"{path}: the key of the counts cannot be kept ({why})") from error
    if len(key) != KEY_SIZE:
        raise SecretError(f"{path}: is no key of {KEY_SIZE} bytes; move it away, and all entries count anew")
    return key


class EntryCounts:
    """The table, and a copy of it in memory: a decision waits for no disk. Any thread may ask."""

    def __init__(self, db: sqlite3.Connection) -> None:
        """Read the table, which is there. Raises sqlite3.Error."""
        self._lock = threading.Lock()
        self._rows: dict[str, tuple[bytes, int, int, int]] = {
            row[0]: (bytes(row[1]), row[2], row[3], row[4])
            for row in db.execute("SELECT visit, who, change, at, until FROM counts")
        }
        self._uses = Counter(row[0] for row in self._rows.values() if row[0])
        self._clear_at = 0
        self._old: tuple[str, ...] = ()

    def write(self, db: sqlite3.Connection, drafts: Sequence[EventDraft], now: datetime, *, sure: bool) -> None:
        """Write what events change, in the transaction that is open. Raises sqlite3.Error.

        What is over is cleared away only where the clock is `sure`: a wrong one would let used passes in again.
        """
        at = int(now.timestamp())
        self._old = self._over(at) if sure and at >= self._clear_at else ()
        for draft in drafts:
            if draft.type is EventType.VISIT_ANNULLED:
                db.execute("DELETE FROM counts WHERE visit = ?", (draft.visit,))
            elif draft.count is not None:
                row = draft.visit, draft.count.who, draft.count.change, at, draft.count.until
                db.execute("INSERT OR REPLACE INTO counts VALUES (?, ?, ?, ?, ?)", row)
        db.executemany("DELETE FROM counts WHERE visit = ?", [(visit,) for visit in self._old])

    def _over(self, at: int) -> tuple[str, ...]:
        self._clear_at = at + _CLEARED_EVERY_S
        return tuple(visit for visit, row in self._rows.items() if row[3] < at and row[2] < at - _REMEMBERED_S)

    def committed(self, drafts: Sequence[EventDraft], now: datetime) -> None:
        """Take over what was written, once it is durable."""
        at = int(now.timestamp())
        with self._lock:
            for draft in drafts:
                if draft.type is EventType.VISIT_ANNULLED or draft.count is not None:
                    self._forget(draft.visit)
                if draft.count is not None:
                    self._rows[draft.visit] = (draft.count.who, draft.count.change, at, draft.count.until)
                    self._uses.update([draft.count.who] if draft.count.who else [])
            for visit in self._old:
                self._forget(visit)

    def _forget(self, visit: str) -> None:
        row = self._rows.pop(visit, None)
        if row is not None and row[0]:
            self._uses[row[0]] -= 1
            self._uses += Counter()  # drops what is zero

    def used(self, who: bytes, but: frozenset[str] = frozenset()) -> int:
        """Return how often a credential was let in, the visits `but` left out."""
        with self._lock:
            return self._uses[who] - sum(self._rows[visit][0] == who for visit in but if visit in self._rows)

    def inside(self, since: datetime, but: frozenset[str] = frozenset()) -> int:
        """Return how many people were let in less those let out, from a moment on, the visits `but` left out."""
        with self._lock:
            at = since.timestamp()
            return sum(row[1] for visit, row in self._rows.items() if row[2] >= at and visit not in but)
