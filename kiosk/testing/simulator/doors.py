"""Doors as they are: what opens when it is pushed, what the sensors see of whoever goes through, and what they miss."""

import random
from dataclasses import dataclass, field

from kiosk.domain.door_io import DoorKind
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction
from kiosk.testing.simulator.station import Station
from kiosk.testing.simulator.timeline import Part, Process, Until

CLOSES_S = 1.5
"""How long a door takes to fall shut behind the last one."""
PUSHES_S = 0.3
"""From the push to an open door."""
BOUNCE_S = (0.002, 0.004, 0.006)
"""When a contact bounces, after it has moved."""
HEELS_S = 0.9
"""How long after a door was opened somebody at another's heels is in it; closer, no light barrier tells them apart."""
HEADWAY_S = 0.7
"""How far apart people go through one door."""

@dataclass(slots=True)
class Leaf:
    """A leaf that closes by itself."""

    station: Station
    rng: random.Random
    relay: Out
    contact: Sense
    misses: float
    is_open: bool = False
    held_until_ns: int = 0
    users: int = 0
    _sees: bool = True

    @property
    def gives_way(self) -> bool:
        """Whether somebody who pushes can open it, or it is open."""
        return self.is_open or self.station.relays[self.relay].released

    def open(self) -> None:
        """Open it."""
        if not self.is_open:
            self.is_open = True
            self._sees = self.rng.random() >= self.misses
            self._contact(active=True)

    def leave(self) -> None:
        """Let go of it: it falls shut when nobody holds it any more."""
        self.station.timeline.after(CLOSES_S, self._fall_shut)

    def _fall_shut(self) -> None:
        now = self.station.timeline.now_ns
        if now < self.held_until_ns:
            self.station.timeline.at(self.held_until_ns, self._fall_shut)
        elif self.is_open and not self.users:
            self.is_open = False
            self._contact(active=False)

    def _contact(self, *, active: bool) -> None:
        if not self._sees:
            return
        self.station.sense(self.contact, active=active)
        for number, delay in enumerate(BOUNCE_S):
            level = active if number % 2 else not active
            self.station.timeline.after(delay, lambda level=level: self.station.sense(self.contact, active=level))  # type: ignore[misc]
        self.station.timeline.after(0.008, lambda: self.station.sense(self.contact, active=active))


@dataclass(slots=True)
class Doorway:
    """The door of the scenario, and who is really inside."""

    station: Station
    rng: random.Random
    misses: float
    inside: int = 0
    most: int = 0
    through: int = 0
    passing: int = 0
    """Who is between the sensors and the inside."""
    leaves: dict[Out, Leaf] = field(default_factory=dict)
    _free_ns: dict[Out, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for relay, contact in _leaves(self.station.setup.kind):
            self.leaves[relay] = Leaf(self.station, self.rng, relay, contact, self.misses)

    def go(self, way: Direction, walk_s: float, patience_s: float = 6.0, hold_s: float = 0.0) -> Part:
        """Go through as soon as the door gives way; returns False where it does not in time."""
        match self.station.setup.kind:
            case DoorKind.TURNSTILE | DoorKind.LANE:
                return (yield from self._turn(way, walk_s, patience_s))
            case DoorKind.INTERLOCK:
                return (yield from self._mantrap(way, walk_s, patience_s + 10))
            case _:
                passed = yield from self._leaf(self.leaves[Out.RELAY], walk_s, patience_s, hold_s, way)
                return passed

    def follow(self, way: Direction) -> Process:
        """Go through at the heels of another one."""
        if self.leaves:
            leaf = self.leaves[Out.RELAY]
            leaf.users += 1
            yield HEELS_S
            self._beam()
            yield 0.3
            leaf.users -= 1
            leaf.leave()
        else:
            yield HEELS_S
            self._feedback(way)
        self._counted(way)

    def force(self) -> Process:
        """Break the door open, go in, and let it fall shut."""
        leaf = self.leaves.get(Out.RELAY)
        if leaf is not None:
            leaf.open()
            yield 1.0
            leaf.leave()

    def _leaf(
        self, leaf: Leaf, walk_s: float, patience_s: float, hold_s: float, way: Direction | None = None
    ) -> Part:
        gave_way = yield Until(lambda: leaf.gives_way, patience_s)
        if not gave_way:
            return False
        leaf.users += 1
        if not leaf.is_open:
            yield PUSHES_S
            leaf.open()
        yield self._turn_of(leaf.relay, HEADWAY_S)
        yield walk_s * 0.3
        if way is not None:
            self._beam()
            self.passing += 1
        yield walk_s * 0.7
        if way is not None:
            self.passing -= 1
            self._counted(way)
        leaf.users -= 1
        leaf.held_until_ns = max(leaf.held_until_ns, self.station.timeline.now_ns + round(hold_s * 1e9))
        leaf.leave()
        return True

    def _mantrap(self, way: Direction, walk_s: float, patience_s: float) -> Part:
        first, second = list(self.leaves.values())[:: 1 if way is Direction.ENTRY else -1]
        if not (yield from self._leaf(first, walk_s, patience_s, 0.0)):
            return False
        self.passing += 1
        passed = yield from self._leaf(second, walk_s, patience_s, 0.0)
        self.passing -= 1
        if passed:
            self._counted(way)
        return passed

    def _turn(self, way: Direction, walk_s: float, patience_s: float) -> Part:
        lane = self.station.setup.kind is DoorKind.LANE
        relay = self.station.relays[Out.EXIT_RELAY if lane and way is Direction.EXIT else Out.RELAY]
        if not (yield Until(lambda: relay.released, patience_s)):
            return False
        yield self._turn_of(relay.out, walk_s)
        if not relay.released:
            return False
        yield walk_s
        self._feedback(way)
        self._counted(way)
        return True

    def _turn_of(self, relay: Out, length_s: float) -> float:
        """Return how long somebody waits until those before them are through."""
        now = self.station.timeline.now_ns
        free_ns = max(now, self._free_ns.get(relay, 0))
        self._free_ns[relay] = free_ns + round((length_s + 0.15) * 1e9)
        return (free_ns - now) / 1e9

    def out_against(self, way: Direction) -> Process:
        """Go out where nobody is expected to, as over the arms of a turnstile."""
        yield 0.5
        self._feedback(way)
        self._counted(way)

    def _counted(self, way: Direction) -> None:
        self.inside += 1 if way is Direction.ENTRY else -1
        self.through += 1
        self.most = max(self.most, self.inside)

    def _beam(self) -> None:
        self._pulse(Sense.BEAM, 0.25)

    def _feedback(self, way: Direction) -> None:
        self._pulse(Sense.TURNED_IN if way is Direction.ENTRY else Sense.TURNED_OUT, 0.1)
        self._beam()

    def _pulse(self, sense: Sense, length_s: float) -> None:
        if sense not in self.station.setup.senses or self.rng.random() < self.misses:
            return
        self.station.sense(sense, active=True)
        self.station.timeline.after(length_s, lambda: self.station.sense(sense, active=False))


def _leaves(kind: DoorKind) -> list[tuple[Out, Sense]]:
    match kind:
        case DoorKind.TURNSTILE | DoorKind.LANE:
            return []
        case DoorKind.INTERLOCK:
            return [(Out.RELAY, Sense.CONTACT), (Out.INNER_RELAY, Sense.INNER_CONTACT)]
        case _:
            return [(Out.RELAY, Sense.CONTACT)]
