"""How full the journal and its disk are, and the alarms on that."""

import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.domain.events import EventDraft, EventType

FILLING, NEARLY_FULL = 80, 90
"""Percent at which each alarm is raised."""
HYSTERESIS = 5
"""Percent below that at which it is cleared."""
_ALARMS = (("journal_filling", FILLING), ("journal_nearly_full", NEARLY_FULL))


@dataclass(frozen=True, slots=True)
class Room:
    """How much is used, of 1, of what each may hold."""

    journal: float
    disk: float

    @property
    def percent(self) -> int:
        """The fuller one, in whole percent."""
        return int(100 * max(self.journal, self.disk))

    @property
    def of(self) -> Literal["journal", "disk"]:
        """Which one that is."""
        return "disk" if self.disk > self.journal else "journal"

    @property
    def state(self) -> Literal["ok", "filling", "nearly_full"]:
        """Return in a word how that is."""
        if self.percent >= NEARLY_FULL:
            return "nearly_full"
        return "filling" if self.percent >= FILLING else "ok"


_PAGE = 4096


def pages(max_mb: int) -> int:
    """Return how many pages a file of this bound may have."""
    return max_mb * (1 << 20) // _PAGE


def filled(db: sqlite3.Connection, max_mb: int) -> float:
    """Return how much of a journal with this bound is used, of 1. Raises sqlite3.Error."""
    (count,), (free,) = (db.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count"))
    return float((count - free) / pages(max_mb))


def disk_used(folder: Path) -> float:
    """Return how much of a folder's disk is used, of 1. Raises OSError."""
    disk = shutil.disk_usage(folder)
    # As `df` counts: what only root may use is not there for anybody.
    return disk.used / (disk.used + disk.free) if disk.used + disk.free else 1.0


def alarms(raised: frozenset[str], now: Room) -> tuple[frozenset[str], Sequence[EventDraft]]:
    """Return which alarms stand now, of those that were `raised`, and what has to be put on record."""
    said: list[EventDraft] = []
    standing = set(raised)
    for fault, percent in _ALARMS:
        data = {"fault": fault, "of": now.of, "percent": now.percent}
        if fault not in raised and now.percent >= percent:
            standing.add(fault)
            said.append(EventDraft(EventType.FAULT_RAISED, data=data))
        elif fault in raised and now.percent < percent - HYSTERESIS:
            standing.discard(fault)
            said.append(EventDraft(EventType.FAULT_CLEARED, data=data))
    return frozenset(standing), said
