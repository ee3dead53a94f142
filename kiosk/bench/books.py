"""How fast the manager's questions are answered over a journal of some weeks, and what the index of who was here costs.

The journal is written as the gate writes it, with seals, keyed counts and the index, in large batches. Then each
question is asked by a connection of its own, as the gate does it.
"""

import asyncio
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nacl.public import PrivateKey

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Retention, Sealer, SqliteJournal
from kiosk.adapters.journal_query import JournalQuery
from kiosk.api.manager import ListEntries, LookUp, Request, ShowDashboard, TraceVisits
from kiosk.app.manager_books import BooksDesk
from kiosk.app.manager_books_people import PeopleDesk
from kiosk.app.manager_desk import Handler
from kiosk.app.pace import Pace
from kiosk.app.tally import Door, Tally
from kiosk.bench.spread import Spread
from kiosk.domain.entry_kinds import EntryKind
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.look_up import LookUpReason, asked_number, asked_person
from kiosk.domain.policy import Policy
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Staff, StaffRole
from kiosk.testing.clock import FakeClock

BATCH = 20
"""Visits of one commit; a gate commits each by itself, which says nothing of how fast the file is read."""
_BEGAN = datetime(2026, 6, 1, tzinfo=UTC)
_OPEN_S = 12 * 3600
_STAY_S = 3600
_REGULARS = 0.3
"""The share of visits that are of people who come every day."""
_REASONS = ("expired", "unknown_issuer", "too_old", "revoked", "identity_needed")
_OFFICE = Staff(StaffRole.MANAGER, "bench")


@dataclass(frozen=True, slots=True)
class BooksFigures:
    """What is measured."""

    days: int
    visits: int
    """A day."""
    exits: bool
    events: int
    file_mb: float
    index_mb: float
    """What the index of who was here takes of it."""
    asked_ms: dict[str, Spread]
    """By question, milliseconds to the answer."""
    contacts: int
    """Of the visit that was traced, and of the person who came every day."""
    contacts_of_all: int


def measure(folder: Path, days: int, visits: int, *, exits: bool, repeats: int = 9, seed: int = 1) -> BooksFigures:
    """Write a journal of so many days with so many visits each, and ask. `exits`: everybody is seen to leave."""
    clock = FakeClock(_BEGAN)
    keys = DayKeys(folder / "day-keys", clock=clock, keep_days=days + 1)
    journal = SqliteJournal(
        folder / "journal.db", kiosk="bench", boot="b", clock=clock, day_keys=keys,
        sealer=Sealer.to(bytes(PrivateKey.generate().public_key)), retention=Retention(max_mb=8192),
    )  # fmt: skip
    with closing(journal):
        for day in range(days):
            _write_day(journal, clock, _BEGAN + timedelta(days=day), visits, exits=exits, seed=seed + day)
        journal.mark()
        questions = _questions(folder, journal, clock, keys)
        asked = {name: _times(ask, repeats) for name, ask in questions.items()}
        contacts = [asyncio.run(questions[name]()).count for name in ("trace one visit", "trace all of a person")]
        return BooksFigures(
            days, visits, exits, journal.head().last, *_sizes(folder / "journal.db"), asked, *contacts
        )  # fmt: skip


def _write_day(
    journal: SqliteJournal, clock: FakeClock, morning: datetime, visits: int, *, exits: bool, seed: int
) -> None:  # fmt: skip
    rng = random.Random(seed)  # noqa: S311 - a bench
    step, lag = _OPEN_S / visits, visits * _STAY_S // _OPEN_S
    drafts: list[EventDraft] = []
    for number in range(visits):
        # One clock for a batch would put all its admissions into one second.
        clock.set_wall(morning + timedelta(seconds=number * step))
        if number % 10 == 0:
            why = [rng.choice(_REASONS)]
            drafts.append(EventDraft(EventType.VISIT_DENIED, f"x{number}", {"format": "HC1", "reasons": why}))
        drafts += _passage(morning, number, visits, Direction.ENTRY)
        if exits and number >= lag:
            drafts += _passage(morning, number - lag, visits, Direction.EXIT)
        if number % BATCH == 0:
            journal.append(drafts)
            drafts = []
    journal.append(drafts)


def _passage(morning: datetime, number: int, visits: int, way: Direction) -> Iterator[EventDraft]:
    """Yield what somebody's coming or going puts on record."""
    day = morning.strftime("%j")
    who = f"{number:05}" if number < visits * _REGULARS else f"{day}{number:05}"
    visit = f"v{day}-{number}-{way}"
    data: dict[str, object] = {
        "format": "GK1", "kind": "visit", "direction": way.value, "policy": "bench", "policy_digest": "0" * 64,
        "trust_version": "2026-06-01", "rule": "visitors", "reasons": [],
    }  # fmt: skip
    yield EventDraft(
        EventType.VISIT_ADMITTED, visit, data, {"family_name": "Nguyễn", "given_name": who},
        count=Count(change=1 if way is Direction.ENTRY else -1), terms=_terms(who),
    )  # fmt: skip
    yield EventDraft(EventType.GATE_RELEASED, visit)
    yield EventDraft(EventType.PASSAGE_ENTERED, visit, {"by": "beam"})
    yield EventDraft(EventType.GATE_LOCKED, visit, {"released_ms": 2100})


def _terms(who: str) -> tuple[bytes, ...]:
    """Return as many terms as a pass and a card give together."""
    born = _BEGAN.date().replace(year=1990)
    return (*asked_number(f"pass{who}"), *asked_number(f"0011900{who}"), *asked_person(f"Nguyen Thi {who}", born))


def _questions(
    folder: Path, journal: SqliteJournal, clock: FakeClock, keys: DayKeys
) -> dict[str, Callable[[], Any]]:  # fmt: skip
    def books() -> JournalQuery:
        return JournalQuery(folder / "journal.db", keys)

    async def record(drafts: Any) -> None:
        await asyncio.to_thread(journal.append, drafts)

    door = Door(Direction.ENTRY, UTC, Tally(journal.counts, b"k" * 32))
    day = BooksDesk(books, door, lambda: Policy("1", "bench", ()), clock, Pace())
    people = PeopleDesk(books, record, UTC, 60)
    with books() as looked:
        regular = [one.seq for one in looked.found(asked_number("001190000007"), 50)]
        last = looked.last()
    why, today = LookUpReason.AUTHORITY, clock.now().date()

    def asked(handler: Handler, request: Request) -> Callable[[], Any]:
        return lambda: handler(request, _OFFICE)

    return {
        "dashboard": asked(day.dashboard, ShowDashboard()),
        "entries, newest": asked(day.entries, ListEntries()),
        "entries, refused": asked(day.entries, ListEntries(kind=EntryKind.REFUSED)),
        "entries, alarms (none)": asked(day.entries, ListEntries(kind=EntryKind.ALARMS)),
        "entries, one reason": asked(day.entries, ListEntries(reason="revoked")),
        "entries, an hour of today": asked(day.entries, ListEntries(day=today, hour=9)),
        "entries, half-way back": asked(day.entries, ListEntries(kind=EntryKind.ADMITTED, before=last // 2)),
        "look a number up": asked(people.look_up, LookUp(reason=why, number="001190000007")),
        "look a name up": asked(
            people.look_up, LookUp(reason=why, name="Nguyễn Thị 00007", born=_BEGAN.date().replace(year=1990))
        ),
        "trace one visit": asked(people.trace, TraceVisits(reason=why, visits=tuple(regular[:1]), margin_min=15)),
        "trace all of a person": asked(people.trace, TraceVisits(reason=why, visits=tuple(regular), margin_min=15)),
    }  # fmt: skip


def _times(ask: Callable[[], Any], repeats: int) -> Spread:
    took = []
    for _ in range(repeats):
        began = time.perf_counter()
        asyncio.run(ask())
        took.append((time.perf_counter() - began) * 1000)
    return Spread.of(took)


def _sizes(path: Path) -> tuple[float, float]:
    """Return the megabytes of the file, and of the index in it."""
    tables = ("admissions", "admitted_at", "admitted_on", "let_out_at", "terms", "terms_of")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        try:
            (of_index,) = db.execute(
                f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({','.join('?' * len(tables))})", tables  # noqa: S608
            ).fetchone()
        except sqlite3.OperationalError:  # built without it
            of_index = 0
    return round(path.stat().st_size / 1e6, 1), round(of_index / 1e6, 1)
