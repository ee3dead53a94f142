"""What the gate process does beside the door: words into the journal, and forgetting what its time is over for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import KW_ONLY, dataclass

from kiosk.adapters.count_keys import PersonKeys, SecretError
from kiosk.adapters.late_journal import LateJournal
from kiosk.adapters.lookups import Inbox
from kiosk.adapters.policy_archive import PolicyArchive
from kiosk.app.ports import Clock, JournalError
from kiosk.domain.events import ClockConfidence, EventDraft, EventType

LOOKUPS_EVERY_S = 1.0
AFTER_FAILURE_S = 60.0
"""Pause after a folder or journal that failed: it will rarely be mended within a second."""
FORGET_EVERY_S = 3600.0
"""Often enough that a day which has ended is over soon, whatever the clock did meanwhile."""
_log = logging.getLogger("kiosk")


@dataclass(slots=True)
class Upkeep:
    """Looks into the inbox every second, and forgets at the start and every hour."""

    journal: LateJournal
    inbox: Inbox
    archive: PolicyArchive
    clock: Clock
    _: KW_ONLY
    policy: Callable[[], str]
    """Returns the digest of the one in force."""
    keep_days: int
    keys: PersonKeys | None = None
    reconcile: Callable[[EventDraft], EventDraft] = lambda draft: draft
    """Says what a number that staff has counted changes."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> None:
        """Do both, for ever; `note` puts events on record and raises JournalError."""
        await asyncio.gather(self._look_ups(note), self._forgetting())

    async def _look_ups(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> None:
        while True:
            done = await self.take_lookups(note)
            await self.pause(LOOKUPS_EVERY_S if done else AFTER_FAILURE_S)

    async def _forgetting(self) -> None:
        while True:
            await asyncio.to_thread(self.forget)
            await self.pause(FORGET_EVERY_S)

    async def take_lookups(self, note: Callable[[Sequence[EventDraft]], Awaitable[None]]) -> bool:
        """Turn the words that wait into events. Where that fails they wait on, and the answer is False."""
        try:
            for path, draft in await asyncio.to_thread(self.inbox.waiting):
                await note([self.reconcile(draft) if draft.type is EventType.OCCUPANCY_SET else draft])
                await asyncio.to_thread(self.inbox.done, path)
        except JournalError:
            return False  # the gate says so itself
        except OSError as error:
            _log.warning("look-ups and counts cannot be taken out of their folder (%s)", error.strerror)
            return False
        return True

    def forget(self) -> None:
        """Destroy day keys, kept inputs and policies whose time is over, and replace the key of persons."""
        try:
            if self.keys is not None:
                self.keys.rotate()
        except SecretError as error:
            _log.warning("%s; tried again in an hour", error)
        try:
            self.journal.forget_kept()
            if self.clock.confidence() is not ClockConfidence.UNSET:
                self.archive.forget(self.policy(), self.clock.now(), self.keep_days)
        except JournalError as error:
            _log.warning("%s; tried again in an hour", error)
        except OSError as error:
            _log.warning("policies that are over cannot be deleted (%s)", error.strerror)
