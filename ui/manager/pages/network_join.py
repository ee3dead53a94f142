"""Joining one wireless network, or leaving it for good."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from pydantic import ValidationError

from kiosk.api.manager import Reply, Request, WifiForget, WifiJoin
from kiosk.api.manager.network import WifiSeen
from kiosk.domain.staff import Refused
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Progress, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal


@dataclass(frozen=True, slots=True)
class JoinWifi(ManagerPage):
    """One wireless network that is within reach."""

    NAME: ClassVar[str] = "network_join"

    seen: WifiSeen
    password: str = field(default="", repr=False)
    wrong: bool = False
    joining: bool = False
    code: Refused | None = None
    """Why the gate did not do it."""

    def acted(self, act: Act) -> Turn:
        """Take the password, join, or forget."""
        match act.id:
            case "password":
                return Turn(replace(self, password=act.value, wrong=False))
            case "join" if not self.joining:
                return self._join()
            case "forget":
                return Turn(self, asks=(WifiForget(ssid=self.seen.ssid),))
            case _:
                return Turn(self)

    def _join(self) -> Turn:
        try:
            request = WifiJoin(ssid=self.seen.ssid, password=self.password)
        except ValidationError:
            return Turn(replace(self, wrong=True))
        if self.seen.secured and not self.password:
            return Turn(replace(self, wrong=True))
        return Turn(replace(self, joining=True, wrong=False, code=None), asks=(request,))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Go back: the page before shows how it stands."""
        key = "network.forgotten" if isinstance(request, WifiForget) else "network.joined"
        return Turn(replace(self, joining=False, password=""), go="back", say=key)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say that it could not be joined: most often the password is wrong."""
        if isinstance(request, WifiJoin) and code in (Refused.FAILED, Refused.INVALID):
            return Turn(replace(self, joining=False, wrong=True))
        return Turn(replace(self, joining=False, code=code))

    def view(self, words: Words) -> View:
        """Show the password's field, and the controls."""
        blocks: list[Block] = []
        if self.seen.secured:
            error = words["manager.network.password_wrong"] if self.wrong else ""
            label = words["manager.network.password"]
            blocks.append(Fields((Field("password", label, "plain", self.password, error=error, max_length=63),)))
        else:
            blocks.append(Notice(words["manager.network.open"], icon="triangle", tone="care"))
        if self.code is not None:
            blocks.append(refusal(self.code, words))
        if self.joining:
            blocks.append(Progress(words["manager.network.joining"]))
        buttons = [Button("join", words["manager.network.join"], "network", enabled=not self.joining)]
        if self.seen.joined:
            buttons.append(Button("forget", words["manager.network.forget"], hold_s=1.0))
        return View(self.seen.ssid, (*blocks, Buttons(tuple(buttons))))
