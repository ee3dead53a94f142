"""A test of every wire at the manager's screen: what moves while somebody walks through, and what can be switched.

The walk only listens: the door goes on as it is run. Outputs are borrowed from the doorkeeper for a second. A relay
moves in maintenance only, by the door's own machine, with a record before (kiosk.domain.gate_door); that its line moved
is the feedback, measured from the moment it was told to.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.api import manager as wire
from kiosk.api.manager.test import InputNow
from kiosk.app.doorkeeper import Doorkeeper
from kiosk.app.manager_desk import Handlers
from kiosk.app.manager_session import said_of
from kiosk.app.ports import Clock, GateOutput, JournalError
from kiosk.app.recorder import Recorder
from kiosk.domain import gate as machine
from kiosk.domain.door_io import Mode, RelayTried
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused, RefusedError, Staff

LENT_S = 1.0
"""How long a lamp, the buzzer or the light is on."""
FEEDBACK_S = 5.0
"""How long a relay is waited for: its record has to be durable first."""


@dataclass(slots=True)
class _Walk:
    """What has moved, and what came of outputs, since `began_ns`."""

    began_ns: int
    moved: Counter[Sense] = field(default_factory=Counter)
    tried: dict[Out, Tried] = field(default_factory=dict)


@dataclass(slots=True)
class WalkDesk:
    """Answers for the wires."""

    gate: Callable[[], Gate]
    dispatch: Callable[[machine.Input], None]
    recorder: Recorder
    clock: Clock
    doorkeeper: Doorkeeper
    relays: Mapping[Out, GateOutput]
    patience_s: float = FEEDBACK_S
    _walk: _Walk | None = None
    _trying: Out | None = None
    _rose: asyncio.Future[int] | None = None
    """The milliseconds after which the relay that is tried took the released level."""
    _fell: asyncio.Event = field(default_factory=asyncio.Event)

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {
            wire.BeginWalk: self.begin, wire.ShowInputs: self.show, wire.EndWalk: self.end, wire.TryOut: self.try_out,
        }  # fmt: skip

    # what is sensed

    async def begin(self, _: wire.BeginWalk, _staff: Staff) -> wire.Inputs:
        """Count from now on."""
        self._walk = _Walk(self.clock.mono_ns())
        return self._inputs()

    async def show(self, _: wire.ShowInputs, _staff: Staff) -> wire.Inputs:
        """Return what has moved."""
        return self._inputs()

    async def end(self, _: wire.EndWalk, by: Staff) -> wire.Inputs:
        """Put the result on record: of each input how often it moved, of each output what came of it."""
        walk, shown = self._walk, self._inputs()
        if walk is None:
            raise RefusedError(Refused.NOT_NOW, "no_walk")
        inputs = {one.sense.value: "chatters" if one.chatters else one.moved for one in shown.inputs}
        outs = {out.value: result.value for out, result in walk.tried.items()}
        said = {"part": "walk", **said_of(by), "inputs": inputs, "outputs": outs}
        await self.recorder.record_now([EventDraft(EventType.SELF_TEST_MADE, data=said)])
        self._walk = None
        return shown

    def sensed(self, sense: Sense) -> None:
        """Take note that an input has settled at another level."""
        if self._walk is not None:
            self._walk.moved[sense] += 1

    def _inputs(self) -> wire.Inputs:
        door, walk = self.gate().door, self._walk
        return wire.Inputs(
            since_ns=walk.began_ns if walk is not None else 0,
            inputs=tuple(
                InputNow(
                    sense=sense, active=sense in door.active, chatters=sense in door.chattering,
                    moved=walk.moved[sense] if walk is not None else 0,
                )
                for sense in Sense
                if sense in door.setup.senses
            ),
            outs=tuple(out for out in Out if out in self.relays or out in self.doorkeeper.switches),
            maintenance=door.running is Mode.MAINTENANCE,
        )  # fmt: skip

    # what is driven

    async def try_out(self, asked: wire.TryOut, by: Staff) -> wire.OutTried:
        """Switch an output. One at a time: two that move together tell nothing of the wires."""
        out = asked.out
        if out not in self._inputs().outs:
            raise RefusedError(Refused.NOT_FOUND, "out")
        if self._trying is not None:
            raise RefusedError(Refused.BUSY, self._trying.value)
        self._trying = out
        try:
            tried = await (self._relay(out, by) if out in self.relays else self._switch(out, by))
        finally:
            self._trying = None
        if self._walk is not None:
            self._walk.tried[out] = tried.result
        return tried

    async def _switch(self, out: Out, by: Staff) -> wire.OutTried:
        said = {"part": out.value, **said_of(by), "result": Tried.SWITCHED.value}
        self.recorder.note(EventDraft(EventType.SELF_TEST_MADE, data=said))
        self.doorkeeper.lend(out, round(LENT_S * 1e9))
        return wire.OutTried(out=out, result=Tried.SWITCHED)

    async def _relay(self, out: Out, by: Staff) -> wire.OutTried:
        if self.gate().door.running is not Mode.MAINTENANCE:
            raise RefusedError(Refused.NOT_NOW, "maintenance")
        if self.gate().door.fire:
            raise RefusedError(Refused.NOT_NOW, "fire_alarm")
        self._rose = asyncio.get_running_loop().create_future()
        self._fell.clear()
        try:
            self.dispatch(machine.RelayTestAsked(out, said_of(by)))
            feedback_ms = await asyncio.wait_for(self._rose, self.patience_s)
            await asyncio.wait_for(self._fell.wait(), self.patience_s)
        except TimeoutError:
            self._say(out, by, Tried.NO_FEEDBACK, None)
            return wire.OutTried(out=out, result=Tried.NO_FEEDBACK)
        finally:
            self._rose = None
        self._say(out, by, Tried.MOVED, feedback_ms)
        return wire.OutTried(out=out, result=Tried.MOVED, feedback_ms=feedback_ms)

    def _say(self, out: Out, by: Staff, result: Tried, feedback_ms: int | None) -> None:
        said = {"part": out.value, **said_of(by), "result": result.value}
        measured = {} if feedback_ms is None else {"feedback_ms": feedback_ms}
        self.recorder.note(EventDraft(EventType.SELF_TEST_MADE, data={**said, **measured}))

    def unrecorded(self) -> None:
        """Take note that records have failed, and that the machine has heard of it."""
        waits = any(isinstance(one.then, RelayTried) for one in self.gate().pending)
        if self._rose is not None and not self._rose.done() and not waits:
            self._rose.set_exception(JournalError("the journal failed"))

    def relay_moved(self, out: Out, *, released: bool, at_ns: int) -> None:
        """Take note of an edge of a relay's line, once the machine has heard of it."""
        if out is not self._trying or self._rose is None:
            return
        if released and not self._rose.done():
            told_ns = self.gate().door.leaf(out).told_ns
            self._rose.set_result(max(0, round((at_ns - told_ns) / 1_000_000)))
        elif not released and self._rose.done():
            self._fell.set()
