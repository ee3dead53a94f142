"""How far a journal had come, in a small file beside it: the witness against an old copy that somebody puts back.

A database of last week is whole and chained, and would give its next numbers to other events than those that the
centre has under them. The mark is younger than such a copy. It is written after the events that it tells of are
durable, so that no power cut leaves it ahead of its journal.
"""

import hashlib
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

_MAX = 4096


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a journal stood."""

    epoch: str
    last: int
    hash: str = ""
    """Of the event `last`; empty: not known."""
    confirmed: int = 0


def place(journal: Path) -> Path:
    """Return where the mark of a journal is."""
    return journal.with_name(journal.name + ".mark")


def read_mark(path: Path) -> Mark | None:
    """Return what a mark says; None where there is none, or none that can be read."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(_MAX))
        mark = Mark(said["epoch"], said["last"], said["hash"], said["confirmed"])
        return mark if said["check"] == _check(mark) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _check(mark: Mark) -> str:
    """Return what shows that no bit of a mark has flipped."""
    return hashlib.sha256(json.dumps(asdict(mark), sort_keys=True).encode()).hexdigest()


class MarkFile:
    """The mark of one journal. Within an epoch it never goes back."""

    def __init__(self, journal: Path) -> None:
        self._path = place(journal)
        self.mark = read_mark(self._path)

    def write(self, mark: Mark) -> None:
        """Replace the mark, durably, unless it is there or further on already. Raises OSError."""
        if self.mark is not None and self.mark.epoch == mark.epoch:
            if self.mark.last > mark.last:
                mark = replace(self.mark, confirmed=mark.confirmed)
            if self.mark == mark:
                return
        new = self._path.with_name(self._path.name + ".new")
        with suppress(FileNotFoundError):
            new.unlink()
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                json.dump({**asdict(mark), "check": _check(mark)}, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
        _sync_folder(self._path.parent)
        self.mark = mark


def _sync_folder(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
