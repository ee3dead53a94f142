"""Settings at the touchscreen: shown, changed and undone, each change on record before it is made."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from kiosk.api.manager.settings import (
    SettingsFaulty,
    SettingsRead,
    SettingsShown,
    SettingsTaken,
    SettingsUndo,
    SettingsWrite,
)
from kiosk.app.manager_desk import Handlers
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.staff import Refused, RefusedError, Staff

How = Literal["set", "undone", "given_up"]


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A change that has been checked and can be made."""

    keys: tuple[str, ...]
    content: bytes


class SettingsBook(Protocol):
    """Keeps what was set at the touchscreen. All of it blocks."""

    def shown(self) -> SettingsShown:
        """Return how the settings stand. Raises OSError."""
        ...

    def checked(self, asked: SettingsWrite) -> SettingsChange | SettingsFaulty:
        """Check a change as a whole, together with the kiosk's own settings and the centre's. Raises OSError."""
        ...

    def undoing(self) -> SettingsChange | None:
        """Return what undoing the last change would change; None: there is nothing to undo."""
        ...

    def make(self, change: SettingsChange) -> None:
        """Keep a change for the next start. Raises OSError."""
        ...

    def undo(self) -> None:
        """Go back to the version before. Raises OSError."""
        ...


@dataclass(slots=True)
class SettingsDesk:
    """Answers for the settings."""

    book: SettingsBook
    recorder: Recorder

    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One change at a time: each is checked against what the one before has left."""

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {SettingsRead: self.read, SettingsWrite: self.write, SettingsUndo: self.undo}

    async def read(self, _: SettingsRead, __: Staff) -> SettingsShown:
        """Return how they stand."""
        return await asyncio.to_thread(self.book.shown)

    async def write(self, asked: SettingsWrite, staff: Staff) -> SettingsTaken | SettingsFaulty:
        """Make a change, all of it or nothing."""
        async with self._changing:
            change = await asyncio.to_thread(self.book.checked, asked)
            if isinstance(change, SettingsFaulty):
                return change
            if change.keys:
                await self.recorder.record_now([changed("set", change.keys, staff)])
                await asyncio.to_thread(self.book.make, change)
            return SettingsTaken(keys=change.keys)

    async def undo(self, _: SettingsUndo, staff: Staff) -> SettingsTaken:
        """Undo the last change. Raises RefusedError where there is none."""
        async with self._changing:
            change = await asyncio.to_thread(self.book.undoing)
            if change is None:
                raise RefusedError(Refused.NOT_FOUND)
            await self.recorder.record_now([changed("undone", change.keys, staff)])
            await asyncio.to_thread(self.book.undo)
            return SettingsTaken(keys=change.keys)


def changed(how: How, keys: Sequence[str], staff: Staff | None = None) -> EventDraft:
    """Return the record of a change: which settings, never what was written into them."""
    data: dict[str, object] = {"how": how, "keys": list(keys)}
    if staff is not None:
        data |= {"role": staff.role.value, "by": staff.name}
    return EventDraft(EventType.SETTINGS_CHANGED, data=data)
