"""How the kiosk does: a light for each part, the worst first, and what to do about it."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import Health, Reply, Request, ShowHealth
from kiosk.api.manager.health import Light
from kiosk.domain.health import State
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Notice, Row, Rows, Tone, View
from ui.manager.numbers import decimal
from ui.manager.page import ManagerPage, Turn, Words
from ui.manager.pages.device_service import waiting

_LOOKS: dict[State, tuple[str, Tone]] = {
    State.GOOD: ("disc-tick", "good"), State.CARE: ("triangle", "care"), State.BAD: ("octagon-cross", "bad"),
}  # fmt: skip
_TELLING = ("frames_per_s", "waiting", "used_percent", "temperature_c", "sensors")
"""Figures that are shown; the others are for who asks the gate itself."""


@dataclass(frozen=True, slots=True)
class HealthPage(ManagerPage):
    """All lights; asked anew while somebody looks."""

    NAME: ClassVar[str] = "health"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset(StaffRole)
    ICON: ClassVar[str] = "health"
    EVERY_S: ClassVar[float] = 3.0

    lights: tuple[Light, ...] | None = None

    def opened(self) -> Turn:
        """Ask how it does."""
        return Turn(self, asks=(ShowHealth(),))

    def ticked(self) -> Turn:
        """Ask again."""
        return self.opened()

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take the lights."""
        return Turn(replace(self, lights=reply.lights)) if isinstance(reply, Health) else Turn(self)

    def view(self, words: Words) -> View:
        """Show whether all is well, and each light."""
        title = words["manager.health.title"]
        if self.lights is None:
            return View(title, (waiting(words),))
        wrong = [light for light in self.lights if light.state is not State.GOOD]
        well = [light for light in self.lights if light.state is State.GOOD]
        blocks: list[Block] = [_in_all(wrong, words)]
        if wrong:
            blocks.append(Rows(tuple(_row(light, words) for light in wrong), words["manager.health.to_do"]))
        if well:
            blocks.append(Rows(tuple(_row(light, words) for light in well), words["manager.health.well"]))
        return View(title, tuple(blocks))


def _in_all(wrong: list[Light], words: Words) -> Notice:
    if not wrong:
        return Notice(words["manager.health.all_well"], icon="disc-tick", tone="good")
    worst = State.BAD if any(light.state is State.BAD for light in wrong) else State.CARE
    icon, tone = _LOOKS[worst]
    return Notice(words[f"manager.health.some_{worst}"], icon=icon, tone=tone)


def _row(light: Light, words: Words) -> Row:
    """Return the part, what is so, what to do about it, and the most telling figure."""
    icon, tone = _LOOKS[light.state]
    said = words.get(f"manager.health.{light.code}", words["manager.health.unknown_code"])
    part = words[f"manager.health.part_{light.part}"]
    return Row(part, " · ".join(filter(None, (said, _figure(light, words)))), "", icon, tone)


def _figure(light: Light, words: Words) -> str:
    for name in _TELLING:
        value = light.figures.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            return value
        number = decimal(value, words, 0 if float(value).is_integer() else 1)
        return words[f"manager.health.figure_{name}"].format(number=number)
    return ""
