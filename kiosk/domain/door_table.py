"""The two tables of the door's machine, and what they say of a door.

`NEXT`: how a leaf's state follows from what happens. `PRECEDENCE`: what of all that may ask for the door at once
decides (DESIGN section 4). `docs/door.md` is written from both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile

from kiosk.domain.door_io import DoorKind, DoorState, Mode
from kiosk.domain.door_state import MS, Cause, Door, Leaf, Work
from kiosk.domain.reasons import Reason

HOLD_MS = 2_000
"""For how long a relay is told that is to stay released; told anew when half of it is over."""


class Happening(StrEnum):
    """What can happen to a leaf."""

    RELEASED = "released"
    LOCKED = "locked"
    OPENED = "opened"
    BROKEN_OPEN = "broken_open"
    """Opened without anything that lets it."""
    SHUT = "shut"
    OVERSTAYED = "overstayed"
    RELAY_FAILED = "relay_failed"
    RELAY_WORKS = "relay_works"


_S, _H = DoorState, Happening
NEXT: Mapping[tuple[DoorState, Happening], DoorState] = {
    (_S.LOCKED, _H.RELEASED): _S.RELEASED,
    (_S.LOCKED, _H.OPENED): _S.OPEN,
    (_S.LOCKED, _H.BROKEN_OPEN): _S.FORCED,
    (_S.LOCKED, _H.RELAY_FAILED): _S.FAULT,
    (_S.RELEASED, _H.LOCKED): _S.LOCKED,
    (_S.RELEASED, _H.OPENED): _S.OPEN,
    (_S.RELEASED, _H.RELAY_FAILED): _S.FAULT,
    (_S.OPEN, _H.SHUT): _S.LOCKED,
    (_S.OPEN, _H.OVERSTAYED): _S.HELD,
    (_S.OPEN, _H.RELAY_FAILED): _S.FAULT,
    (_S.HELD, _H.SHUT): _S.LOCKED,
    (_S.HELD, _H.RELEASED): _S.OPEN,
    (_S.HELD, _H.RELAY_FAILED): _S.FAULT,
    (_S.FORCED, _H.SHUT): _S.LOCKED,
    (_S.FORCED, _H.RELEASED): _S.OPEN,
    (_S.FORCED, _H.RELAY_FAILED): _S.FAULT,
    (_S.FAULT, _H.RELAY_WORKS): _S.LOCKED,
}
"""What is not in it changes nothing."""


class Verdict(StrEnum):
    """What a cause wants of a leaf."""

    RELEASES = "releases"
    LOCKS = "locks"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table of precedence."""

    cause: Cause
    verdict: Verdict
    every_leaf: bool
    """Every leaf; else the one that whoever goes through stands before."""
    recorded_before: bool
    """A durable record comes before it."""


PRECEDENCE = (
    Rule(Cause.FIRE, Verdict.RELEASES, every_leaf=True, recorded_before=False),
    Rule(Cause.FREE_PASSAGE, Verdict.RELEASES, every_leaf=True, recorded_before=True),
    Rule(Cause.EXIT_BUTTON, Verdict.RELEASES, every_leaf=False, recorded_before=False),
    Rule(Cause.LOCKDOWN, Verdict.LOCKS, every_leaf=True, recorded_before=False),
    Rule(Cause.SELF_TEST, Verdict.RELEASES, every_leaf=False, recorded_before=True),
    Rule(Cause.MAINTENANCE, Verdict.LOCKS, every_leaf=True, recorded_before=False),
    Rule(Cause.OUT_OF_ORDER, Verdict.LOCKS, every_leaf=True, recorded_before=False),
    Rule(Cause.COMMAND, Verdict.RELEASES, every_leaf=False, recorded_before=True),
    Rule(Cause.SCHEDULE, Verdict.RELEASES, every_leaf=True, recorded_before=True),
    Rule(Cause.ADMISSION, Verdict.RELEASES, every_leaf=False, recorded_before=True),
    Rule(Cause.NOTHING, Verdict.LOCKS, every_leaf=True, recorded_before=False),
)
"""The first row whose cause is there decides about a leaf."""
_MODES = {
    Mode.FREE_PASSAGE: Cause.FREE_PASSAGE, Mode.LOCKDOWN: Cause.LOCKDOWN, Mode.MAINTENANCE: Cause.MAINTENANCE,
    Mode.OUT_OF_ORDER: Cause.OUT_OF_ORDER,
}  # fmt: skip
_OPENINGS = frozenset(rule.cause for rule in PRECEDENCE if not rule.every_leaf)
_REFUSALS = {
    Mode.LOCKDOWN: Reason.LOCKDOWN, Mode.MAINTENANCE: Reason.MAINTENANCE, Mode.OUT_OF_ORDER: Reason.RELAY_FAULT,
}  # fmt: skip


def refusal(door: Door) -> Reason | None:
    """Return why nobody is admitted now, whatever they show; None: admissions count."""
    if door.fire:
        return Reason.FIRE_ALARM
    if door.is_blind and door.running is Mode.NORMAL:
        return Reason.SENSOR_FAULT
    return _REFUSALS.get(door.running)


def decide(door: Door, leaf: Leaf, now: int) -> tuple[Rule, int]:
    """Return the row of PRECEDENCE that decides about a leaf, and up to when what it wants is known to last.

    A release lasts as long as any row asks for it that no row before it forbids.
    """
    present = _present(door, leaf)
    asked = [
        (rule, until)
        for rule in PRECEDENCE
        if rule.cause in present
        and (until := now + HOLD_MS * MS if rule.every_leaf else _opening_until(door, rule.cause, leaf, now)) > now
    ]
    first, until = asked[0]  # the last row always asks
    releasing = takewhile(lambda one: one[0].verdict is Verdict.RELEASES, asked)
    return first, max((lasts for _, lasts in releasing), default=until)


def _present(door: Door, leaf: Leaf) -> set[Cause]:
    """Return the causes that are there, for whichever leaf, and the one that opened this one."""
    present = {Cause.NOTHING, *(one.cause for one in door.openings)}
    if leaf.tried_until_ns and door.running is Mode.MAINTENANCE:
        present.add(Cause.SELF_TEST)
    if leaf.cause in _OPENINGS:
        present.add(leaf.cause)
    if door.fire or (door.wiring and door.setup.fire_wiring_releases):
        present.add(Cause.FIRE)
    if (mode := _MODES.get(door.running)) is not None:
        present.add(mode)
    if door.held_open:
        present.add(Cause.SCHEDULE)
    return present


def _opening_until(door: Door, cause: Cause, leaf: Leaf, now: int) -> int:
    own = [one for one in door.openings if one.cause is cause and door.target(one) is leaf.relay]
    until = max((one.until_ns for one in own), default=0)
    kind, rightly_open = door.setup.kind, leaf.state is DoorState.OPEN
    another_open = any(one.is_open for one in door.leaves if one.relay is not leaf.relay)
    if kind is DoorKind.INTERLOCK and (door.is_blind or another_open):
        return 0
    if cause is Cause.SELF_TEST:
        return leaf.tried_until_ns if door.running is Mode.MAINTENANCE else 0
    if rightly_open and kind is DoorKind.MAGNETIC_LOCK and leaf.cause is cause and door.running is Mode.NORMAL:
        return now + HOLD_MS * MS  # a magnet that pulls at an open door slams it
    if rightly_open and kind is DoorKind.STRIKE and cause is not Cause.EXIT_BUTTON:
        return 0  # an open door needs no release; it latches when it falls shut
    return until


def happen(work: Work, leaf: Leaf, happening: Happening) -> None:
    """Put a leaf, as it is becoming, into the state that follows."""
    state = NEXT.get((leaf.state, happening), leaf.state)
    if state is not leaf.state:
        leaf = replace(leaf, state=state)
    if leaf not in work.door.leaves:
        work.door = work.door.with_leaf(leaf)
