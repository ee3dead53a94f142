"""Visits: which codes belong to one person at the door, and which of them get an answer (docs/visits.md has the table).

`see` takes each code that has newly come into view, `pass_time` the time; both return the next state and what has
become of codes: noticed (the screen says that a code was read), answered (a decision on all the evidence of a visit)
or passed over. Times are monotonic nanoseconds. Whatever comes, the state stays small.

Two rules keep people apart. A code joins a visit only where it names the same person, or cannot be anybody else's
than the one's who was just asked for it. And evidence of two people is judged together once at most, to say that it
does not fit; it is never kept together.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain

from kiosk.domain.credential import Format, Rejected, Verdict, Verification, Verified
from kiosk.domain.decision import Admit, Decision, Deny, Judgement, reasons
from kiosk.domain.gate_screen import ADMITTED_MS, MS
from kiosk.domain.names import is_named
from kiosk.domain.policy_age import signed_birth_date
from kiosk.domain.reasons import Reason
from kiosk.domain.visit_state import (
    Answered,
    Code,
    Judge,
    Noticed,
    Outcome,
    PassedOver,
    Visit,
    Visits,
    holder,
    is_card,
    is_equal,
)

__all__ = [
    "ASIDE_MOST_NS", "ASIDE_NS", "LINGER_NS", "MAX_EVIDENCE", "MAX_SCANS", "MAX_VISITS", "OPEN_NS", "Answered", "Code",
    "Judge", "Noticed", "Outcome", "PassedOver", "Seen", "Visit", "Visits", "has_adult", "join_adult",
    "left_alone", "pass_time", "reopen", "see",
]  # fmt: skip

OPEN_NS = 30_000 * MS
"""How long after its last code a visit is remembered: the next code of the same person adds to it."""
LINGER_NS = ADMITTED_MS * MS
"""How long after an admission further codes of the same person are passed over, as long as it is on the screen."""
ASIDE_NS = 400 * MS
"""How long a poster, an address or a damaged code waits for somebody's own code to be read beside it."""
ASIDE_MOST_NS = 10_000 * MS
"""How long it waits while a person is being answered; who showed it is gone by then."""
MAX_VISITS = 8
MAX_EVIDENCE = 4
"""Pieces of evidence in a visit. Two admit; the others are there to say why not."""
MAX_SCANS = 8
"""Scans by which a visit is known as the neighbour of others."""

Seen = tuple[Visits, tuple[Outcome, ...]]


def see(visits: Visits, code: Code, judge: Judge, now: int, *, busy: bool) -> Seen:
    """Take in a code that has newly come into view. `busy`: the screen answers a person."""
    visits = _forget(visits, now)
    if _is_aside(code.found):
        return _see_aside(visits, code, now, busy=busy)
    home = _home(visits, code, now)
    waited = visits.waiting
    visits, outcomes = _see_own(replace(visits, waiting=None), code, home, judge, now)
    return visits, outcomes if waited is None else (*outcomes, PassedOver(outcomes[0].visit, waited.scan))


def pass_time(visits: Visits, now: int, *, busy: bool) -> Seen:
    """Forget what is over, and answer a code that was nobody's own and has stayed alone.

    What it was worth when it came still holds: no time and no trust list makes more of it.
    """
    visits = _forget(visits, now)
    code = visits.waiting
    if code is None or now < visits.due_ns:
        return visits, ()
    if busy and now < visits.until_ns:
        return visits, ()
    visits = replace(visits, waiting=None)
    if busy:
        return visits, (PassedOver("", code.scan),)
    return visits, (Answered(code.scan, code.scan, code.scan, code.alone),)


def reopen(visits: Visits, visit: str, why: tuple[Reason, ...]) -> Visits:
    """Take an admission back that the gate could not carry out: the same codes may be shown again."""
    return replace(
        visits, open=tuple(replace(one, decision=Deny(why)) if one.id == visit else one for one in visits.open)
    )


def has_adult(visits: Visits, data: bytes, beside: frozenset[str], is_adult: Callable[[str], bool]) -> bool:
    """Tell whether a signed code of an adult has been let in, of the party of a code that is shown now.

    A party is who was in view together. Whose code was read first may show it again: it is known by its content.
    """
    parties = {one.party for one in visits.open if data in one.codes or beside.intersection(one.scans)}
    return bool(parties & _with_adults(visits, is_adult))


def left_alone(visits: Visits, outcomes: Sequence[Outcome], is_adult: Callable[[str], bool]) -> tuple[Visit, ...]:
    """Return the visits of minors refused as alone whose party has just been joined by an adult, oldest first.

    `outcomes` are those of the code that was taken in last: later on, nobody may stand there any more.
    """
    admitted = {one.party for one in outcomes if isinstance(one, Answered) and isinstance(one.judged.decision, Admit)}
    parties = admitted & _with_adults(visits, is_adult)
    return tuple(
        one for one in visits.open if one.party in parties and reasons(one.decision)[:1] == (Reason.MINOR_ALONE,)
    )


def join_adult(visits: Visits, minor: Visit, judge: Judge, now: int) -> Seen:
    """Judge the visit of a minor again, by itself, and answer it if that lets the minor in.

    If not, staff has been called already, and is told nothing new.
    """
    judged = judge(minor.codes)
    if not isinstance(judged.decision, Admit):
        return visits, ()
    minor = replace(minor, evidence=judged.evidence, decision=judged.decision, last_ns=now)
    return _remember(visits, minor), (Noticed(minor.id, minor.party), Answered(minor.id, minor.party, "", judged))


def _with_adults(visits: Visits, is_adult: Callable[[str], bool]) -> frozenset[str]:
    """Return the parties of which an adult has been let in, by the birth date of a signed code."""
    return frozenset(
        visit.party for visit in visits.open
        if visit.over
        and any(
            isinstance(one, Verified) and is_adult(signed_birth_date(one.credential, visit.evidence))
            for one in visit.evidence
        )
    )  # fmt: skip


def _forget(visits: Visits, now: int) -> Visits:
    return replace(visits, open=tuple(visit for visit in visits.open if now - visit.last_ns <= OPEN_NS))


def _see_own(visits: Visits, code: Code, home: Visit | None, judge: Judge, now: int) -> Seen:
    if home is None:
        return _begin(visits, code, now)
    if home.over:
        return visits, (PassedOver(home.id, code.scan),)
    return _add(visits, home, code, judge, now)


def _see_aside(visits: Visits, code: Code, now: int, *, busy: bool) -> Seen:
    near = next((visit.id for visit in visits.open if code.beside.intersection(visit.scans)), "")
    waited = visits.waiting
    if near or (waited is not None and not busy):
        return visits, (PassedOver(near, code.scan),)
    visits = replace(visits, waiting=code, due_ns=now + ASIDE_NS, until_ns=now + ASIDE_MOST_NS, aside=code.scan)
    if not busy:
        return visits, (Noticed(code.scan, code.scan),)
    # The newest one waits: who comes next holds it up, while what was read first may hang behind the visitor.
    return visits, () if waited is None else (PassedOver("", waited.scan),)


def _home(visits: Visits, code: Code, now: int) -> Visit | None:
    """Return the visit that a person's code belongs to; None where it begins a visit of its own."""
    found, newest_first = code.found, visits.open[::-1]
    near = [visit for visit in newest_first if code.beside.intersection(visit.scans)]
    known = [
        visit for visit in newest_first
        if visit.knows(found) and (not visit.over or visit in near or now - visit.last_ns < LINGER_NS)
    ]  # fmt: skip
    order: tuple[list[Visit], ...]
    if is_card(found):
        order = (
            [visit for visit in known if visit.signed],
            # The card beside a pass that names nobody lies in the same hand.
            [visit for visit in near if visit.signed and not visit.named],
            # Who was just asked for a card shows one: if it is another's, that is the answer.
            [visit for visit in (*near, *newest_first[:1]) if visit.asks],
            known,
        )
    else:
        fits = not is_named(holder(found)) or _is_about_identity(code.alone.decision)
        order = (known, [visit for visit in near if fits and not visit.signed])
    return next(chain(*order), None)


def _party(visits: Visits, code: Code, but: str = "") -> str:
    """Return the party of those whose codes are in view together with this one, the visit `but` left out."""
    beside = (v.party for v in visits.open[::-1] if v.id != but and code.beside.intersection(v.scans))
    return next(beside, "")


def _begin(visits: Visits, code: Code, now: int) -> Seen:
    visit = _first(code, _party(visits, code) or code.scan, now)
    return _remember(visits, visit), _answer(visit, code, code.alone)


def _add(visits: Visits, home: Visit, code: Code, judge: Judge, now: int) -> Seen:
    codes = _with(home, code)
    judged = judge(codes)
    if home.named and is_named(holder(code.found)) and not home.knows(code.found):
        return _add_strangers(visits, replace(home, decision=judged.decision), code, judged, now)
    visit = replace(
        home, party=_party(visits, code, but=home.id) or home.party, scans=_noted(home, code), codes=codes,
        evidence=judged.evidence, decision=judged.decision, last_ns=now,
    )  # fmt: skip
    return _remember(visits, visit), _answer(visit, code, judged)


def _add_strangers(visits: Visits, told: Visit, code: Code, judged: Judgement, now: int) -> Seen:
    """Keep another person's code apart: it was judged with the rest to say so, and is that person's own visit.

    The visit that was `told` so gains nothing by it, no time either: else the cards of a queue would keep it open.
    """
    own = next((one for one in visits.open if one.knows(code.found) and not one.over), None)
    if own is None:
        own = replace(_first(code, _party(visits, code) or code.scan, now), decision=told.decision)
    else:
        own = replace(own, scans=_noted(own, code), last_ns=now)
    return _remember(_remember(visits, told), own), _answer(told, code, judged)


def _noted(visit: Visit, code: Code) -> tuple[str, ...]:
    return (*visit.scans, code.scan)[-MAX_SCANS:]


def _first(code: Code, party: str, now: int) -> Visit:
    return Visit(code.scan, party, (code.scan,), (code.data,), (code.found,), code.alone.decision, now)


def _answer(visit: Visit, code: Code, judged: Judgement) -> tuple[Outcome, ...]:
    return Noticed(visit.id, visit.party), Answered(visit.id, visit.party, code.scan, judged)


def _remember(visits: Visits, visit: Visit) -> Visits:
    others = tuple(other for other in visits.open if other.id != visit.id)
    return replace(visits, open=(*others, visit)[-MAX_VISITS:])


def _with(visit: Visit, code: Code) -> tuple[bytes, ...]:
    """Return the codes of a visit and this one.

    Where they are too many, one is dropped: the oldest of those that can never count, or the oldest.
    """
    pieces = [
        (data, found) for data, found in zip(visit.codes, visit.evidence, strict=True)
        if not is_equal(found, code.found)
    ]  # fmt: skip
    pieces.append((code.data, code.found))
    if len(pieces) > MAX_EVIDENCE:
        useless = (at for at, (_, found) in enumerate(pieces) if isinstance(found, Rejected) and not is_card(found))
        del pieces[next(useless, 0)]
    return tuple(data for data, _ in pieces)


# what a code is


def _is_aside(found: Verification) -> bool:
    """Tell whether a code is nobody's own: a poster, an address, a sample's label, something unknown or damaged."""
    return isinstance(found, Rejected) and (found.verdict is Verdict.MALFORMED or found.format is Format.TUBE)


def _is_about_identity(decision: Decision) -> bool:
    return reasons(decision)[:1] in ((Reason.IDENTITY_NEEDED,), (Reason.IDENTITY_MISMATCH,))
