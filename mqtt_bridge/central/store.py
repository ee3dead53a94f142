"""What the ingest needs of a database. `sqlite_store` serves one site from a file, `postgres_store` a fleet.

An event is stored once: (kiosk, epoch, number) is the primary key. Whatever does not fit is a *finding* and
never passed over in silence (`judging` says which there are).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kiosk.api.messages import EventRecord

MAX_DEAD_LETTERS = 1000
"""Rows; the newest stay. `dead_letters_total` in `counters` counts all."""
MAX_DEAD_BYTES = 1024
"""Bytes kept of a message that could not be read."""
MAX_DEAD_TOPIC = 256
"""Characters kept of its topic."""

Journal = tuple[str, str]
"""The kiosk and the epoch: one journal of one kiosk."""
Value = str | int | bytes | None


class StoreError(Exception):
    """The database cannot be used, and waiting will not help. The text is one sentence."""


class StoreUnavailableError(StoreError):
    """The database cannot be used at this moment: it is away, full or busy.

    Whether the batch is stored is not known. The same batch may be given again, and then counts as repeated where it
    was; the store looks for its database anew at every call.
    """


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event and the kiosk's path (`tenant/site/kiosk`) that it came from."""

    record: EventRecord
    place: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that is no event, with the stable code of why."""

    topic: str
    payload: bytes
    code: str


@dataclass(frozen=True, slots=True)
class State:
    """The newest word of a kiosk on one thing, as it came."""

    place: str
    """The kiosk's path, `tenant/site/kiosk`."""
    name: str
    """What it is about: the topic after `up/`, such as `presence`, `tele/health` or `cfg/trust`."""
    payload: bytes
    """Bounded by whoever hands it over."""


class Store(Protocol):
    """What the ingest needs of a database."""

    def add(self, arrivals: Sequence[Arrival], dead: Sequence[DeadLetter], received: int) -> Mapping[Journal, int]:
        """Commit a batch, durably, in one transaction. `received`: Unix seconds.

        Returns what `contiguous` says now of every journal in the batch. Raises StoreError.
        """

    def contiguous(self, kiosk: str, epoch: str) -> int:
        """Return the number up to which no event is missing; 0: the first one is. Raises StoreError."""

    def note_state(self, states: Sequence[State], received: int) -> None:
        """Keep what kiosks have said last, each thing once. `received`: Unix seconds. Raises StoreError.

        What is older than what is there is passed over: consumers may overtake each other.
        """

    def rows(self, sql: str) -> list[tuple[Value, ...]]:
        """Return what the database answers to a SELECT without parameters. Raises StoreError."""

    def stream(self, sql: str) -> Iterator[tuple[Value, ...]]:
        """Yield it row by row, for answers that memory does not hold; within `moment`. Raises StoreError."""

    def moment(self) -> AbstractContextManager[None]:
        """Let all that is read within be of one moment, whatever is stored meanwhile. Raises StoreError."""

    def close(self) -> None:
        """Close the database."""
