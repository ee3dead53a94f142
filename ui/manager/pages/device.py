"""The machine itself: how bright, how loud, starting anew, switching off."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import DeviceRead, DeviceSet, DeviceShown, DeviceStart, Ok, Reply, Request
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Progress, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import missing, refusal, waiting

DARKEST = 5
"""Percent (kiosk.api.manager.device.DeviceSet)."""
STEP = 5


@dataclass(frozen=True, slots=True)
class DevicePage(ManagerPage):
    """Whoever looks after the kiosk sets the machine."""

    NAME: ClassVar[str] = "device"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "device"

    shown: DeviceShown | None = None
    starting: str = ""
    code: Refused | None = None
    unavailable: bool = False

    def opened(self) -> Turn:
        """Ask how it stands."""
        return Turn(self, asks=(DeviceRead(),))

    def acted(self, act: Act) -> Turn:
        """Set what was touched, or start anew."""
        here = replace(self, code=None)
        match act.id:
            case "brightness" if act.value.isdecimal():
                request = DeviceSet(brightness=min(max(int(act.value), DARKEST), 100))
                return Turn(here, asks=(request, DeviceRead()))
            case "volume" if act.value.isdecimal():
                return Turn(here, asks=(DeviceSet(volume=min(int(act.value), 100)), DeviceRead()))
            case "kiosk" | "machine" | "off":
                return Turn(replace(here, starting=act.id), asks=(DeviceStart(what=act.id),))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how it stands."""
        match reply:
            case DeviceShown():
                return Turn(replace(self, shown=reply))
            case Ok():
                return Turn(self)
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:  # noqa: ARG002
        """Say so on the page."""
        if isinstance(request, DeviceRead):
            return Turn(replace(self, unavailable=self.shown is None))
        return Turn(replace(self, starting="", code=code))

    def view(self, words: Words) -> View:
        """Show the sliders and the controls."""
        title = words["manager.device.title"]
        if self.shown is None:
            return View(title, (missing(words) if self.unavailable else waiting(words),))
        if self.starting:
            return View(title, (Progress(words[f"manager.device.starting_{self.starting}"]),))
        blocks: list[Block] = [refusal(self.code, words)] if self.code is not None else []
        return View(title, (*blocks, *self._sliders(self.shown, words), _controls(words)))

    def _sliders(self, shown: DeviceShown, words: Words) -> list[Block]:
        fields = [
            Field(name, words[f"manager.device.{name}"], "slider", str(value), least=least, most=100, step=STEP)
            for name, value, least in (("brightness", shown.brightness, DARKEST), ("volume", shown.volume, 0))
            if value is not None
        ]
        if not fields:
            return [Notice(words["manager.device.nothing_to_set"], icon="device")]
        return [Fields(tuple(fields))]


def _controls(words: Words) -> Buttons:
    return Buttons(
        (
            Button("kiosk", words["manager.device.kiosk"], "device", hold_s=1.0),
            Button("machine", words["manager.device.machine"], "device", "care", hold_s=2.0),
            Button("off", words["manager.device.off"], "barred", "bad", hold_s=2.0),
        ),
        words["manager.device.start"],
    )
