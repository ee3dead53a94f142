"""Stand-ins for what surrounds the shell: a journal in memory, a relay that notes, peers that remember."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kiosk.api.messages import Message, Role
from kiosk.app.ports import JournalError, JournalHead
from kiosk.domain.events import GENESIS, ClockConfidence, Event, EventDraft, EventType, digest


@dataclass(slots=True)
class MemoryJournal:
    """A journal without a disk; `broken` makes every write fail, as a full disk does."""

    events: list[Event] = field(default_factory=list)
    broken: bool = False
    confirmed: int = 0
    dead: dict[int, str] = field(default_factory=dict)
    kept: dict[int, bytes] = field(default_factory=dict)
    """The inputs that were kept beside events, by number, not encrypted."""

    def append(self, drafts: Sequence[EventDraft]) -> Sequence[Event]:
        """Add events, all or none. Raises JournalError while broken."""
        if self.broken:
            raise JournalError("broken on purpose")
        added: list[Event] = []
        prev = self.events[-1].hash if self.events else GENESIS
        for seq, draft in enumerate(drafts, len(self.events) + 1):
            event = Event(
                "epoch", seq, "kiosk", "boot", draft.type, draft.visit, "", ClockConfidence.SYNCED, 0,
                dict(draft.data), "sealed" if draft.personal else "", prev,
            )  # fmt: skip
            event = replace(event, hash=digest(event))
            prev = event.hash
            if draft.kept:
                self.kept[seq] = draft.kept
            added.append(event)
        self.events += added
        return added

    def read(self, after: int, limit: int) -> Sequence[Event]:
        """Return events after a number. Raises JournalError while broken."""
        if self.broken:
            raise JournalError("broken on purpose")
        return self.events[after : after + limit]

    def newest_mode(self) -> Event | None:
        """Return the newest event that says how the door is run. Raises JournalError while broken."""
        said = [event for event in self.read(0, len(self.events)) if event.type is EventType.MODE_CHANGED]
        return said[-1] if said else None

    def bury(self, seq: int, code: str) -> None:
        """List a dead letter. Raises JournalError while broken."""
        if self.broken:
            raise JournalError("broken on purpose")
        self.dead[seq] = code

    def confirm(self, upto: int) -> int:
        """Remember what the centre has stored. Raises JournalError while broken."""
        if self.broken:
            raise JournalError("broken on purpose")
        self.confirmed = max(self.confirmed, min(upto, len(self.events)))
        return self.confirmed

    def head(self) -> JournalHead:
        """Return where it stands."""
        return JournalHead("epoch", len(self.events), self.confirmed)


@dataclass(slots=True)
class RecordingRelay:
    """A relay that notes what it is told, and does nothing by itself."""

    told: list[int] = field(default_factory=list)
    """Milliseconds of every release; 0 for lock."""

    def release(self, ms: int) -> None:
        """Note a release."""
        self.told.append(ms)

    def lock(self) -> None:
        """Note a lock."""
        self.told.append(0)


@dataclass(slots=True)
class RecordingSwitch:
    """A lamp that notes its levels."""

    levels: list[bool] = field(default_factory=list)

    def set(self, *, on: bool) -> None:
        """Note a level."""
        self.levels.append(on)


@dataclass(slots=True)
class RecordingPeer:
    """A client that remembers what it was sent."""

    role: Role
    sent: list[Message] = field(default_factory=list)
    fds: list[int] = field(default_factory=list)

    def send(self, message: Message, fd: int | None = None) -> None:
        """Remember a message."""
        self.sent.append(message)
        if fd is not None:
            self.fds.append(fd)


@dataclass(slots=True)
class RecordingPeers:
    """All clients of a shell under test."""

    peers: list[RecordingPeer] = field(default_factory=list)

    def add(self, role: Role) -> RecordingPeer:
        """Let a client come."""
        peer = RecordingPeer(role)
        self.peers.append(peer)
        return peer

    def of(self, role: Role) -> Sequence[RecordingPeer]:
        """Return the clients of a role."""
        return [peer for peer in self.peers if peer.role is role]
