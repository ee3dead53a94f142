"""A door that only counts: evidence is judged and what comes of it is written, as reception and recorder do it."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from kiosk.adapters.count_keys import PersonKeys
from kiosk.adapters.journal import Sealer, SqliteJournal, open_journal
from kiosk.adapters.journal_reader import JournalReader
from kiosk.adapters.late_journal import LateJournal
from kiosk.app.tally import Door, Tally
from kiosk.domain.credential import Credential, Format, Holder, Kind, TrustBasis, Verified
from kiosk.domain.decision import Admit, Judgement, reasons
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.policy import weigh
from kiosk.domain.policy_terms import AdmitRule, Passback, PassbackKind, Policy
from kiosk.domain.situation import Direction
from kiosk.testing.clock import FakeClock

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)
"""Eight in the morning in Hà Nội."""
BEGAN = NOW - timedelta(hours=4)
RULES = (AdmitRule("visitors", frozenset({Kind.VISIT})),)
HARD = Policy("1", "lobby", RULES, passback=Passback(PassbackKind.HARD))
ANH, BINH = Holder("Nguyễn Thị", "Ánh", "1990-08-15"), Holder("Trần Văn", "Bình", "1981-02-03")


def code(holder: Holder = ANH, number: str = "7") -> Verified:
    """Return a visitor's pass."""
    credential = Credential(Format.PASS, Kind.VISIT, "Desk", number, holder, details={"zone": "lobby"})
    return Verified(credential, "01", TrustBasis("1", 0))


@dataclass(slots=True)
class CountingDoor:
    """Both ways through one door, with a journal and keys in a folder."""

    folder: Path
    policy: Policy = HARD
    clock: FakeClock = field(default_factory=lambda: FakeClock(NOW))
    visits: int = 0
    journal: LateJournal = field(init=False)
    keys: PersonKeys = field(init=False)
    tally: Tally = field(init=False)
    doors: dict[Direction, Door] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Open journal and keys, as a gate process does."""
        self.journal = LateJournal(self._opened)
        self.keys = PersonKeys(self.folder / "passback.key", self.clock)
        self.tally = Tally(self.journal, b"k" * 32, self.keys)
        self.doors = {way: Door(way, HANOI, self.tally) for way in Direction}

    def _opened(self) -> SqliteJournal:
        path = self.folder / "journal.db"
        return open_journal(path, kiosk="k", boot="b", clock=self.clock, sealer=Sealer(None))

    def restart(self) -> None:
        """End in order, and start again."""
        self.journal.close()
        self.start()

    def kill(self) -> None:
        """End as kill -9 does, and start again: with the files as they are on the disk at this moment."""
        left = self.folder / "left"
        shutil.copytree(self.folder, left)
        self.journal.close()
        for path in left.iterdir():
            path.replace(self.folder / path.name)
        left.rmdir()
        self.start()

    def judge(self, *evidence: Verified, way: Direction = Direction.ENTRY) -> Judgement:
        """Return the decision on codes."""
        door = self.doors[way]
        situation = door.situation(self.policy, self.clock, with_adult=False)
        situation = door.counted(self.policy, evidence, situation)
        decision, found = weigh(self.policy, evidence, situation)
        return Judgement(evidence, found, decision, {}, {}, situation)

    def shows(self, *evidence: Verified, way: Direction = Direction.ENTRY, written: bool = True) -> str:
        """Return the visit of somebody who is let through, or the reason of the refusal."""
        judged = self.judge(*evidence, way=way)
        self.visits += 1
        visit = f"v{self.visits}"
        self.doors[way].expect(visit, judged, self.policy, self.clock.now())
        if not isinstance(judged.decision, Admit):
            return reasons(judged.decision)[0].value
        draft = self.tally.attach(EventDraft(EventType.VISIT_ADMITTED, visit))
        if written:
            self._append(draft)
        return visit

    def write(self, draft: EventDraft) -> None:
        """Put an event on record."""
        self._append(self.tally.attach(draft))

    def _append(self, draft: EventDraft) -> None:
        self.journal.append([draft])
        self.tally.settle([draft], written=True)

    def annul(self, visit: str) -> None:
        """Take an admission back: nobody has passed."""
        self.write(EventDraft(EventType.VISIT_ANNULLED, visit, {"reasons": ["not_passed"]}))

    def inside(self) -> int | None:
        """Return how many people are inside."""
        return self.tally.inside(BEGAN)

    def certain(self) -> bool:
        """Tell whether nobody may have passed uncounted, as `kiosk occupancy` reads it."""
        with closing(JournalReader(self.folder / "journal.db")) as reader:
            return reader.numbers(BEGAN).certain

    def staff_counts(self, people: int, at: datetime | None = None) -> Mapping[str, object]:
        """Return what is on record of a number that staff has counted."""
        said = {"people": people, "by": "staff", "at": (at or self.clock.now()).isoformat()}
        draft = EventDraft(EventType.OCCUPANCY_SET, data=said)
        draft = self.doors[Direction.ENTRY].reconcile(draft, self.policy, self.clock)
        self.write(draft)
        return draft.data
