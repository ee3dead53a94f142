"""Who belongs here: the list, one member, and adding one where no centre rules the list."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import AddMember, EndMember, ListRoster, Ok, Reply, Request, RosterPage
from kiosk.api.manager.roster import MemberLine
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Row, Rows, View
from ui.manager.moments import day, read_day
from ui.manager.page import Act, ManagerPage, Turn, Words

PAGE = 10
"""Members of one page."""


@dataclass(frozen=True, slots=True)
class RosterListPage(ManagerPage):
    """A page of the roster, and what it is narrowed to."""

    NAME: ClassVar[str] = "roster"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER})
    ICON: ClassVar[str] = "roster"

    text: str = ""
    today: bool = False
    turned: tuple[str, ...] = ()
    """`after` of each page that was turned to, the present one last."""
    found: RosterPage | None = None

    def opened(self) -> Turn:
        """Ask for the page."""
        return Turn(self, asks=(self._request(),))

    def acted(self, act: Act) -> Turn:
        """Narrow the list, turn it, open a member, or add one."""
        match act.id:
            case "text":
                return replace(self, text=act.value[:64], turned=()).opened()
            case "today":
                return replace(self, today=act.value == "on", turned=()).opened()
            case "older" if self.found and self.found.next:
                return replace(self, turned=(*self.turned, self.found.next)).opened()
            case "newer" if self.turned:
                return replace(self, turned=self.turned[:-1]).opened()
            case "add" if self._is_ours():
                return Turn(self, to=AddMemberPage())
            case _:
                member = next((one for one in self._items() if f"member:{one.person}" == act.id), None)
                return Turn(self, to=MemberPage(member, ours=self._is_ours())) if member else Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take the list, unless another one has been asked for meanwhile."""
        if isinstance(reply, RosterPage) and request == self._request():
            return Turn(replace(self, found=reply))
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show the list, and how to narrow it or add to it."""
        older = "older" if self.found and self.found.next else ""
        rows = tuple(
            Row(one.person, _when(one, words), one.group, tone="good" if one.today else "", id=f"member:{one.person}")
            for one in self._items()
        )
        empty = words["manager.roster.none" if self.found else "manager.roster.coming"]
        heading = words["manager.roster.count"].format(count=self.found.count) if self.found else ""
        narrowed = Fields((
            Field("text", words["manager.roster.search"], "text", self.text, max_length=64),
            Field("today", words["manager.roster.today"], "toggle", "on" if self.today else ""),
        ))
        blocks: tuple[Block, ...] = (
            narrowed, Rows(rows, heading, empty, newer="newer" if self.turned else "", older=older),
        )  # fmt: skip
        if self._is_ours():
            blocks += (Buttons((Button("add", words["manager.roster.add"], "plus"),)),)
        elif self.found:
            blocks = (Notice(words["manager.roster.of_centre"]), *blocks)
        return View(words["manager.roster.title"], blocks)

    def _items(self) -> tuple[MemberLine, ...]:
        return self.found.items if self.found else ()

    def _is_ours(self) -> bool:
        return self.found is not None and self.found.source != "centre"

    def _request(self) -> ListRoster:
        after = self.turned[-1] if self.turned else ""
        return ListRoster(text=self.text, today=self.today, after=after, limit=PAGE)


@dataclass(frozen=True, slots=True)
class MemberPage(ManagerPage):
    """One member, and the end of the membership."""

    NAME: ClassVar[str] = "member"

    member: MemberLine
    ours: bool
    ended: bool = False

    def acted(self, act: Act) -> Turn:
        """End it."""
        if act.id == "end" and self.ours:
            return Turn(self, asks=(EndMember(person=self.member.person),))
        return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Say that it has ended."""
        if isinstance(reply, Ok):
            return Turn(replace(self, ended=True), say="roster.ended")
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show what is known of the member."""
        lines = (
            Row(words["manager.roster.person"], value=self.member.person),
            Row(words["manager.roster.group"], value=self.member.group or "–"),
            Row(words["manager.roster.zones"], value=", ".join(self.member.zones) or words["manager.roster.this_zone"]),
            Row(words["manager.roster.when"], value=_when(self.member, words)),
        )
        blocks: tuple[Block, ...] = (Rows(lines),)
        if self.ours and not self.ended and self.member.today:
            end = Button("end", words["manager.roster.end"], tone="bad", hold_s=1.0)
            blocks += (Buttons((end,)), Notice(words["manager.roster.end_note"]))
        return View(words["manager.member.title"], blocks)


@dataclass(frozen=True, slots=True)
class AddMemberPage(ManagerPage):
    """Somebody new."""

    NAME: ClassVar[str] = "add_member"

    person: str = ""
    group: str = ""
    begins: date | None = None
    ends: date | None = None
    wrong: str = ""
    """The field whose value cannot be taken."""

    def acted(self, act: Act) -> Turn:
        """Take a value; let the member belong here."""
        match act.id:
            case "person":
                return Turn(replace(self, person=act.value.strip(), wrong=""))
            case "group":
                return Turn(replace(self, group=act.value[:64].strip(), wrong=""))
            case "begins":
                return Turn(replace(self, begins=read_day(act.value), wrong=""))
            case "ends":
                return Turn(replace(self, ends=read_day(act.value), wrong=""))
            case "add" if self.person:
                return self._add()
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Say that it is done, and leave the fields for the next one."""
        return Turn(AddMemberPage(group=self.group), say="roster.added") if isinstance(reply, Ok) else Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Say it at the field that it is about."""
        return Turn(replace(self, wrong=detail)) if code is Refused.INVALID and detail else None

    def view(self, words: Words) -> View:
        """Show the fields."""
        def dated(name: str, of: date | None) -> Field:
            return Field(name, words[f"manager.roster.{name}"], "date", of.isoformat() if of else "", error=wrong(name))

        def wrong(name: str) -> str:
            return words[f"manager.roster.wrong_{name}"] if self.wrong == name else ""

        fields = Fields((
            Field(
                "person", words["manager.roster.person"], "text", self.person,
                words["manager.roster.person_note"], wrong("person"), max_length=64,
            ),
            Field("group", words["manager.roster.group"], "text", self.group, max_length=64),
            dated("begins", self.begins),
            dated("ends", self.ends),
        ))  # fmt: skip
        add = Button("add", words["manager.roster.add_do"], "plus", enabled=bool(self.person))
        return View(words["manager.add_member.title"], (fields, Buttons((add,))))

    def _add(self) -> Turn:
        try:
            request = AddMember(person=self.person, group=self.group, begins=self.begins, ends=self.ends)
        except ValidationError as error:
            where = error.errors(include_input=False)[0]["loc"]
            return Turn(replace(self, wrong=str(where[0]) if where else "ends"))
        return Turn(self, asks=(request,))


def _when(member: MemberLine, words: Words) -> str:
    begins, ends = member.begins, member.ends
    if begins and ends:
        return f"{day(begins)} – {day(ends)}"
    if begins:
        return words["manager.roster.from"].format(day=day(begins))
    if ends:
        return words["manager.roster.until"].format(day=day(ends))
    return words["manager.roster.always"]
