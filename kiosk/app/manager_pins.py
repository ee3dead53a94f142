"""PINs, given and taken away at the manager's screen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.api import manager as wire
from kiosk.api.manager.pins import PinOf
from kiosk.app.manager_desk import Handlers
from kiosk.app.manager_session import Sessions, said_of
from kiosk.app.ports import Clock
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.staff import Refused, RefusedError, Staff
from kiosk.domain.staff_pins import may_change, removed, with_pin

SET_EVERY_S = 20
"""Between two new PINs: whether one is taken tells whoever sets it a PIN of somebody else's."""
_S = 10**9


@dataclass(slots=True)
class PinDesk:
    """Answers for who has a PIN."""

    sessions: Sessions
    recorder: Recorder
    clock: Clock
    _set_ns: int | None = None

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {
            wire.ListPins: self.everybody, wire.SetPin: self.give, wire.RemovePin: self.take_away,
            wire.ChangeOwnPin: self.change_own,
        }  # fmt: skip

    async def everybody(self, _: wire.ListPins, _staff: Staff) -> wire.Pins:
        """Return who has a PIN."""
        pins = await self._pins()
        return wire.Pins(pins=tuple(PinOf(name=one.name, role=one.role) for one in pins))

    async def give(self, asked: wire.SetPin, by: Staff) -> wire.Pins:
        """Give somebody a PIN."""
        of = Staff(asked.role, asked.name)
        pins = await self._pins()
        if not may_change(by, of, pins):
            raise RefusedError(Refused.NOT_PERMITTED)
        with_pin(pins, of, asked.pin)
        await self._set(of, asked.pin, by)
        return await self.everybody(wire.ListPins(), by)

    async def take_away(self, asked: wire.RemovePin, by: Staff) -> wire.Pins:
        """Take somebody's PIN away."""
        pins = await self._pins()
        removed(pins, asked.name)
        of = next(one for one in pins if one.name == asked.name)
        if not may_change(by, of, pins):
            raise RefusedError(Refused.NOT_PERMITTED)
        await self._record("removed", of, by)
        await asyncio.to_thread(self.sessions.pins.remove, asked.name)
        self.sessions.pin_changed(asked.name)
        return await self.everybody(wire.ListPins(), by)

    async def change_own(self, asked: wire.ChangeOwnPin, by: Staff) -> wire.Ok:
        """Give whoever asks another PIN, once they have said theirs."""
        with_pin(await self._pins(), by, asked.new)
        if await self.sessions.known(asked.pin) != by:
            await self.sessions.miss()
            raise RefusedError(Refused.WRONG_PIN)
        await self._set(by, asked.new, by)
        return wire.Ok()

    async def _set(self, of: Staff, pin: str, by: Staff) -> None:
        now = self.clock.mono_ns()
        if self._set_ns is not None and now - self._set_ns < SET_EVERY_S * _S:
            raise RefusedError(Refused.BUSY, str(SET_EVERY_S - (now - self._set_ns) // _S))
        self._set_ns = now
        await self._record("set", of, by)
        try:
            await asyncio.to_thread(self.sessions.pins.put, of, pin)
        except RefusedError:
            await self.sessions.miss()
            self.recorder.note(_changed("not_set", of, by))
            raise
        except OSError:
            self.recorder.note(_changed("not_set", of, by))
            raise

    async def _record(self, what: str, of: Staff, by: Staff) -> None:
        await self.recorder.record_now([_changed(what, of, by)])

    async def _pins(self) -> Sequence[Staff]:
        return await asyncio.to_thread(self.sessions.pins.everybody)


def _changed(what: str, of: Staff, by: Staff) -> EventDraft:
    return EventDraft(
        EventType.PINS_CHANGED, data={"what": what, "name": of.name, "of": of.role.value, **said_of(by)}
    )
