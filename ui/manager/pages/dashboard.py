"""The venue's day in numbers, and whether the kiosk is well."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import Dashboard as Day
from kiosk.api.manager import DoorNow, Health, Reply, Request, ShowDashboard, ShowDoor, ShowHealth
from kiosk.api.manager.health import Light
from kiosk.domain.health import State
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Bar, Bars, Block, Button, Buttons, Figure, Figures, Notice, Row, Rows, Tone, View
from ui.manager.page import Act, ManagerPage, Turn, Words

NEARLY = 0.9
"""The part of the limit from which on the number inside stands out."""
_LEADS = frozenset({"entries", "calls", "open_door", "health"})
_TONES: dict[State, Tone] = {State.GOOD: "good", State.CARE: "care", State.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class DashboardPage(ManagerPage):
    """How the day goes; asked anew while somebody looks."""

    NAME: ClassVar[str] = "dashboard"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.GUARD, StaffRole.MANAGER})
    ICON: ClassVar[str] = "dashboard"
    EVERY_S: ClassVar[float] = 5.0

    day: Day | None = None
    lights: tuple[Light, ...] | None = None
    door: DoorNow | None = None
    failed: bool = False

    def opened(self) -> Turn:
        """Ask how the day goes."""
        return Turn(self, asks=(ShowDashboard(), ShowHealth(), ShowDoor()))

    def ticked(self) -> Turn:
        """Ask again."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Go where a number is explained."""
        return Turn(self, go=act.id if act.id in _LEADS else "")

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the day, the lights, or how the door stands."""
        match reply:
            case Day():
                return Turn(replace(self, day=reply, failed=False))
            case Health():
                return Turn(replace(self, lights=reply.lights))
            case DoorNow():
                return Turn(replace(self, door=reply))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:  # noqa: ARG002
        """Say once that the numbers are old; they are asked for every few seconds."""
        if not isinstance(request, ShowDashboard):
            return Turn(self)
        return Turn(replace(self, failed=True)) if self.day else None

    def view(self, words: Words) -> View:
        """Show the numbers, the chart of the day, and why people were refused."""
        title = words["manager.dashboard.title"]
        if self.day is None:
            return View(title, (Notice(words["manager.dashboard.coming"], icon="hourglass"),))
        blocks: tuple[Block, ...] = (
            _figures(self.day, words),
            Rows(self._to_see_to(words)),
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

    def _to_see_to(self, words: Words) -> tuple[Row, ...]:
        """Return what somebody should see to: who waits, then the lights that are not well; or that all is."""
        rows = []
        if self.door is not None and self.door.calls:
            waiting = words["manager.dashboard.waiting"].format(count=len(self.door.calls))
            rows.append(Row(waiting, icon="calls", tone="care", id="calls"))
        if self.door is not None and self.door.alarms:
            said = ", ".join(words[f"manager.alarm.{one.alarm}"] for one in self.door.alarms)
            rows.append(Row(words["manager.calls.alarms"], said, tone="bad", id="calls"))
        if self.lights is not None:
            wrong = [light for light in self.lights if light.state is not State.GOOD]
            rows += [_light(light, words) for light in wrong]
            if not wrong:
                rows.append(Row(words["manager.dashboard.well"], tone="good", id="health"))
        return tuple(rows)


def _light(light: Light, words: Words) -> Row:
    said = words.get(f"manager.health.{light.code}", light.code)
    part = words.get(f"manager.health.part_{light.part}", light.part)
    return Row(part, said, tone=_TONES[light.state], id="health")


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
