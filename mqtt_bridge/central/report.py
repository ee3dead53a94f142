"""What the centre holds of every journal, and what is wrong with it. Pure but for the SELECTs that it is given.

What fits ill was found when it was stored (`judging`); gaps are found here, since a gap is only wrong once it has
stayed open: events of several consumers overtake each other, and a kiosk sends again what the centre has not confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from mqtt_bridge.central.audit import Flaw
from mqtt_bridge.central.store import Journal, Value

GAP_S = 300
"""How long a gap may stay open before it is a finding: a kiosk sends again after 60 s at the latest."""
MAX_GAPS = 10_000
"""Gaps of one report."""
Select = Callable[[str], list[tuple[Value, ...]]]

_JOURNALS = """
SELECT kiosk, epoch, upto, repeats, began, heard,
    (SELECT count(*) FROM events e WHERE e.kiosk = c.kiosk AND e.epoch = c.epoch AND e.seq > c.upto)
FROM cursors c ORDER BY kiosk, began, epoch"""
# Only numbers after the cursors are read: before them, none is missing.
_GAPS = f"""
SELECT kiosk, epoch, before, seq, since FROM (
    SELECT e.kiosk, e.epoch, e.seq, lag(e.seq, 1, c.upto) OVER (PARTITION BY e.kiosk, e.epoch ORDER BY e.seq) AS before,
        min(e.received) OVER (
            PARTITION BY e.kiosk, e.epoch ORDER BY e.seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS since
    FROM cursors c JOIN events e ON e.kiosk = c.kiosk AND e.epoch = c.epoch AND e.seq > c.upto
) AS ahead WHERE seq > before + 1 ORDER BY kiosk, epoch, seq LIMIT {MAX_GAPS}"""  # noqa: S608 - a constant
_FINDINGS = """
SELECT kiosk, epoch, kind, count(*), min(seq) FROM findings WHERE received >= {since:d}
GROUP BY kiosk, epoch, kind ORDER BY kiosk, epoch, kind"""
_DEAD = "SELECT code, count(*) FROM dead_letters WHERE received >= {since:d} GROUP BY code ORDER BY code"
_DEAD_EVER = "SELECT value FROM counters WHERE name = 'dead_letters_total'"


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that are missing while later ones are there."""

    first: int
    last: int
    age_s: int
    """Since the first event after the gap has come."""


@dataclass(frozen=True, slots=True)
class Found:
    """Findings of one kind."""

    count: int
    first: int
    """The lowest number among them."""


@dataclass(frozen=True, slots=True)
class JournalReport:
    """One journal of one kiosk."""

    kiosk: str
    epoch: str
    stored: int
    upto: int
    """The number up to which none is missing."""
    repeats: int
    """Events that came although their number was taken."""
    began: int
    heard: int
    """Unix seconds of the first and of the last batch that had events of it."""
    successor: bool
    """The kiosk had another journal before this one."""
    gaps: tuple[Gap, ...] = ()
    findings: Mapping[str, Found] = field(default_factory=dict)
    """By kind, as `judging` names them."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the centre holds, and what is wrong with it."""

    journals: tuple[JournalReport, ...]
    dead_letters: Mapping[str, int]
    """Messages that are kept because they were no events, by code."""
    dead_letters_ever: int
    gap_s: int = GAP_S
    flaws: tuple[Flaw, ...] | None = None
    """What reading every event again has found; None: that was not asked for."""

    def late(self, journal: JournalReport) -> tuple[Gap, ...]:
        """Return the gaps that have been open for too long."""
        return tuple(gap for gap in journal.gaps if gap.age_s >= self.gap_s)

    @property
    def is_wrong(self) -> bool:
        """Somebody has to look."""
        return bool(self.dead_letters or self.flaws) or any(self.late(one) or one.findings for one in self.journals)


def report(select: Select, now: int, *, gap_s: int = GAP_S, since: int = 0) -> Report:
    """Ask the database. `now` and `since` are Unix seconds; findings and dead letters from before `since` are left out.

    Raises StoreError.
    """
    gaps: dict[Journal, list[Gap]] = {}
    for kiosk, epoch, before, seq, came in cast("list[tuple[str, str, int, int, int]]", select(_GAPS)):
        gaps.setdefault((kiosk, epoch), []).append(Gap(before + 1, seq - 1, max(0, now - came)))
    found: dict[Journal, dict[str, Found]] = {}
    rows = cast("list[tuple[str, str, str, int, int]]", select(_FINDINGS.format(since=since)))
    for kiosk, epoch, kind, count, first in rows:
        found.setdefault((kiosk, epoch), {})[kind] = Found(count, first)
    journals: list[JournalReport] = []
    numbers = cast("list[tuple[str, str, int, int, int, int, int]]", select(_JOURNALS))
    for kiosk, epoch, upto, repeats, began, heard, ahead in numbers:
        journals.append(
            JournalReport(
                kiosk, epoch, upto + ahead, upto, repeats, began, heard,
                successor=bool(journals) and journals[-1].kiosk == kiosk,
                gaps=tuple(gaps.get((kiosk, epoch), ())), findings=found.get((kiosk, epoch), {}),
            )
        )  # fmt: skip
    dead = dict(cast("list[tuple[str, int]]", select(_DEAD.format(since=since))))
    ever = cast("list[tuple[int]]", select(_DEAD_EVER))
    return Report(tuple(journals), dead, ever[0][0] if ever else 0, gap_s)


_COLUMNS = (
    "kiosk", "epoch", "stored", "up to", "gaps", "repeats", "conflicts", "broken", "altered", "moved", "last heard",
)  # fmt: skip
_KINDS = (("conflict",), ("link", "link_after"), ("hash",), ("place",))
_WORDS = {
    "conflict": "came again with another content; the first one stays",
    "dead": "could not travel as it is: its number and hash are here, the event itself is on its kiosk alone",
    "hash": "does not match its hash: it was altered, or written wrongly",
    "link": "does not name the event before it: one of the two was altered or exchanged",
    "link_after": "is not named by the event after it: one of the two was altered or exchanged",
    "place": "came from another tenant or site than the event before it",
}
_FLAWS = {
    "altered": "was altered in the database: its hash does not cover its content",
    "columns": "was altered in the database: its columns do not say what its record says",
    "link": "or the one before it was exchanged in the database: it names another one",
    "removed": "was removed from the database: the centre had confirmed it",
}
MAX_FLAWS = 1000
"""Flaws of one report."""
MAX_LINES = 20
"""Gaps of one journal that are told to people; machines get all."""


def table(told: Report) -> str:
    """Return the report for people: a table, then one line for each thing that is wrong or worth knowing."""
    rows = [_COLUMNS, *(_cells(one) for one in told.journals)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    left = {0, 1, len(_COLUMNS) - 1}
    lines = [
        "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    for one in told.journals:
        lines += [f"{one.kiosk} {one.epoch}: {text}" for text in _remarks(one, told)]
    lines += [f"dead letters: {count} with code {code}" for code, count in told.dead_letters.items()]
    if told.dead_letters:
        lines.append(f"dead letters: {told.dead_letters_ever} ever; the newest are kept in the table dead_letters")
    lines += [f"{flaw.kiosk} {flaw.epoch}: {flaw.seq} {_FLAWS[flaw.kind]}" for flaw in told.flaws or ()][:MAX_FLAWS]
    if told.flaws is not None:
        lines.append(f"every event was read again: {len(told.flaws) or 'no'} flaws")
    lines.append("something is wrong" if told.is_wrong else "nothing is wrong")
    return "\n".join(lines)


def _cells(one: JournalReport) -> tuple[str, ...]:
    counts = [sum(one.findings[kind].count for kind in kinds if kind in one.findings) for kinds in _KINDS]
    numbers = (one.stored, one.upto, len(one.gaps), one.repeats, *counts)
    return (one.kiosk, one.epoch, *(f"{number}" for number in numbers), _time(one.heard))


def _remarks(one: JournalReport, told: Report) -> list[str]:
    remarks = [f"a new journal of this kiosk since {_time(one.began)}"] if one.successor else []
    for gap in one.gaps[:MAX_LINES]:
        numbers = f"{gap.first}" if gap.first == gap.last else f"{gap.first}–{gap.last}"
        late = "look at the kiosk" if gap.age_s >= told.gap_s else "not long yet"
        remarks.append(f"{numbers} missing for {gap.age_s // 60} min: {late}")
    if len(one.gaps) > MAX_LINES:
        remarks.append(f"and {len(one.gaps) - MAX_LINES} gaps more")
    for kind, found in one.findings.items():
        more = f", and {found.count - 1} more" if found.count > 1 else ""
        remarks.append(f"{found.first} {_WORDS.get(kind, kind)}{more}")
    return remarks


def _time(unix_s: int) -> str:
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
