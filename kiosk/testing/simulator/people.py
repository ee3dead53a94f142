"""The people of a scenario: their codes, and what each of them does from the street to the way out."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kiosk.adapters.keys import Signer, make_signer
from kiosk.domain.credential import Kind
from kiosk.domain.door_io import DoorKind
from kiosk.domain.lines import Sense
from kiosk.domain.situation import Direction
from kiosk.domain.trust import Algorithm, TrustList
from kiosk.testing import health_certificates as health
from kiosk.testing.simulator.doors import Doorway
from kiosk.testing.simulator.scenario import Code, Does, People
from kiosk.testing.simulator.station import Station
from kiosk.testing.simulator.timeline import Part, Process, Until
from kiosk.verify.native_pass import PassContent, encode
from kiosk.verify.trust_list import list_of_certificates

REACTION_S = 0.4
"""From the lamp to the first step."""
TRIES = 3
"""How often somebody shows a code that the kiosk did not answer, or that was annulled."""


@dataclass(slots=True)
class Desk:
    """Who signs the passes, and somebody who signs without being trusted."""

    zone: str
    now: datetime
    desk: Signer = field(init=False)
    names: dict[str, tuple[str, bytes]] = field(init=False)
    """Issuer and key id of each desk."""
    stranger: Signer = field(init=False)
    ministry: Signer = field(init=False)

    def __post_init__(self) -> None:
        began = self.now - timedelta(days=30)
        self.desk = make_signer("Front desk", Algorithm.ED25519, began)
        self.stranger = make_signer("Unknown desk", Algorithm.ED25519, began)
        self.names = {key: (one.issuer, one.key_id) for key, one in (("desk", self.desk), ("stranger", self.stranger))}
        self.ministry = make_signer("Ministry", Algorithm.ES256, began, country="VN", for_passes=False)

    @property
    def trust(self) -> TrustList:
        """The trust list of the kiosk at the beginning."""
        return self.trusted_at(self.now)

    def trusted_at(self, now: datetime) -> TrustList:
        """Return a trust list that was made at a moment."""
        return list_of_certificates([self.desk.certificate, self.ministry.certificate], now)

    def code(self, kind: Code, name: str, rng: random.Random, at: datetime) -> bytes:
        """Return a code of somebody."""
        if kind is Code.SECOND_CODE:
            # A certificate says name and birth date in the open: each of one person's is of the same person.
            shot = health.vaccination(at - timedelta(days=90), given_name=name)
            return health.certificate(self.ministry, shot, at - timedelta(minutes=rng.randrange(1, 10_000))).encode()
        expired = kind is Code.EXPIRED
        signer = self.stranger if kind is Code.STRANGER else self.desk
        issuer, key_id = self.names["stranger" if kind is Code.STRANGER else "desk"]
        begins = at - timedelta(days=2 if expired else 0, hours=1)
        content = PassContent(
            issuer, name, rng.randbytes(8), Kind.VISIT, self.zone, begins, begins,
            begins + timedelta(hours=30), entries=1 if kind is Code.ONE_ENTRY else 0,
            group="reduced-mobility" if kind is Code.NEEDS_LONGER else "",
        )  # fmt: skip
        key = self.stranger.key if kind is Code.FORGED else signer.key
        return encode(content, key, key_id).encode()


@dataclass(slots=True)
class Queue:
    """One line before one kiosk."""

    line: deque[object] = field(default_factory=deque)
    waits_s: list[float] = field(default_factory=list)
    """How long each waited for their turn, in the order in which they came to it."""


@dataclass(slots=True)
class Crowd:
    """Everybody who comes."""

    station: Station
    doorway: Doorway
    desk: Desk
    rng: random.Random
    answers: dict[str, bool]
    """What the kiosk put on record of each visit: whether it let them in."""
    time: Callable[[], datetime]
    """The time by their own clocks."""
    queue: Queue = field(default_factory=Queue)
    _number: int = 0

    def arrive(self, group: People, first_s: float) -> None:
        """Let a group come."""
        for _ in range(group.count):
            self._number += 1
            come = first_s + self.rng.uniform(0, group.over_min * 60)
            self.station.timeline.begin(self._person(group, f"p{self._number}"), come)

    def _person(self, group: People, name: str) -> Process:
        if group.does is Does.COMES_OUT:
            yield from self.doorway.out_against(Direction.EXIT)
            return
        way = self.station.setup.direction
        timeline, came_ns, me = self.station.timeline, self.station.timeline.now_ns, object()
        self.queue.line.append(me)
        yield Until(lambda: self.queue.line[0] is me, 86_400)
        self.queue.waits_s.append((timeline.now_ns - came_ns) / 1e9)
        code = self.desk.code(group.code, name, self.rng, self.time())
        let_in = yield from self._show(code, name, group.show_s)
        yield REACTION_S
        if self.station.setup.kind is not DoorKind.INTERLOCK:
            self.queue.line.popleft()
        if not let_in or group.does is Does.TURNS_BACK:
            if self.queue.line and self.queue.line[0] is me:
                self.queue.line.popleft()
            return
        hold_s = group.hold_s if group.does is Does.HOLDS_DOOR else 0.0
        if group.does is Does.BRINGS_ONE:
            timeline.begin(self._at_heels(way))
        passed = yield from self.doorway.go(way, group.walk_s, hold_s=hold_s)
        if self.queue.line and self.queue.line[0] is me:
            self.queue.line.popleft()  # nobody shows a code before a mantrap that somebody is in
        if not passed:
            # Nobody went in, so the code counts again when the admission has been annulled.
            yield self.station.setup.passage_ms / 1000 + 2.0
            once_more = yield from self._show(code, f"{name}-again", group.show_s)
            if not (once_more and (yield from self.doorway.go(way, group.walk_s))):
                return
        if group.code is Code.SECOND_CODE:
            yield 20.0
            self.queue.line.append(friend := object())
            yield Until(lambda: self.queue.line[0] is friend, 86_400)
            again = self.desk.code(Code.SECOND_CODE, name, self.rng, self.time())
            if (yield from self._show(again, f"{name}-friend", group.show_s)):
                yield from self.doorway.go(way, group.walk_s)
            self.queue.line.popleft()
        if group.stay_min is not None:
            yield self.rng.uniform(*group.stay_min) * 60
            yield from self._leave(group, name)

    def _show(self, code: bytes, name: str, show_s: float) -> Part:
        """Hold a code up until it is answered; again where it is not, or where the camera does not work."""
        for number in range(TRIES):
            visit = f"{name}-{number}-{self.station.timeline.now_ns}"
            yield show_s
            yield self.station.show(code, visit)
            answered = yield Until(lambda visit=visit: visit in self.answers, 4.0)  # type: ignore[misc]
            if answered:
                return self.answers[visit]
            yield 2.0
        return False

    def _at_heels(self, way: Direction) -> Process:
        leaf = next(iter(self.doorway.leaves.values()), None)
        opened = yield Until(lambda: leaf.is_open if leaf else self.doorway.through > 0, 8.0)
        if opened:
            yield from self.doorway.follow(way)

    def _leave(self, group: People, name: str) -> Process:
        out = Direction.EXIT
        if group.leave_by == "code":
            code = self.desk.code(Code.PASS, name, self.rng, self.time())
            yield from self._show(code, f"{name}-out", group.show_s)
            yield from self.doorway.go(out, group.walk_s)
            return
        for _ in range(TRIES):
            self.station.sense(Sense.EXIT_BUTTON, active=True)
            self.station.timeline.after(0.3, lambda: self.station.sense(Sense.EXIT_BUTTON, active=False))
            if (yield from self.doorway.go(out, group.walk_s)):
                return
            yield 5.0
