"""Trying every wire: inputs tick off as somebody moves them, outputs are switched by a touch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from kiosk.api.manager import BeginWalk, EndWalk, Inputs, OutTried, Reply, Request, ShowInputs, TryOut
from kiosk.api.manager.test import InputNow
from kiosk.domain.lines import RELAYS, Out
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.blocks import Block, Button, Buttons, Notice, Row, Rows, Tone, View
from ui.manager.page import Act, ManagerPage, Turn, Words
from ui.manager.pages.device_service import refusal, waiting

THERE_AND_BACK = 2
"""Changes of an input that somebody has moved and let go."""
_LOOKS: dict[Tried, tuple[str, Tone]] = {
    Tried.SWITCHED: ("disc-tick", "good"), Tried.MOVED: ("disc-tick", "good"),
    Tried.NO_FEEDBACK: ("octagon-cross", "bad"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SelfTestPage(ManagerPage):
    """A technician walks around the door."""

    NAME: ClassVar[str] = "self_test"
    ROLES: ClassVar[frozenset[StaffRole]] = frozenset({StaffRole.MANAGER, StaffRole.TECHNICIAN})
    ICON: ClassVar[str] = "self-test"
    EVERY_S: ClassVar[float] = 1.0

    inputs: Inputs | None = None
    tried: Mapping[Out, OutTried] = field(default_factory=dict)
    ended: bool = False
    code: Refused | None = None
    detail: str = ""
    """What the code is about."""

    @property
    def _walking(self) -> bool:
        return self.inputs is not None and bool(self.inputs.since_ns) and not self.ended

    def opened(self) -> Turn:
        """Ask which lines are wired."""
        return Turn(self, asks=(ShowInputs(),))

    def ticked(self) -> Turn:
        """Ask what has moved."""
        return Turn(self) if self.ended else Turn(self, asks=(ShowInputs(),))

    def acted(self, act: Act) -> Turn:
        """Begin or end the walk, or switch an output."""
        here = replace(self, code=None)
        match act.id:
            case "begin":
                return Turn(replace(here, ended=False, tried={}), asks=(BeginWalk(),))
            case "end" if self._walking:
                return Turn(replace(here, ended=True), asks=(EndWalk(),))
            case _ if self.inputs is not None and act.id in self.inputs.outs:
                return Turn(here, asks=(TryOut(out=Out(act.id)),))
            case _:
                return Turn(self)

    def answered(self, request: Request, reply: Reply) -> Turn:  # noqa: ARG002
        """Take how the lines stand, or what came of an output."""
        match reply:
            case Inputs():
                return Turn(replace(self, inputs=reply))
            case OutTried():
                return Turn(replace(self, tried={**self.tried, reply.out: reply}))
            case _:
                return Turn(self)

    def refused(self, request: Request, code: Refused, detail: str) -> Turn | None:
        """Say so on the page; that figures could not be had, the frame says."""
        if isinstance(request, ShowInputs):
            return None
        return Turn(replace(self, ended=self.ended and not isinstance(request, EndWalk), code=code, detail=detail))

    def view(self, words: Words) -> View:
        """Show what to do, the inputs and the outputs."""
        title = words["manager.self_test.title"]
        if self.inputs is None:
            return View(title, (waiting(words),))
        blocks: list[Block] = [refusal(self.code, words, self.NAME, self.detail)] if self.code is not None else []
        blocks += [self._what_now(self.inputs, words), self._walk(words), self._inputs(self.inputs, words)]
        return View(title, (*blocks, *self._outs(self.inputs, words)))

    def _what_now(self, inputs: Inputs, words: Words) -> Notice:
        left = [one for one in inputs.inputs if not _ticked_off(one)]
        if self.ended:
            key, icon, tone = ("all_moved", "disc-tick", "good") if not left else ("not_all", "triangle", "care")
            return Notice(words[f"manager.self_test.{key}"].format(count=len(left)), icon=icon, tone=_tone(tone))
        if not self._walking:
            return Notice(words["manager.self_test.what"], icon="self-test")
        if not left:
            return Notice(words["manager.self_test.end_now"], icon="disc-tick", tone="good")
        return Notice(words[f"manager.self_test.move_{left[0].sense}"], words["manager.self_test.next"], "arrow-right")

    def _walk(self, words: Words) -> Buttons:
        if self._walking:
            return Buttons((Button("end", words["manager.self_test.end"], "tick"),))
        return Buttons((Button("begin", words["manager.self_test.begin"], "self-test", "good"),))

    def _inputs(self, inputs: Inputs, words: Words) -> Rows:
        rows = tuple(self._input(one, words) for one in inputs.inputs)
        return Rows(rows, words["manager.self_test.inputs"], words["manager.self_test.no_inputs"])

    def _input(self, one: InputNow, words: Words) -> Row:
        name = words[f"manager.self_test.sense_{one.sense}"]
        now = words[f"manager.self_test.{'active' if one.active else 'quiet'}"]
        if one.chatters:
            return Row(name, words["manager.self_test.chatters"], icon="octagon-cross", tone="bad")
        if not (self._walking or self.ended):
            return Row(name, now)
        moved = words["manager.self_test.moved"].format(count=one.moved)
        icon, tone = ("disc-tick", "good") if _ticked_off(one) else ("hourglass", "care")
        return Row(name, now, moved, icon, _tone(tone))

    def _outs(self, inputs: Inputs, words: Words) -> list[Block]:
        if not inputs.outs:
            return []
        buttons = tuple(
            Button(out, words[f"manager.self_test.out_{out}"], hold_s=1.0 if out in RELAYS else 0.0,
                   enabled=inputs.maintenance or out not in RELAYS)
            for out in inputs.outs
        )  # fmt: skip
        blocks: list[Block] = [Buttons(buttons, words["manager.self_test.outs"])]
        if not inputs.maintenance and any(out in RELAYS for out in inputs.outs):
            blocks.append(Notice(words["manager.self_test.maintenance_first"], icon="wrench", tone="care"))
        if self.tried:
            blocks.append(Rows(tuple(_result(one, words) for one in self.tried.values())))
        return blocks


def _ticked_off(one: InputNow) -> bool:
    """Tell whether an input has gone there and back."""
    return one.moved >= THERE_AND_BACK and not one.chatters


def _tone(tone: str) -> Tone:
    return "good" if tone == "good" else "care"


def _result(tried: OutTried, words: Words) -> Row:
    icon, tone = _LOOKS[tried.result]
    took = f"{tried.feedback_ms} ms" if tried.feedback_ms is not None else ""
    name = words[f"manager.self_test.out_{tried.out}"]
    return Row(name, words[f"manager.self_test.tried_{tried.result}"], took, icon, tone)
