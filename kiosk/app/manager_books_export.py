"""Export at the manager's screen: events, or a trace for the health authority, onto a stick, with progress.

One export at a time. It goes on while the screen shows something else, and while nobody is signed in any more.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import Protocol

from kiosk.api.faults import describe
from kiosk.api.manager import CancelExport, ExportEvents, ExportState, ExportTrace, ShowExport
from kiosk.app.books import Books, ExportError, ExportWriter, OpenBooks, Span
from kiosk.app.manager_books import day_span, looking
from kiosk.app.manager_books_people import MINUTE_S, RecordNow, put_on_record, reason_of
from kiosk.app.manager_desk import Handlers
from kiosk.app.ports import JournalError
from kiosk.app.tracing import trace
from kiosk.domain.staff import Refused, RefusedError, Staff

_log = logging.getLogger("kiosk")


class Stick(Protocol):
    """Where exports go."""

    async def open(self, stick: str | None) -> Path:
        """Make a stick ready, None: the only one; return the folder to write into. Raises RefusedError."""
        ...

    async def close(self) -> None:
        """Have everything on it, so that it can be taken away. Does not raise."""
        ...


Write = Callable[[Books, Path], tuple[str, ...]]


@dataclass(slots=True)
class ExportDesk:
    """Answers for exports. `usual_min`: as in PeopleDesk."""

    books: OpenBooks
    record: RecordNow
    writer: ExportWriter
    stick: Stick
    zone: tzinfo
    usual_min: int
    _state: ExportState = field(default_factory=ExportState)
    _cancelled: threading.Event = field(default_factory=threading.Event)
    _task: asyncio.Task[None] | None = None

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {
            ExportEvents: self.export_events, ExportTrace: self.export_trace, ShowExport: self.show,
            CancelExport: self.cancel,
        }  # fmt: skip

    async def show(self, _: ShowExport, __: Staff) -> ExportState:
        """Return how far it is."""
        return self._state

    async def cancel(self, _: CancelExport, __: Staff) -> ExportState:
        """Stop it, and return how it ended."""
        self._cancelled.set()
        if self._task is not None:
            await asyncio.wait([self._task])
        return self._state

    async def export_events(self, asked: ExportEvents, staff: Staff) -> ExportState:
        """Begin to write the events of some days."""
        self._check_idle()
        span = Span(
            day_span(asked.first, None, self.zone).begin if asked.first is not None else None,
            day_span(asked.last, None, self.zone).end if asked.last is not None else None,
        )  # fmt: skip
        numbers = await looking(self._numbers, span)
        if numbers is None:
            raise RefusedError(Refused.NOT_FOUND, "events")
        first, last = numbers
        await put_on_record(self.record, staff, {"what": "export", "seq": first, "last": last})
        return self._begin(
            lambda books, into: self.writer.events(books, into, numbers, self._progress, self._cancelled.is_set),
            asked.stick,
        )

    async def export_trace(self, asked: ExportTrace, staff: Staff) -> ExportState:
        """Begin to write who shared place and time with some visits."""
        self._check_idle()
        why, margin_min = reason_of(asked.reason), asked.margin_min
        said = {"what": "trace", "why": why, "visits": list(asked.visits), "margin_min": margin_min}
        await put_on_record(self.record, staff, said)

        def write(books: Books, into: Path) -> tuple[str, ...]:
            found = trace(books, asked.visits, margin_s=margin_min * MINUTE_S, usual_s=self.usual_min * MINUTE_S)
            return self.writer.trace(books, into, found, why=why, margin_min=margin_min)

        return self._begin(write, asked.stick)

    def _check_idle(self) -> None:
        if self._state.state == "running":
            raise RefusedError(Refused.BUSY)

    def _numbers(self, span: Span) -> tuple[int, int] | None:
        with self.books() as books:
            return books.numbers_in(span)

    def _begin(self, write: Write, stick: str | None) -> ExportState:
        self._check_idle()
        self._cancelled.clear()
        self._state = ExportState(state="running")
        # Held on to here: it ends by itself, and says so in the state.
        self._task = asyncio.get_running_loop().create_task(self._run(write, stick))
        return self._state

    async def _run(self, write: Write, stick: str | None) -> None:
        try:
            into = await self.stick.open(stick)
            try:
                files = await asyncio.to_thread(self._write, write, into)
            finally:
                await self.stick.close()
        except RefusedError as error:
            self._end("failed", error.detail or error.code.value)
        except ExportError as error:
            self._end("cancelled" if error.code == "cancelled" else "failed", error.code)
        except JournalError:
            self._end("failed", "unreadable")
        except Exception as error:  # noqa: BLE001 - the task's top: nobody shall wait for it
            _log.error("export: stopped by a fault of its own (%s)", describe(error))
            self._end("failed", "failed")
        else:
            self._state = self._state.model_copy(update={"state": "done", "part": 1.0, "files": files})

    def _write(self, write: Write, into: Path) -> tuple[str, ...]:
        with self.books() as books:
            return write(books, into)

    def _end(self, state: str, code: str) -> None:
        self._state = ExportState.model_validate({"state": state, "code": code})

    def _progress(self, part: float, events: int) -> None:
        """Take note of how far it is; called in the thread that writes."""
        self._state = ExportState(state="running", part=part, events=events)
