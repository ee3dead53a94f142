"""What the shell needs of the world, as Protocols; adapters and the fakes of kiosk.testing satisfy them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from kiosk.api.messages import DocumentAnswer, Message, Role, Scan
from kiosk.domain.events import ClockConfidence, Event, EventDraft
from kiosk.domain.situation import Direction
from kiosk.domain.trust import TrustList


class Clock(Protocol):
    """Two clocks: one that never jumps, and one that may be wrong and says how far it can be believed."""

    def mono_ns(self) -> int:
        """Return CLOCK_MONOTONIC in nanoseconds."""
        ...

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        ...

    def confidence(self) -> ClockConfidence:
        """Tell how far `now` can be believed."""
        ...


class GateOutput(Protocol):
    """The relay. Both methods return at once; edges are reported through the callback of the adapter."""

    def release(self, ms: int) -> None:
        """Take the released level for `ms` milliseconds, clamped by the driver; it falls back by itself."""
        ...

    def lock(self) -> None:
        """Take the locked level now."""
        ...


class Switch(Protocol):
    """A lamp, a buzzer, a light."""

    def set(self, *, on: bool) -> None:
        """Take a level, at once."""
        ...


class JournalError(OSError):
    """The journal could not make a record durable. Nothing was written."""


@dataclass(frozen=True, slots=True)
class JournalHead:
    """Where a journal stands."""

    epoch: str
    last: int
    confirmed: int


class Journal(Protocol):
    """Numbered, chained, durable events. Methods block until durable; the shell calls them off its loop."""

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Event]:
        """Commit events, all or none, durably. Raises JournalError."""
        ...

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return at most `limit` events after number `after`, in order. Raises JournalError."""
        ...

    def newest_mode(self) -> Event | None:
        """Return the newest event that says how the door is run; None: none does. Raises JournalError."""
        ...

    def bury(self, seq: int, code: str) -> None:
        """List an event that can never be sent whole: it is here and nowhere else. Raises JournalError."""
        ...

    def confirm(self, upto: int) -> int:
        """Remember that the centre has stored all events up to a number; return the highest ever confirmed."""
        ...

    def head(self) -> JournalHead:
        """Return where the journal stands."""
        ...


@dataclass(frozen=True, slots=True)
class LastSeen:
    """Where a person was last seen to go."""

    direction: Direction
    at: int
    """Unix time."""


class EntryCounter(Protocol):
    """What has been counted so far, here or, one day, by all kiosks of a venue; never waits for a disk.

    None says that it cannot be told now. The visits `but` are left out.
    """

    def used(self, who: bytes, but: frozenset[str]) -> int | None:
        """Return how often a credential was let in."""
        ...

    def inside(self, since: datetime, but: frozenset[str]) -> int | None:
        """Return how many more people came in than went out, from a moment on; may be less than 0."""
        ...

    def arrivals(self, since: datetime, but: frozenset[str]) -> int | None:
        """Return how many people came in, from a moment on."""
        ...

    def last_seen(self, person: Sequence[bytes], but: frozenset[str]) -> Sequence[LastSeen] | None:
        """Return where a person was last seen to go, by a hash for each key that there was; empty: nowhere."""
        ...


TrustSource = Callable[[], TrustList]
"""Returns the trust list in force."""
EdgeCallback = Callable[[bool, int], None]
"""Called with (released, CLOCK_MONOTONIC ns) whenever the relay's line has moved, from any thread."""


class DocumentKeeper(Protocol):
    """Keeps the documents of one kind that the centre sends."""

    def take(self, document: bytes) -> DocumentAnswer:
        """Verify and store a document and take it into force, durably. Blocks; called off the loop."""
        ...


class ScanTaker(Protocol):
    """Who takes what the readers in this process have read: the shell."""

    async def scanned(self, scan: Scan) -> bool:
        """Take a scan, as soon as there is room for its records; return False where it is not of this moment."""
        ...

    def reader_state(self, reader: str, state: Literal["ok", "lost"]) -> None:
        """Take note that a reader works, or that it does not."""
        ...


class Peer(Protocol):
    """One client of a socket."""

    role: Role

    def send(self, message: Message, fd: int | None = None) -> None:
        """Queue a message; a peer that does not read is dropped, never waited for."""
        ...


class Peers(Protocol):
    """All clients."""

    def of(self, role: Role) -> Sequence[Peer]:
        """Return the clients that have said who they are, of one role."""
        ...
