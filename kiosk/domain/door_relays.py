"""What the relays are told and what they say: the door's machine towards its hardware."""

from dataclasses import replace

from kiosk.domain.door_io import DoorKind, DoorState
from kiosk.domain.door_state import MS, Cause, Leaf, Work
from kiosk.domain.door_table import HOLD_MS, NEXT, Happening, Verdict, decide, happen
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate_io import Fault, FaultSeen, Lock, RelayMoved, Release
from kiosk.domain.lines import Out

RELAY_GRACE_MS = 1_000
"""How long the relay may take to report that it has fallen back, after its pulse."""
OPEN_GRACE_MS = 1_000
"""How long after its release a door may still be opened rightly: a hand was on it already."""


def moved(work: Work, moved: RelayMoved) -> None:
    """Take in an edge of a relay's line."""
    leaf = work.door.leaf(moved.out)
    where: dict[str, object] = {} if leaf.relay is Out.RELAY else {"out": leaf.relay.value}
    if moved.released:
        _risen(work, leaf, moved.at_ns, where)
        return
    open_ms = round((moved.at_ns - leaf.released_ns) / MS) if leaf.released_ns else 0
    # An edge from before the newest release ends the one before; the newest is still awaited.
    early = moved.at_ns < leaf.told_ns
    visit = leaf.open_for if early else leaf.visit
    work.out.append(EventDraft(EventType.GATE_LOCKED, visit, {"released_ms": open_ms, **where}))
    leaf = replace(leaf, released_ns=0, open_for="")
    if not early:
        until = min(leaf.until_ns, work.now)
        leaf = replace(leaf, visit="", cause=Cause.NOTHING, told_ns=0, until_ns=until, overdue_ns=0)
        _cut(work, leaf.relay)
    if leaf.state is DoorState.FAULT:
        leaf = replace(leaf, state=NEXT[leaf.state, Happening.RELAY_WORKS])
        if leaf.is_open:
            leaf = replace(leaf, state=NEXT[leaf.state, Happening.OPENED])
    work.door = work.door.with_leaf(leaf)
    _say_works(work)


def try_again(work: Work) -> None:
    """Trust a relay again that never moved, now that somebody has looked at it; one that sticks says when it falls."""
    for leaf in work.door.leaves:
        if leaf.state is DoorState.FAULT and not leaf.released_ns:
            happen(work, leaf, Happening.RELAY_WORKS)
            _say_works(work)


def _say_works(work: Work) -> None:
    if all(one.state is not DoorState.FAULT for one in work.door.leaves):
        work.out.append(FaultSeen(Fault.RELAY, present=False))


def _risen(work: Work, leaf: Leaf, at_ns: int, where: dict[str, object]) -> None:
    if not leaf.visit and leaf.cause is not Cause.NOTHING:
        where = {"cause": leaf.cause.value, **where}
    work.out.append(EventDraft(EventType.GATE_RELEASED, leaf.visit, where))
    leaf = replace(leaf, released_ns=at_ns, open_for=leaf.visit)
    if not leaf.told_ns:
        # Nobody told it to.
        work.out.append(Lock(leaf.relay))
        leaf = replace(leaf, overdue_ns=work.now + RELAY_GRACE_MS * MS)
    work.door = work.door.with_leaf(leaf)


def _cut(work: Work, relay: Out) -> None:
    """End the releases of a relay that has fallen back: its driver's limit came first."""
    door, now = work.door, work.now
    work.change(
        openings=tuple(
            replace(one, until_ns=now) if one.told and one.until_ns > now and door.target(one) is relay else one
            for one in door.openings
        )
    )


def _release(work: Work, leaf: Leaf, cause: Cause, until: int) -> None:
    """Tell a relay to release up to a moment, where it has not been told so."""
    door, now = work.door, work.now
    new = [one for one in door.openings if not one.told and one.until_ns > now and door.target(one) is leaf.relay]
    due = until > leaf.until_ns and leaf.until_ns - now < HOLD_MS * MS // 2
    if not new and not due:
        return
    visit = new[-1].visit if new else leaf.visit
    work.out.append(Release(visit, (until - now) // MS, leaf.relay))
    for one in new:
        if leaf.released_ns and one.visit:
            # The gate is open for somebody else: no edge will come to say that it is open for this visit as well.
            work.out.append(EventDraft(EventType.GATE_RELEASED, one.visit, {"extends": leaf.open_for}))
    openings = tuple(replace(one, told=True) if one in new else one for one in door.openings)
    overdue = until + RELAY_GRACE_MS * MS
    if leaf.overdue_ns and not leaf.released_ns and not new:
        overdue = leaf.overdue_ns  # a relay that never moves is not excused by being told again
    told = replace(leaf, visit=visit, cause=cause, told_ns=now, until_ns=max(until, leaf.until_ns), overdue_ns=overdue)
    work.door = replace(door, openings=openings)
    happen(work, told, Happening.RELEASED)


def _lock(work: Work, leaf: Leaf) -> None:
    """Let a relay fall back that is not to be released any more."""
    if leaf.until_ns > work.now:
        work.out.append(Lock(leaf.relay))
        leaf = replace(leaf, until_ns=work.now, overdue_ns=work.now + RELAY_GRACE_MS * MS)
    happen(work, leaf, Happening.LOCKED)


def settle(work: Work) -> None:
    """Let every relay do what the first row of PRECEDENCE says."""
    if work.door.setup.kind is DoorKind.INTERLOCK:
        _next_of_mantrap(work)
    for leaf in work.door.leaves:
        rule, until = decide(work.door, leaf, work.now)
        if rule.verdict is Verdict.RELEASES:
            _release(work, leaf, rule.cause, until)
        else:
            _lock(work, leaf)


def _next_of_mantrap(work: Work) -> None:
    """Begin with whoever is next, once both doors are shut and locked."""
    door, now = work.door, work.now
    shut = all(leaf.state is DoorState.LOCKED and not leaf.is_open and not leaf.released_ns for leaf in door.leaves)
    free = shut and not door.is_blind
    if door.openings and free and not door.openings[0].until_ns:
        first = door.openings[0]
        annul = now + max(first.ms + OPEN_GRACE_MS, door.setup.passage_ms) * MS
        work.change(openings=(replace(first, until_ns=now + first.ms * MS, annul_ns=annul), *door.openings[1:]))
