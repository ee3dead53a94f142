"""The roster at the manager's screen: who belongs here, and members added or ended where no centre rules it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from typing import Protocol

from kiosk.api.manager import AddMember, EndMember, ListRoster, Ok, RosterPage
from kiosk.api.manager.roster import MemberLine
from kiosk.app.manager_books_people import RecordNow
from kiosk.app.manager_desk import Handlers
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.roster import Member, Roster
from kiosk.domain.staff import Refused, RefusedError, Staff


class RosterKeeper(Protocol):
    """Keeps the roster that is in force, and takes changes where it is kept here."""

    @property
    def current(self) -> Roster:
        """The roster in force."""
        ...

    @property
    def version(self) -> str | None:
        """The version of the centre's roster; None: no centre rules it."""
        ...

    def including(self, member: Member) -> Callable[[], None]:
        """Return what takes a roster with this member into force. Raises ValueError, and it OSError."""
        ...

    def ending(self, person: str, last_day: date) -> Callable[[], None]:
        """Return what ends a member. Raises KeyError, ValueError, and it OSError."""
        ...


@dataclass(slots=True)
class RosterDesk:
    """Answers for the roster. `zone`: the one of the policy in force."""

    roster: RosterKeeper
    record: RecordNow
    clock: Clock
    time_zone: tzinfo
    zone: Callable[[], str]
    _one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)
    """A change begins with the roster that the one before it has left."""

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {ListRoster: self.page, AddMember: self.add, EndMember: self.end}

    async def page(self, asked: ListRoster, _: Staff) -> RosterPage:
        """Return a page of the roster."""
        today, zone, roster = self._today(), self.zone(), self.roster.current
        text = asked.text.casefold()
        lines = [
            _line(one, zone, today)
            for person, one in sorted(roster.members.items())
            if text in person.casefold() or text in one.group.casefold()
        ]
        fitting = [line for line in lines if line.today or not asked.today]
        behind = [line for line in fitting if line.person > asked.after]
        shown, version = behind[: asked.limit], self.roster.version
        return RosterPage(
            items=tuple(shown), count=len(fitting), members=len(roster), zone=zone, version=(version or "")[:64],
            next=shown[-1].person if len(behind) > len(shown) else "",
            source="centre" if version is not None else "local" if len(roster) else "none",
        )  # fmt: skip

    async def add(self, asked: AddMember, staff: Staff) -> Ok:
        """Let somebody belong here, or change what is said of a member."""
        async with self._one_by_one:
            return await self._add(asked, staff)

    async def _add(self, asked: AddMember, staff: Staff) -> Ok:
        self._check_ruled_here()
        known = self.roster.current.members.get(asked.person, Member(asked.person))
        member = Member(
            asked.person, asked.group, frozenset(asked.zones or (self.zone(),)), asked.begins, asked.ends,
            known.key, known.sealed_name,
        )  # fmt: skip
        change = "changed" if asked.person in self.roster.current.members else "added"
        try:
            take = self.roster.including(member)
        except ValueError as error:
            raise RefusedError(Refused.INVALID, "person") from error
        return await self._take(take, {"person": asked.person, "change": change}, staff)

    async def end(self, asked: EndMember, staff: Staff) -> Ok:
        """Let a member belong here no longer."""
        async with self._one_by_one:
            return await self._end(asked, staff)

    async def _end(self, asked: EndMember, staff: Staff) -> Ok:
        self._check_ruled_here()
        if asked.ends is None and self.clock.confidence() is ClockConfidence.UNSET:
            raise RefusedError(Refused.NOT_NOW, "clock")  # nobody knows which day was yesterday
        try:
            take = self.roster.ending(asked.person, asked.ends or self._today() - timedelta(days=1))
        except KeyError as error:
            raise RefusedError(Refused.NOT_FOUND, "person") from error
        return await self._take(take, {"person": asked.person, "change": "ended"}, staff)

    def _check_ruled_here(self) -> None:
        if self.roster.version is not None:
            raise RefusedError(Refused.NOT_NOW, "centre")

    async def _take(self, take: Callable[[], None], said: dict[str, object], staff: Staff) -> Ok:
        """Put a change on record, and then into force."""
        data = {**said, "by": staff.name, "role": staff.role.value}
        try:
            await self.record([EventDraft(EventType.ROSTER_CHANGED, data=data)])
        except JournalError as error:
            raise RefusedError(Refused.NOT_RECORDED) from error
        try:
            await asyncio.to_thread(take)
        except OSError as error:
            raise RefusedError(Refused.FAILED, "disk") from error
        return Ok()

    def _today(self) -> date:
        return self.clock.now().astimezone(self.time_zone).date()


def _line(one: Member, zone: str, today: date) -> MemberLine:
    return MemberLine(
        person=one.person, group=one.group, zones=tuple(sorted(one.zones)), begins=one.begins, ends=one.ends,
        today=one.belongs(zone, today),
    )  # fmt: skip
