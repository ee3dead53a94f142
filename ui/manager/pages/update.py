"""Updating the kiosk's programs from a stick, and going back."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import Reply, Request, UpdateBack, UpdateInstall, UpdateLook, UpdateRead, UpdateShown
from kiosk.api.manager.update import Bundle
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Figure, Figures, Notice, Progress, Row, Rows, Tone, View
from ui.manager.numbers import megabytes
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import missing, refusal, waiting


@dataclass(frozen=True, slots=True)
class UpdatePage(ManagerPage):
    """Which version runs, which lies on the stick, and which can be gone back to."""

    NAME: ClassVar[str] = "update"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "update"
    EVERY_S: ClassVar[float] = 2.0

    shown: UpdateShown | None = None
    looking: bool = False
    looked: bool = False
    """Somebody has asked for what lies on the stick: why there is nothing is worth saying."""
    code: Refused | None = None
    unavailable: bool = False

    def opened(self) -> Turn:
        """Ask how it stands."""
        return Turn(self, asks=(UpdateRead(),))

    def ticked(self) -> Turn:
        """Ask again: an update goes on meanwhile."""
        return Turn(self) if self.unavailable or self.looking else Turn(self, asks=(UpdateRead(),))

    def acted(self, act: Act) -> Turn:
        """Look, install or go back."""
        bundle = self.shown.bundle if self.shown else None
        here = replace(self, code=None)
        match act.id:
            case "look" if not self.looking:
                return Turn(replace(here, looking=True, looked=True), asks=(UpdateLook(),))
            case "install" if bundle is not None:
                return Turn(here, asks=(UpdateInstall(version=bundle.version), UpdateRead()))
            case "before":
                return Turn(here, asks=(UpdateBack(), UpdateRead()))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take how it stands."""
        if not isinstance(reply, UpdateShown):
            return Turn(self)
        looking = self.looking and not isinstance(request, UpdateLook)
        return Turn(replace(self, shown=reply, looking=looking, unavailable=False))

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say so on the page."""
        if isinstance(request, UpdateRead):
            return Turn(replace(self, unavailable=self.shown is None))
        return Turn(replace(self, looking=False, code=code))

    def view(self, words: Words) -> View:
        """Show the version, and what can be done."""
        title = words["manager.update.title"]
        shown = self.shown
        if shown is None:
            return View(title, (missing(words) if self.unavailable else waiting(words),))
        blocks: list[Block] = [Figures((Figure(words["manager.update.runs"], shown.version),))]
        if self.code is not None:
            blocks.append(refusal(self.code, words))
        if shown.state in ("installing", "proving"):
            return View(title, (*blocks, Progress(words[f"manager.update.{shown.state}"])))
        blocks += self._outcome(shown, words)
        if shown.bundle is not None:
            blocks.append(_found(shown.bundle, words))
        if self.looking:
            return View(title, (*blocks, Progress(words["manager.update.looking"])))
        return View(title, (*blocks, _controls(shown, words)))

    def _outcome(self, shown: UpdateShown, words: Words) -> list[Block]:
        if shown.state == "done":
            return [Notice(words["manager.update.done"], icon="disc-tick", tone="good")]
        if shown.code and (self.looked or shown.state == "failed"):
            tone: Tone = "bad" if shown.code in ("forged", "damaged", "went_back", "not_installed") else "care"
            icon = "octagon-cross" if tone == "bad" else "triangle"
            return [Notice(words[f"manager.update.code_{shown.code}"], icon=icon, tone=tone)]
        if shown.bundle is None:
            return [Notice(words["manager.update.plug_in"], icon="usb")]
        return []


def _found(bundle: Bundle, words: Words) -> Rows:
    made = "/".join(reversed(bundle.made.split("-")))
    signed = words["manager.update.signed"].format(signer=bundle.signer, made=made)
    detail = f"{signed} · {megabytes(bundle.size_mb, words)}"
    row = Row(words["manager.update.version"].format(version=bundle.version), detail, "", "disc-tick", "good")
    return Rows((row,), words["manager.update.found"])


def _controls(shown: UpdateShown, words: Words) -> Buttons:
    buttons = [Button("look", words["manager.update.look"], "usb")]
    if shown.bundle is not None:
        label = words["manager.update.install"].format(version=shown.bundle.version)
        buttons.insert(0, Button("install", label, "update", "good", hold_s=1.0))
    if shown.before:
        label = words["manager.update.go_back"].format(version=shown.before)
        buttons.append(Button("before", label, "arrow-left", hold_s=2.0))
    return Buttons(tuple(buttons))
