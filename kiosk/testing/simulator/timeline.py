"""Virtual time: processes that wait for seconds or for something to be so, and a clock that jumps to what is next."""

import heapq
import itertools
from collections.abc import Callable, Coroutine, Generator, Iterator
from dataclasses import dataclass, field
from inspect import iscoroutine

from kiosk.testing.clock import FakeClock


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until something is so, or for some seconds at most. The process is sent whether it was."""

    so: Callable[[], bool]
    at_most_s: float


Asked = float | Until | Coroutine[object, object, None]
"""Seconds to wait, a condition, or a coroutine to be awaited at once."""
Process = Generator[Asked, bool, None]
Part = Generator[Asked, bool, bool]
"""A part of a process, which returns whether it came off."""
Call = Callable[[], Coroutine[object, object, None] | None]


@dataclass(slots=True)
class _Waiting:
    process: Process
    until: Until
    number: int


@dataclass(slots=True)
class Timeline:
    """What will happen, in order. Two things at one moment happen in the order in which they were said."""

    clock: FakeClock
    _heap: list[tuple[int, int, Call]] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)
    _waiting: dict[int, _Waiting] = field(default_factory=dict)

    @property
    def now_ns(self) -> int:
        """The monotonic clock."""
        return self.clock.mono_ns()

    def at(self, ns: int, call: Call) -> None:
        """Let something happen at a moment."""
        heapq.heappush(self._heap, (max(ns, self.now_ns), next(self._count), call))

    def after(self, seconds: float, call: Call) -> None:
        """Let something happen after some seconds."""
        self.at(self.now_ns + round(seconds * 1e9), call)

    def begin(self, process: Process, after_s: float = 0.0) -> None:
        """Let a process begin."""
        self.after(after_s, lambda: self._go_on(process))

    async def _go_on(self, process: Process, answer: bool | None = None) -> None:
        try:
            asked = next(process) if answer is None else process.send(answer)
            while iscoroutine(asked):
                await asked
                asked = next(process)
        except StopIteration:
            return
        if isinstance(asked, Until):
            waiting = _Waiting(process, asked, next(self._count))
            self._waiting[waiting.number] = waiting
            self.after(asked.at_most_s, lambda: self._give_up(waiting))
        elif isinstance(asked, (int, float)):
            self.after(asked, lambda: self._go_on(process))

    async def _give_up(self, waiting: _Waiting) -> None:
        if self._waiting.pop(waiting.number, None):
            await self._go_on(waiting.process, answer=waiting.until.so())

    async def _look(self) -> None:
        """Let those go on whose condition is so."""
        for number, waiting in list(self._waiting.items()):
            if number in self._waiting and waiting.until.so():
                del self._waiting[number]
                await self._go_on(waiting.process, answer=True)

    async def run(self, end_ns: int, settle: Callable[[], Coroutine[object, object, None]]) -> None:
        """Let everything happen up to a moment; `settle` is awaited after each step."""
        while self._heap and self._heap[0][0] <= end_ns:
            at_ns, _, call = heapq.heappop(self._heap)
            self.clock.advance((at_ns - self.now_ns) / 1e9)
            came = call()
            if came is not None:
                await came
            await settle()
            if self._waiting:
                await self._look()
        self.clock.advance(max(0, end_ns - self.now_ns) / 1e9)
