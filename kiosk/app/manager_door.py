"""The door at the manager's screen: how it stands, opening it for somebody, running it in another way, calls.

What opens the door, or lets people in again, is durable on record first: who did it and why. What locks it, and what
silences an alarm, waits for nothing; its record follows. Whether a thing was done is told by the record that the door's
machine makes of it, never by what was asked for.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.api import manager as wire
from kiosk.api.manager.door import AlarmNow, CallNow, LeafNow
from kiosk.app.doorway import Doorway
from kiosk.app.manager_desk import Handlers
from kiosk.app.manager_session import said_of
from kiosk.app.ports import Clock, JournalError
from kiosk.app.recorder import Recorder
from kiosk.app.tally import Door
from kiosk.domain import gate as machine
from kiosk.domain import occupancy
from kiosk.domain.door_io import DoorKind, Mode
from kiosk.domain.events import Event, EventDraft, EventType
from kiosk.domain.gate import Gate
from kiosk.domain.gate_door import shut
from kiosk.domain.policy import Policy
from kiosk.domain.staff import Refused, RefusedError, Staff
from kiosk.domain.staff_door import may_set

BY = "staff"
"""Who asked, in the records of the door's machine."""
OUTCOME_S = 5.0
"""How long an outcome is waited for: a disk that is busy, and a relay that moves."""


def _name() -> str:
    return secrets.token_hex(8)


@dataclass(slots=True)
class _Outcome:
    """Something that was asked of the machine, until the record of it is there. `visit`: of an opening."""

    is_it: Callable[[Event], bool]
    done: asyncio.Future[None]
    visit: str = ""


@dataclass(slots=True)
class DoorDesk:
    """Answers for the door."""

    gate: Callable[[], Gate]
    dispatch: Callable[[machine.Input], None]
    recorder: Recorder
    clock: Clock
    door: Door
    policy: Callable[[], Policy]
    name: Callable[[], str] = _name
    _awaited: list[_Outcome] = field(default_factory=list)
    _opening: bool = False

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {
            wire.ShowDoor: self.show, wire.OpenDoor: self.open, wire.SetMode: self.set_mode,
            wire.SeeAlarms: self.see_alarms, wire.AnswerCalls: self.answer_calls,
        }  # fmt: skip

    # how it stands

    async def show(self, _: wire.ShowDoor, _staff: Staff) -> wire.DoorNow:
        """Return how the door stands."""
        return self._now()

    def _now(self) -> wire.DoorNow:
        gate, policy, now = self.gate(), self.policy(), self.clock.mono_ns()
        door = gate.door
        people, full = self._people()
        closed = shut(gate)
        return wire.DoorNow(
            mode=door.running, held_open=door.held_open, shut=closed.value if closed is not None else "",
            direction=door.setup.direction, people=people, full=full,
            capacity=policy.capacity.people if policy.capacity is not None else None,
            leaves=tuple(
                LeafNow(relay=leaf.relay, state=leaf.state, open=None if leaf.contact is None else leaf.is_open)
                for leaf in door.leaves
            ),
            alarms=tuple(
                AlarmNow(alarm=one.alarm, level=one.level, seen=one.seen, since_ns=one.since_ns) for one in door.alarms
            ),
            calls=tuple(
                CallNow(
                    visit=one.visit, since_ns=one.since_ns, reasons=one.reasons, waits_s=_waited_s(one.since_ns, now)
                )
                for one in gate.calls
            ),
        )  # fmt: skip

    def _people(self) -> tuple[int | None, int]:
        """Return how many people are inside, and how full that is."""
        policy = self.policy()
        occupied = self.door.occupied(policy, self.clock)
        if occupied is not None or self.door.tally is None:
            return (occupied.people, occupied.level) if occupied is not None else (None, 0)
        now = self.clock.now().astimezone(self.door.zone)
        return self.door.tally.inside(occupancy.counting_since(now, occupancy.reset_of(policy))), 0

    # opening it

    async def open(self, asked: wire.OpenDoor, by: Staff) -> wire.Opened:
        """Let somebody through."""
        if self._opening:
            raise RefusedError(Refused.BUSY)
        self._opening = True
        try:
            return await self._open(asked, by)
        finally:
            self._opening = False

    async def _open(self, asked: wire.OpenDoor, by: Staff) -> wire.Opened:
        self._refuse_where_shut()
        visit = f"staff-{self.name()}"
        said = {"direction": asked.direction.value, "reason": asked.reason.value, "longer": asked.longer}
        await self.recorder.record_now([_acted(by, "open", said, visit)])
        self._refuse_where_shut()  # a fire may have begun meanwhile
        longer, setup = asked.longer, self.gate().door.setup
        # A mantrap releases when both of its doors are shut, which may take as long as people do.
        kind = EventType.VISIT_ADMITTED if setup.kind is DoorKind.INTERLOCK else EventType.GATE_RELEASED
        await self._done(
            machine.OpenAsked(visit, BY, asked.direction, longer, asked.reason.value),
            lambda event: event.visit == visit and event.type is kind, visit,
        )  # fmt: skip
        return wire.Opened(visit=visit, ms=setup.longer_ms if longer else setup.pulse_ms)

    def _refuse_where_shut(self) -> None:
        gate = self.gate()
        closed = shut(gate)
        if closed is not None:
            raise RefusedError(Refused.NOT_NOW, closed.value)
        if Doorway.of(gate.door).open_to_all:
            raise RefusedError(Refused.NOT_NOW, "open_to_all")

    # running it in another way

    async def set_mode(self, asked: wire.SetMode, by: Staff) -> wire.DoorNow:
        """Have the door run in another way."""
        mode, was = Mode(asked.mode), self.gate().door.mode
        if not may_set(by.role, mode, was):
            raise RefusedError(Refused.NOT_PERMITTED)
        said = _acted(by, "mode", {"mode": mode.value, "reason": asked.reason.value})
        if mode is Mode.LOCKDOWN or mode is was:
            self.dispatch(machine.ModeAsked(mode, BY))
            self.recorder.note(said)
            return self._now()
        await self.recorder.record_now([said])
        if not may_set(by.role, mode, self.gate().door.mode):
            raise RefusedError(Refused.NOT_PERMITTED)  # it was locked down meanwhile
        await self._done(
            machine.ModeAsked(mode, BY),
            lambda event: event.type is EventType.MODE_CHANGED and event.data.get("mode") == mode.value,
        )
        return self._now()

    # alarms and calls

    async def see_alarms(self, _: wire.SeeAlarms, by: Staff) -> wire.DoorNow:
        """Take note that staff has seen the alarms."""
        alarms = sorted({one.alarm.value for one in self.gate().door.alarms if not one.seen})
        if alarms:
            self.dispatch(machine.AlarmsSeen())
            self.recorder.note(_acted(by, "alarms_seen", {"alarms": alarms}))
        return self._now()

    async def answer_calls(self, _: wire.AnswerCalls, by: Staff) -> wire.DoorNow:
        """Take note that staff has come to whoever called."""
        calls, now = self.gate().calls, self.clock.mono_ns()
        if calls:
            said = {"calls": len(calls), "waited_s": _waited_s(calls[0].since_ns, now)}
            self.dispatch(machine.StaffDone())
            self.recorder.note(_acted(by, "calls_answered", said))
        return self._now()

    # what came of it

    async def _done(self, told: machine.Input, is_it: Callable[[Event], bool], visit: str = "") -> None:
        """Tell the machine something, and wait until it is done. Raises RefusedError and JournalError."""
        outcome = _Outcome(is_it, asyncio.get_running_loop().create_future(), visit)
        self._awaited.append(outcome)
        try:
            self.dispatch(told)
            await asyncio.wait_for(outcome.done, OUTCOME_S)
        except TimeoutError as error:
            raise RefusedError(Refused.FAILED, "no_outcome") from error
        finally:
            self._awaited.remove(outcome)

    def recorded(self, event: Event) -> None:
        """Take note that an event is on record, and that the machine has heard of it."""
        for outcome in self._awaited:
            if outcome.done.done():
                continue
            if outcome.is_it(event):
                outcome.done.set_result(None)
            elif outcome.visit and event.visit == outcome.visit and event.type is EventType.VISIT_ANNULLED:
                reasons = event.data.get("reasons")
                why = str(reasons[0]) if isinstance(reasons, list) and reasons else ""
                outcome.done.set_exception(RefusedError(Refused.NOT_NOW, why))

    def unrecorded(self) -> None:
        """Take note that records have failed, and that the machine has heard of it."""
        gate = self.gate()
        for outcome in self._awaited:
            waits = any(one.visit == outcome.visit for one in gate.pending)
            granted = any(one.visit == outcome.visit for one in gate.door.openings)
            if not (outcome.done.done() or waits or granted):
                outcome.done.set_exception(JournalError("the journal failed"))


def _waited_s(since_ns: int, now_ns: int) -> int:
    return max(0, now_ns - since_ns) // 1_000_000_000


def _acted(by: Staff, act: str, said: Mapping[str, object], visit: str = "") -> EventDraft:
    """Return the record of what staff does: `act`, and what belongs to it."""
    return EventDraft(EventType.STAFF_ACTED, visit, {"act": act, **said_of(by), **said})
