"""What this door counts: entries of credentials and people inside, those on their way into the journal included."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from kiosk.app.ports import Clock, EntryCounter
from kiosk.domain.credential import Credential, Verification
from kiosk.domain.decision import Admit, Judgement
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.policy import Policy
from kiosk.domain.situation import Direction, Situation

_REMEMBERED = timedelta(days=400)
"""How long uses of a credential that never ends are remembered."""


@dataclass(slots=True)
class Tally:
    """Counts admissions, from judging on: no limit is passed twice while a record is on its way into the journal."""

    counter: EntryCounter
    key: bytes
    """What credentials are hashed with (at most 64 bytes)."""
    _expected: tuple[str, Count] | None = None
    _open: dict[str, Count] = field(default_factory=dict)
    """What records on their way into the journal count, by visit."""
    _annulled: set[str] = field(default_factory=set)
    """Visits whose annulment is on its way there."""

    def who(self, credential: Credential) -> bytes:
        """Return what stands for a credential; empty where it has no number."""
        if not credential.credential_id:
            return b""
        issuer = credential.issuer.encode()
        text = len(issuer).to_bytes(4, "big") + issuer + credential.credential_id.encode()
        return hashlib.blake2b(text, key=self.key, digest_size=16).digest()

    def used(self, credential: Credential) -> int | None:
        """Return how often a credential was let in; None where that cannot be told."""
        who = self.who(credential)
        known = self.counter.used(who, self._on_their_way()) if who else None
        return None if known is None else known + sum(count.who == who for count in self._open.values())

    def inside(self, since: datetime) -> int | None:
        """Return how many people are inside by this door's count from `since` on; None where that cannot be told."""
        known = self.counter.inside(since, self._on_their_way())
        return None if known is None else max(0, known + sum(count.change for count in self._open.values()))

    def _on_their_way(self) -> frozenset[str]:
        """Return the visits that the journal does not count: it may or may not have what is on its way."""
        return frozenset(self._annulled.union(self._open))

    def expect(self, visit: str, count: Count | None) -> None:
        """Take note of what the admission that is now dispatched counts, or of nothing."""
        self._expected = (visit, count) if count is not None else None

    def attach(self, draft: EventDraft) -> EventDraft:
        """Return a record with what it counts: that of the expected admission. An annulment is taken note of."""
        if draft.type is EventType.VISIT_ANNULLED:
            self._annulled.add(draft.visit)
        if self._expected is None or (draft.type, draft.visit) != (EventType.VISIT_ADMITTED, self._expected[0]):
            return draft
        self._open[draft.visit] = self._expected[1]
        return replace(draft, count=self._expected[1])

    def settle(self, drafts: Sequence[EventDraft], *, written: bool) -> None:
        """Forget records that were `written` into the journal, which counts them from now on, or could not be."""
        for draft in drafts:
            if draft.count is not None:
                self._open.pop(draft.visit, None)
            elif written and draft.type is EventType.VISIT_ANNULLED:
                self._annulled.discard(draft.visit)


@dataclass(frozen=True, slots=True)
class Door:
    """The door that this process keeps, beside its lock."""

    direction: Direction = Direction.ENTRY
    zone: tzinfo = UTC
    """The venue's time zone."""
    tally: Tally | None = None
    """None: nothing can be counted here."""
    longer_for: frozenset[str] = frozenset()
    """Groups of a pass whose holders need the gate open for longer."""

    def situation(self, policy: Policy, clock: Clock, *, with_adult: bool) -> Situation:
        """Return the moment and the place of a decision."""
        now = clock.now().astimezone(self.zone)
        inside = None
        if self.tally is not None and policy.capacity is not None:
            began = datetime.combine(now.date(), policy.capacity.reset_at, tzinfo=self.zone)
            inside = self.tally.inside(began if began <= now else began - timedelta(days=1))
        return Situation(now, clock.confidence(), self.direction, inside, with_adult=with_adult)

    def counted(self, evidence: Sequence[Verification], situation: Situation) -> Situation:
        """Return the situation with what is counted of the evidence."""
        return replace(situation, used=self._used(evidence))

    def _used(self, evidence: Sequence[Verification]) -> Mapping[str, int]:
        """Return how often the credentials of the evidence were let in, by their number.

        Where two issuers gave the same number, the higher count stands for both.
        """
        found: dict[str, int] = {}
        for credential in (piece.credential for piece in evidence):
            times = self.tally.used(credential) if self.tally is not None and credential is not None else None
            if times is not None and credential is not None:
                found[credential.credential_id] = max(times, found.get(credential.credential_id, 0))
        return found

    def expect(self, visit: str, judged: Judgement, policy: Policy, now: datetime) -> None:
        """Take note of what the visit that is now dispatched counts, should it be admitted."""
        if self.tally is not None:
            self.tally.expect(visit, self._count(self.tally, judged, policy, now))

    def _count(self, tally: Tally, judged: Judgement, policy: Policy, now: datetime) -> Count | None:
        credential = judged.found.credential
        if not isinstance(judged.decision, Admit) or credential is None:
            return None
        entry = self.direction is Direction.ENTRY
        limited = entry and (bool(credential.details.get("entries")) or any(rule.entries for rule in policy.admit))
        if not limited and policy.capacity is None:
            return None
        until = int((credential.expires_at or now + _REMEMBERED).timestamp()) if limited else 0
        return Count(tally.who(credential) if limited else b"", 1 if entry else -1, until=until)
