"""What the gate process does for the door beside its machine: the schedule, occupancy, lamps, buzzer, light."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.app.doorway import Doorway
from kiosk.app.ports import Clock, Switch
from kiosk.app.screen import Line
from kiosk.app.signals import DARK_LUMA, Scene, levels, light_since
from kiosk.domain import gate as machine
from kiosk.domain.door_io import HoldOpen, Occupied
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out, Sense

EVERY_NS = 1_000_000_000
"""How often the schedule and the count of people inside are asked."""


def _never() -> HoldOpen:
    return HoldOpen()


def _unknown(_: Occupied | None) -> Occupied | None:
    return None


@dataclass(slots=True)
class Doorkeeper:
    """Asks the schedule and the count of people every second, and lets lamps, buzzer and light follow the gate."""

    gate: Callable[[], Gate]
    dispatch: Callable[[machine.Input], None]
    clock: Clock
    line: Line
    switches: Mapping[Out, Switch] = field(default_factory=dict)
    schedule: Callable[[], HoldOpen] = _never
    """What the hours in which the door stands unlocked say now."""
    occupied: Callable[[Occupied | None], Occupied | None] = _unknown
    """How many people are inside now, by what it was before."""
    _occupied: Occupied | None = None
    _asked_ns: int = 0
    _light_ns: int = 0
    _levels: dict[Out, bool] = field(default_factory=dict)
    _lent: dict[Out, int] = field(default_factory=dict)
    """Up to when an output is on whatever it would say, for a test."""

    def watch(self) -> None:
        """Let time pass."""
        now = self.clock.mono_ns()
        if now - self._asked_ns >= EVERY_NS or not self._asked_ns:
            self._asked_ns = now
            self.dispatch(self.schedule())
            self._count()
        self.show()

    def _count(self) -> None:
        occupied = self.occupied(self._occupied)
        if occupied is not None and occupied != self._occupied:
            self.dispatch(occupied)
        self._occupied = occupied

    def lend(self, out: Out, for_ns: int) -> None:
        """Switch an output on for a time, so that somebody can see or hear it."""
        self._lent[out] = self.clock.mono_ns() + for_ns
        self.show()

    def show(self) -> None:
        """Let lamps, buzzer and light say how the gate stands."""
        if not self.switches:
            return
        gate, now = self.gate(), self.clock.mono_ns()
        present, dark = Sense.PRESENCE in gate.door.active, self.line.luma < DARK_LUMA
        self._light_ns = light_since(self._light_ns, present=present, dark=dark, now_ns=now)
        scene = Scene(Doorway.of(gate.door), gate.view, gate.since_ns, self._light_ns)
        lent = {out: True for out, until in self._lent.items() if now < until}
        for out, on in (levels(scene, now) | lent).items():
            if out in self.switches and self._levels.get(out) is not on:
                self._levels[out] = on
                self.switches[out].set(on=on)
