"""A venue's journal with people in it: written as the gate does it, and looked into as the manager's screen does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from nacl.public import PrivateKey

from kiosk.adapters.day_keys import DayKeys
from kiosk.adapters.journal import Sealer, SqliteJournal
from kiosk.adapters.journal_query import JournalQuery
from kiosk.domain.credential import Credential, Format, Holder, Kind, TrustBasis, Verified
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.look_up import terms_of
from kiosk.testing.clock import FakeClock

HANOI = timezone(timedelta(hours=7))
MORNING = datetime(2026, 6, 1, 1, tzinfo=UTC)
"""Eight in the morning in Hà Nội."""
ANH, BINH = Holder("Nguyễn Thị", "Ánh", "1990-08-15"), Holder("Trần Văn", "Bình", "1981-02-03")


@dataclass(slots=True)
class GuestBook:
    """A journal in a folder, its keys of the days, and a clock to be moved by hand."""

    folder: Path
    clock: FakeClock = field(default_factory=lambda: FakeClock(MORNING))
    authority: PrivateKey = field(default_factory=PrivateKey.generate)
    keys: DayKeys = field(init=False)
    journal: SqliteJournal = field(init=False)
    visits: int = 0

    def __post_init__(self) -> None:
        self.keys = DayKeys(self.folder / "day-keys", clock=self.clock, zone=HANOI)
        self.journal = SqliteJournal(
            self.folder / "journal.db", kiosk="gate-1", boot="b", clock=self.clock,
            sealer=Sealer.to(bytes(self.authority.public_key)), day_keys=self.keys,
        )  # fmt: skip

    def close(self) -> None:
        """Close the journal."""
        self.journal.close()

    def books(self) -> JournalQuery:
        """Open the journal for one look, as the gate does it for a question."""
        return JournalQuery(self.folder / "journal.db", self.keys)

    def write(self, kind: EventType, visit: str = "", data: Mapping[str, object] | None = None) -> int:
        """Put an event on record; return its number."""
        return self.journal.append([EventDraft(kind, visit, data or {})])[0].seq

    def admit(self, holder: Holder = ANH, number: str = "7", way: str = "entry", minutes: float = 0) -> int:
        """Let somebody in, or out, and let some minutes pass; return the number of the event."""
        self.visits += 1
        credential = Credential(Format.PASS, Kind.VISIT, "Desk", number, holder)
        draft = EventDraft(
            EventType.VISIT_ADMITTED, f"v{self.visits}",
            {"direction": way, "format": "GK1", "kind": "visit", "rule": "visitors", "reasons": []},
            {"family_name": holder.family_name, "given_name": holder.given_name} if holder.family_name else {},
            count=Count(change=1 if way == "entry" else -1),
            terms=terms_of([Verified(credential, "01", TrustBasis("1", 0))]),
        )  # fmt: skip
        seq = self.journal.append([draft])[0].seq
        self.clock.advance(60 * minutes)
        return seq

    def refuse(self, reason: str) -> int:
        """Refuse somebody."""
        return self.write(EventType.VISIT_DENIED, data={"format": "HC1", "reasons": [reason]})

    def annul(self, visit: str) -> int:
        """Take an admission back."""
        return self.write(EventType.VISIT_ANNULLED, visit, {"reasons": ["not_passed"]})
