"""The dashboard and the list of entries, for the manager's screen: read from the journal, and no name in it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import ParamSpec, TypeVar

from kiosk.api.manager import Dashboard, Entries, ListEntries, ShowDashboard
from kiosk.api.manager.dashboard import HOURS, TOP_REASONS, ReasonCount
from kiosk.api.manager.entries import Entry
from kiosk.app.books import EntryQuery, Moved, OpenBooks, Span
from kiosk.app.manager_desk import Handlers
from kiosk.app.pace import Pace
from kiosk.app.ports import Clock, JournalError
from kiosk.app.tally import Door
from kiosk.domain import occupancy
from kiosk.domain.entry_kinds import narrowed
from kiosk.domain.events import ClockConfidence, Event, EventType
from kiosk.domain.policy import Policy
from kiosk.domain.policy_terms import Counted
from kiosk.domain.staff import Refused, RefusedError, Staff

_P = ParamSpec("_P")
_R = TypeVar("_R")

_ABOUT = ("alarm", "fault", "act", "mode", "kind", "what", "command", "state", "code", "by")
"""Where the data of an event say what it is about, the most telling first."""
_VISITS = frozenset({EventType.VISIT_ADMITTED, EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE})
_LONGEST = 64


@dataclass(slots=True)
class BooksDesk:
    """Answers for what the journal says of the door."""

    books: OpenBooks
    door: Door
    policy: Callable[[], Policy]
    clock: Clock
    pace: Pace

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {ShowDashboard: self.dashboard, ListEntries: self.entries}

    async def dashboard(self, _: ShowDashboard, __: Staff) -> Dashboard:
        """Return the numbers of today."""
        now, policy = self.clock.now().astimezone(self.door.zone), self.policy()
        tally = self.door.tally
        inside = tally.inside(occupancy.counting_since(now, occupancy.reset_of(policy))) if tally is not None else None
        limit = policy.capacity.people if policy.capacity is not None else None
        by_admissions = policy.capacity is not None and policy.capacity.counts is Counted.ADMISSIONS
        mean_ms, worst_ms = self.pace.of(now.date())
        return (await looking(self._day, now.date(), tally is not None)).model_copy(update={
            "inside": inside, "limit": limit, "limit_of": "admissions" if by_admissions else "inside",
            "mean_ms": mean_ms, "worst_ms": worst_ms,
        })  # fmt: skip

    def _day(self, day: date, counted: bool) -> Dashboard:
        span = day_span(day, None, self.door.zone)
        with self.books() as books:
            counts, why = books.counts(span), books.refusals(span, TOP_REASONS)
            moved = books.moved(span) if counted else ()

        def count(kind: EventType) -> int:
            return counts.get(kind, 0)

        return Dashboard(
            day=day,
            entries=sum(one.came for one in moved) if counted else None,
            exits=sum(one.left for one in moved) if counted else None,
            hours=_hours(moved, self.door.zone) if counted else (),
            admitted=max(0, count(EventType.VISIT_ADMITTED) - count(EventType.VISIT_ANNULLED)),
            refused=count(EventType.VISIT_DENIED), needs_more=count(EventType.VISIT_NEEDS_MORE),
            calls=count(EventType.STAFF_CALLED),
            reasons=tuple(ReasonCount(reason=reason[:_LONGEST], count=n) for reason, n in why),
        )  # fmt: skip

    async def entries(self, asked: ListEntries, _: Staff) -> Entries:
        """Return a page of what happened."""
        span = day_span(asked.day, asked.hour, self.door.zone) if asked.day is not None else Span()
        types, by_somebody = narrowed(asked.kind, by_reason=bool(asked.reason))
        query = EntryQuery(types, by_somebody, asked.reason, span, asked.before, asked.limit + 1)
        return await looking(self._page, query)

    def _page(self, query: EntryQuery) -> Entries:
        """Return a page; the query asks for one more than there is room for, to see whether there is another."""
        with self.books() as books:
            events, last = books.entries(query), books.last()
        page = events[: query.limit - 1]
        older = page[-1].seq if len(events) > len(page) else None
        return Entries(items=tuple(entry_of(event, self.door.zone) for event in page), older=older, last=last)


async def looking(call: Callable[_P, _R], *args: _P.args, **_: _P.kwargs) -> _R:
    """Look into the journal, off the loop. Raises RefusedError where it cannot be read, or holds what no gate wrote."""
    try:
        return await asyncio.to_thread(call, *args, **_)
    except JournalError as error:
        raise RefusedError(Refused.UNAVAILABLE, "journal") from error
    except (ValueError, OverflowError, OSError) as error:
        raise RefusedError(Refused.FAILED, "journal") from error


def day_span(day: date, hour: int | None, zone: tzinfo) -> Span:
    """Return a day of the venue, or an hour of it. In the night in which clocks go back, an hour may be two.

    Raises RefusedError for the first and the last day of the calendar, which begin or end beyond it.
    """
    try:
        if hour is None:
            return Span(_moment(day, 0, zone), _moment(day + timedelta(days=1), 0, zone))
        following = (day, hour + 1) if hour < HOURS - 1 else (day + timedelta(days=1), 0)
        return Span(_moment(day, hour, zone), _moment(*following, zone))
    except OverflowError as error:
        raise RefusedError(Refused.INVALID, "day") from error


def _moment(day: date, hour: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=zone).astimezone(UTC)


def _hours(moved: Sequence[Moved], zone: tzinfo) -> tuple[int, ...]:
    hours = [0] * HOURS
    for one in moved:
        hours[datetime.fromtimestamp(one.at, zone).hour] += one.came
    return tuple(hours)


def entry_of(event: Event, zone: tzinfo) -> Entry:
    """Return an event as a line of the list: codes alone, whatever else stands in it."""
    data = event.data
    why = data.get("reasons")
    shown = event.type in _VISITS
    return Entry(
        seq=event.seq, at=datetime.fromisoformat(event.time).astimezone(zone),
        sure=event.clock is not ClockConfidence.UNSET, type=event.type.value,
        reason=_code(why[0]) if isinstance(why, list) and why else "",
        direction=_code(data.get("direction")),
        format=_code(data.get("format")) if shown else "", kind=_code(data.get("kind")) if shown else "",
        about=_about(data, ("by",) if shown else _ABOUT), visit=event.type is EventType.VISIT_ADMITTED,
    )  # fmt: skip


def _about(data: Mapping[str, object], keys: Sequence[str]) -> str:
    return next(filter(None, (_code(data.get(key)) for key in keys)), "")


def _code(value: object) -> str:
    """Return a text that is short enough to be a code; anything else is none."""
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""
