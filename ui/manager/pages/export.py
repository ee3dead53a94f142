"""Events onto a stick: which days, how far it is, and when the stick may be taken out."""

from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import (
    CancelExport,
    ExportEvents,
    ExportState,
    Ok,
    Reply,
    Request,
    ShowExport,
    UsbEject,
    UsbRead,
    UsbShown,
)
from kiosk.api.manager.usb import Stick
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Progress, Row, Rows, View
from ui.manager.numbers import megabytes
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import missing, refusal, waiting


@dataclass(frozen=True, slots=True)
class ExportPage(ManagerPage):
    """A manager takes events out of the kiosk."""

    NAME: ClassVar[str] = "export"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER})
    ICON: ClassVar[str] = "export"
    EVERY_S: ClassVar[float] = 1.0

    sticks: tuple[Stick, ...] | None = None
    state: ExportState | None = None
    first: str = ""
    last: str = ""
    """YYYY-MM-DD; empty: from the oldest, to the newest."""
    chosen: str = ""
    """The id of one of several sticks."""
    wrong: bool = False
    ejecting: bool = False
    safe: bool = False
    """The stick may be taken out."""
    code: Refused | None = None
    unavailable: bool = False

    def opened(self) -> Turn:
        """Ask for sticks, and for an export that may be under way."""
        return Turn(self, asks=(UsbRead(), ShowExport()))

    def ticked(self) -> Turn:
        """Ask again: sticks come and go, and an export gets on."""
        if self.unavailable or self.ejecting:
            return Turn(self)
        return Turn(self, asks=(UsbRead(), ShowExport()))

    def acted(self, act: Act) -> Turn:
        """Take a day, begin, stop, or let go of the stick."""
        here = replace(self, code=None)
        match act.id:
            case "first":
                return Turn(replace(here, first=act.value, wrong=False))
            case "last":
                return Turn(replace(here, last=act.value, wrong=False))
            case "all":
                return Turn(replace(here, first="", last="", wrong=False))
            case "write":
                return self._write()
            case "stop":
                return Turn(here, asks=(CancelExport(), ShowExport()))
            case "eject" if (stick := self._stick()) is not None:
                return Turn(replace(here, ejecting=True), asks=(UsbEject(stick=stick.id),))
            case _ if any(act.id == stick.id for stick in self.sticks or ()):
                return Turn(replace(here, chosen=act.id))
            case _:
                return Turn(self)

    def _stick(self) -> Stick | None:
        """Return the chosen stick, or the first one."""
        sticks = self.sticks or ()
        return next((stick for stick in sticks if stick.id == self.chosen), sticks[0] if sticks else None)

    def _write(self) -> Turn:
        stick = self._stick()
        days = {"first": self.first or None, "last": self.last or None}
        try:
            request = ExportEvents.model_validate({**days, "stick": stick.id if stick else None})
        except ValidationError:
            return Turn(replace(self, wrong=True))
        return Turn(replace(self, code=None, safe=False), asks=(request, ShowExport()))

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take how it stands."""
        match reply:
            case UsbShown():
                usable = tuple(stick for stick in reply.sticks if stick.usable)
                return Turn(replace(self, sticks=usable, unavailable=False, safe=self.safe and not usable))
            case ExportState():
                return Turn(replace(self, state=reply))
            case Ok() if isinstance(request, UsbEject):
                return Turn(replace(self, ejecting=False, safe=True, sticks=()))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say so on the page."""
        match request:
            case UsbRead():
                return Turn(replace(self, unavailable=self.sticks is None))
            case ShowExport():
                return Turn(self)
            case _:
                return Turn(replace(self, ejecting=False, code=code))

    def view(self, words: Words) -> View:
        """Show the stick, the days, and how far it is."""
        title = words["manager.export.title"]
        if self.sticks is None:
            return View(title, (missing(words) if self.unavailable else waiting(words),))
        blocks: list[Block] = [refusal(self.code, words)] if self.code is not None else []
        state = self.state
        if state is not None and state.state == "running":
            text = words["manager.export.running"].format(events=state.events)
            stop = Buttons((Button("stop", words["manager.export.stop"]),))
            return View(title, (*blocks, Progress(text, state.part), stop))
        if self.ejecting:
            return View(title, (*blocks, Progress(words["manager.export.ejecting"])))
        if self.safe:
            blocks.append(Notice(words["manager.export.safe"], icon="disc-tick", tone="good"))
        else:
            blocks += _outcome(state, words)
        if not self.sticks:
            key = "another" if self.safe else "plug_in"
            return View(title, (*blocks, Notice(words[f"manager.export.{key}"], icon="usb")))
        return View(title, (*blocks, self._plugged(words), self._days(words), self._controls(words)))

    def _plugged(self, words: Words) -> Rows:
        """Return the sticks; of several, one is chosen by a touch."""
        sticks, chosen = self.sticks or (), self._stick()
        if len(sticks) == 1:
            return Rows((_stick(sticks[0], words),))
        rows = (
            replace(_stick(stick, words), icon="disc-tick" if stick == chosen else "usb", id=stick.id)
            for stick in sticks
        )
        return Rows(tuple(rows), words["manager.export.several"])

    def _days(self, words: Words) -> Fields:
        error = words["manager.export.days_wrong"] if self.wrong else ""
        first = Field("first", words["manager.export.first"], "date", self.first, words["manager.export.first_note"])
        last = Field("last", words["manager.export.last"], "date", self.last, words["manager.export.last_note"], error)
        return Fields((first, last), words["manager.export.days"])

    def _controls(self, words: Words) -> Buttons:
        buttons = [Button("write", words["manager.export.write"], "export", "good")]
        if self.first or self.last:
            buttons.append(Button("all", words["manager.export.all"]))
        return Buttons((*buttons, Button("eject", words["manager.export.eject"], "usb")))


def _outcome(state: ExportState | None, words: Words) -> list[Block]:
    match state.state if state is not None else "none":
        case "done" if state is not None:
            notice = Notice(words["manager.export.done"].format(events=state.events), icon="disc-tick", tone="good")
            files = Rows(tuple(Row(_breakable(name)) for name in state.files), words["manager.export.files"])
            return [notice, files] if state.files else [notice]
        case "failed" if state is not None:
            key = f"manager.export.code_{state.code}"
            return [Notice(words.get(key, words["manager.refused.failed"]), icon="octagon-cross", tone="bad")]
        case "cancelled":
            return [Notice(words["manager.export.cancelled"], icon="triangle", tone="care")]
        case _:
            return [Notice(words["manager.export.what"], icon="export")]


def _breakable(name: str) -> str:
    """Return a file's name that may be broken after its hyphens: it is longer than a narrow glass is wide."""
    return name.replace("-", "-\u200b")


def _stick(stick: Stick, words: Words) -> Row:
    name = stick.label or stick.model or words["manager.export.stick"]
    return Row(name, stick.model if stick.label else "", megabytes(stick.size_mb, words), "usb")
