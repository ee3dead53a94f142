"""A door for stories: visits and gate together, a journal that works at once, and people with codes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import assert_never

from kiosk.app.reception import is_busy
from kiosk.domain import gate as machine
from kiosk.domain import visit as visiting
from kiosk.domain.credential import (
    Credential,
    Format,
    Holder,
    Kind,
    Rejected,
    TrustBasis,
    Verdict,
    Verification,
    Verified,
)
from kiosk.domain.decision import Decision, Judgement
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import ClockConfidence, EventDraft
from kiosk.domain.gate import MS, Gate, View
from kiosk.domain.policy import AdmitRule, Policy, weigh
from kiosk.domain.policy_age import is_adult
from kiosk.domain.policy_terms import Minors
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Situation
from kiosk.domain.visit import Code, Visits

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)
PULSE_MS = 3000
TICK_MS = 50

ANH = Holder("Nguyễn Thị", "Ánh", "1990-08-15", "NGUYEN<THI", "ANH")
BINH = Holder("Trần Văn", "Bình", "1985-01-02", "TRAN<VAN", "BINH")
CHI = Holder("Lê Thị", "Chi", "2001-03-04", "LE<THI", "CHI")
DUNG = Holder("Lê Văn", "Dũng", "2019-05-06", "LE<VAN", "DUNG")
"""A child."""
NOBODY = Holder()

GUESTS = AdmitRule("guests", frozenset({Kind.VISIT}))
VACCINATED = AdmitRule("vaccinated", frozenset({Kind.VACCINATION}))
RECOVERED = AdmitRule("recovered, with identity card", frozenset({Kind.RECOVERY}), identity_card=True)


# what people show


def vaccination(holder: Holder, *, dose: int = 2) -> Verified:
    """Return a certificate that is enough by itself, with two doses."""
    return _signed(Format.HC1, Kind.VACCINATION, holder, f"v{dose}", {"dose": dose, "series": 2})


def recovery(holder: Holder) -> Verified:
    """Return a certificate that counts only together with the identity card of its holder."""
    return _signed(Format.HC1, Kind.RECOVERY, holder, "r", {})


def guest_pass(number: int = 1, *, holder: Holder = NOBODY, zone: str = "lobby") -> Verified:
    """Return a pass; most name nobody."""
    return _signed(Format.PASS, Kind.VISIT, holder, f"p{number}", {"zone": zone})


def _signed(form: Format, kind: Kind, holder: Holder, number: str, details: dict[str, object]) -> Verified:
    credential = Credential(form, kind, "VN", number, holder, details=details)
    return Verified(credential, "0102", TrustBasis("7", 60))


def card(holder: Holder) -> Rejected:
    """Return a citizen card: unsigned, the whole name in one field."""
    full = Holder(f"{holder.family_name} {holder.given_name}".strip(), birth_date=holder.birth_date)
    return _rejected(Verdict.UNSIGNED, Reason.UNSIGNED_CARD, Credential(Format.CCCD, Kind.IDENTITY, "VN", "1", full))


def expired(holder: Holder) -> Rejected:
    """Return a certificate that was good."""
    credential = Credential(Format.HC1, Kind.VACCINATION, "VN", "e", holder)
    return _rejected(Verdict.EXPIRED, Reason.EXPIRED, credential)


def of_a_stranger(holder: Holder, number: int = 1) -> Rejected:
    """Return a certificate of an issuer whom nobody knows here: staff is called."""
    credential = Credential(Format.HC1, Kind.VACCINATION, "XX", f"s{number}", holder)
    return _rejected(Verdict.UNKNOWN_ISSUER, Reason.ISSUER_UNKNOWN, credential)


def _rejected(verdict: Verdict, reason: Reason, credential: Credential) -> Rejected:
    return Rejected(verdict, (reason,), credential.format, credential)


POSTER = Rejected(Verdict.MALFORMED, (Reason.VENUE_POSTER,), Format.VENUE)
ADDRESS = Rejected(Verdict.MALFORMED, (Reason.WEB_ADDRESS,), Format.WEB)
UNKNOWN = Rejected(Verdict.MALFORMED, (Reason.UNKNOWN_FORMAT,))
LABEL = Rejected(
    Verdict.UNSIGNED, (Reason.SAMPLE_LABEL,), Format.TUBE, Credential(Format.TUBE, Kind.SAMPLE, credential_id="N-1")
)
DAMAGED = Rejected(Verdict.MALFORMED, (Reason.CBOR_INVALID,), Format.HC1)


class Story:
    """What happens at a door, and what can be seen of it afterwards."""

    def __init__(self, *rules: AdmitRule, minors: Minors | None = None) -> None:
        self.policy = Policy("1", "lobby", rules or (GUESTS, VACCINATED, RECOVERED), minors=minors)
        self.visits, self.gate = Visits(), Gate.of(DoorSetup(pulse_ms=PULSE_MS))
        self.ms = 1000
        self.journal_works = True
        """While it does not, nothing is committed until `commits`."""
        self.records: list[EventDraft] = []
        self.opened: list[str] = []
        """The visits for which the gate was told to open."""
        self.answers: list[visiting.Answered] = []
        self.passed_over: list[str] = []
        self._worth: dict[bytes, Verification] = {}
        self._scans = 0
        self._waiting: list[machine.Record] = []

    # what people do

    def shows(self, *codes: Verification, beside: Sequence[str] = ()) -> tuple[str, ...]:
        """Show codes in one frame, beside others that are still in view. Returns their scans."""
        scans = tuple(f"s{self._scans + number}" for number in range(1, len(codes) + 1))
        self._scans += len(codes)
        for scan, found in zip(scans, codes, strict=True):
            others = frozenset((*scans, *beside)) - {scan}
            data = repr(found).encode()
            self._worth.setdefault(data, found)
            with_adult = visiting.has_adult(self.visits, data, others, self._is_adult)
            judge = partial(self.judge, with_adult=with_adult)
            code = Code(scan, data, judge([data]), others)
            seen = visiting.see(self.visits, code, judge, self.now, busy=self._busy)
            self._seen(seen)
            for minor in visiting.left_alone(self.visits, seen[1], self._is_adult):
                self._seen(visiting.join_adult(self.visits, minor, partial(self.judge, with_adult=True), self.now))
        return scans

    def turns_into(self, shown: Verification, found: Verification) -> None:
        """Change what a code is worth from now on: it expires, or its trust list does not know it any more."""
        self._worth[repr(shown).encode()] = found

    def after(self, seconds: float) -> "Story":
        """Let time pass, in the ticks of the gate process."""
        end = self.ms + round(seconds * 1000)
        while self.ms < end:
            self.ms = min(self.ms + TICK_MS, end)
            leaf = self.gate.door.leaves[0]
            if leaf.released_ns and self.now - leaf.told_ns >= PULSE_MS * MS:
                self.put(machine.RelayMoved(released=False, at_ns=self.now))
            self.put(machine.Tick())
            self._seen(visiting.pass_time(self.visits, self.now, busy=self._busy))
        return self

    def commits(self) -> None:
        """Let the journal take what waits."""
        waiting, self._waiting = self._waiting, []
        for record in waiting:
            self.records.append(record.draft)
            self.put(machine.Committed(record.token))

    def fails(self) -> None:
        """Let the journal fail to take what waits."""
        waiting, self._waiting = self._waiting, []
        for record in waiting:
            self.put(machine.CommitFailed(record.token))

    def put(self, event: machine.Input) -> None:
        """Put anything else into the gate's machine."""
        self.gate, effects = machine.step(self.gate, event, self.now)
        for effect in effects:
            match effect:
                case machine.Record():
                    self._waiting.append(effect)
                case machine.Release(visit):
                    self.opened.append(visit)
                    if not self.gate.door.leaves[0].released_ns:
                        self.put(machine.RelayMoved(released=True, at_ns=self.now))
                case machine.Lock():
                    pass  # nothing in these stories locks a gate before its time
                case machine.Reopen(visit, why):
                    self.visits = visiting.reopen(self.visits, visit, why)
                case _:
                    assert_never(effect)
        if self.journal_works and self._waiting:
            self.commits()

    # what is seen

    @property
    def now(self) -> int:
        """The monotonic clock."""
        return self.ms * MS

    @property
    def screen(self) -> str:
        """The page, the first reason on it, and how many people it is for."""
        gate = self.gate
        page = "more" if gate.view is View.REFUSED and gate.more else gate.view.name.lower()
        people = [f"{gate.people} people"] if gate.people > 1 else []
        return " ".join([page, *gate.reasons[:1], *people])

    def pages(self, seconds: float) -> list[tuple[str, float]]:
        """Let time pass and return the pages that were shown, each with its seconds."""
        shown: list[tuple[str, float]] = []
        for _ in range(round(seconds * 1000 / TICK_MS)):
            page = self.screen
            before = shown.pop()[1] if shown and shown[-1][0] == page else 0.0
            shown.append((page, round(before + TICK_MS / 1000, 3)))
            self.after(TICK_MS / 1000)
        return shown

    def journal(self) -> list[tuple[str, str]]:
        """Return what is on record of visits: what happened, and in which visit."""
        return [
            (draft.type.removeprefix("visit."), draft.visit) for draft in self.records if draft.type.startswith("visit")
        ]

    # how it works

    def judge(self, codes: Sequence[bytes], *, with_adult: bool = False) -> Judgement:
        """Look at codes, and ask the policy."""
        evidence = tuple(self._worth[data] for data in codes)
        decision, found = self.weigh(evidence, with_adult=with_adult)
        return Judgement(evidence, found, decision, {}, {}, Situation(NOW, ClockConfidence.SYNCED))

    def weigh(self, evidence: Sequence[Verification], *, with_adult: bool = False) -> tuple[Decision, Verification]:
        """Ask the policy; return also the piece that the decision rests on."""
        situation = Situation(NOW, ClockConfidence.SYNCED, with_adult=with_adult)
        return weigh(self.policy, evidence, situation)

    def _is_adult(self, born: str) -> bool:
        minors = self.policy.minors
        return minors is not None and is_adult(born, minors.under, NOW.date())

    @property
    def _busy(self) -> bool:
        return is_busy(self.visits, self.gate)

    def _seen(self, seen: visiting.Seen) -> None:
        self.visits, outcomes = seen
        for outcome in outcomes:
            match outcome:
                case visiting.Noticed(visit, party):
                    self.put(machine.CodeSeen(visit, party))
                case visiting.Answered(visit, party):
                    self.answers.append(outcome)
                    self.put(machine.Judged(visit, outcome.judged.decision, party=party))
                case visiting.PassedOver():
                    self.passed_over.append(outcome.scan)
                case _:
                    assert_never(outcome)
