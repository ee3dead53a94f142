"""Every stored event read again: what somebody has altered or removed since it came is found.

The hash of an event covers all of it, and each event names the hash of the one before: what is altered, exchanged or
removed in the database shows, unless the whole rest of the journal was made anew as well. What was wrong when it came
is a finding already (`judging`), and is not told twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from pydantic import ValidationError

from kiosk.api.messages import EventRecord
from kiosk.domain.events import GENESIS
from mqtt_bridge.central import judging
from mqtt_bridge.central.store import Arrival, Journal, Value

EVENTS = """
SELECT kiosk, epoch, seq, place, type, visit, time, clock, prev, hash, record FROM events ORDER BY kiosk, epoch, seq"""
CURSORS = "SELECT kiosk, epoch, upto FROM cursors ORDER BY kiosk, epoch"
KNOWN = """
SELECT kiosk, epoch, CASE kind WHEN 'link_after' THEN seq + 1 ELSE seq END,
    CASE kind WHEN 'link_after' THEN 'link' ELSE kind END FROM findings WHERE kind IN ('hash', 'link', 'link_after')"""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a stored event."""

    kiosk: str
    epoch: str
    seq: int
    kind: str
    """altered: its hash does not cover its content; columns: the columns beside the whole record say something else;
    link: it does not name the event before it; removed: it is missing, although the cursor is past it."""


def audit(
    events: Iterable[tuple[Value, ...]],
    cursors: Iterable[tuple[Value, ...]],
    known: Iterable[tuple[Value, ...]],
) -> Iterator[Flaw]:
    """Yield what is wrong with the rows of EVENTS, given those of CURSORS and KNOWN."""
    upto = {(kiosk, epoch): number for kiosk, epoch, number in cast("Iterable[tuple[str, str, int]]", cursors)}
    findings = {(row[:3], row[3]) for row in known}
    journal: Journal = "", ""
    seq, head = 0, GENESIS
    for row in events:
        key: judging.Key = cast("tuple[str, str, int]", row[:3])
        if key[:2] != journal:
            yield from _removed(journal, seq, upto.pop(journal, 0))
            journal, seq, head = key[:2], 0, GENESIS
        yield from _removed(journal, seq, min(key[2] - 1, upto.get(journal, 0)))
        follows = key[2] == seq + 1
        seq, before = key[2], head if follows else ""
        record = _record(str(row[-1]))
        head = record.hash if record else ""
        for kind, finding in _flaws(row, record, before):
            if (key, finding) not in findings:
                yield Flaw(*key, kind)
    yield from _removed(journal, seq, upto.pop(journal, 0))
    for emptied, number in upto.items():
        yield from _removed(emptied, 0, number)


def _flaws(row: tuple[Value, ...], record: EventRecord | None, before: str) -> Iterator[tuple[str, str]]:
    """Yield the kinds of flaws, each with the finding that would have told it; `before` is empty where nothing is."""
    if record is None:
        yield "altered", ""
        return
    expected = judging.row_of(Arrival(record, str(row[3])))
    if not expected.whole:
        yield "altered", "dead" if expected.dead else "hash"
    if judging.columns(expected) != row:
        yield "columns", ""
    if before and record.prev != before:
        yield "link", "link"


def _record(text: str) -> EventRecord | None:
    try:
        return EventRecord.model_validate_json(text)
    except ValidationError:
        return None


def _removed(journal: Journal, seq: int, upto: int) -> Iterator[Flaw]:
    """Yield the events after `seq` that are missing, up to a number that the centre has confirmed."""
    for missing in range(seq + 1, upto + 1):
        yield Flaw(*journal, missing, "removed")
