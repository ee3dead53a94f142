"""Takes scans to the visits that they belong to, and the visits' answers to the gate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol, assert_never

from kiosk.api.messages import Scan
from kiosk.app.judge import judge_codes, judge_evidence, needs_longer
from kiosk.app.pace import Pace
from kiosk.app.ports import Clock, TrustSource
from kiosk.app.tally import Door
from kiosk.domain import gate as machine
from kiosk.domain import visit as visiting
from kiosk.domain.credential import Verification
from kiosk.domain.decision import Admit, Judgement, outcome, reasons
from kiosk.domain.deny_list import DenyList
from kiosk.domain.gate import Gate, View
from kiosk.domain.look_up import terms_of
from kiosk.domain.policy import Policy
from kiosk.domain.policy_age import is_adult
from kiosk.domain.symbology import Symbology
from kiosk.domain.visit import Answered, Code, Noticed, PassedOver, Visits
from kiosk.verify.replay import keep


class Trace(Protocol):
    """Tells the monitors what has happened to a visit."""

    def __call__(self, step: Any, visit: str, *, at_ns: int | None = None, data: dict[str, Any]) -> None:
        """Send one step."""
        ...


def _terms(judged: Judgement) -> tuple[bytes, ...]:
    """Return by what terms a visit can be looked up: of whoever is let in, and of nobody else."""
    return terms_of(judged.evidence) if isinstance(judged.decision, Admit) else ()


def is_busy(visits: Visits, gate: Gate) -> bool:
    """Tell whether the screen answers a person: a poster never takes it from them."""
    if gate.view is View.IDLE:
        return False
    return gate.view is View.STAFF or gate.visit != visits.aside


@dataclass(frozen=True, slots=True)
class _Read:
    scan: Scan
    at_ns: int
    """When it came."""


@dataclass(slots=True)
class Reception:
    """Keeps the visits. Decides nothing: `kiosk.domain.visit` and the policy do."""

    policy: Policy
    trust: TrustSource
    clock: Clock
    gate: Callable[[], Gate]
    dispatch: Callable[[machine.Input], None]
    trace: Trace
    door: Door = field(default_factory=Door)
    deny: Callable[[], DenyList] = DenyList
    pace: Pace = field(default_factory=Pace)
    _visits: Visits = field(default_factory=Visits)
    _reads: dict[str, _Read] = field(default_factory=dict)
    """Scans whose fate is open: the newest, and at most one that waits."""

    def take(self, scan: Scan) -> None:
        """Take in a code that has newly come into view."""
        began = self.clock.mono_ns()
        self._reads[scan.scan] = _Read(scan, began)
        beside = frozenset(scan.beside)
        judge = partial(self._judge, with_adult=self._with_adult(scan.data, beside))
        code = Code(scan.scan, scan.data, judge((scan.data,), symbology=scan.symbology), beside)
        now = self.clock.mono_ns()
        seen = visiting.see(self._visits, code, judge, now, busy=self._busy())
        self._perform(seen, began)
        # One after the other: each admission counts before the next one is judged.
        for minor in visiting.left_alone(self._visits, seen[1], self._is_adult):
            began = self.clock.mono_ns()
            self._perform(visiting.join_adult(self._visits, minor, partial(self._judge, with_adult=True), began), began)

    def declare(self, visit: str, declaration: Verification) -> None:
        """Answer a form that was filled in at the screen: by itself, as a code in view may be somebody else's."""
        began = self.clock.mono_ns()
        self.dispatch(machine.CodeSeen(visit, visit))
        judged = judge_evidence(
            (declaration,), self.trust(), self.policy, self.door.situation(self.policy, self.clock, with_adult=False),
            partial(self.door.counted, self.policy), deny=self.deny(),
        )  # fmt: skip
        self._answer(Answered(visit, visit, "", judged), round((self.clock.mono_ns() - began) / 1e6, 3))

    def watch(self) -> None:
        """Let time pass."""
        now = self.clock.mono_ns()
        self._perform(visiting.pass_time(self._visits, now, busy=self._busy()), now)

    def reopen(self, effect: machine.Reopen) -> None:
        """Let the codes of somebody who was not let in after all count again."""
        self._visits = visiting.reopen(self._visits, effect.visit, effect.reasons)

    def _busy(self) -> bool:
        return is_busy(self._visits, self.gate())

    def _judge(
        self, codes: Sequence[bytes], *, with_adult: bool = False, symbology: Symbology = Symbology.QR
    ) -> Judgement:
        """Judge codes. Those of a visit are QR codes: a tube's label joins none."""
        situation = self.door.situation(self.policy, self.clock, with_adult=with_adult)
        counts = partial(self.door.counted, self.policy)
        return judge_codes(
            codes, self.trust(), self.policy, situation, counts, symbology=symbology, deny=self.deny()
        )

    def _with_adult(self, data: bytes, beside: frozenset[str]) -> bool:
        """Tell whether an adult was let in just before, of the party whose code this is."""
        return visiting.has_adult(self._visits, data, beside, self._is_adult)

    def _is_adult(self, born: str) -> bool:
        minors = self.policy.minors
        today = self.clock.now().astimezone(self.door.zone).date()
        return minors is not None and is_adult(born, minors.under, today)

    def _perform(self, seen: visiting.Seen, began_ns: int) -> None:
        self._visits, outcomes = seen
        took_ms = round((self.clock.mono_ns() - began_ns) / 1e6, 3)
        for one in outcomes:
            match one:
                case Noticed(visit=visit, party=party):
                    self.dispatch(machine.CodeSeen(visit, party))
                case Answered():
                    self._answer(one, took_ms)
                case PassedOver(visit=visit, scan=scan):
                    self._say_seen(self._reads.pop(scan), visit, passed_over=True)
                case _:
                    assert_never(one)

    def _answer(self, answered: Answered, took_ms: float) -> None:
        visit, judged = answered.visit, answered.judged
        if answered.scan:
            read = self._reads.pop(answered.scan)
            self._say_seen(read, visit)
            self.pace.add(self.clock.now().astimezone(self.door.zone).date(), self.clock.mono_ns() - read.scan.read_ns)
        decided: dict[str, object] = {
            "outcome": outcome(judged.decision), "reasons": list(reasons(judged.decision)), "ms": took_ms,
        }  # fmt: skip
        self.trace("decided", visit, data={**judged.data, **decided})
        self.door.expect(visit, judged, self.policy, self.clock.now())
        kept = keep(self.policy, judged.evidence, judged.situation, judged.decision)
        self.dispatch(
            machine.Judged(
                visit, judged.decision, judged.data, judged.personal, answered.party, kept, terms=_terms(judged),
                longer=needs_longer(judged.evidence, self.door.longer_for), direction=self.door.direction,
            )
        )  # fmt: skip

    def _say_seen(self, read: _Read, visit: str, **more: bool) -> None:
        scan = read.scan
        times = {"frame_ns": scan.frame_ns, "read_ns": scan.read_ns, "reader": scan.reader}
        self.trace("seen", visit, at_ns=read.at_ns, data={**times, **more})
