"""What `kiosk explain` has found out, in words for people and as one object for machines."""

from collections.abc import Iterator, Mapping
from typing import Any

from kiosk.api.sentences import sentence
from kiosk.app import explain
from kiosk.app.explain import Answer, Findings
from kiosk.domain.credential import Rejected, Verification
from kiosk.domain.events import Event
from kiosk.domain.reasons import NextStep, Reason, next_step

_SIGNS = {"+": "rule_added", "-": "rule_removed", "~": "rule_changed"}
_INDENT = "  "


def pieces(found: Findings) -> list[Mapping[str, Any]]:
    """Return what was shown, one mapping a code, with the keys of the open record: kept inputs say it in full."""
    if found.inputs is not None:
        return [_piece(piece) for piece in found.inputs.evidence]
    data = found.event.data
    evidence = data.get("evidence")
    if isinstance(evidence, list):
        return evidence
    return [{**data, "reasons": data.get("reasons", []) if data.get("verdict") != "valid" else []}]


def _piece(piece: Verification) -> Mapping[str, Any]:
    credential = piece.credential
    reasons = list(piece.reasons) if isinstance(piece, Rejected) else []
    said: dict[str, Any] = {"verdict": explain.verdict_of(piece), "reasons": reasons}
    if isinstance(piece, Rejected) and not piece.identifiers:
        return said | ({"format": piece.format} if piece.format is not None else {})
    assert credential is not None  # noqa: S101 - whatever was found to be genuine has content
    return {**said, "format": credential.format, "kind": credential.kind, "issuer": credential.issuer}


def lines(found: Findings, language: str) -> Iterator[str]:
    """Yield the lines for people."""
    words = _Words(language)
    event = found.event
    yield words.say("event", seq=event.seq, time=event.time, clock=event.clock.value)
    yield sentence(f"event.{event.type}", language)
    if event.visit:
        yield f"{words.say('visit')}: {event.visit}"
        for other in found.others:
            yield f"{_INDENT}{other.seq}  {sentence(f'event.{other.type}', language)}"
    yield words.say("chain_whole" if found.chained else "chain_broken")
    if not explain.is_decision(event):
        yield from (_INDENT + f"{key}: {words.value(value)}" for key, value in event.data.items())
        return
    yield from words.shown(found)
    yield from words.decision(event)
    yield from words.basis(event)
    yield from words.stay(found)
    yield from words.replay(found)
    yield from words.today(found)


def _age(seconds: object) -> str:
    """Return a number of seconds as people say it: two units at most."""
    if not isinstance(seconds, int):
        return "?"
    for unit, size, next_unit, next_size in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // next_size} {next_unit}"
    return f"{seconds} s"


class _Words:
    """One language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def say(self, key: str, **gaps: object) -> str:
        return sentence(f"explain.{key}", self._language).format(**gaps)

    def word(self, table: str, code: object) -> str:
        return sentence(f"{table}.{code}", self._language)

    def value(self, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(map(self.value, value))
        known = isinstance(value, str) and value in set(Reason)
        return f"{self.word('reason', value)} ({value})" if known else str(value)

    def reasons(self, reasons: object) -> list[str]:
        return [self.value(reason) for reason in reasons] if isinstance(reasons, list | tuple) else []

    def answer(self, answer: Answer) -> str:
        said = self.word("outcome", answer.outcome)
        if answer.rule:
            return f"{said}, {self.say('rule', name=answer.rule)}"
        staff = [self.word("next", NextStep.WAIT_FOR_STAFF)] if answer.call_staff else []
        return f"{said}: {'; '.join([*self.reasons(answer.reasons), *staff])}"

    def shown(self, found: Findings) -> Iterator[str]:
        yield f"{self.say('shown')}:"
        for number, piece in enumerate(pieces(found), 1):
            form = self.word("format", piece["format"]) if piece.get("format") else "?"
            kind = f", {self.word('kind', piece['kind'])}" if piece.get("kind") else ""
            issuer = " " + self.say("by_issuer", issuer=piece["issuer"]) if piece.get("issuer") else ""
            yield f"{_INDENT}{number}. {form}{kind}{issuer}: {self.word('verdict', piece.get('verdict'))}"
            yield from (f"{_INDENT}   {why}" for why in self.reasons(piece.get("reasons")))

    def decision(self, event: Event) -> Iterator[str]:
        answer = explain.recorded(event)
        if answer.rule:
            yield f"{self.say('decision')}: {self.answer(answer)}"
            refused = self.reasons(event.data.get("reasons"))
            if refused:
                yield _INDENT + self.say("gate_refused", why="; ".join(refused))
            return
        yield f"{self.say('decision')}: {self.word('outcome', answer.outcome)}"
        yield from (_INDENT + self.value(why) for why in answer.reasons)
        known = [next_step(Reason(why)) for why in answer.reasons if why in set(Reason)]
        step = NextStep.WAIT_FOR_STAFF if answer.call_staff else next(iter(known), None)
        if step is not None:
            yield f"{_INDENT}→ {self.word('next', step)}"

    def basis(self, event: Event) -> Iterator[str]:
        data = event.data
        yield f"{self.say('basis')}:"
        digest = str(data.get("policy_digest", ""))[:12]
        yield _INDENT + self.say("policy", version=data.get("policy", "?"), digest=digest or "?")
        age = _age(data.get("trust_age_s"))
        yield _INDENT + self.say("trust", version=data.get("trust_version", "?"), age=age)
        if data.get("stale") is True:
            yield _INDENT + self.say("stale")
        at = {"time": data.get("at", event.time), "clock": data.get("clock", event.clock.value)}
        yield _INDENT + self.say("at", **at, direction=data.get("direction", "?"))
        yield from (_INDENT + self.say(key, **{key: data[key]}) for key in ("inside", "face") if key in data)
        if data.get("passback") in ("soft", "unknown"):
            yield _INDENT + self.say(f"passback_{data['passback']}")

    def stay(self, found: Findings) -> Iterator[str]:
        """Yield where the person was last seen to go, which the kept inputs alone say."""
        stay = found.inputs.situation.stay if found.inputs is not None else None
        if stay is not None:
            yield _INDENT + self.say(f"stay_{stay.direction}", age=_age(max(stay.ago_s, 0)))

    def replay(self, found: Findings) -> Iterator[str]:
        if found.again is None:
            yield f"{self.say('replay')}: {self.say('kept_gone', why=self.say(found.why_not))}"
        elif not found.exact:
            yield f"{self.say('replay')}: {self.say('kept_gone', why=self.say('kept_inexact'))}"
        elif found.listed:
            yield f"{self.say('replay')}: {self.say('replay_listed', answer=self.answer(found.again))}"
        elif found.differs:
            yield f"{self.say('replay')}: {self.say('replay_differs', answer=self.answer(found.again))}"
        else:
            yield f"{self.say('replay')}: {self.say('replay_same')}"

    def today(self, found: Findings) -> Iterator[str]:
        now = found.today if found.exact else None
        if now is None:
            if found.why_not_today:
                known = found.why_not_today == "no_config"
                why = self.say(found.why_not_today) if known else found.why_not_today
                yield f"{self.say('today')}: {self.say('today_unknown', why=why)}"
            return
        if found.listed:
            yield f"{self.say('today')}: {self.say('today_listed', answer=self.answer(now.answer))}"
        elif not now.causes:
            yield f"{self.say('today')}: {self.say('today_same')}"
        else:
            yield f"{self.say('today')}: {self.say('today_differs', answer=self.answer(now.answer))}"
        yield from (_INDENT + self.say(f"because_{cause}") for cause in now.causes)
        for change in now.changes:
            then, today = self.word("verdict", change.then), self.word("verdict", change.now)
            yield _INDENT + self.say("piece_changed", number=change.number, then=then, now=today)
        yield from (_INDENT + self.say("piece_known", number=number) for number in now.known_now)
        yield from (_INDENT + self._difference(name) for name in now.rules)
        if not found.listed:
            yield _INDENT + self.say("deny_not_asked")
        asks = Reason.AGE_UNKNOWN in now.answer.reasons
        if asks and found.inputs is not None and not found.inputs.birth_dates:
            yield _INDENT + self.say("birth_date_not_kept")

    def _difference(self, name: str) -> str:
        key = _SIGNS.get(name[0])
        return self.say(key, name=name[1:]) if key else self.say("part_changed", name=name)


def as_json(found: Findings) -> dict[str, object]:
    """Return everything as one object."""
    event = found.event
    said: dict[str, object] = {
        "event": {
            "epoch": event.epoch, "seq": event.seq, "kiosk": event.kiosk, "type": event.type, "visit": event.visit,
            "time": event.time, "clock": event.clock, "data": dict(event.data),
        },
        "chained": found.chained,
        "visit_events": [{"seq": other.seq, "type": other.type} for other in found.others],
    }  # fmt: skip
    if not explain.is_decision(event):
        return said
    again = found.again if found.exact else None
    now = found.today if found.exact else None
    today = None if now is None else {
        "decision": _answer(now.answer), "differs": bool(now.causes), "causes": list(now.causes),
        "codes": [
            {"code": c.number, "then": c.then, "now": c.now, "reasons": list(c.reasons)} for c in now.changes
        ],
        "key_known_now": list(now.known_now), "policy_changes": list(now.rules), "deny_list_asked": False,
    }  # fmt: skip
    return {
        **said,
        "deny_listed": found.listed,
        "shown": [{k: v for k, v in piece.items() if k in _SHOWN} for piece in pieces(found)],
        "decision": _answer(explain.recorded(event)),
        "replay": None if again is None else {"decision": _answer(again), "same": not found.differs},
        "why_no_replay": found.why_not or ("" if found.exact else "kept_inexact"),
        "today": today,
        "why_no_today": found.why_not_today,
    }


_SHOWN = ("format", "kind", "issuer", "verdict", "reasons")


def _answer(answer: Answer) -> dict[str, object]:
    return {
        "outcome": answer.outcome, "reasons": list(answer.reasons), "rule": answer.rule,
        "call_staff": answer.call_staff,
    }  # fmt: skip
