"""What is asked of the journal for people: how the day goes, what happened, who was here. Ports and their values.

Every look opens the journal by itself, beside the one thread that writes it: no record waits for a question.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from kiosk.domain.events import Event, EventType
from kiosk.domain.tracing import Contact, Passage, Stay


@dataclass(frozen=True, slots=True)
class Span:
    """A time: from a moment on, up to another that does not belong to it. None: without that end."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """Which events are listed."""

    types: frozenset[EventType]
    by_somebody: bool = False
    """Those as well by which staff or the centre let somebody in."""
    reason: str = ""
    """Only those whose first reason this is."""
    span: Span = Span()
    before: int | None = None
    """Only those with a smaller number."""
    limit: int = 20


@dataclass(frozen=True, slots=True)
class Moved:
    """How many people came in and went out in a quarter of an hour; every time zone begins its hours with one."""

    at: int
    """Unix time of its beginning."""
    came: int
    left: int


class Books(Protocol):
    """One look into the journal. All methods raise JournalError."""

    def counts(self, span: Span) -> Mapping[EventType, int]:
        """Return how many events there are of each type."""
        ...

    def refusals(self, span: Span, most: int) -> Sequence[tuple[str, int]]:
        """Return the most frequent first reasons of refusals, and how often each was given."""
        ...

    def moved(self, span: Span) -> Sequence[Moved]:
        """Return who came and left, as far as that is counted: at most two days back."""
        ...

    def entries(self, query: EntryQuery) -> Sequence[Event]:
        """Return events, the newest first."""
        ...

    def last(self) -> int:
        """Return the number of the newest event; 0: there is none."""
        ...

    def found(self, terms: Iterable[bytes], most: int) -> Sequence[Passage]:
        """Return the passages that these terms, not hashed, find; the newest first."""
        ...

    def days(self) -> int:
        """Return how many days can be looked up."""
        ...

    def passages(self, numbers: Collection[int]) -> Sequence[Passage]:
        """Return those of these numbers that are passages."""
        ...

    def of_same(self, numbers: Collection[int]) -> frozenset[int]:
        """Return the numbers of all passages of the persons of these, as far as their terms say it."""
        ...

    def meeting(self, begin: int, end: int, usual_s: int) -> Sequence[Passage]:
        """Return one passage of each stay that may have a second of `begin` to `end` (Unix times) in it.

        `usual_s`: what a stay is taken for of which only one end was seen.
        """
        ...

    def sealed(self, numbers: Collection[int]) -> Mapping[int, str]:
        """Return what is sealed with these events; those are left out with which nothing is."""
        ...

    def numbers_in(self, span: Span) -> tuple[int, int] | None:
        """Return the first and the last number of a time; None: there is no event in it."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after a number, in order."""
        ...

    @property
    def epoch(self) -> str:
        """The journal's random name."""
        ...


@dataclass(frozen=True, slots=True)
class Tracing:
    """What is found."""

    asked: tuple[Stay, ...]
    """The stays of the visits that were asked about; fewer than numbers where some are no visits, or too old."""
    contacts: tuple[Contact, ...]
    """Who met them, by their numbers."""
    sealed: dict[int, str]
    """What is sealed with the admissions of the contacts, by number."""

    @property
    def unnamed(self) -> int:
        """How many of them nobody can name, not even the authority."""
        return len(self.contacts) - len(self.sealed)


class ExportError(Exception):
    """Nothing was exported; `code` says why: no_space, target_gone, not_writable, cancelled."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ExportWriter(Protocol):
    """Writes files below a folder, whole or not at all. Blocks. Methods raise ExportError, and return the names."""

    def events(
        self, books: Books, into: Path, numbers: tuple[int, int],
        progress: Callable[[float, int], None], cancelled: Callable[[], bool],
    ) -> tuple[str, ...]:  # fmt: skip
        """Write the events from one number to another. `progress`: told the part of 1, and how many events."""
        ...

    def trace(self, books: Books, into: Path, found: Tracing, *, why: str, margin_min: int) -> tuple[str, ...]:
        """Write who shared place and time, for the health authority."""
        ...


OpenBooks = Callable[[], AbstractContextManager[Books]]
"""Opens the journal for one look. Raises JournalError where it cannot be read."""
