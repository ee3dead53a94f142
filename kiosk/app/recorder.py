"""Puts on record what happens: what is queued goes into the journal in order, off the loop; says when it is durable.

Only the journal's thread touches the disk. An admission that could not be recorded has not happened; everything else
is kept, up to a bound, for the next try.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import ParamSpec, TypeVar

from kiosk.app.ports import Clock, Journal, JournalError
from kiosk.app.tally import Tally
from kiosk.domain.events import Event, EventDraft, EventType
from kiosk.domain.gate_io import Record

_P = ParamSpec("_P")
_R = TypeVar("_R")

BATCH = 100
UNSAVED = 1_000
_NOT_KEPT = frozenset({EventType.VISIT_ADMITTED, EventType.FAULT_CLEARED})
"""What has not happened where it could not be recorded."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A record on its way, since `at_ns` of the monotonic clock."""

    record: Record
    at_ns: int


@dataclass(slots=True)
class Recorder:
    """The one way into the journal."""

    journal: Journal
    clock: Clock
    recorded: Callable[[Queued, Event], None]
    """A record is durable."""
    failed: Callable[[Sequence[int]], None]
    """Nothing could be recorded; the tokens of the records that were to be, `(0,)` where there were none."""
    grown: Callable[[], None]
    """The journal has grown."""
    tally: Tally | None = None
    _queue: deque[Queued] = field(default_factory=deque)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while the queue is short. Readers wait for it, so that no flood of scans grows the queue."""
    _unsaved: deque[EventDraft] = field(default_factory=lambda: deque(maxlen=UNSAVED))
    """What no record of the machine's stands for, and what is tried again."""
    thread: Executor | None = field(default_factory=lambda: ThreadPoolExecutor(1, "journal"))
    """Where the journal is called; None: at once, where time is only played."""

    def __post_init__(self) -> None:
        self._room.set()

    def put(self, record: Record) -> None:
        """Queue a record of the machine's, with what its admission counts, so that both become durable together."""
        draft = self.tally.attach(record.draft) if self.tally is not None else record.draft
        self._queue.append(Queued(replace(record, draft=draft), self.clock.mono_ns()))
        self._woken.set()
        if len(self._queue) >= BATCH:
            self._room.clear()

    def note(self, *drafts: EventDraft) -> None:
        """Put on record what no visit has to do with; it happened now unless it says when."""
        now = self.clock.mono_ns()
        if self.tally is not None:
            drafts = tuple(map(self.tally.attach, drafts))
        self._unsaved.extend(draft if draft.mono_ns else replace(draft, mono_ns=now) for draft in drafts)
        self._woken.set()

    async def record_now(self, drafts: Sequence[EventDraft]) -> None:
        """Put on record what has happened beside the machine, durably. Raises JournalError."""
        await self.in_thread(self.journal.append, drafts)
        self.grown()

    async def room(self) -> None:
        """Wait until the queue is short."""
        await self._room.wait()

    @property
    def is_idle(self) -> bool:
        """Tell whether everything that was put or noted is on record."""
        return not (self._queue or self._unsaved)

    @property
    def waiting(self) -> int:
        """How many records wait."""
        return len(self._queue)

    async def keep(self) -> None:
        """Commit what is queued, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self.commit_queued()

    async def commit_queued(self) -> None:
        """Commit what is queued, as many records at once as have come while the disk was busy."""
        await self._commit([])
        while self._queue:
            await self._commit([self._queue.popleft() for _ in range(min(len(self._queue), BATCH))])
        self._room.set()

    async def _commit(self, batch: list[Queued]) -> None:
        new = [replace(queued.record.draft, mono_ns=queued.at_ns) for queued in batch]
        unsaved = list(self._unsaved)
        self._unsaved.clear()  # what is noted from now on waits for the next commit
        if not unsaved and not new:
            return
        try:
            events = await self.in_thread(self.journal.append, [*unsaved, *new])
        except JournalError:
            self._settle(new, written=False)
            noted = list(self._unsaved)
            self._unsaved.clear()
            self._unsaved.extend([*unsaved, *(draft for draft in new if draft.type not in _NOT_KEPT), *noted])
            self.failed([queued.record.token for queued in batch] or [0])
            return
        self._settle([*unsaved, *new], written=True)
        for queued, event in zip(batch, events[len(unsaved) :], strict=True):
            self.recorded(queued, event)
        self.grown()

    def _settle(self, drafts: list[EventDraft], *, written: bool) -> None:
        """Leave the counting of what was written, or could not be, to the journal."""
        if self.tally is not None:
            self.tally.settle(drafts, written=written)

    async def in_thread(self, call: Callable[_P, _R], *args: _P.args, **_: _P.kwargs) -> _R:
        """Call the journal in its thread, off the loop."""
        if self.thread is None:
            return call(*args, **_)
        return await asyncio.get_running_loop().run_in_executor(self.thread, call, *args)
