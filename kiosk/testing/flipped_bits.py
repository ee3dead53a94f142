"""One flipped bit in a journal's file, and who notices."""

import sqlite3
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from kiosk.adapters.journal_reader import JournalReader
from kiosk.app.ports import JournalError

CHECKS = ("quick_check", "integrity_check", "chain")


@dataclass(slots=True)
class Flips:
    """What came of many flips."""

    flips: int = 0
    altered: int = 0
    """Flips after which the records are not what was written."""
    found: Counter[str] = field(default_factory=Counter)
    """How many each check has found, and `any` of them."""
    missed: list[int] = field(default_factory=list)
    """Places, in bits, of flips that altered a record and that nothing has found."""


def flip_many(whole: Path, copy: Path, *, seed: int, number: int) -> Flips:
    """Flip bits of a closed journal's file, one at a time and each in a new `copy`, and ask every check."""
    data, chance, result = whole.read_bytes(), Random(seed), Flips()  # noqa: S311 - has to be the same again
    written = _records(whole)
    for _ in range(number):
        place = chance.randrange(len(data) * 8)
        flipped = bytearray(data)
        flipped[place // 8] ^= 1 << place % 8
        copy.write_bytes(flipped)
        found = noticed(copy)
        result.flips += 1
        result.found.update([*found, *(["any"] if found else [])])
        if _records(copy) != written:
            result.altered += 1
            if not found:
                result.missed.append(place)
    return result


def noticed(path: Path) -> list[str]:
    """Return the checks that find something wrong with a file."""
    return [check for check in CHECKS if not _passes(check, path)]


def _passes(check: str, path: Path) -> bool:
    if check == "chain":
        with suppress(JournalError), closing(JournalReader(path)) as reader:
            return reader.is_whole()
        return False
    with closing(sqlite3.connect(path)) as db:
        try:
            return db.execute(f"PRAGMA {check}").fetchall() == [("ok",)]
        except sqlite3.Error:
            return False


def _records(path: Path) -> list[tuple[object, ...]] | None:
    """Return all that the journal would read; None where reading fails."""
    with closing(sqlite3.connect(path)) as db:
        try:
            return db.execute("SELECT * FROM events ORDER BY seq").fetchall()
        except sqlite3.Error:
            return None
