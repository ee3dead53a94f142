"""The manager's desk with all that the shell answers by itself: sessions, PINs, the door, health, the wires."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from kiosk.app.doorkeeper import Doorkeeper
from kiosk.app.manager_desk import Handlers, ManagerDesk
from kiosk.app.manager_door import DoorDesk
from kiosk.app.manager_health import HealthDesk
from kiosk.app.manager_pins import PinDesk
from kiosk.app.manager_session import Pins, Sessions
from kiosk.app.manager_test import WalkDesk
from kiosk.app.ports import GateOutput
from kiosk.app.recorder import Recorder
from kiosk.app.telemetry import Reporter
from kiosk.domain import gate as machine
from kiosk.domain.events import Event
from kiosk.domain.lines import Out


@dataclass(frozen=True, slots=True)
class Manager:
    """What serves the manager's screen."""

    sessions: Sessions
    desk: ManagerDesk
    door: DoorDesk
    health: HealthDesk
    walk: WalkDesk

    @classmethod
    def of(
        cls, pins: Pins, recorder: Recorder, reporter: Reporter, doorkeeper: Doorkeeper,
        relays: Mapping[Out, GateOutput],
    ) -> Self:  # fmt: skip
        """Put it together, beside those who serve the door and the centre."""
        clock, gate, dispatch = recorder.clock, doorkeeper.gate, doorkeeper.dispatch
        sessions = Sessions(pins, clock, recorder)
        made = cls(
            sessions, ManagerDesk(sessions),
            DoorDesk(gate, dispatch, recorder, clock, reporter.door, reporter.policy),
            HealthDesk(gate, reporter.line, clock, reporter.head, reporter.trust, lambda: reporter.machine_now),
            WalkDesk(gate, dispatch, recorder, clock, doorkeeper, relays),
        )  # fmt: skip
        for part in (PinDesk(sessions, recorder, clock), made.door, made.health, made.walk):
            made.desk.add(part.handlers())
        return made

    def add(self, handlers: Handlers) -> None:
        """Let a feature answer its requests."""
        self.desk.add(handlers)

    def watch(self) -> None:
        """Let time pass."""
        self.sessions.watch()
        self.health.watch()

    def heard(self, event: machine.Input) -> None:
        """Take note of what the machine has heard."""
        match event:
            case machine.Sensed(sense=sense):
                self.walk.sensed(sense)
            case machine.RelayMoved(released=released, at_ns=at_ns, out=out):
                self.walk.relay_moved(out, released=released, at_ns=at_ns)
            case _:
                pass

    def recorded(self, event: Event) -> None:
        """Take note that an event is on record, and that the machine has heard of it."""
        self.door.recorded(event)

    def unrecorded(self) -> None:
        """Take note that records have failed, and that the machine has heard of it."""
        self.door.unrecorded()
        self.walk.unrecorded()
