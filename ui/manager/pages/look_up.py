"""Was this person here? Asked with a reason, put on record, answered with times and nothing more."""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import ClassVar

from kiosk.api.manager import LookedUp, LookUp, Reply, Request
from kiosk.api.manager.trace import MAX_TRACED
from kiosk.domain.look_up import MOST_NUMBER, LookUpReason
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Row, Rows, View
from ui.manager.choices import choice
from ui.manager.moments import clock, day, read_day
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.trace import TracePage

WAYS = ("number", "name")


@dataclass(frozen=True, slots=True)
class LookUpPage(ManagerPage):
    """Whom somebody looks for, why, and when that person was here."""

    NAME: ClassVar[str] = "look_up"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER})
    ICON: ClassVar[str] = "look-up"

    way: str = "number"
    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    born: date | None = field(default=None, repr=False)
    reason: LookUpReason | None = None
    found: LookedUp | None = None

    def acted(self, act: Act) -> Turn:
        """Take a part of the question, ask it, or go on from its answer."""
        match act.id:
            case "way" if act.value in WAYS:
                return Turn(replace(self, way=act.value, found=None))
            case "number":
                return Turn(replace(self, number=act.value[:MOST_NUMBER], found=None))
            case "name":
                return Turn(replace(self, name=act.value[:200], found=None))
            case "born":
                return Turn(replace(self, born=read_day(act.value), found=None))
            case "reason" if act.value in set(LookUpReason):
                return Turn(replace(self, reason=LookUpReason(act.value)))
            case "look_up" if self._whole():
                return Turn(replace(self, found=None), asks=(self._request(),))
            case "trace" if self.found and self.found.visits:
                visits = tuple(visit.seq for visit in self.found.visits if visit.direction == "entry")
                return Turn(self, to=TracePage(visits=visits[:MAX_TRACED], reason=self.reason))
            case "anew":
                return Turn(LookUpPage(way=self.way))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take when the person was here, unless somebody else is looked for by now."""
        if isinstance(reply, LookedUp) and self._whole() and request == self._request():
            return Turn(replace(self, found=reply))
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show the question, or its answer."""
        title = words["manager.look_up.title"]
        if self.found is not None:
            return View(title, self._answer(self.found, words))
        fields = Fields((
            choice("way", "look_up_way", WAYS, self.way, words),
            *self._person(words),
            choice("reason", "look_up_reason", LookUpReason, self.reason or "", words),
        ))
        ask = Button("look_up", words["manager.look_up.do"], "look-up", enabled=self._whole())
        return View(title, (fields, Buttons((ask,)), Notice(words["manager.look_up.recorded"])))

    def _person(self, words: Words) -> tuple[Field, ...]:
        if self.way == "number":
            note = words["manager.look_up.number_note"]
            label = words["manager.look_up.number"]
            return (Field("number", label, "text", self.number, note, max_length=MOST_NUMBER),)
        born = self.born.isoformat() if self.born else ""
        return (
            Field("name", words["manager.look_up.name"], "name", self.name, words["manager.look_up.name_note"]),
            Field("born", words["manager.look_up.born"], "date", born),
        )

    def _whole(self) -> bool:
        person = bool(self.number.strip()) if self.way == "number" else bool(self.name.strip() and self.born)
        return person and self.reason is not None

    def _request(self) -> LookUp:
        if self.way == "number":
            return LookUp(reason=self.reason, number=self.number)
        return LookUp(reason=self.reason, name=self.name, born=self.born)

    def _answer(self, found: LookedUp, words: Words) -> tuple[Block, ...]:
        rows = tuple(
            Row(f"{clock(one.at)} {day(one.at.date())}", words[f"manager.direction.{one.direction}"])
            for one in found.visits
        )
        again = Button("anew", words["manager.look_up.anew"], "look-up")
        if not rows:
            said = words["manager.look_up.not_here"].format(days=found.days)
            return (Notice(said, icon="look-up"), Buttons((again,)))
        trace = Button("trace", words["manager.entries.trace"], "trace")
        heading = words["manager.look_up.more" if found.more else "manager.look_up.visits"].format(count=len(rows))
        return (Buttons((trace, again)), Rows(rows, heading))
