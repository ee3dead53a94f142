"""Aiming the camera at the touchscreen: answers how reading goes, and keeps the picture on meanwhile."""

from dataclasses import dataclass

from kiosk.api.manager.aim import AimRead, AimShown
from kiosk.api.messages import PreviewWanted, Role
from kiosk.app.manager_desk import Handlers
from kiosk.app.ports import Clock, Peers
from kiosk.app.screen import Line
from kiosk.domain.staff import Staff


@dataclass(slots=True)
class AimDesk:
    """Answers for the camera."""

    line: Line
    clock: Clock
    peers: Peers

    def handlers(self) -> Handlers:
        """Return who answers what."""
        return {AimRead: self.read}

    async def read(self, _: AimRead, __: Staff) -> AimShown:
        """Return how reading goes. Vision shows its picture for a few seconds more: it ends by itself."""
        for vision in self.peers.of(Role.VISION):
            vision.send(PreviewWanted(wanted=True, steady=True))
        shown = self.line.aiming.shown(self.clock.mono_ns())
        return shown.model_copy(update={"camera": self.line.camera})
