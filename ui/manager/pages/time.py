"""The kiosk's clock: set over the network, or by hand."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from kiosk.api.manager import Ok, Reply, Request, TimeRead, TimeSet, TimeShown, TimeSync
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Figure, Figures, Notice, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import missing, refusal, waiting


@dataclass(frozen=True, slots=True)
class TimePage(ManagerPage):
    """What the clock says, and who sets it."""

    NAME: ClassVar[str] = "time"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "clock"
    EVERY_S: ClassVar[float] = 5.0

    shown: TimeShown | None = None
    date: str = ""
    """YYYY-MM-DD, as typed; empty: today's."""
    time: str = ""
    """HH:MM, as typed."""
    wrong: str = ""
    """The field that cannot be taken."""
    code: Refused | None = None
    unavailable: bool = False

    def opened(self) -> Turn:
        """Ask how it stands."""
        return Turn(self, asks=(TimeRead(),))

    def ticked(self) -> Turn:
        """Ask again."""
        return Turn(self) if self.unavailable else Turn(self, asks=(TimeRead(),))

    def acted(self, act: Act) -> Turn:
        """Take a value, or set the clock."""
        match act.id:
            case "network":
                return Turn(replace(self, code=None), asks=(TimeSync(on=act.value == "on"), TimeRead()))
            case "date":
                return Turn(replace(self, date=act.value, wrong="", code=None))
            case "time":
                return Turn(replace(self, time=act.value, wrong="", code=None))
            case "set" if self.shown is not None:
                return self._set(self.shown)
            case _:
                return Turn(self)

    def _set(self, shown: TimeShown) -> Turn:
        today = _local(shown).strftime("%Y-%m-%d")
        try:
            request = TimeSet(date=self.date or today, time=self.time)
        except ValidationError as error:
            return Turn(replace(self, wrong=str(error.errors()[0]["loc"][0])))
        return Turn(replace(self, wrong=""), asks=(request, TimeRead()))

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take how it stands."""
        match reply:
            case TimeShown():
                return Turn(replace(self, shown=reply, unavailable=False))
            case Ok() if isinstance(request, TimeSet):
                return Turn(replace(self, date="", time=""), say="time.is_set")
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn:
        """Say on the page that nothing here can be set, or which value is wrong."""
        if isinstance(request, TimeRead):
            return Turn(replace(self, unavailable=self.shown is None))
        return Turn(replace(self, wrong=detail if detail in ("date", "time") else "", code=code))

    def view(self, words: Words) -> View:
        """Show the clock, whether it is right, and the fields to set it."""
        title = words["manager.time.title"]
        if self.shown is None:
            return View(title, (missing(words) if self.unavailable else waiting(words),))
        now = _local(self.shown)
        figure = Figure(now.strftime("%d/%m/%Y"), now.strftime("%H:%M"), self.shown.zone.replace("_", " "))
        blocks: list[Block] = [Figures((figure,)), _standing(self.shown, words)]
        if self.shown.can_sync:
            on = "on" if self.shown.by_network else ""
            blocks.append(Fields((Field("network", words["manager.time.by_network"], "toggle", on),)))
        if not self.shown.by_network:
            blocks += self._by_hand(now, words)
        if self.code is not None and not self.wrong:
            blocks.append(refusal(self.code, words))
        return View(title, tuple(blocks))

    def _by_hand(self, now: datetime, words: Words) -> list[Block]:
        wrong = words["manager.time.wrong"]
        date = Field("date", words["manager.time.date"], "date", self.date or now.strftime("%Y-%m-%d"),
                     error=wrong if self.wrong == "date" else "")  # fmt: skip
        time = Field("time", words["manager.time.time"], "time", self.time,
                     error=wrong if self.wrong == "time" else "")  # fmt: skip
        set_it = Button("set", words["manager.time.set"], "tick", enabled=bool(self.time))
        return [Fields((date, time), words["manager.time.by_hand"]), Buttons((set_it,))]


def _standing(shown: TimeShown, words: Words) -> Notice:
    if shown.synced:
        return Notice(words["manager.time.synced"], icon="disc-tick", tone="good")
    key = "waiting" if shown.by_network else "by_wall"
    return Notice(words[f"manager.time.{key}"], icon="clock-alert", tone="care")


def _local(shown: TimeShown) -> datetime:
    zone: tzinfo
    try:
        zone = ZoneInfo(shown.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = UTC
    return datetime.fromtimestamp(shown.now, zone)
