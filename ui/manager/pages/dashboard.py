"""The venue's day in numbers, and whether the kiosk is well."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import Dashboard as Day
from kiosk.api.manager import Reply, Request, ShowDashboard
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Bar, Bars, Block, Button, Buttons, Figure, Figures, Notice, View
from ui.manager.page import Act, ManagerPage, Turn, Words

NEARLY = 0.9
"""The part of the limit from which on the number inside stands out."""


@dataclass(frozen=True, slots=True)
class DashboardPage(ManagerPage):
    """How the day goes; asked anew while somebody looks."""

    NAME: ClassVar[str] = "dashboard"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.GUARD, StaffRole.MANAGER})
    ICON: ClassVar[str] = "dashboard"
    EVERY_S: ClassVar[float] = 5.0

    day: Day | None = None
    failed: bool = False

    def opened(self) -> Turn:
        """Ask how the day goes."""
        return Turn(self, asks=(ShowDashboard(),))

    def ticked(self) -> Turn:
        """Ask again."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Go where a number is explained."""
        return Turn(self, go=act.id if act.id in {"entries", "calls", "open_door"} else "")

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the day."""
        return Turn(replace(self, day=reply, failed=False) if isinstance(reply, Day) else self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Say once that the numbers are old; they are asked for every few seconds."""
        return Turn(replace(self, failed=True)) if self.day else None

    def view(self, words: Words) -> View:
        """Show the numbers, the chart of the day, and why people were refused."""
        title = words["manager.dashboard.title"]
        if self.day is None:
            return View(title, (Notice(words["manager.dashboard.coming"], icon="hourglass"),))
        blocks: tuple[Block, ...] = (
            _figures(self.day, words),
            Buttons((
                Button("open_door", words["manager.open_door.title"], "door"),
                Button("entries", words["manager.entries.title"], "entries"),
            )),
            _hours(self.day, words),
            _reasons(self.day, words),
        )
        if self.failed:
            blocks = (Notice(words["manager.dashboard.old"], tone="care"), *blocks)
        return View(title, blocks)


def _figures(day: Day, words: Words) -> Figures:
    def number(key: str, count: int | None) -> Figure:
        note = words["manager.dashboard.unknown"] if count is None else ""
        return Figure(words[f"manager.dashboard.{key}"], "–" if count is None else str(count), note)

    answered = f"{day.mean_ms:.0f} ms" if day.mean_ms is not None else "–"
    return Figures((
        _inside(day, words),
        number("entries", day.entries),
        number("exits", day.exits),
        number("refused", day.refused),
        number("calls", day.calls),
        Figure(words["manager.dashboard.answered"], answered),
    ))


def _inside(day: Day, words: Words) -> Figure:
    label = words["manager.dashboard.inside"]
    if day.inside is None:
        return Figure(label, "–", words["manager.dashboard.unknown"])
    if day.limit is None:
        return Figure(label, str(day.inside))
    counted = day.inside if day.limit_of == "inside" else day.admitted
    if counted >= day.limit:
        return Figure(label, str(day.inside), words["manager.dashboard.full"].format(limit=day.limit), "bad")
    note = words[f"manager.dashboard.limit_{day.limit_of}"].format(limit=day.limit)
    return Figure(label, str(day.inside), note, "care" if counted >= day.limit * NEARLY else "")


def _hours(day: Day, words: Words) -> Bars:
    people = words["manager.dashboard.people"]
    bars = tuple(Bar(str(hour), count, people.format(count=count)) for hour, count in enumerate(day.hours))
    told = bars if any(day.hours) else ()
    return Bars(told, words["manager.dashboard.hours"], words["manager.dashboard.nobody"], upright=True)


def _reasons(day: Day, words: Words) -> Bars:
    bars = tuple(
        Bar(words.get(f"reason.{one.reason}", one.reason), one.count, str(one.count)) for one in day.reasons
    )
    return Bars(bars, words["manager.dashboard.reasons"], words["manager.dashboard.none_refused"])
