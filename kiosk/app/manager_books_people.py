"""Look-up and tracing, for the manager's screen. Each is on record, with its reason, before anything is read."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from kiosk.api.manager import LookedUp, LookUp, Traced, TraceVisits
from kiosk.api.manager.look_up import MAX_VISITS, Visit
from kiosk.api.manager.trace import MAX_SHOWN, Contact
from kiosk.app.books import OpenBooks
from kiosk.app.manager_books import looking
from kiosk.app.manager_desk import Handlers
from kiosk.app.ports import JournalError
from kiosk.app.tracing import trace
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.look_up import LookUpReason, asked_number, asked_person
from kiosk.domain.staff import Refused, RefusedError, Staff
from kiosk.domain.tracing import Stay

RecordNow = Callable[[Sequence[EventDraft]], Awaitable[None]]
"""Puts events on record, durably. Raises JournalError."""
MINUTE_S = 60


async def put_on_record(record: RecordNow, staff: Staff, said: Mapping[str, object]) -> None:
    """Say who looks into the journal, for what and why. Raises RefusedError: then nothing may be shown."""
    data = {**said, "by": staff.name, "role": staff.role.value}
    try:
        await record([EventDraft(EventType.RECORDS_CONSULTED, data=data)])
    except JournalError as error:
        raise RefusedError(Refused.NOT_RECORDED) from error


def reason_of(reason: LookUpReason | None) -> str:
    """Return the code of a reason. Raises RefusedError where there is none."""
    if reason is None:
        raise RefusedError(Refused.REASON_MISSING, "reason")
    return reason.value


@dataclass(slots=True)
class PeopleDesk:
    """Answers for who was here."""

    books: OpenBooks
    record: RecordNow
    zone: tzinfo
    usual_min: int
    """How many minutes somebody is taken to stay who was not seen to leave."""

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {LookUp: self.look_up, TraceVisits: self.trace}

    async def look_up(self, asked: LookUp, staff: Staff) -> LookedUp:
        """Return when a person was here."""
        why, terms = reason_of(asked.reason), _terms(asked)
        await put_on_record(self.record, staff, {"what": "person", "why": why})
        return await looking(self._found, terms)

    def _found(self, terms: Sequence[bytes]) -> LookedUp:
        with self.books() as books:
            found, days = books.found(terms, MAX_VISITS + 1), books.days()
        visits = tuple(
            Visit(seq=one.seq, at=self._at(one.at), direction="entry" if one.entry else "exit")
            for one in found[:MAX_VISITS]
        )
        return LookedUp(visits=visits, more=len(found) > MAX_VISITS, days=days)

    async def trace(self, asked: TraceVisits, staff: Staff) -> Traced:
        """Return who met some visits."""
        said = {"what": "trace", "why": reason_of(asked.reason), "visits": list(asked.visits)}
        await put_on_record(self.record, staff, {**said, "margin_min": asked.margin_min})
        found = await looking(self._traced, asked.visits, asked.margin_min)
        if not found.stays:
            raise RefusedError(Refused.NOT_FOUND, "visits")
        return found

    def _traced(self, visits: Sequence[int], margin_min: int) -> Traced:
        with self.books() as books:
            found = trace(books, visits, margin_s=margin_min * MINUTE_S, usual_s=self.usual_min * MINUTE_S)
        return Traced(
            stays=tuple(self._contact(stay, stay.shared_s(stay)) for stay in found.asked),
            count=len(found.contacts), unnamed=found.unnamed,
            contacts=tuple(self._contact(one.stay, one.shared_s) for one in found.contacts[:MAX_SHOWN]),
        )  # fmt: skip

    def _contact(self, stay: Stay, shared_s: int) -> Contact:
        return Contact(
            seq=stay.seq, begins=self._at(stay.begins), ends=self._at(stay.ends), left=stay.left, shared_s=shared_s
        )

    def _at(self, second: int) -> datetime:
        return datetime.fromtimestamp(second, self.zone)


def _terms(asked: LookUp) -> tuple[bytes, ...]:
    """Return what is looked for. Raises RefusedError, which names the field that says too little."""
    if asked.number:
        terms, field = asked_number(asked.number), "number"
    elif asked.born is None:
        terms, field = (), "born"
    else:
        terms, field = asked_person(asked.name, asked.born), "name"
    if not terms:
        raise RefusedError(Refused.INVALID, field)
    return terms
