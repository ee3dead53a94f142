"""Who is told what and when: the part of the gate's machine that faces the visitor.

Visits whose codes were in view together are one party (a family's phone). Their answers take turns on the
screen, admissions first; the code of anybody else takes the screen at once. An admission does not cut short what
another party has only just been told: it is told again after it.
"""

from dataclasses import replace

from kiosk.domain.gate_io import View
from kiosk.domain.gate_state import Gate, Pending, Turn

MS = 1_000_000
ADMITTED_MS = 2_500
REFUSED_MS = 8_000
TOUCH_MS = 15_000
TURNS = 4
"""Answers to one party that may wait for their turn on the screen."""
HEED_MS = 4_000
"""How long somebody may need to take in that they may not go in."""
_SPARE_MS = {View.ADMITTED: ADMITTED_MS - 1_500, View.REFUSED: REFUSED_MS - HEED_MS}
"""What an answer gives up of its time when another to the same party waits: it is seen for at least 1.5 s or 4 s."""


def show(gate: Gate, view: View, now: int, **more: object) -> Gate:
    """Show a view; what is not named stands at nothing."""
    blank = {
        "reasons": (), "next_step": None, "more": False, "until_ns": 0, "people": 1, "called": 0, "welcomed": False,
    }  # fmt: skip
    return replace(gate, view=view, since_ns=now, **{**blank, **more})  # type: ignore[arg-type]


def idle(gate: Gate, now: int) -> Gate:
    """Answer nobody."""
    return show(gate, View.IDLE, now, visit="", party="", later=(), welcomed=gate.view is View.ADMITTED)


def code_seen(gate: Gate, visit: str, party: str, now: int) -> Gate:
    """Say at once that a code was read: in place of anything but an answer to others of the same party."""
    if gate.party != party:
        return show(gate, View.CODE_READ, now, visit=visit, party=party, later=())
    if gate.visit != visit and gate.view in (View.ADMITTED, View.REFUSED, View.STAFF):
        return gate
    return show(gate, View.CODE_READ, now, visit=visit, later=_without(gate.later, visit))


def _without(turns: tuple[Turn, ...], visit: str) -> tuple[Turn, ...]:
    return tuple(turn for turn in turns if turn.visit != visit)


def _bounded(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Keep as many as may wait: the first ones, but a call for staff rather than the last of them."""
    kept, over = turns[:TURNS], turns[TURNS:]
    called = next((turn for turn in over if turn.view is View.STAFF), None)
    return kept if called is None else (*kept[:-1], called)


def take_turn(gate: Gate, turn: Turn, now: int) -> Gate:
    """Show an answer. Where staff is called, they see to the whole party: nothing comes after that."""
    shown = {"reasons": turn.reasons, "next_step": turn.next_step, "more": turn.more, "visit": turn.visit}
    shown["party"] = turn.party
    if turn.view is View.STAFF:
        return show(gate, View.STAFF, now, later=(), called=1, **shown)
    return show(gate, View.REFUSED, now, until_ns=now + REFUSED_MS * MS, **shown)


def answer(gate: Gate, turn: Turn, now: int) -> Gate:
    """Show an answer that lets nobody in; after the one to others of the same party, where there is one."""
    if gate.party != turn.party:
        return take_turn(replace(gate, later=()), turn, now)
    if gate.visit != turn.visit and gate.view is View.STAFF:
        return gate
    others_first = gate.visit != turn.visit and gate.view in _SPARE_MS
    admitted = any(one.party == turn.party and one.visit != turn.visit for one in gate.pending)
    admission_first = gate.view is View.CODE_READ and admitted
    gate = replace(gate, later=_without(gate.later, turn.visit))
    if others_first or admission_first:
        return replace(gate, later=_bounded((*gate.later, turn)))
    return take_turn(gate, turn, now)


def welcome(gate: Gate, admitted: Pending, now: int) -> Gate:
    """Show an admission, at once. What others were being told is told again after it."""
    visit, people = admitted.visit, 1
    later: tuple[Turn, ...] = ()
    same = gate.party == admitted.party
    if same or now - gate.since_ns < HEED_MS * MS:
        later = _without(gate.later, visit)
        if gate.visit != visit and gate.view in (View.REFUSED, View.STAFF):
            shown = Turn(gate.view, gate.visit, gate.party, gate.reasons, gate.next_step, gate.more)
            later = _bounded((shown, *later))
        elif same and gate.visit != visit and gate.view is View.ADMITTED:
            people = gate.people + 1
    return show(
        gate, View.ADMITTED, now, visit=visit, party=admitted.party, people=people, later=later,
        until_ns=now + ADMITTED_MS * MS,
    )  # fmt: skip


def pass_time(gate: Gate, now: int) -> Gate:
    """Let an answer make way for the next one, or end."""
    if gate.later and gate.view in _SPARE_MS and now >= gate.until_ns - _SPARE_MS[gate.view] * MS:
        return take_turn(replace(gate, later=gate.later[1:]), gate.later[0], now)
    return idle(gate, now) if gate.until_ns and now >= gate.until_ns else gate
