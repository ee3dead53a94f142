"""What happens at the door beside people: how it begins, and how it ends."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kiosk.domain.door_io import Mode, ModeAsked, OpenAsked
from kiosk.domain.events import ClockConfidence, EventDraft, EventType
from kiosk.domain.gate import StaffDone
from kiosk.domain.lines import Sense
from kiosk.domain.situation import Direction
from kiosk.testing.simulator.doors import Doorway
from kiosk.testing.simulator.scenario import Event, Happening
from kiosk.testing.simulator.station import Station
from kiosk.testing.simulator.timeline import Process

UNSET_AT = datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
"""What a kiosk without a battery takes the time for."""
CHATTER_S, CHATTER_EDGES = 0.005, 10
"""A contact at 1 kHz makes ten edges in 5 ms."""
End = Callable[[], None]


def _nothing() -> None:
    """Nothing has to end."""


@dataclass(slots=True)
class Stagehand:
    """Lets things happen."""

    station: Station
    doorway: Doorway
    behind: timedelta = timedelta()
    """How far the kiosk's wall clock is behind the venue's."""

    def happen(self, event: Event) -> Process:
        """Let something happen, for as long as it lasts."""
        if event.what is Happening.COUNTED:
            yield self._count()
            return
        if event.what is Happening.SENSOR_CHATTERS:
            yield from self._chatter(event)
            return
        end = self._begin(event)
        if event.for_s or event.what in (Happening.PROCESS_DIES, Happening.POWER_CUT):
            yield event.for_s or 3.0
            end()

    def _begin(self, event: Event) -> End:
        beginnings: Mapping[Happening, Callable[[], End | None]] = {
            Happening.FIRE: self._fire,
            Happening.CUT_FIRE_WIRE: lambda: self._levels(Sense.FIRE_NC),
            Happening.TAMPER: lambda: self._levels(Sense.TAMPER),
            Happening.MODE: lambda: self._mode(event.mode),
            Happening.OPEN: self._open,
            Happening.STAFF_COMES: lambda: self.station.put(StaffDone()),
            Happening.FORCED: lambda: self.station.timeline.begin(self.doorway.force()),
            Happening.RELAY_STICKS: self._stick,
            Happening.CAMERA_LOST: self._lose_camera,
            Happening.PROCESS_DIES: self._die,
            Happening.POWER_CUT: self._die,
            Happening.DISK_FULL: self._fill_disk,
            Happening.NETWORK_DOWN: self._cut_network,
            Happening.CLOCK_UNSET: self._unset,
        }
        return beginnings[event.what]() or _nothing

    def _fire(self) -> End:
        self.station.timeline.begin(self._flee(), 5.0)
        return self._levels(Sense.FIRE_NC, Sense.FIRE_NO)

    def _flee(self) -> Process:
        """Everybody leaves, one after the other."""
        for _ in range(self.doorway.inside):
            self.station.timeline.begin(self._walk_out())
            yield 0.9

    def _walk_out(self) -> Process:
        yield from self.doorway.go(Direction.EXIT, 1.0)

    def _mode(self, mode: Mode) -> End:
        self.station.put(ModeAsked(mode, "staff"))
        return lambda: self.station.put(ModeAsked(Mode.NORMAL, "staff"))

    def _open(self) -> None:
        timeline, way = self.station.timeline, self.station.setup.direction
        self.station.put(OpenAsked(f"opening-{timeline.now_ns}", "staff", way))
        timeline.begin(self._walk_in())

    def _die(self) -> End:
        self.station.die()
        return self.station.start

    def _unset(self) -> End:
        if not self.behind:
            self.unset_clock()
        return self.set_clock

    def unset_clock(self) -> None:
        """Let the kiosk start without knowing the time."""
        clock = self.station.timeline.clock
        self.behind = clock.now() - UNSET_AT
        clock.set_wall(UNSET_AT)
        clock.confidence_is = ClockConfidence.UNSET

    def set_clock(self) -> None:
        """Let the network tell the kiosk the time."""
        clock = self.station.timeline.clock
        clock.set_wall(clock.now() + self.behind)
        clock.confidence_is, self.behind = ClockConfidence.SYNCED, timedelta()

    def _levels(self, *senses: Sense) -> End:
        def put(*, active: bool) -> None:
            for sense in senses:
                self.station.sense(sense, active=active)

        put(active=True)
        return lambda: put(active=False)

    def _stick(self) -> End:
        relays = list(self.station.relays.values())

        def free() -> None:
            for relay in relays:
                relay.sticks = False
                relay.follow()

        for relay in relays:
            relay.sticks = True
        return free

    def _lose_camera(self) -> End:
        self.station.camera = "lost"
        return self._find_camera

    def _find_camera(self) -> None:
        self.station.camera = "ok"

    def _fill_disk(self) -> End:
        self._disk(full=True)
        return lambda: self._disk(full=False)

    def _disk(self, *, full: bool) -> None:
        if self.station.disk is not None:
            self.station.disk.full = full

    def _cut_network(self) -> End:
        self.station.centre.up = False
        return self._mend_network

    def _mend_network(self) -> None:
        self.station.centre.up = True
        self.station.trust = self.station.renew()

    def _walk_in(self) -> Process:
        yield from self.doorway.go(self.station.setup.direction, 1.0)

    def _chatter(self, event: Event) -> Process:
        end_ns = self.station.timeline.now_ns + round(max(event.for_s, 1.0) * 1e9)
        level = False
        while self.station.timeline.now_ns < end_ns:
            level = not level
            self.station.sense(event.sense, active=level, edges=CHATTER_EDGES)
            yield CHATTER_S
        self.station.sense(event.sense, active=False)

    async def _count(self) -> None:
        shell = self.station.shell
        if shell is None:
            return
        clock = self.station.timeline.clock
        said = {"people": max(0, self.doorway.inside), "by": "staff", "at": clock.now().isoformat()}
        draft = shell.door.reconcile(EventDraft(EventType.OCCUPANCY_SET, data=said), shell.policy, clock)
        await shell.recorder.record_now([draft])
