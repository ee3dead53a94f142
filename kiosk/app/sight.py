"""What vision says of itself: how its camera does, and what would help whoever holds up a code."""

from collections.abc import Callable
from dataclasses import dataclass

from kiosk.api.messages import CameraState, Hint, VisionHealth
from kiosk.app.ports import Clock
from kiosk.app.screen import Line
from kiosk.domain import gate as machine
from kiosk.domain.gate import Fault

VISION_GRACE_NS = 6_000_000_000
"""How long vision may take to start."""
VISION_SILENT_NS = 2_500_000_000
"""How long vision may say nothing; it speaks once a second."""
HINT_NS = 5_000_000_000
"""How long a hint holds; vision says it again every 2 s."""
_FAULTS: dict[CameraState, Fault] = {
    "lost": Fault.CAMERA, "dark": Fault.CAMERA_DARK, "frozen": Fault.CAMERA_FROZEN,
}  # fmt: skip


@dataclass(slots=True)
class Sight:
    """Keeps `line` and the gate's faults at what vision last said, or at what its silence says."""

    line: Line
    clock: Clock
    dispatch: Callable[[machine.Input], None]

    def health(self, health: VisionHealth) -> None:
        """Take in a report."""
        self.line.camera_heard_ns = self.clock.mono_ns()
        self.line.luma, self.line.fps = health.light, health.fps
        self.line.moving = health.moving
        self.line.aiming.health(health)
        self._camera(health.camera)

    def hint(self, hint: Hint) -> None:
        """Take in a hint, or its end."""
        self.line.hint, self.line.hint_ns = hint if hint.hint else None, self.clock.mono_ns()
        self.line.aiming.hint(hint, self.line.hint_ns)

    def lost(self) -> None:
        """Notice that nothing is heard of the camera any more."""
        self._camera("lost")

    def watch(self, started_ns: int, faults: frozenset[Fault]) -> None:
        """Notice that vision has gone quiet, and that a hint has not been said again."""
        now, heard = self.clock.mono_ns(), self.line.camera_heard_ns
        silent = now - heard > VISION_SILENT_NS if heard else now - started_ns > VISION_GRACE_NS
        if silent and Fault.CAMERA not in faults:
            self.lost()
        if self.line.hint is not None and now - self.line.hint_ns > HINT_NS:
            self.line.hint = None

    def _camera(self, state: CameraState) -> None:
        self.line.camera = state
        if state != "ok":
            self.line.hint, self.line.moving = None, False
        if state == "starting":
            return  # what was wrong is not known to be right
        wrong = _FAULTS.get(state)
        if wrong is not None:
            self.dispatch(machine.FaultSeen(wrong, present=True))
        for fault in _FAULTS.values():
            if fault is not wrong:
                self.dispatch(machine.FaultSeen(fault, present=False))
