"""What the gate process does beside the door: look-ups into the journal, and forgetting what its time is over for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from kiosk.adapters.late_journal import LateJournal
from kiosk.adapters.lookups import Inbox
from kiosk.adapters.policy_archive import PolicyArchive
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import ClockConfidence, EventDraft

LOOKUPS_EVERY_S = 1.0
AFTER_FAILURE_S = 60.0
"""Pause after a folder or journal that failed: it will rarely be mended within a second."""
FORGET_EVERY_S = 3600.0
"""Often enough that a day which has ended is over soon, whatever the clock did meanwhile."""
_log = logging.getLogger("kiosk")


class Upkeep:
    """Looks into the inbox every second, and forgets at the start and every hour."""

    def __init__(
        self, journal: LateJournal, inbox: Inbox, archive: PolicyArchive, clock: Clock, *, policy: str, keep_days: int,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        """`policy`: the digest of the one in force."""
        self._pause = pause
        self._journal, self._inbox, self._archive, self._clock = journal, inbox, archive, clock
        self._policy, self._keep_days = policy, keep_days

    async def run(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> None:
        """Do both, for ever; `note` puts events on record and raises JournalError."""
        await asyncio.gather(self._look_ups(note), self._forgetting())

    async def _look_ups(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> None:
        while True:
            done = await self.take_lookups(note)
            await self._pause(LOOKUPS_EVERY_S if done else AFTER_FAILURE_S)

    async def _forgetting(self) -> None:
        while True:
            await asyncio.to_thread(self.forget)
            await self._pause(FORGET_EVERY_S)

    async def take_lookups(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> bool:
        """Turn the look-ups that wait into events. Where that fails they wait on, and the answer is False."""
        try:
            for path, draft in await asyncio.to_thread(self._inbox.waiting):
                await note([draft])
                await asyncio.to_thread(self._inbox.done, path)
        except JournalError:
            return False  # the gate says so itself
        except OSError as error:
            _log.warning("look-ups cannot be taken out of their folder (%s)", error.strerror)
            return False
        return True

    def forget(self) -> None:
        """Destroy day keys, kept inputs and policies whose time is over."""
        try:
            self._journal.forget_kept()
            if self._clock.confidence() is not ClockConfidence.UNSET:
                self._archive.forget(self._policy, self._clock.now(), self._keep_days)
        except JournalError as error:
            _log.warning("%s; tried again in an hour", error)
        except OSError as error:
            _log.warning("policies that are over cannot be deleted (%s)", error.strerror)
