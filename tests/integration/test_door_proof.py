"""What holds for the door in every case: all orders of inputs up to a depth, and long random ones.

Both drive the whole gate (records, commits and failures included) and ask an independent observer, who knows only what
went in and what came out: nothing of the machine's own state.
"""

import os
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.domain.decision import Admit
from kiosk.domain.door_io import (
    DoorKind,
    DoorSetup,
    DoorState,
    HoldOpen,
    Mode,
    ModeAsked,
    OpenAsked,
    Sensed,
    SensorFault,
)
from kiosk.domain.door_table import HOLD_MS
from kiosk.domain.events import EventType
from kiosk.domain.gate import (
    CHECKING_MAX_MS,
    MS,
    CommitFailed,
    Committed,
    Gate,
    Judged,
    Lock,
    LongerAsked,
    Record,
    RelayMoved,
    Release,
    Tick,
    step,
)
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction

DEPTH = int(os.environ.get("KIOSK_PROOF_DEPTH", "4"))
"""Inputs in a row, of all of which every order is tried. 4 takes seconds a door, each more about nine times as long."""
TIMES = {"pulse_ms": 3_000, "longer_ms": 6_000, "exit_ms": 4_000, "passage_ms": 5_000, "held_ms": 8_000}
LONGEST = max(TIMES["longer_ms"], TIMES["exit_ms"], HOLD_MS)
FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})
KINDS = {
    DoorKind.STRIKE: FIRE | {Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON},
    DoorKind.MAGNETIC_LOCK: FIRE | {Sense.CONTACT, Sense.EXIT_BUTTON},
    DoorKind.TURNSTILE: FIRE | {Sense.TURNED_IN, Sense.TURNED_OUT, Sense.EXIT_BUTTON},
    DoorKind.LANE: FIRE | {Sense.TURNED_IN, Sense.TURNED_OUT, Sense.EXIT_BUTTON},
    DoorKind.INTERLOCK: FIRE | {Sense.CONTACT, Sense.INNER_CONTACT, Sense.EXIT_BUTTON},
}


def setup(kind):
    return DoorSetup(kind, KINDS[kind], **TIMES)


@dataclass
class Observer:
    """Knows what may be, by what went in and came out. Times in milliseconds."""

    kind: DoorKind
    ms: int = 1_000
    active: frozenset = frozenset()
    apart_since: int = 0
    exit_until: int = 0
    permits: tuple = ()
    """Up to when each of what is durable and opens for a time may do so."""
    mode: Mode = Mode.NORMAL
    free: bool = False
    """Free passage is durable and has not been taken back."""
    held: bool = False
    first: bool = False
    wanted: dict = field(default_factory=dict)
    """What records on their way to the journal would permit, by token."""
    since: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    """Up to when each relay is released, as its driver was told; the driver lets it fall back by itself."""

    @property
    def fire(self):
        return self.active >= FIRE

    @property
    def flees(self):
        """Fire, or contacts that contradict each other for long: both release the door."""
        apart = len(self.active & FIRE) == 1 and self.ms - self.apart_since >= 500
        return self.fire or apart

    def told(self, release):
        """Every release is bounded, and has a reason that was there before it."""
        assert 0 < release.ms <= LONGEST
        until = self.ms + release.ms
        lasting = release.ms <= HOLD_MS
        permitted = any(until <= end for end in self.permits)
        pressed = self.ms + TIMES["exit_ms"] if Sense.EXIT_BUTTON in self.active else 0
        leaves_now = until <= max(self.exit_until, pressed)
        standing = self.flees or (self.free and self.mode is Mode.FREE_PASSAGE) or self.held
        # A magnet lets go of a door that was opened rightly until it is shut; each time for HOLD_MS.
        magnet = self.kind is DoorKind.MAGNETIC_LOCK and Sense.CONTACT in self.active
        if self.kind is DoorKind.INTERLOCK:
            # A passage of a mantrap is two pulses, the second when the first door is shut.
            permitted = any(self.ms <= end for end in self.permits)
            leaves_now = self.exit_until > 0
        assert permitted or leaves_now or (lasting and (standing or magnet)), "released without a reason"
        if self.kind is DoorKind.INTERLOCK and not self.flees and not self.free:
            others = [out for out, end in self.lines.items() if end > self.ms and out is not release.out]
            assert not others, "two doors of a mantrap are released"
            other = Sense.INNER_CONTACT if release.out is Out.RELAY else Sense.CONTACT
            assert other not in self.active, "a door is released while the other one is open"

    def check(self):
        """People can always leave, and what is locked stays locked."""
        released = {out for out, end in self.lines.items() if end > self.ms}
        relays = {Out.RELAY, *([Out.EXIT_RELAY] if self.kind is DoorKind.LANE else [])}
        relays |= {Out.INNER_RELAY} if self.kind is DoorKind.INTERLOCK else set()
        if self.flees:
            assert released == relays, "locked against a fire"
        elif Sense.EXIT_BUTTON in self.active and self.kind is not DoorKind.INTERLOCK:
            assert (Out.EXIT_RELAY if self.kind is DoorKind.LANE else Out.RELAY) in released, "locked against the exit"
        elif self.mode in (Mode.LOCKDOWN, Mode.MAINTENANCE, Mode.OUT_OF_ORDER) and self.exit_until <= self.ms:
            assert released == set(), "released although the door is to be locked"


class World:
    """A gate, its observer, and relays that obey. Records are durable only when they are said to be."""

    def __init__(self, kind):
        self.gate, self.seen = Gate.of(setup(kind)), Observer(kind)

    def copy(self):
        other = World.__new__(World)
        other.gate = self.gate
        other.seen = replace(
            self.seen, wanted=dict(self.seen.wanted), since=dict(self.seen.since), lines=dict(self.seen.lines)
        )
        return other

    def put(self, event):
        seen = self.seen
        self.gate, effects = step(self.gate, event, seen.ms * MS)
        for effect in effects:
            match effect:
                case Record(token, draft):
                    self.recorded(token, draft)
                case Release():
                    seen.told(effect)
                    rises = seen.lines.get(effect.out, 0) <= seen.ms
                    seen.lines[effect.out] = max(seen.lines.get(effect.out, 0), seen.ms + effect.ms)
                    if rises:
                        self.put(RelayMoved(released=True, at_ns=seen.ms * MS, out=effect.out))
                case Lock(out):
                    self.falls(out)

    def falls(self, out):
        if self.seen.lines.get(out, 0) > 0:
            self.seen.lines[out] = 0
            self.put(RelayMoved(released=False, at_ns=self.seen.ms * MS, out=out))

    def recorded(self, token, draft):
        if draft.type is EventType.VISIT_ADMITTED:
            by_command = draft.data.get("by") == "staff"
            self.seen.wanted[token] = TIMES["longer_ms" if by_command else "pulse_ms"]
            self.seen.since[token] = self.seen.ms
        elif draft.data.get("mode") == Mode.FREE_PASSAGE:
            self.seen.wanted[token] = "free"
        elif draft.data.get("hold_open"):
            self.seen.wanted[token] = "hold"

    # what may happen

    def sense(self, sense):
        seen = self.seen
        seen.active ^= {sense}
        if len(seen.active & FIRE) != 1:
            seen.apart_since = 0
        elif not seen.apart_since:
            seen.apart_since = seen.ms
        if sense is Sense.EXIT_BUTTON and sense in seen.active:
            # Who leaves by a mantrap waits for the other door, and passes two.
            waits = 8 * TIMES["passage_ms"] if seen.kind is DoorKind.INTERLOCK else 0
            seen.exit_until = max(seen.exit_until, seen.ms + TIMES["exit_ms"] + waits)
        self.put(Sensed(sense, sense in seen.active, seen.ms * MS))

    def fire(self):
        for sense in sorted(FIRE):
            self.sense(sense)

    def commit(self):
        seen = self.seen
        if not seen.wanted:
            return
        token = min(seen.wanted)
        wanted = seen.wanted.pop(token)
        in_time = seen.ms - seen.since.pop(token, 0) <= CHECKING_MAX_MS
        match wanted:
            case "free":
                seen.free = True
            case "hold":
                seen.held = True
            case ms if in_time:
                # Before a mantrap one waits for the other door, and passes two.
                waits = 8 * TIMES["passage_ms"] if seen.kind is DoorKind.INTERLOCK else 0
                seen.permits = (*seen.permits, seen.ms + ms + waits)
        self.put(Committed(token))
        if in_time and isinstance(wanted, int) and seen.kind is DoorKind.TURNSTILE and seen.mode is Mode.NORMAL:
            assert seen.fire or seen.lines[Out.RELAY] >= seen.ms + wanted, "an admission has less than its time"

    def fail(self):
        if self.seen.wanted:
            token = min(self.seen.wanted)
            del self.seen.wanted[token]
            self.put(CommitFailed(token))

    def ask(self, mode):
        self.seen.mode = mode
        self.seen.free = self.seen.free and mode is Mode.FREE_PASSAGE
        if mode is not Mode.FREE_PASSAGE:
            self.seen.wanted = {token: one for token, one in self.seen.wanted.items() if one != "free"}
        self.put(ModeAsked(mode, "staff"))

    def hold(self, active):
        if not active:
            self.seen.held = False
            self.seen.wanted = {token: one for token, one in self.seen.wanted.items() if one != "hold"}
        self.put(HoldOpen(active))

    def longer(self):
        until = self.seen.ms + TIMES["longer_ms"]
        self.seen.permits = tuple(max(end, until) if end > self.seen.ms else end for end in self.seen.permits)
        if self.seen.exit_until > self.seen.ms:
            self.seen.exit_until = max(self.seen.exit_until, until)
        self.put(LongerAsked())

    def wait(self, ms):
        """Time passes, with a tick at least every 500 ms, as the shell has one every 50."""
        end = self.seen.ms + ms
        while self.seen.ms < end:
            falls = [until for until in self.seen.lines.values() if self.seen.ms < until]
            self.seen.ms = min([end, self.seen.ms + 500, *falls])
            for out, until in list(self.seen.lines.items()):
                if 0 < until <= self.seen.ms:
                    self.falls(out)
            if Sense.EXIT_BUTTON in self.seen.active:
                self.seen.exit_until = max(self.seen.exit_until, self.seen.ms + TIMES["exit_ms"])
            self.put(Tick())
            self.seen.check()
        self.seen.permits = tuple(end for end in self.seen.permits if end > self.seen.ms)


def admit(world):
    world.put(Judged(f"v{world.gate.token}", Admit("r")))


def command(world):
    world.put(OpenAsked(f"o{world.gate.token}", "staff", Direction.EXIT, longer=True))


MOVES = {
    "admit": admit,
    "command": command,
    "commit": World.commit,
    "fail": World.fail,
    "longer": World.longer,
    "fire": World.fire,
    "wire": lambda world: world.sense(Sense.FIRE_NC),
    "exit": lambda world: world.sense(Sense.EXIT_BUTTON),
    "normal": lambda world: world.ask(Mode.NORMAL),
    "lockdown": lambda world: world.ask(Mode.LOCKDOWN),
    "free": lambda world: world.ask(Mode.FREE_PASSAGE),
    "maintenance": lambda world: world.ask(Mode.MAINTENANCE),
    "hold": lambda world: world.hold(active=True),
    "let go": lambda world: world.hold(active=False),
    "a moment": lambda world: world.wait(600),
    "long": lambda world: world.wait(9_000),
}


def moves(kind):
    """All that can happen at a door of this kind."""
    passing = KINDS[kind] - FIRE - {Sense.EXIT_BUTTON}
    return {**MOVES, **{sense.value: (lambda world, sense=sense: world.sense(sense)) for sense in passing}}


def shape(value, now):
    """Return what tells states apart that behave differently: times as they are from now on, without tokens."""
    if isinstance(value, Enum) or value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value
    if isinstance(value, (tuple, frozenset)):
        made = [shape(one, now) for one in value]
        return tuple(made) if isinstance(value, tuple) else frozenset(made)
    assert is_dataclass(value)
    return tuple(
        max(-30_000, getattr(value, one.name) // MS - now) if one.name.endswith("_ns") and getattr(value, one.name)
        else shape(getattr(value, one.name), now)
        for one in fields(value) if one.name not in ("token", "visit", "open_for", "setup")
    )  # fmt: skip


def key(world):
    seen, gate = world.seen, world.gate
    pending = tuple(shape(one, seen.ms) for one in gate.pending)
    lines = tuple(sorted((out, until - seen.ms) for out, until in seen.lines.items() if until > seen.ms))
    known = (seen.mode, seen.free, seen.held, seen.active, tuple(seen.wanted.values()), seen.exit_until > seen.ms)
    return shape(gate.door, seen.ms), pending, lines, known, gate.faults


def comes_to_rest(world):
    """From wherever it is: the fire out, hands off, doors shut, mode normal, and the door is locked."""
    rest = world.copy()
    for sense in sorted(rest.seen.active):
        rest.sense(sense)
    rest.hold(active=False)
    rest.ask(Mode.NORMAL)
    rest.wait(60_000)
    return all(leaf.state is DoorState.LOCKED for leaf in rest.gate.door.leaves) and not rest.gate.door.openings


@pytest.mark.parametrize("kind", KINDS)
def test_every_order_of_inputs_up_to_a_depth(kind):
    moving = moves(kind)
    frontier, known, tried = [World(kind)], set(), 0
    for _ in range(DEPTH):
        reached = []
        for world in frontier:
            for move in moving.values():
                after = world.copy()
                move(after)
                after.seen.check()
                tried += 1
                if (name := key(after)) not in known:
                    known.add(name)
                    reached.append(after)
        frontier = reached
    for world in frontier[:: max(1, len(frontier) // 200)]:
        assert comes_to_rest(world)
    print(f"{kind}: {tried} steps, {len(known)} states")
    assert len(known) > 1_000


class AtAnyDoor(RuleBasedStateMachine):
    """Long random orders, of every kind of door, with sensors that fail besides."""

    @initialize(kind=st.sampled_from(list(KINDS)))
    def a_door(self, kind):
        self.world, self.moves = World(kind), moves(kind)

    @rule(data=st.data())
    def something_happens(self, data):
        self.moves[data.draw(st.sampled_from(sorted(self.moves)))](self.world)

    @rule(ms=st.sampled_from([50, 450, 1_500, 3_100, 20_000]))
    def time_passes(self, ms):
        self.world.wait(ms)

    @rule(sense=st.sampled_from([Sense.CONTACT, Sense.BEAM]), present=st.booleans())
    def a_sensor_of_the_passage_chatters(self, sense, present):
        self.world.put(SensorFault(sense, present))

    @invariant()
    def people_can_leave_and_what_is_locked_is_locked(self):
        if hasattr(self, "world"):
            self.world.seen.check()

    def teardown(self):
        if hasattr(self, "world"):
            assert comes_to_rest(self.world)


TestAtAnyDoor = AtAnyDoor.TestCase
TestAtAnyDoor.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


# The observer is no yes-man: machines with one fault each are found out.


def test_a_release_without_a_record_is_found_out():
    world = World(DoorKind.STRIKE)
    with pytest.raises(AssertionError, match="without a reason"):
        world.seen.told(Release("v1", 3_000))


def test_a_door_that_stays_shut_in_a_fire_is_found_out():
    world = World(DoorKind.STRIKE)
    world.seen.active = FIRE
    with pytest.raises(AssertionError, match="fire"):
        world.seen.check()


def test_a_door_that_stays_open_in_a_lockdown_is_found_out():
    world = World(DoorKind.STRIKE)
    world.seen.mode, world.seen.lines = Mode.LOCKDOWN, {Out.RELAY: 5_000}
    with pytest.raises(AssertionError, match="locked"):
        world.seen.check()
