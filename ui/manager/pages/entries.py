"""What happened at the door, the newest first, and what one entry says."""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from kiosk.api.manager import Entries, ListEntries, Reply, Request
from kiosk.api.manager.entries import Entry
from kiosk.domain.entry_kinds import EntryKind
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Row, Rows, Tone, View
from ui.manager.choices import choice
from ui.manager.moments import clock, day, moment, read_day
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.trace import TracePage

PAGE = 10
"""Entries of one page: what a screen or two show."""
_TONES: dict[str, Tone] = {
    "visit.admitted": "good", "visit.denied": "bad", "visit.needs_more": "care", "visit.annulled": "care",
    "alarm.raised": "bad", "fault.raised": "bad", "gate.interrupted": "care", "staff.called": "care",
}  # fmt: skip
_ABOUT = ("manager.alarm", "manager.mode", "manager.act", "manager.role", "reason")
"""Tables in which the word for what an entry is about may stand."""


@dataclass(frozen=True, slots=True)
class EntriesPage(ManagerPage):
    """A page of the list, and what it is narrowed to."""

    NAME: ClassVar[str] = "entries"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.GUARD, StaffRole.MANAGER})
    ICON: ClassVar[str] = "entries"

    kind: EntryKind = EntryKind.ALL
    day: date | None = None
    reason: str = ""
    turned: tuple[int, ...] = ()
    """`before` of each page that was turned to, the present one last."""
    found: Entries | None = None

    def opened(self) -> Turn:
        """Ask for the page."""
        return Turn(self, asks=(self._request(),))

    def acted(self, act: Act) -> Turn:
        """Narrow the list, turn it, or open an entry."""
        match act.id:
            case "kind" if act.value in set(EntryKind):
                return replace(self, kind=EntryKind(act.value), turned=()).opened()
            case "day":
                return replace(self, day=read_day(act.value), turned=()).opened()
            case "any_day":
                return replace(self, day=None, turned=()).opened()
            case "any_reason":
                return replace(self, reason="", turned=()).opened()
            case "older" if self.found and self.found.older:
                return replace(self, turned=(*self.turned, self.found.older)).opened()
            case "newer" if self.turned:
                return replace(self, turned=self.turned[:-1]).opened()
            case _:
                entry = next((one for one in self._items() if str(one.seq) == act.id), None)
                return Turn(self, to=EntryPage(entry)) if entry else Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take the list, unless another one has been asked for meanwhile."""
        if isinstance(reply, Entries) and request == self._request():
            return Turn(replace(self, found=reply))
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show what it is narrowed to, then the list."""
        narrowed = Fields((
            choice("kind", "entry_kind", EntryKind, self.kind, words),
            Field("day", words["manager.entries.day"], "date", self.day.isoformat() if self.day else ""),
        ))
        blocks: tuple[Block, ...] = (self._list(words), narrowed)
        wider = [name for name, value in (("any_day", self.day), ("any_reason", self.reason)) if value]
        if wider:
            blocks += (Buttons(tuple(Button(name, words[f"manager.entries.{name}"]) for name in wider)),)
        return View(words["manager.entries.title"], blocks)

    def _items(self) -> tuple[Entry, ...]:
        return self.found.items if self.found else ()

    def _request(self) -> ListEntries:
        before = self.turned[-1] if self.turned else None
        return ListEntries(kind=self.kind, reason=self.reason, day=self.day, before=before, limit=PAGE)

    def _list(self, words: Words) -> Rows:
        older = "older" if self.found and self.found.older else ""
        rows = tuple(_row(entry, words) for entry in self._items())
        empty = words["manager.entries.none" if self.found else "manager.entries.coming"]
        heading = words[f"manager.entry_kind.{self.kind}"]
        if self.reason:
            heading = words.get(f"reason.{self.reason}", self.reason)
        return Rows(rows, heading, empty, newer="newer" if self.turned else "", older=older)


@dataclass(frozen=True, slots=True)
class EntryPage(ManagerPage):
    """One entry."""

    NAME: ClassVar[str] = "entry"

    entry: Entry

    def acted(self, act: Act) -> Turn:
        """Ask who was here at the same time, or what else had this reason."""
        match act.id:
            case "trace" if self.entry.visit:
                return Turn(self, to=TracePage(visits=(self.entry.seq,)))
            case "same_reason" if self.entry.reason:
                return Turn(self, to=EntriesPage(reason=self.entry.reason))
            case _:
                return Turn(self)

    def view(self, words: Words) -> View:
        """Show what is known of it, and where that leads."""
        entry = self.entry
        sure = "" if entry.sure else words["manager.entries.unsure"]
        lines = [Row(words["manager.entries.when"], sure, f"{clock(entry.at)} {day(entry.at.date())}")]
        for key, text in (
            ("why", words.get(f"reason.{entry.reason}", entry.reason)),
            ("direction", words.get(f"manager.direction.{entry.direction}", entry.direction)),
            ("shown", words.get(f"kind.{entry.kind}") or words.get(f"format.{entry.format}", entry.format)),
            ("about", about(entry, words)),
        ):
            if text:
                lines.append(Row(words[f"manager.entries.{key}"], value=text))
        lines.append(Row(words["manager.entries.number"], value=str(entry.seq)))
        leads = []
        if entry.visit:
            leads.append(Button("trace", words["manager.entries.trace"], "trace"))
        if entry.reason:
            leads.append(Button("same_reason", words["manager.entries.same_reason"], "entries"))
        blocks: tuple[Block, ...] = (Rows(tuple(lines), title(entry, words)),)
        if leads:
            blocks += (Buttons(tuple(leads)),)
        return View(words["manager.entry.title"], blocks)


def title(entry: Entry, words: Words) -> str:
    """Return what happened, in a few words."""
    return words.get(f"event.{entry.type}", entry.type).rstrip(".")


def about(entry: Entry, words: Words) -> str:
    """Return what it is about; a code that no table knows stands as it is."""
    keys = (f"{table}.{entry.about}" for table in _ABOUT)
    return next((words[key] for key in keys if key in words), entry.about)


def _row(entry: Entry, words: Words) -> Row:
    detail = words.get(f"reason.{entry.reason}", entry.reason) or about(entry, words)
    return Row(title(entry, words), detail, moment(entry.at), tone=_TONES.get(entry.type, ""), id=str(entry.seq))
