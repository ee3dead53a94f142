"""How the door is run: what each way means, and changing it with a reason and a held control."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import DoorNow, Reply, Request, SetMode, ShowDoor
from kiosk.domain.door_io import Mode
from kiosk.domain.staff import StaffRole
from kiosk.domain.staff_door import ModeReason, may_set
from ui.manager.blocks import Block, Button, Buttons, Notice, Row, Rows, Tone, View
from ui.manager.choices import reasons
from ui.manager.page import Act, ManagerPage, Turn, Words

HOLD_S = 1.0
CHOSEN = (Mode.NORMAL, Mode.LOCKDOWN, Mode.FREE_PASSAGE, Mode.MAINTENANCE)
"""Those that somebody can ask for; out of order is none of them."""
ICONS = {
    Mode.NORMAL: "way-in", Mode.LOCKDOWN: "padlock", Mode.FREE_PASSAGE: "door", Mode.MAINTENANCE: "wrench",
    Mode.OUT_OF_ORDER: "barred",
}  # fmt: skip
TONES: dict[Mode, Tone] = {
    Mode.NORMAL: "good", Mode.LOCKDOWN: "bad", Mode.FREE_PASSAGE: "care", Mode.MAINTENANCE: "care",
    Mode.OUT_OF_ORDER: "bad",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ModesPage(ManagerPage):
    """The mode in force, and those that this role may ask for."""

    NAME: ClassVar[str] = "modes"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset(StaffRole)
    ICON: ClassVar[str] = "modes"
    EVERY_S: ClassVar[float] = 2.0

    role: StaffRole | None = None
    door: DoorNow | None = None

    @classmethod
    def begin(cls, role: StaffRole) -> "ModesPage":
        """Begin the page for whoever has signed in."""
        return cls(role=role)

    def opened(self) -> Turn:
        """Ask how the door is run."""
        return Turn(self, asks=(ShowDoor(),))

    def ticked(self) -> Turn:
        """Ask again: the schedule and the centre change it as well."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Go on to the mode that was chosen."""
        wanted = next((mode for mode in self._possible() if mode == act.id), None)
        return Turn(self, to=ModePage(wanted)) if wanted else Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how the door is run."""
        return Turn(replace(self, door=reply) if isinstance(reply, DoorNow) else self)

    def view(self, words: Words) -> View:
        """Show the mode in force, then the others."""
        title = words["manager.modes.title"]
        if self.door is None:
            return View(title, (Notice(words["manager.open_door.coming"], icon="hourglass"),))
        now = self.door.mode
        said = words["manager.modes.now"].format(mode=words[f"manager.mode.{now}"])
        blocks: tuple[Block, ...] = (Notice(words[f"manager.modes.means_{now}"], said, ICONS[now], TONES[now]),)
        if self.door.held_open:
            blocks += (Notice(words["manager.modes.held_open"], icon="clock"),)
        rows = tuple(
            Row(words[f"manager.mode.{mode}"], words[f"manager.modes.means_{mode}"], icon=ICONS[mode], id=mode)
            for mode in self._possible()
        )
        empty = words["manager.modes.none"]
        return View(title, (*blocks, Rows(rows, words["manager.modes.change"], empty)))

    def _possible(self) -> tuple[Mode, ...]:
        if self.door is None or self.role is None:
            return ()
        now, role = self.door.mode, self.role
        return tuple(mode for mode in CHOSEN if mode is not now and may_set(role, mode, now))


@dataclass(frozen=True, slots=True)
class ModePage(ManagerPage):
    """A mode that somebody wants: what it means, why it is wanted, and the control that sets it."""

    NAME: ClassVar[str] = "mode"

    mode: Mode
    reason: ModeReason | None = None

    def acted(self, act: Act) -> Turn:
        """Choose why; set it."""
        match act.id:
            case reason if reason in set(ModeReason):
                return Turn(replace(self, reason=ModeReason(reason)))
            case "other_reason":
                return Turn(replace(self, reason=None))
            case "set" if self.reason:
                return Turn(self, asks=(SetMode(mode=self.mode, reason=self.reason),))  # type: ignore[arg-type]
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Go back to see the door run so."""
        return Turn(self, go="back", say="modes.done") if isinstance(reply, DoorNow) else Turn(self)

    def view(self, words: Words) -> View:
        """Show what will happen, ask why it is wanted, and show the control that does it."""
        name = words[f"manager.mode.{self.mode}"]
        means = Notice(words[f"manager.modes.means_{self.mode}"], name, ICONS[self.mode])
        title = words["manager.mode.title"]
        if self.reason is None:
            return View(title, (means, reasons("mode_reason", ModeReason, words)))
        label = words["manager.modes.do"].format(reason=words[f"manager.mode_reason.{self.reason}"])
        hold = Button("set", label, ICONS[self.mode], TONES[self.mode], HOLD_S)
        return View(title, (
            means,
            Buttons((hold,)),
            Buttons((Button("other_reason", words["manager.open_door.other_reason"], "arrow-left"),)),
            Notice(words["manager.open_door.recorded"]),
        ))  # fmt: skip
