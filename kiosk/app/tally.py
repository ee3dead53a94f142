"""What this door counts: entries of credentials, people inside and where each was last seen to go.

Those on their way into the journal are included.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo

from kiosk.app.ports import Clock, EntryCounter
from kiosk.domain import occupancy, passback
from kiosk.domain.credential import Credential, Verification
from kiosk.domain.decision import Admit, Judgement
from kiosk.domain.door_io import Occupied
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.policy import Policy
from kiosk.domain.policy_terms import Counted
from kiosk.domain.situation import Direction, Situation, Stay

_REMEMBERED = timedelta(days=400)
"""How long uses of a credential that never ends are remembered."""


@dataclass(slots=True)
class Tally:
    """Counts admissions, from judging on: no limit is passed twice while a record is on its way into the journal."""

    counter: EntryCounter
    key: bytes
    """What credentials are hashed with (at most 64 bytes)."""
    person_keys: Callable[[], Sequence[bytes]] = tuple
    """What persons are hashed with, the key in force first; none: it cannot be told who is inside."""
    tells_directions: bool = False
    """Whether sensors tell who goes in from who goes out while the door stands open to everybody."""
    _expected: tuple[str, Count] | None = None
    _open: dict[str, Count] = field(default_factory=dict)
    """What records on their way into the journal count, by visit, the newest last."""
    _annulled: set[str] = field(default_factory=set)
    """Visits whose annulment is on its way there."""

    def who(self, credential: Credential) -> bytes:
        """Return what stands for a credential; empty where it has no number."""
        if not credential.credential_id:
            return b""
        issuer = credential.issuer.encode()
        return _hashed(len(issuer).to_bytes(4, "big") + issuer + credential.credential_id.encode(), self.key)

    def person(self, evidence: Sequence[Verification]) -> tuple[bytes, ...]:
        """Return what stands for whoever shows these codes, under the key in force first; nothing for nobody."""
        name = passback.person(evidence)
        return tuple(_hashed(name, key) for key in self.person_keys()) if name else ()

    def used(self, credential: Credential) -> int | None:
        """Return how often a credential was let in; None where that cannot be told."""
        who = self.who(credential)
        known = self.counter.used(who, self._on_their_way()) if who else None
        return None if known is None else known + sum(count.who == who for count in self._open.values())

    def balance(self, since: datetime) -> int | None:
        """Return how many more people came in than went out from `since` on; None where that cannot be told.

        It is less than 0 where people leave who came before, or uncounted.
        """
        known = self.counter.inside(since, self._on_their_way())
        return None if known is None else known + sum(count.change for count in self._open.values())

    def inside(self, since: datetime) -> int | None:
        """Return how many people are inside by this door's count from `since` on; None where that cannot be told."""
        known = self.balance(since)
        return None if known is None else max(0, known)

    def arrivals(self, since: datetime) -> int | None:
        """Return how many people came in from `since` on; None where that cannot be told."""
        known = self.counter.arrivals(since, self._on_their_way())
        return None if known is None else known + sum(max(0, count.change) for count in self._open.values())

    def stay(self, person: Sequence[bytes], since: datetime, now: datetime) -> tuple[Stay | None, bool]:
        """Return where a person was last seen to go from `since` on, None for nowhere; and whether that can be told."""
        newest = next((one for one in reversed(self._open.values()) if one.person and one.person in person), None)
        if newest is not None:
            return Stay(Direction.ENTRY if newest.change > 0 else Direction.EXIT, 0), True
        seen = self.counter.last_seen(person, self._on_their_way()) if person else None
        if seen is None:
            return None, False
        recent = [Stay(one.direction, int(now.timestamp()) - one.at) for one in seen if one.at >= since.timestamp()]
        return next(iter(recent), None), True

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
        if not self.tells_directions and occupancy.leaves_doubt(draft.type, draft.data):
            return replace(draft, count=replace(draft.count or Count(), unsure=True))
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


def _hashed(text: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(text, key=key, digest_size=16).digest()


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
        inside = self._people(policy, now) if policy.capacity is not None else None
        return Situation(now, clock.confidence(), self.direction, inside, with_adult=with_adult)

    def _people(self, policy: Policy, now: datetime) -> int | None:
        """Return how many people the policy's capacity is about; None where that cannot be told."""
        if self.tally is None:
            return None
        since = occupancy.counting_since(now, occupancy.reset_of(policy))
        admissions = policy.capacity is not None and policy.capacity.counts is Counted.ADMISSIONS
        return self.tally.arrivals(since) if admissions else self.tally.inside(since)

    def counted(self, policy: Policy, evidence: Sequence[Verification], situation: Situation) -> Situation:
        """Return a situation with what is counted of the credentials and, where the policy asks, of the person."""
        situation = replace(situation, used=self._used(evidence))
        if policy.passback is None:
            return situation
        if self.tally is None:
            return replace(situation, stays_known=False)
        since, person = self._stays_since(policy, situation.now), self.tally.person(evidence)
        stay, known = self.tally.stay(person, since, situation.now)
        return replace(situation, stay=stay, stays_known=known)

    def _stays_since(self, policy: Policy, now: datetime) -> datetime:
        if policy.passback is None or policy.passback.minutes:
            return now - passback.LOOKED_BACK
        return occupancy.counting_since(now, policy.passback.reset_at)

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
        until = int((credential.expires_at or now + _REMEMBERED).timestamp()) if limited else 0
        person = tally.person(judged.evidence)[:1] if policy.passback is not None else ()
        who = tally.who(credential) if limited else b""
        return Count(who, 1 if entry else -1, until, b"".join(person))

    def occupied(self, policy: Policy, clock: Clock, before: Occupied | None = None) -> Occupied | None:
        """Return how many people are inside and how full that is; None without a capacity, or where nobody knows.

        `before` is what was returned last: an alarm level is left a little below where it was reached.
        """
        if policy.capacity is None:
            return None
        people = self._people(policy, clock.now().astimezone(self.zone))
        if people is None:
            return None
        return Occupied(people, occupancy.level(people, policy.capacity, before.level if before is not None else 0))

    def reconcile(self, draft: EventDraft, policy: Policy, clock: Clock) -> EventDraft:
        """Return the record of a number that staff has counted, with what it changes and what was counted until then.

        A number from before counting began anew, or one that comes while nothing can be counted, is put on record
        and changes nothing: `applied` says so.
        """
        now, people = clock.now().astimezone(self.zone), draft.data.get("people")
        since = occupancy.counting_since(now, occupancy.reset_of(policy))
        was = self.tally.balance(since) if self.tally is not None else None
        is_old = datetime.fromisoformat(str(draft.data.get("at"))) < since
        if was is None or is_old or not isinstance(people, int):
            return replace(draft, data={**draft.data, "applied": False})
        data = {**draft.data, "was": max(0, was), "applied": True}
        return replace(draft, data=data, count=Count(change=people - was))
