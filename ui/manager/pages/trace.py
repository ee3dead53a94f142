"""Who shared place and time with some visits: times and numbers here, the rest sealed, for the health authority."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import ExportState, ExportTrace, Reply, Request, Traced, TraceVisits
from kiosk.api.manager.trace import Contact
from kiosk.domain.look_up import LookUpReason
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Figure, Figures, Notice, Row, Rows, View
from ui.manager.choices import choice
from ui.manager.moments import span
from ui.manager.page import Act, ManagerPage, Turn, Words

STEP_MIN, MOST_MIN = 15, 240
SHOWN = 50
"""Contacts that the page lists; the file for the authority has them all."""


@dataclass(frozen=True, slots=True)
class TracePage(ManagerPage):
    """The visits that are traced, why, and who was there."""

    NAME: ClassVar[str] = "trace"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER})
    ICON: ClassVar[str] = "trace"

    visits: tuple[int, ...] = ()
    margin_min: int = 0
    reason: LookUpReason | None = None
    found: Traced | None = None

    def acted(self, act: Act) -> Turn:
        """Choose why and how wide, trace, or write it for the authority."""
        match act.id:
            case "reason" if act.value in set(LookUpReason):
                return Turn(replace(self, reason=LookUpReason(act.value)))
            case "margin" if act.value.isdecimal():
                return Turn(replace(self, margin_min=min(MOST_MIN, int(act.value)), found=None))
            case "look_up" | "entries":
                return Turn(self, go=act.id)
            case "trace" if self.reason and self.visits:
                asked = TraceVisits(reason=self.reason, visits=self.visits, margin_min=self.margin_min)
                return Turn(self, asks=(asked,))
            case "export" if self.reason and self.visits:
                wanted = ExportTrace(reason=self.reason, visits=self.visits, margin_min=self.margin_min)
                return Turn(self, asks=(wanted,))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take who was there; go on to the page that shows how far the file is."""
        if isinstance(reply, Traced):
            return Turn(replace(self, found=reply))
        if isinstance(reply, ExportState):
            return Turn(self, go="export")
        return Turn(self)

    def view(self, words: Words) -> View:
        """Show what will be asked; once it is answered, who was there."""
        title = words["manager.trace.title"]
        if not self.visits:
            choose = Buttons((
                Button("look_up", words["manager.look_up.title"], "look-up"),
                Button("entries", words["manager.entries.title"], "entries"),
            ))
            return View(title, (Notice(words["manager.trace.choose"]), choose))
        if self.found:
            return View(title, self._found(self.found, words))
        fields = Fields((
            choice("reason", "look_up_reason", LookUpReason, self.reason or "", words),
            Field(
                "margin", words["manager.trace.margin"], "slider", str(self.margin_min),
                note=words["manager.trace.margin_note"], most=MOST_MIN, step=STEP_MIN,
            ),
        ))  # fmt: skip
        ask = Button("trace", words["manager.trace.do"], "trace", enabled=self.reason is not None)
        return View(title, (
            Notice(words["manager.trace.text"].format(count=len(self.visits))), fields, Buttons((ask,)),
            Notice(words["manager.look_up.recorded"]),
        ))  # fmt: skip

    def _found(self, found: Traced, words: Words) -> tuple[Block, ...]:
        figures = Figures((
            Figure(words["manager.trace.count"], str(found.count)),
            Figure(words["manager.trace.unnamed"], str(found.unnamed), words["manager.trace.unnamed_note"]),
        ))
        export = Button("export", words["manager.trace.export"], "entries")
        return (
            figures,
            Buttons((export,)),
            Notice(words["manager.trace.export_note"]),
            Rows(tuple(_contact(one, words) for one in found.stays), words["manager.trace.stays"]),
            Rows(
                tuple(_contact(one, words) for one in found.contacts[:SHOWN]),
                words["manager.trace.contacts"], words["manager.trace.nobody"],
            ),
        )  # fmt: skip


def _contact(one: Contact, words: Words) -> Row:
    shared = words["manager.trace.minutes"].format(minutes=-(-one.shared_s // 60))
    left = "" if one.left else words["manager.trace.not_left"]
    return Row(span(one.begins, one.ends), left, shared)
