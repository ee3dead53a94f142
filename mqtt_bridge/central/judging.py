"""What does not fit, found while a batch is stored. Pure: rows in, findings and cursors out; the stores hold the SQL.

| finding | means |
|---|---|
| `hash` | the event's hash does not cover its content |
| `dead` | it could not travel: a stand-in is stored, and the event itself is on its kiosk and nowhere else |
| `link` | it does not name the hash of the event before it |
| `link_after` | the event after it, which had come earlier, does not name its hash |
| `place` | the event before it came from another tenant or site |
| `conflict` | its number is taken by an event with another content; the first one stays |

Every link is looked at once, by whichever of its two events is stored later.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from kiosk.api.messages import EventRecord
from kiosk.domain.events import GENESIS
from mqtt_bridge.central.store import MAX_DEAD_BYTES, MAX_DEAD_TOPIC, Arrival, DeadLetter, Journal, State
from mqtt_bridge.codec import DEAD_LETTER, dead_letter_code, is_whole

_STAND_IN = f'"data":{{"{DEAD_LETTER}":'
"""How a stand-in is known in a stored record."""
Key = tuple[str, str, int]
"""Kiosk, epoch and number: the primary key of an event."""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is stored."""

    key: Key
    place: str
    type: str
    visit: str
    time: str
    clock: str
    prev: str
    hash: str
    record: str
    """The whole event as sorted compact JSON."""
    whole: bool
    """Whether the hash covers the content. Not stored."""
    dead: bool = False
    """Whether it stands in for an event that could not travel. Not stored."""

    @property
    def journal(self) -> Journal:
        """Whose event it is."""
        return self.key[:2]

    @property
    def seq(self) -> int:
        """Its number."""
        return self.key[2]


@dataclass(frozen=True, slots=True)
class Stored:
    """What is needed of an event that the database held before this batch."""

    place: str
    prev: str
    hash: str
    record: str = ""
    """Filled in for the numbers of the batch, not for their neighbours."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, and the event that it was found with."""

    row: Row
    kind: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Arrivals made ready: whatever takes time is done before anybody waits for a lock."""

    rows: tuple[Row, ...]
    """The first arrival of each number, sorted by key: all writers take their locks in one order."""
    again: tuple[Row, ...] = ()
    """Further arrivals of the same numbers."""
    keys: frozenset[Key] = field(default=frozenset())
    journals: tuple[Journal, ...] = ()
    """Sorted."""
    neighbours: tuple[Key, ...] = ()
    """Sorted: the numbers before and after those of the batch that are not in it themselves."""


def batch_of(arrivals: Iterable[Arrival]) -> Batch:
    """Make a batch ready."""
    first: dict[Key, Row] = {}
    again: list[Row] = []
    for arrival in arrivals:
        row = row_of(arrival)
        if first.setdefault(row.key, row) is not row:
            again.append(row)
    beside = {(kiosk, epoch, seq + step) for kiosk, epoch, seq in first for step in (-1, 1) if seq + step > 0}
    return Batch(
        rows=tuple(sorted(first.values(), key=lambda row: row.key)),
        again=tuple(again),
        keys=frozenset(first),
        journals=tuple(sorted({row.journal for row in first.values()})),
        neighbours=tuple(sorted(beside - first.keys())),
    )


def columns(row: Row) -> tuple[str, str, int, str, str, str, str, str, str, str, str]:
    """Return a row in the order of the table's columns, less `received`, which is the last one."""
    return (*row.key, row.place, row.type, row.visit, row.time, row.clock, row.prev, row.hash, row.record)


def bounded(letter: DeadLetter) -> tuple[str, str, bytes]:
    """Return what is kept of a dead letter: topic, code and payload."""
    return _text(letter.topic[:MAX_DEAD_TOPIC]), letter.code, letter.payload[:MAX_DEAD_BYTES]


def newest(states: Iterable[State]) -> list[State]:
    """Return the last of each kiosk and name, sorted: all writers take their locks in one order."""
    last = {(_text(state.place), _text(state.name)): state.payload for state in states}
    return [State(*key, payload) for key, payload in sorted(last.items())]


def findings(batch: Batch, new: AbstractSet[Key], stored: Mapping[Key, Stored]) -> list[Finding]:
    """Return what does not fit.

    `new` are the numbers that the database did not hold before; `stored` is what it held of the batch's other numbers
    and of its neighbours.
    """
    fresh = {row.key: row for row in batch.rows if row.key in new}
    found: list[Finding] = []
    for row in (*batch.rows, *batch.again):
        if fresh.get(row.key) is row:
            found.extend(Finding(row, kind) for kind in _doubts(row, fresh, stored))
        else:
            kept = fresh.get(row.key) or stored[row.key]
            if kept.record != row.record and not _is_same(kept, row):
                found.append(Finding(row, "conflict"))
    return found


def repeats(batch: Batch, new: AbstractSet[Key]) -> Counter[Journal]:
    """Count what came although its number was taken, whatever its content."""
    late = [row.journal for row in batch.rows if row.key not in new]
    return Counter(late + [row.journal for row in batch.again])


def joined(batch: Batch, journal: Journal, upto: int) -> int:
    """Return how far the batch alone moves a cursor that stands at `upto`."""
    while (*journal, upto + 1) in batch.keys:
        upto += 1
    return upto


def row_of(arrival: Arrival) -> Row:
    """Return an event as it is stored."""
    event = arrival.record
    return Row(
        key=(event.kiosk, _text(event.epoch), event.seq),
        place=arrival.place,
        type=_text(event.type),
        visit=_text(event.visit),
        time=_text(event.time),
        clock=event.clock,
        prev=event.prev,
        hash=event.hash,
        record=_json(event),
        whole=is_whole(event),
        dead=bool(dead_letter_code(event)),
    )


def _is_same(kept: Row | Stored, row: Row) -> bool:
    """Tell whether one of two stands in for the other: it was found out later, or no longer, that it cannot travel."""
    return kept.hash == row.hash and (row.dead or _STAND_IN in kept.record)


def _text(text: str) -> str:
    """Replace what no text of PostgreSQL can hold. In the record itself, JSON has escaped it."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _json(record: EventRecord) -> str:
    return json.dumps(record.model_dump(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _doubts(row: Row, fresh: Mapping[Key, Row], stored: Mapping[Key, Stored]) -> Iterator[str]:
    """Yield what is wrong with an event that is new, by its own and its neighbours' word."""

    def at(seq: int) -> Row | Stored | None:
        key = (*row.journal, seq)
        return fresh.get(key) or stored.get(key)

    if not row.whole:
        yield "dead" if row.dead else "hash"
    before, after = at(row.seq - 1), stored.get((*row.journal, row.seq + 1))
    expected = GENESIS if row.seq == 1 else before and before.hash
    if expected is not None and row.prev != expected:
        yield "link"
    # An event after it that is new as well looks back at this one itself.
    if after is not None and after.prev != row.hash:
        yield "link_after"
    if before is not None and before.place != row.place:
        yield "place"
