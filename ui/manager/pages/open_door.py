"""Letting somebody through whom no code admits: which way, why, and a control that is held so that nobody slips."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import DoorNow, OpenDoor, Opened, Reply, Request, ShowDoor
from kiosk.domain.lines import Out
from kiosk.domain.situation import Direction
from kiosk.domain.staff import StaffRole
from kiosk.domain.staff_door import OpenReason
from ui.manager.blocks import Block, Button, Buttons, Field, Fields, Notice, View
from ui.manager.choices import choice, reasons
from ui.manager.page import Act, ManagerPage, Turn, Words

HOLD_S = 1.0


@dataclass(frozen=True, slots=True)
class OpenDoorPage(ManagerPage):
    """What is chosen so far, and what has come of it."""

    NAME: ClassVar[str] = "open_door"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.GUARD, StaffRole.MANAGER})
    ICON: ClassVar[str] = "door"
    EVERY_S: ClassVar[float] = 2.0

    door: DoorNow | None = None
    direction: Direction | None = None
    reason: OpenReason | None = None
    longer: bool = False
    done: Opened | None = None

    def opened(self) -> Turn:
        """Ask how the door stands."""
        return Turn(self, asks=(ShowDoor(),))

    def ticked(self) -> Turn:
        """Ask again: what it says of the door has to be true when somebody opens it."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Choose why and which way; open."""
        match act.id:
            case reason if reason in set(OpenReason):
                return Turn(replace(self, reason=OpenReason(reason), done=None))
            case "direction" if act.value in set(Direction):
                return Turn(replace(self, direction=Direction(act.value)))
            case "longer":
                return Turn(replace(self, longer=act.value == "on"))
            case "open" if self.door and self.reason:
                request = OpenDoor(direction=self._way(self.door), reason=self.reason, longer=self.longer)
                return Turn(replace(self, done=None), asks=(request,))
            case "anew":
                return Turn(replace(self, reason=None, longer=False, done=None))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how the door stands, or that it has been opened."""
        match reply:
            case DoorNow():
                return Turn(replace(self, door=reply))
            case Opened():
                return Turn(replace(self, done=reply))
            case _:
                return Turn(self)

    def view(self, words: Words) -> View:
        """Ask why; then show what opens it; once it is open, that it is."""
        title = words["manager.open_door.title"]
        if self.door is None:
            return View(title, (Notice(words["manager.open_door.coming"], icon="hourglass"),))
        if self.done is not None:
            said = words["manager.open_door.done_text"].format(seconds=-(-self.done.ms // 1000))
            notice = Notice(said, words["manager.open_door.done"], "way-in", "good")
            return View(title, (notice, Buttons((Button("anew", words["manager.open_door.anew"], "door"),))))
        blocks: tuple[Block, ...] = ()
        if self.door.shut:
            shut = words.get(f"reason.{self.door.shut}", "")
            blocks += (Notice(words["manager.open_door.shut_text"], shut, tone="care"),)
        if self.reason is None:
            return View(title, (*blocks, reasons("open_reason", OpenReason, words)))
        return View(title, (*blocks, *self._ready(self.door, self.reason, words)))

    def _ready(self, door: DoorNow, reason: OpenReason, words: Words) -> tuple[Block, ...]:
        label = words["manager.open_door.do"].format(reason=words[f"manager.open_reason.{reason}"])
        hold = Button("open", label, "door", "good", HOLD_S)
        longer = Field("longer", words["manager.open_door.longer"], "toggle", "on" if self.longer else "")
        blocks: tuple[Block, ...] = (
            Buttons((hold,)),
            Fields((longer,)),
            Buttons((Button("anew", words["manager.open_door.other_reason"], "arrow-left"),)),
            Notice(words["manager.open_door.recorded"]),
        )
        if _both_ways(door):
            blocks = (Fields((choice("direction", "direction", Direction, self._way(door), words),)), *blocks)
        return blocks

    def _way(self, door: DoorNow) -> Direction:
        return self.direction or door.direction


def _both_ways(door: DoorNow) -> bool:
    """Return whether this kiosk releases one thing for those who come and another for those who go."""
    return any(leaf.relay is Out.EXIT_RELAY for leaf in door.leaves)
