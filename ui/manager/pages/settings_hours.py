"""The hours in which the door stands unlocked: a list, and a page for each line of it."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import (
    Reply,
    Request,
    SettingsRead,
    SettingsShown,
    SettingsWrite,
)
from kiosk.api.manager.settings import OpenHours
from kiosk.times_text import WEEKDAYS, Weekday
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, Row, Rows, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.settings_edit import SettingsEditPage
from ui.manager.pages.settings_words import fault_said

HOURS = "door.hold_open"
_WORKDAYS: tuple[Weekday, ...] = WEEKDAYS[:5]


@dataclass(frozen=True, slots=True)
class Hours(ManagerPage):
    """All hours; each is opened by a touch."""

    NAME: ClassVar[str] = "settings_hours"
    EVERY_S: ClassVar[float] = 1.0

    hours: tuple[OpenHours, ...]

    def ticked(self) -> Turn:
        """Ask for the hours: a line may have been changed on its own page."""
        return Turn(self, asks=(SettingsRead(),))

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the hours."""
        return Turn(replace(self, hours=reply.hours)) if isinstance(reply, SettingsShown) else Turn(self)

    def acted(self, act: Act) -> Turn:
        """Open a line, or a new one."""
        if act.id == "add":
            return Turn(self, to=EditHours(self.hours, len(self.hours), "08:00", "17:00", _WORKDAYS, first_person=True))
        if not act.id.isdecimal() or int(act.id) >= len(self.hours):
            return Turn(self)
        at = int(act.id)
        one = self.hours[at]
        begins, _, ends = one.hours[0].partition("-")
        return Turn(self, to=EditHours(self.hours, at, begins, ends, one.weekdays, first_person=one.first_person))

    def view(self, words: Words) -> View:
        """Show the list."""
        rows = tuple(
            Row(", ".join(one.hours), _days(one.weekdays, words), icon="clock", id=str(at))
            for at, one in enumerate(self.hours)
        )
        blocks = (
            Notice(words["manager.settings.hours_what"], icon="door"),
            Rows(rows, empty=words["manager.settings.hours_none"]),
            Buttons((Button("add", words["manager.settings.hours_add"], "plus"),)),
        )
        return View(words["manager.settings.hours"], blocks)


@dataclass(frozen=True, slots=True)
class EditHours(SettingsEditPage):
    """One line of the hours. Stored as a whole, with all the others."""

    NAME: ClassVar[str] = "settings_hours_edit"

    hours: tuple[OpenHours, ...]
    at: int
    """Which line; one after the last: a new one."""
    begins: str
    ends: str
    weekdays: tuple[Weekday, ...]
    first_person: bool

    def acted(self, act: Act) -> Turn:
        """Take a value, store the line, or take it away."""
        here = replace(self, faulty=None)
        match act.id:
            case "begins":
                return Turn(replace(here, begins=act.value))
            case "ends":
                return Turn(replace(here, ends=act.value))
            case "first_person":
                return Turn(replace(here, first_person=act.value == "on"))
            case "store" if self.weekdays:
                return Turn(here, asks=(SettingsWrite(hours=self._with(self._line())),))
            case "remove":
                return Turn(here, asks=(SettingsWrite(hours=self._with(None)),))
            case _ if act.id in WEEKDAYS:
                days = set(self.weekdays) ^ {act.id}
                return Turn(replace(here, weekdays=tuple(day for day in WEEKDAYS if day in days)))
            case _:
                return Turn(self)

    def _line(self) -> OpenHours:
        others = self.hours[self.at].hours[1:] if self.at < len(self.hours) else ()
        hours = (f"{self.begins}-{self.ends}", *others)
        return OpenHours(hours=hours, weekdays=self.weekdays, first_person=self.first_person)

    def _with(self, line: OpenHours | None) -> tuple[OpenHours, ...]:
        return (*self.hours[: self.at], *((line,) if line else ()), *self.hours[self.at + 1 :])

    def view(self, words: Words) -> View:
        """Show the times, the days and the controls."""
        error = fault_said(self.faulty, words) if self.faulty else ""
        times = (
            Field("begins", words["manager.settings.begins"], "time", self.begins),
            Field("ends", words["manager.settings.ends"], "time", self.ends, error=error),
        )
        days = tuple(Button(day, words[f"manager.settings.day_{day}"], on=day in self.weekdays) for day in WEEKDAYS)
        note = words["manager.settings.first_person_note"]
        on = "on" if self.first_person else ""
        first = Field("first_person", words["manager.settings.first_person"], "toggle", on, note)
        buttons = [Button("store", words["manager.settings.store"], "tick", "good", enabled=bool(self.weekdays))]
        if self.at < len(self.hours):
            buttons.append(Button("remove", words["manager.settings.remove"], hold_s=1.0))
        blocks: tuple[Block, ...] = (
            Fields(times), Buttons(days, words["manager.settings.days"]), Fields((first,)), Buttons(tuple(buttons)),
        )  # fmt: skip
        return View(words["manager.settings.hours"], blocks)


def hours_said(hours: tuple[OpenHours, ...], words: Words) -> str:
    """Return all hours in one line, or that there are none."""
    said = (f"{_days(one.weekdays, words)} {', '.join(one.hours)}" for one in hours)
    return " · ".join(said) or words["manager.settings.hours_none"]


def _days(days: tuple[Weekday, ...], words: Words) -> str:
    if days == WEEKDAYS:
        return words["manager.settings.every_day"]
    if days == _WORKDAYS:
        return words["manager.settings.workdays"]
    return ", ".join(words[f"manager.settings.day_{day}"] for day in days)
