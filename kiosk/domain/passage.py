"""Who has gone through: what the sensors of the passage say of those who may, and of those who may not.

One kind of sensor counts (`counting`): a turnstile's feedback before a light barrier, and that before the door's
contact. Another that is wired as well vouches for who was missed by it: an admission whose door was opened is no
admission that nobody used. Without any sensor nothing is claimed, and an admission counts as it is.
"""

from dataclasses import replace

from kiosk.domain import alarms
from kiosk.domain.door_io import Alarm, Annulled, DoorKind, DoorSetup, DoorState, Mode
from kiosk.domain.door_state import MS, Cause, Opening, Work
from kiosk.domain.events import EventType
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction

TAIL_MS = 2_000
"""Who goes through so soon after the last admitted person, where no contact tells that the door is shut, is at their
heels."""
_DIRECTED = {Sense.TURNED_IN: Direction.ENTRY, Sense.TURNED_OUT: Direction.EXIT}


def counting(setup: DoorSetup, direction: Direction) -> Sense | None:
    """Return the kind of sensor that counts who goes one way; None: nothing does."""
    turned = Sense.TURNED_IN if direction is Direction.ENTRY else Sense.TURNED_OUT
    own = (Sense.CONTACT,) if setup.kind is DoorKind.INTERLOCK else (turned, Sense.BEAM, Sense.CONTACT)
    return next((sense for sense in own if sense in setup.senses), None)


def seen(work: Work, sense: Sense) -> None:
    """Take in that the light barrier or the feedback has seen somebody."""
    way = _DIRECTED.get(sense)
    counts = [way] if way else [one for one in Direction if counting(work.door.setup, one) is Sense.BEAM]
    waiting = [one for one in work.door.openings if one.until_ns and (way is None or one.direction is way)]
    expected = [one for one in waiting if not one.used] or waiting
    counted = [one for one in expected if one.direction in counts]
    if counted:
        confirm(work, counted[0], sense)
    elif expected:
        _vouch(work, [expected[0]])
    elif counts:
        _unexpected(work, way)


def opened(work: Work, relay: Out) -> None:
    """Take in that a leaf has been opened."""
    _vouch(work, _at(work, relay))
    last = 1 if work.door.setup.kind is DoorKind.INTERLOCK else 0
    for opening in _at(work, relay):
        if opening.stage == last and not opening.used and _by_contact(work, opening):
            confirm(work, opening, Sense.CONTACT)


def shut(work: Work, relay: Out) -> None:
    """Take in that a leaf has been shut: of a mantrap, the way is free to the other one."""
    gone = [one for one in _at(work, relay) if one.opened]
    if work.door.setup.kind is DoorKind.INTERLOCK:
        for opening in gone:
            _next_door(work, opening) if opening.stage == 0 else drop(work, opening)
        return
    for opening in gone:
        if not opening.used and _by_contact(work, opening):
            confirm(work, opening, Sense.CONTACT)


def time_over(work: Work, opening: Opening) -> None:
    """End what is over: who was seen has gone through; who was not has not, and may come again."""
    setup = work.door.setup
    if opening.cause is Cause.EXIT_BUTTON:
        # Whoever stands between the doors of a mantrap leaves by the second one.
        first = setup.kind is DoorKind.INTERLOCK and opening.stage == 0 and bool(opening.until_ns)
        if opening.opened and not opening.used and not first:
            confirm(work, opening, None)
        _next_door(work, opening) if first else drop(work, opening)
        return
    if counting(setup, opening.direction) is None:
        drop(work, opening)
    elif opening.opened and opening.until_ns and opening.stage == 0:
        confirm(work, opening, None)
    else:
        drop(work, opening)
        work.out.append(Annulled(opening.visit, (Reason.NOT_PASSED,)))


def confirm(work: Work, opening: Opening, by: Sense | None) -> None:
    """Put on record that somebody has gone through."""
    how = {"by": "other_sensor" if by is None else by.value}
    entry = opening.direction is Direction.ENTRY
    kind = EventType.PASSAGE_ENTERED if entry else EventType.PASSAGE_LEFT
    work.change(ended_ns=work.now)
    if opening.cause is Cause.EXIT_BUTTON:
        _put(work, replace(opening, used=True), opening)
        work.count(kind, -1, exit_button=True, **how)
        return
    drop(work, opening)
    work.note(kind, opening.visit, **how)
    if entry and work.door.hold.active:
        work.change(first_in=True)


def drop(work: Work, opening: Opening) -> None:
    """Take an opening away."""
    work.change(openings=tuple(one for one in work.door.openings if one is not opening))


def _put(work: Work, new: Opening, old: Opening) -> None:
    work.change(openings=tuple(new if one is old else one for one in work.door.openings))


def _at(work: Work, relay: Out) -> list[Opening]:
    """Return who may go through a leaf now."""
    door = work.door
    return [one for one in door.openings if one.until_ns and door.target(one) is relay]


def _vouch(work: Work, openings: list[Opening]) -> None:
    work.change(openings=tuple(replace(one, opened=True) if one in openings else one for one in work.door.openings))


def _by_contact(work: Work, opening: Opening) -> bool:
    return counting(work.door.setup, opening.direction) is Sense.CONTACT


def _next_door(work: Work, opening: Opening) -> None:
    annul = work.now + 2 * work.door.setup.passage_ms * MS
    _put(work, replace(opening, stage=1, until_ns=0, annul_ns=annul, opened=False, told=False), opening)


def _unexpected(work: Work, way: Direction | None) -> None:
    """Somebody whom nobody let through."""
    door, setup = work.door, work.door.setup
    if door.mode is Mode.MAINTENANCE:
        return
    if door.fire or door.wiring or door.mode is Mode.FREE_PASSAGE or door.held_open:
        # Undirected: people flee from a fire, and go the door's own way otherwise.
        likely = Direction.EXIT if door.fire or door.wiring else setup.direction
        _count(work, way or likely, free=True, assumed=way is None)
    elif way is Direction.EXIT and setup.direction is Direction.ENTRY:
        _count(work, way, wrong_direction=not setup.free_exit)
        if not setup.free_exit:
            work.alarms(alarms.raised(door.alarms, Alarm.WRONG_DIRECTION, work.now))
    else:
        _follower(work, way)


def _follower(work: Work, way: Direction | None) -> None:
    """Somebody who follows another through, or who has forced the way."""
    door, leaf = work.door, work.door.leaves[0]
    followed = bool(door.ended_ns) and work.now < door.ended_ns + TAIL_MS * MS
    at_heels = leaf.is_open if leaf.contact else followed or work.now < leaf.until_ns
    if not at_heels and way is None:
        return  # somebody leans into the light barrier before a shut door
    _count(work, way or door.setup.direction, extra=True)
    if leaf.state is not DoorState.FORCED:
        alarm = Alarm.TAILGATING if at_heels else Alarm.DOOR_FORCED
        work.alarms(alarms.raised(work.door.alarms, alarm, work.now))


def _count(work: Work, way: Direction, **how: bool) -> None:
    """Put on record a person who has no visit."""
    said = {key: True for key, value in how.items() if value}
    if way is Direction.ENTRY:
        work.count(EventType.PASSAGE_ENTERED, 1, **said)
    else:
        work.count(EventType.PASSAGE_LEFT, -1, **said)
