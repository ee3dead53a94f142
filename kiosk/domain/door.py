"""The door: one pure state machine from sensors, time and what was granted to what its relays do.

`step(door, input, now)` returns the next door and what must be done and put on record, in order. Times are monotonic
nanoseconds. Two tables hold its rules: `NEXT`, how a leaf's state follows from what happens, and `PRECEDENCE`, what of
all that may ask for the door at once decides (DESIGN section 4). `docs/door.md` is written from both.

A relay is never told to stay released: it is told for a time, and told anew while the reason lasts, so that it falls
back by itself when this process does not.
"""

from dataclasses import replace
from typing import assert_never

from kiosk.domain import alarms, door_relays, passage
from kiosk.domain.door_io import (
    Alarm,
    AlarmsSeen,
    DoorInput,
    DoorKind,
    DoorOutput,
    DoorState,
    Granted,
    HoldOpen,
    LongerAsked,
    Mode,
    ModeAsked,
    Occupied,
    RelayTried,
    Sensed,
    SensorFault,
)
from kiosk.domain.door_relays import OPEN_GRACE_MS
from kiosk.domain.door_state import MS, Cause, Door, Leaf, Opening, Work
from kiosk.domain.door_table import HOLD_MS, Happening, Verdict, decide, happen
from kiosk.domain.events import EventType
from kiosk.domain.gate_io import Fault, FaultSeen, RelayMoved, Tick
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction

FIRE_SETTLE_MS = 500
"""How long the two contacts of the fire input may contradict each other, on the way from one level to the other."""
AGAIN_MS = 2_000
"""Who presses the exit button again so soon is the same person."""
TEST_MS = 500
"""How long a test of the wires releases a relay: long enough to hear it."""
OPENINGS = 32
"""Openings that wait to be used. The oldest is over when there are more."""


_LEAVES = {Sense.CONTACT: Out.RELAY, Sense.INNER_CONTACT: Out.INNER_RELAY}
_FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})

Step = tuple[Door, tuple[DoorOutput, ...]]


# one step


def step(door: Door, event: DoorInput, now: int) -> Step:
    """Return the door after `event`, and what must be done and put on record, in this order."""
    work = Work(door, now)
    match event:
        case Sensed(sense=sense, active=active):
            if active is not (sense in door.active):
                work.change(active=door.active ^ {sense})
                _sensed(work, sense, active=active)
        case SensorFault():
            _sensor_fault(work, event)
        case RelayMoved():
            door_relays.moved(work, event)
        case ModeAsked(mode=mode):
            work.change(mode=mode)
        case Granted() | RelayTried():
            _on_record(work, event)
        case LongerAsked():
            _longer(work)
        case HoldOpen():
            work.change(hold=event, first_in=door.first_in and event.active)
        case Occupied(level=level):
            _occupied(work, level)
        case AlarmsSeen():
            work.alarms(alarms.seen(door.alarms))
            door_relays.try_again(work)
        case Tick():
            pass
        case _:
            assert_never(event)
    _pass_time(work)
    door_relays.settle(work)
    return work.door, tuple(work.out)


def _sensed(work: Work, sense: Sense, *, active: bool) -> None:
    match sense:
        case Sense.CONTACT | Sense.INNER_CONTACT:
            _leaf_moved(work, work.door.leaf(_LEAVES[sense]), is_open=active)
        case Sense.BEAM | Sense.TURNED_IN | Sense.TURNED_OUT:
            if active:
                passage.seen(work, sense)
        case Sense.EXIT_BUTTON:
            _exit_button(work, pressed=active)
        case Sense.TAMPER:
            change = alarms.raised(work.door.alarms, Alarm.TAMPER, work.now)
            work.alarms(change if active else alarms.cleared(work.door.alarms, Alarm.TAMPER))
        case Sense.FIRE_NC | Sense.FIRE_NO | Sense.PRESENCE:
            pass  # fire is seen to below; presence is for the lamp
        case _:
            assert_never(sense)


def _leaf_moved(work: Work, leaf: Leaf, *, is_open: bool) -> None:
    leaf = replace(leaf, is_open=is_open, opened_ns=work.now)
    if not is_open:
        passage.shut(work, leaf.relay)
        happen(work, leaf, Happening.SHUT)
        for alarm in (Alarm.DOOR_FORCED, Alarm.DOOR_HELD):
            work.alarms(alarms.cleared(work.door.alarms, alarm, leaf.relay))
        return
    rightly = (
        leaf.state is DoorState.RELEASED
        or work.now < leaf.until_ns + OPEN_GRACE_MS * MS
        or work.door.mode is Mode.MAINTENANCE
        or decide(work.door, leaf, work.now)[0].verdict is Verdict.RELEASES
    )
    happen(work, leaf, Happening.OPENED if rightly else Happening.BROKEN_OPEN)
    if work.door.leaf(leaf.relay).state is DoorState.FORCED:
        work.alarms(alarms.raised(work.door.alarms, Alarm.DOOR_FORCED, work.now, leaf.relay))
    passage.opened(work, leaf.relay)


def _exit_button(work: Work, *, pressed: bool) -> None:
    work.change(exit_ns=work.now if pressed else 0)
    if not pressed:
        work.alarms(alarms.cleared(work.door.alarms, Alarm.SENSOR, Sense.EXIT_BUTTON))
        return
    work.note(EventType.EXIT_REQUESTED)
    exits = Opening(Cause.EXIT_BUTTON, "", Direction.EXIT, work.door.setup.exit_ms, pressed_ns=work.now)
    if work.door.setup.kind is not DoorKind.INTERLOCK:
        before = _last_exit(work)
        again = before is not None and not before.used and work.now - before.pressed_ns < AGAIN_MS * MS
        _make_room(work)
        _begin(work, replace(exits, opened=again and before is not None and before.opened), before if again else None)
        return
    if any(one.cause is Cause.EXIT_BUTTON and one.stage == 0 for one in work.door.openings):
        return
    # Whoever leaves goes first, unless somebody has a door of the mantrap open.
    exits = _waiting(work, exits)
    first, *others = work.door.openings or (None,)
    if first is not None and first.opened:
        work.change(openings=(first, exits, *others))
    else:
        behind = [_waiting(work, one) for one in work.door.openings]
        work.change(openings=(exits, *behind))


def _last_exit(work: Work) -> Opening | None:
    return next((one for one in reversed(work.door.openings) if one.cause is Cause.EXIT_BUTTON), None)


def _sensor_fault(work: Work, fault: SensorFault) -> None:
    door, sense = work.door, fault.sense
    if fault.present:
        work.change(chattering=door.chattering | {sense}, exit_ns=0 if sense is Sense.EXIT_BUTTON else door.exit_ns)
        work.alarms(alarms.raised(door.alarms, Alarm.SENSOR, work.now, sense))
    else:
        work.change(chattering=door.chattering - {sense})
        work.alarms(alarms.cleared(door.alarms, Alarm.SENSOR, sense))


def _on_record(work: Work, event: Granted | RelayTried) -> None:
    if isinstance(event, Granted):
        _granted(work, event)
        return
    leaf = work.door.leaf(event.out)
    work.door = work.door.with_leaf(replace(leaf, tried_until_ns=work.now + TEST_MS * MS))


def _granted(work: Work, granted: Granted) -> None:
    setup = work.door.setup
    _make_room(work)
    cause = Cause.COMMAND if granted.by_command else Cause.ADMISSION
    ms = setup.longer_ms if granted.longer else setup.pulse_ms
    opening = Opening(cause, granted.visit, granted.direction, ms)
    if setup.kind is DoorKind.INTERLOCK:
        work.change(openings=(*work.door.openings, _waiting(work, opening)))
        return
    _begin(work, opening)


def _begin(work: Work, opening: Opening, instead_of: Opening | None = None) -> None:
    """Let somebody through from now on."""
    door, now = work.door, work.now
    until = now + opening.ms * MS
    tracked = passage.counting(door.setup, opening.direction) is not None
    annul = max(until + OPEN_GRACE_MS * MS, now + door.setup.passage_ms * MS) if tracked else until
    leaf = door.leaf(door.target(opening))
    begun = replace(opening, until_ns=until, annul_ns=annul, opened=opening.opened or leaf.is_open)
    kept = tuple(one for one in door.openings if one is not instead_of)
    work.change(openings=(*kept, begun))
    work.door = work.door.with_leaf(replace(leaf, opened_ns=now))


def _waiting(work: Work, opening: Opening) -> Opening:
    """Return an opening of a mantrap that waits for both doors to be shut: long enough for one or two before it."""
    waits = work.now + 4 * work.door.setup.passage_ms * MS
    return replace(opening, until_ns=0, annul_ns=waits, told=False)


def _make_room(work: Work) -> None:
    while len(work.door.openings) >= OPENINGS:
        passage.time_over(work, work.door.openings[0])


def _longer(work: Work) -> None:
    setup, now = work.door.setup, work.now
    work.change(
        openings=tuple(
            replace(
                one, until_ns=now + setup.longer_ms * MS, annul_ns=now + (setup.longer_ms + setup.passage_ms) * MS,
                ms=setup.longer_ms, told=False,
            )
            if one.until_ns > now and one.ms < setup.longer_ms and not one.used
            else one
            for one in work.door.openings
        )
    )  # fmt: skip


def _occupied(work: Work, level: int) -> None:
    for alarm, reached in ((Alarm.OCCUPANCY_HIGH, level >= 1), (Alarm.OCCUPANCY_FULL, level >= 2)):
        standing = work.door.alarms
        work.alarms(alarms.raised(standing, alarm, work.now) if reached else alarms.cleared(standing, alarm))


# time


def _pass_time(work: Work) -> None:
    _watch_fire(work)
    _watch_exit(work)
    for opening in work.door.openings:
        waits_open = opening.opened and work.door.leaf(work.door.target(opening)).is_open
        if opening.annul_ns and work.now >= opening.annul_ns and not waits_open:
            passage.time_over(work, opening)
    for leaf in work.door.leaves:
        _watch_leaf(work, leaf)
    work.alarms(alarms.passed_time(work.door.alarms, work.now, work.door.setup.escalate_ms))


def _watch_fire(work: Work) -> None:
    """Tell a fire from a wire that is cut, or two that touch (two contacts, one of them closed at any time)."""
    door, now = work.door, work.now
    apart = len(_FIRE & door.active) == 1 or bool(_FIRE & door.chattering)
    since = (door.split_ns or now) if apart else 0
    wiring = apart and now - since >= FIRE_SETTLE_MS * MS
    if (since, wiring) != (door.split_ns, door.wiring):
        work.change(split_ns=since, wiring=wiring)
    for alarm, present in ((Alarm.FIRE, door.fire), (Alarm.FIRE_WIRING, work.door.wiring)):
        standing = work.door.alarms
        work.alarms(alarms.raised(standing, alarm, now) if present else alarms.cleared(standing, alarm))


def _watch_exit(work: Work) -> None:
    """Keep the door released while the exit button is held, and say so where it hangs."""
    door, now = work.door, work.now
    if not door.exit_ns:
        return
    if door.setup.kind is not DoorKind.INTERLOCK:
        pressed = _last_exit(work)
        if pressed is None or pressed.until_ns - now < HOLD_MS * MS // 2:
            exits = pressed or Opening(Cause.EXIT_BUTTON, "", Direction.EXIT, door.setup.exit_ms)
            _begin(work, replace(exits, ms=door.setup.exit_ms), instead_of=pressed)
    if now - door.exit_ns >= door.setup.held_ms * MS:
        work.alarms(alarms.raised(work.door.alarms, Alarm.SENSOR, now, Sense.EXIT_BUTTON))


def _watch_leaf(work: Work, leaf: Leaf) -> None:
    door, now = work.door, work.now
    rule, _ = decide(door, leaf, now)
    may_stand_open = rule.every_leaf and rule.verdict is Verdict.RELEASES
    if leaf.is_open and (may_stand_open or door.mode is Mode.MAINTENANCE):
        leaf = replace(leaf, opened_ns=now)
        work.door = door.with_leaf(leaf)
    if leaf.state is DoorState.OPEN and now - leaf.opened_ns >= door.setup.held_ms * MS:
        happen(work, leaf, Happening.OVERSTAYED)
        work.alarms(alarms.raised(work.door.alarms, Alarm.DOOR_HELD, now, leaf.relay))
    leaf = work.door.leaf(leaf.relay)
    if leaf.overdue_ns and now >= leaf.overdue_ns:
        happen(work, replace(leaf, overdue_ns=0), Happening.RELAY_FAILED)
        work.out.append(FaultSeen(Fault.RELAY, present=True))


