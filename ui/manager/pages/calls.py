"""Who waits for staff, which alarms stand, and saying that somebody has come."""

from dataclasses import dataclass, replace
from typing import ClassVar

from kiosk.api.manager import AnswerCalls, DoorNow, Reply, Request, SeeAlarms, ShowDoor
from kiosk.api.manager.door import AlarmNow, CallNow
from kiosk.domain.reasons import Reason
from kiosk.domain.staff import StaffRole
from ui.manager.blocks import Block, Button, Buttons, Notice, Row, Rows, View
from ui.manager.page import Act, ManagerPage, Turn, Words


@dataclass(frozen=True, slots=True)
class CallsPage(ManagerPage):
    """The calls and alarms of now; asked anew while somebody looks."""

    NAME: ClassVar[str] = "calls"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.GUARD, StaffRole.MANAGER})
    ICON: ClassVar[str] = "calls"
    EVERY_S: ClassVar[float] = 2.0

    door: DoorNow | None = None

    def opened(self) -> Turn:
        """Ask who waits."""
        return Turn(self, asks=(ShowDoor(),))

    def ticked(self) -> Turn:
        """Ask again."""
        return self.opened()

    def acted(self, act: Act) -> Turn:
        """Say that somebody has come, or go to open the door."""
        match act.id:
            case "come":
                return Turn(self, asks=(AnswerCalls(),))
            case "seen":
                return Turn(self, asks=(SeeAlarms(),))
            case "open_door":
                return Turn(self, go="open_door")
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:
        """Take who waits; say what was done."""
        if not isinstance(reply, DoorNow):
            return Turn(self)
        said = {AnswerCalls: "calls.come_done", SeeAlarms: "calls.seen_done"}.get(type(request), "")
        return Turn(replace(self, door=reply), say=said)

    def view(self, words: Words) -> View:
        """Show who waits, what to do for them, and the alarms."""
        title = words["manager.calls.title"]
        if self.door is None:
            return View(title, (Notice(words["manager.open_door.coming"], icon="hourglass"),))
        calls = tuple(_call(number, call, words) for number, call in enumerate(self.door.calls, 1))
        blocks: tuple[Block, ...] = (Rows(calls, words["manager.calls.waiting"], words["manager.calls.nobody"]),)
        if calls:
            blocks += (Buttons((
                Button("come", words["manager.calls.come"], "tick", "good"),
                Button("open_door", words["manager.open_door.title"], "door"),
            )),)  # fmt: skip
        alarms = tuple(_alarm(alarm, words) for alarm in self.door.alarms)
        blocks += (Rows(alarms, words["manager.calls.alarms"], words["manager.calls.no_alarm"]),)
        if any(not alarm.seen for alarm in self.door.alarms):
            blocks += (Buttons((Button("seen", words["manager.calls.seen"], "tick", "care"),)),)
        return View(title, blocks)


def _call(number: int, call: CallNow, words: Words) -> Row:
    # What a visitor reads of a reason speaks to the visitor; that they have asked is said to staff in other words.
    if Reason.HELP_REQUESTED in call.reasons:
        why = words["manager.calls.asked"]
    else:
        known = [words[f"reason.{reason}"] for reason in call.reasons if f"reason.{reason}" in words]
        why = known[0] if known else words["manager.calls.no_reason"]
    return Row(words["manager.calls.call"].format(number=number), why, _waits(call, words), icon="person", tone="care")


def _waits(call: CallNow, words: Words) -> str:
    """Say how long somebody waits: seconds, and from the second minute on minutes."""
    minutes, seconds = divmod(call.waits_s, 60)
    key, count = ("minutes", minutes) if minutes else ("seconds", seconds)
    return words[f"manager.calls.{key}"].format(count=count)


def _alarm(alarm: AlarmNow, words: Words) -> Row:
    detail = words["manager.calls.was_seen"] if alarm.seen else ""
    return Row(words[f"manager.alarm.{alarm.alarm}"], detail, tone="bad" if alarm.level > 1 else "care")
