"""The timeline that a person reads: what happened to each visitor, step by step, and whether it was right."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.api.messages import Trace
from kiosk.api.sentences import sentence
from kiosk.demo.script import Visitor

_MS = 1_000_000

_WORDS = {"admit": "admitted", "deny": "refused", "staff": "staff called", "need": "more needed", "none": "nothing"}


@dataclass(slots=True)
class Visit:
    """What has become of one visit."""

    visit: str
    seen_ns: int
    frame_ns: int
    visitor: Visitor | None
    outcome: str = ""
    reasons: tuple[str, ...] = ()
    seq: int = 0
    """Number of the decision's record."""
    stored_ns: int = 0
    """When that was durable."""
    last_seq: int = 0
    """Number of the newest record that speaks of this visit."""
    on_ns: int = 0
    off_ns: int = 0
    released_ms: int = 0
    sent: bool = False
    confirmed_ns: int = 0
    confirmed_last: bool = False

    def next_code(self, frame_ns: int) -> None:
        """Begin anew with another code of the same visit."""
        self.frame_ns, self.outcome, self.reasons = frame_ns, "", ()
        self.seq, self.sent, self.confirmed_ns = 0, False, 0

    @property
    def done(self) -> bool:
        """Tell whether nothing more is to come."""
        gate_done = self.outcome != "admit" or self.off_ns > 0
        return bool(self.outcome) and self.confirmed_last and gate_done

    def failure(self, pulse_ms: int) -> str:
        """Return in a few words what is not as the script wants it; empty where all is."""
        expected = self.visitor
        if expected is not None:
            if expected.outcome == "none":
                return "something was read where there was nothing"
            if self.outcome != expected.outcome:
                return f"should have been {_WORDS[expected.outcome]}"
            if expected.reason is not None and self.reasons[:1] != (expected.reason.value,):
                return f"should have been for the reason {expected.reason.value}"
        if self.outcome == "admit" and not pulse_ms / 2 < self.released_ms < pulse_ms * 1.5:
            return "the relay did not move as it should"
        if self.outcome != "admit" and self.on_ns:
            return "the relay moved, and should not have"
        return "" if self.confirmed_last else "the centre has not confirmed all of it"


@dataclass(slots=True)
class Timeline:
    """Puts the gate's trace together into visits and prints them as they happen."""

    say: Callable[[str], None]
    visitors: tuple[Visitor, ...] = ()
    start_ns: int = 0
    """Zero of the visitors' times; 0: there is no script."""
    early_ns: int = 600 * _MS
    """A code may be read while the hand still brings it."""
    repeat_s: float = 0.0
    """After how long the script begins again; 0: it is played once."""
    visits: dict[str, Visit] = field(default_factory=dict)
    health: dict[str, str] = field(default_factory=dict)
    page: str = ""
    faults: int = 0
    _begun: Visitor | None = None
    """Who has shown a part of a card, and nothing yet that makes a visit."""

    def take(self, trace: Trace) -> None:
        """Take one step of the trace in."""
        match trace.step:
            case "part":
                self._part(trace)
            case "seen":
                self._seen(trace)
            case "sent" | "confirmed":
                self._upto(trace)
            case "health":
                self._health(trace)
            case "page":
                self.page = str(trace.data.get("page", ""))
            case "fault":
                self.faults += 1
                self.say("        the journal cannot be written")
            case _:
                if visit := self.visits.get(trace.visit):
                    self._step(visit, trace)

    def _visitor(self, frame_ns: int) -> Visitor | None:
        since_ns, rounds = frame_ns - self.start_ns, 0
        if self.repeat_s:
            rounds, since_ns = divmod(since_ns, round(self.repeat_s * 1e9))
        for visitor in self.visitors:
            begins = round(visitor.at_s * 1e9)
            if begins - self.early_ns <= since_ns <= begins + round(visitor.length_s * 1e9) + self.early_ns:
                return visitor.again() if rounds > 0 else visitor
        return None

    def _part(self, trace: Trace) -> None:
        frame_ns = int(trace.data["frame_ns"])
        visitor = self._visitor(frame_ns)
        if visitor is None or visitor != self._begun:
            self._begun = visitor
            self._head(visitor, frame_ns)
        text = f"part {trace.data['part']} of {trace.data['parts']} has been read; the screen asks for the next"
        self._row(trace.at_ns - frame_ns, "part", text)

    def _seen(self, trace: Trace) -> None:
        frame_ns = int(trace.data["frame_ns"])
        known = self.visits.get(trace.visit)
        if trace.data.get("passed_over"):
            if known is not None:
                self._line(known, trace.at_ns, "beside", "a code that changes nothing")
            return
        if known is not None:
            known.next_code(frame_ns)
            self._line(known, int(trace.data["read_ns"]), "seen", "another code of this visit has been read")
            return
        visit = Visit(trace.visit, trace.at_ns, frame_ns, self._visitor(frame_ns))
        self.visits[trace.visit] = visit
        if visit.visitor is None or visit.visitor != self._begun:
            self._head(visit.visitor, frame_ns)
        self._begun = None
        self._line(visit, int(trace.data["read_ns"]), "seen", "the code has been read")

    def _step(self, visit: Visit, trace: Trace) -> None:
        match trace.step:
            case "decided":
                self._decided(visit, trace)
            case "recorded":
                self._recorded(visit, trace)
            case "relay_on":
                visit.on_ns = trace.at_ns
                self._line(visit, trace.at_ns, "relay on", "the gate is released")
            case "relay_off":
                for one in self.visits.values():  # several visits may have shared one opening
                    if one.on_ns and not one.off_ns:
                        one.off_ns, one.released_ms = trace.at_ns, round((trace.at_ns - one.on_ns) / _MS)
                        self._line(one, trace.at_ns, "relay off", f"after {one.released_ms} ms")
            case _:
                pass

    def _decided(self, visit: Visit, trace: Trace) -> None:
        visit.outcome = str(trace.data["outcome"])
        visit.reasons = tuple(trace.data["reasons"])
        why = f"rule '{trace.data.get('rule')}'" if visit.outcome == "admit" else "; ".join(
            f"{sentence(f'reason.{reason}')} [{reason}]" for reason in visit.reasons
        )  # fmt: skip
        self._line(visit, trace.at_ns, "decision", f"{_WORDS[visit.outcome].upper()}: {why}")

    def _recorded(self, visit: Visit, trace: Trace) -> None:
        if trace.data["type"] == "staff.called":
            visit.outcome = "staff"
            self._line(visit, trace.at_ns, "staff", "called")
        if not visit.seq:
            visit.seq, visit.stored_ns = trace.seq, trace.at_ns
            self._line(visit, trace.at_ns, "stored", f"record {trace.seq} is durable")
        visit.last_seq, visit.confirmed_last = trace.seq, False

    def _upto(self, trace: Trace) -> None:
        for visit in self.visits.values():
            if not visit.seq or visit.seq > trace.seq:
                continue
            if trace.step == "sent":
                if not visit.sent:
                    visit.sent = True
                    self._line(visit, trace.at_ns, "sent", f"record {visit.seq} is with the broker")
                continue
            if not visit.confirmed_ns:
                visit.confirmed_ns = trace.at_ns
                self._line(visit, trace.at_ns, "confirmed", f"the centre has stored record {visit.seq}")
            visit.confirmed_last = trace.seq >= visit.last_seq

    def _health(self, trace: Trace) -> None:
        process, state = str(trace.data["process"]), str(trace.data["state"])
        before = self.health.get(process)
        self.health[process] = state
        news = state == "lost" if before in (None, "starting") else state != "starting"
        if state != before and news:
            names = {"vision": "camera", "bridge": "line to the centre", "ui": "screen", "monitor": "monitor"}
            self.say(f"        {names.get(process, process)}: {state}")

    def _line(self, visit: Visit, at_ns: int, step: str, text: str) -> None:
        self._row(at_ns - visit.frame_ns, step, text)

    def _row(self, after_ns: int, step: str, text: str) -> None:
        self.say(f"        {step:<10}{after_ns / _MS:+8.0f} ms  {text}")

    def _head(self, visitor: Visitor | None, frame_ns: int) -> None:
        """Say who comes, once."""
        title = f"{visitor.title} ({visitor.medium})" if visitor else "a code"
        at = f"{(frame_ns - self.start_ns) / 1e9:7.2f} s  " if self.start_ns else ""
        self.say(f"{at}{title}")

    def missing(self) -> list[Visitor]:
        """Return the visitors of the script that were not seen and should have been."""
        seen = {id(visit.visitor) for visit in self.visits.values()}
        return [v for v in self.visitors if v.outcome != "none" and id(v) not in seen]
