"""Handing the camera's preview on: vision's memory file to every screen, and the wish for it back to vision."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.api.messages import PreviewOffer, PreviewWanted, Role
from kiosk.app.ports import Peer, Peers


@dataclass(slots=True)
class PreviewHandOver:
    """Keeps the newest offer, so that a screen that comes later gets it as well."""

    peers: Peers
    _offer: PreviewOffer | None = None
    _fd: int = -1

    def take(self, offer: PreviewOffer, fd: int) -> None:
        """Take vision's memory file in place of the one before; `fd` stays the caller's."""
        before, self._offer, self._fd = self._fd, offer, os.dup(fd)
        if before >= 0:
            os.close(before)
        self.offer(self.peers.of(Role.UI))

    def offer(self, screens: Sequence[Peer]) -> None:
        """Hand the memory file to screens."""
        if self._offer is not None:
            for screen in screens:
                screen.send(self._offer, self._fd)

    def want(self) -> None:
        """Tell vision whether any screen is there to show it."""
        wanted = bool(self.peers.of(Role.UI))
        for vision in self.peers.of(Role.VISION):
            vision.send(PreviewWanted(wanted=wanted))
