"""How the kiosk does, for the manager's screen: from the same sources as what it tells the centre of itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from kiosk.api import manager as wire
from kiosk.app.manager_desk import Handlers
from kiosk.app.ports import Clock, JournalHead, TrustSource
from kiosk.app.screen import Line
from kiosk.app.telemetry import MachineHealth
from kiosk.domain import health
from kiosk.domain.gate import Gate
from kiosk.domain.health import Light, Part, State
from kiosk.domain.staff import Staff

EVERY_NS = 1_000_000_000
"""How often the lights are looked at, so that it is known since when each has been as it is."""
_WORST_FIRST = (State.BAD, State.CARE, State.GOOD)


@dataclass(slots=True)
class HealthDesk:
    """Looks at every part once a second."""

    gate: Callable[[], Gate]
    line: Line
    clock: Clock
    head: Callable[[], JournalHead]
    trust: TrustSource
    machine: Callable[[], MachineHealth]
    _looked_ns: int = 0
    _since: dict[Part, tuple[State, str, int]] = field(default_factory=dict)
    """How each part was at the last look, and since when."""

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {wire.ShowHealth: self.show}

    def watch(self) -> None:
        """Let time pass."""
        now = self.clock.mono_ns()
        if now - self._looked_ns >= EVERY_NS or not self._looked_ns:
            self._looked_ns = now
            self._look(now)

    def _look(self, now: int) -> list[Light]:
        lights = list(self._lights(now))
        for light in lights:
            state, code, _ = self._since.get(light.part, (None, "", 0))
            if (state, code) != (light.state, light.code):
                self._since[light.part] = (light.state, light.code, now)
        return lights

    def _lights(self, now: int) -> Iterator[Light]:
        gate, line, head, machine = self.gate(), self.line, self.head(), self.machine()
        silent_s = (now - line.screen_heard_ns) / 1e9 if line.screen_heard_ns else None
        yield health.camera(line.camera, line.fps)
        yield health.scanners(line.scanners)
        yield health.door(gate)
        yield health.link(line.link, head.last - head.confirmed)
        yield health.clock(self.clock.confidence())
        yield health.trust(self.trust(), self.clock.now())
        yield health.storage(gate, line.journal_percent)
        yield health.sound(line.sound, line.voice)
        yield health.screen(silent_s, line.first_frame_ms)
        yield health.machine(machine.temperature_c, machine.throttled)

    async def show(self, _: wire.ShowHealth, _staff: Staff) -> wire.Health:
        """Return the lights of now."""
        now = self.clock.mono_ns()
        lights = sorted(self._look(now), key=lambda light: _WORST_FIRST.index(light.state))
        return wire.Health(
            lights=tuple(
                wire.Light(
                    part=light.part, state=light.state, code=light.code, figures=dict(light.figures),
                    since_s=(now - self._since[light.part][2]) // 1_000_000_000,
                )
                for light in lights
            )
        )  # fmt: skip
