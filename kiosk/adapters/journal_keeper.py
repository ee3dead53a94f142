"""What has to be done for the journal in time: its mark, what may be dropped, alarms, and what is to be salvaged."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Protocol

from kiosk.adapters import journal_salvage
from kiosk.adapters.journal_room import NEARLY_FULL, Room, alarms, disk_used
from kiosk.adapters.journal_salvage import Salvaged, SetAside
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.ports import JournalError
from kiosk.domain.events import Event

MARK_EVERY_S = 10.0
"""How long ago the mark may be: a copy that is younger is found out by the centre's word alone."""
LOOK_EVERY_S = 60.0
BETWEEN_S = 0.05
"""Pause between steps, in which records come first."""
_ALARMS = "alarms"
"""What the journal remembers: the alarms that stand."""
_log = logging.getLogger("kiosk")


class InThread(Protocol):
    """Calls the journal's `append` where all records are written."""

    def __call__(self, call: Callable[..., Sequence[Event]], *arguments: object) -> Awaitable[Sequence[Event]]:
        """Return what the call returns."""
        ...


@dataclass(slots=True)
class JournalKeeper:
    """Looks after the journal at `path`, for ever. What fails is tried again at the next look."""

    journal: LateJournal
    path: Path
    kiosk: str
    _: KW_ONLY
    disk: Callable[[Path], float] = disk_used
    """How much of a folder's disk is used, of 1."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, in_thread: InThread, grown: Callable[[], None], tell: Callable[[Room], None]) -> None:
        """Do everything; `grown` hears of new events, and `tell` how full the journal is."""
        await asyncio.gather(self._marking(), self._looking(in_thread, grown, tell), self._salvaging(in_thread, grown))

    async def _marking(self) -> None:
        while True:
            await asyncio.to_thread(self.leave_mark)
            await self.pause(MARK_EVERY_S)

    def leave_mark(self) -> None:
        """Leave word of how far the journal has come."""
        try:
            self.journal.mark()
        except JournalError:
            return  # without room for it there is none for records, and the gate says so

    async def _looking(self, in_thread: InThread, grown: Callable[[], None], tell: Callable[[Room], None]) -> None:
        while True:
            try:
                await self.tidy()
                tell(await self.look(in_thread, grown))
            except JournalError as error:
                _log.warning("%s; tried again in a minute", error)
            await self.pause(LOOK_EVERY_S)

    async def tidy(self) -> None:
        """Drop what may go, in steps. Raises JournalError."""
        while await asyncio.to_thread(self.journal.tidy):
            await self.pause(BETWEEN_S)

    async def look(self, in_thread: InThread, grown: Callable[[], None]) -> Room:
        """Put on record which alarms have begun or ended, and return how full it is. Raises JournalError."""
        room = await asyncio.to_thread(self._room)
        raised = frozenset((await asyncio.to_thread(self.journal.remembered, _ALARMS)).split())
        standing, drafts = alarms(raised, room)
        if drafts:
            await in_thread(self.journal.append, drafts, {_ALARMS: " ".join(sorted(standing))})
            grown()
        return room

    def _room(self) -> Room:
        try:
            return Room(self.journal.filled(), self.disk(self.path.parent))
        except OSError as error:
            raise JournalError("nobody can tell how full the journal's disk is") from error

    async def _salvaging(self, in_thread: InThread, grown: Callable[[], None]) -> None:
        while True:
            for aside in await asyncio.to_thread(journal_salvage.waiting, self.path):
                try:
                    await self.salvage(aside, in_thread, grown)
                except OSError as error:
                    _log.warning("%s waits to be salvaged (%s)", aside.name, error)
            await self.pause(LOOK_EVERY_S)

    async def salvage(self, aside: Path, in_thread: InThread, grown: Callable[[], None]) -> None:
        """Tell in the journal what can be read of one that was set aside. Raises OSError, a JournalError too."""
        key = f"salvaged:{aside.name}"
        with closing(await asyncio.to_thread(SetAside, aside, self.kiosk)) as old:
            after = int(await asyncio.to_thread(self.journal.remembered, key) or old.confirmed)
            batches = old.batches(after)
            while (batch := await asyncio.to_thread(next, batches, None)) is not None:
                await self._take_over(batch, key, in_thread)
                grown()
                await self.pause(BETWEEN_S)
        await asyncio.to_thread(journal_salvage.done_note(aside).touch, 0o600)
        _log.info("%s: what could be read of it is in the journal", aside.name)

    async def _take_over(self, batch: Salvaged, key: str, in_thread: InThread) -> None:
        room = await asyncio.to_thread(self._room)
        if room.percent >= NEARLY_FULL:
            raise JournalError("the journal is nearly full, and today's records come first")
        await in_thread(self.journal.append, batch.drafts, {key: str(batch.upto)})
