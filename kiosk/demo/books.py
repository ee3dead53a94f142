"""Comparing the books: what the kiosk wrote against what the centre holds."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.domain.events import GENESIS


@dataclass(frozen=True, slots=True)
class Books:
    """Two journals held against each other."""

    written: int
    """Records in the kiosk's journal."""
    confirmed: int
    """Number up to which the kiosk believes the centre."""
    held: int
    """Records at the centre."""
    chained: bool
    """Every record follows the one before it."""
    agree: bool
    """The centre holds, once and with the same hash, every record that the kiosk believes it holds."""


def _rows(path: Path, table: str, query: str) -> list[tuple[Any, ...]]:
    """Return the answer to a query; nothing where an early end has left no such table."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as database:
        known = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        return database.execute(query).fetchall() if known else []


def compare(journal: Path, centre: Path) -> Books:
    """Read both databases after their owners have ended. Raises sqlite3.Error."""
    written = _rows(journal, "events", "SELECT seq, prev, hash FROM events ORDER BY seq")
    held = _rows(centre, "events", "SELECT seq, prev, hash FROM events ORDER BY seq")
    row = _rows(journal, "meta", "SELECT value FROM meta WHERE key = 'confirmed'")
    confirmed = int(row[0][0]) if row else 0
    links = [GENESIS, *(record[2] for record in written)]
    chained = all(
        record[0] == number and record[1] == before
        for number, (record, before) in enumerate(zip(written, links, strict=False), 1)
    )
    agree = held[:confirmed] == written[:confirmed] and set(held) <= set(written)
    return Books(len(written), confirmed, len(held), chained, agree)
