"""The figures that the gate process is told once a second."""

import statistics

from kiosk.api.messages import CameraState, VisionHealth
from kiosk.vision.capture import NS, Capture

HEALTH_NS = NS


class Health:
    """Collects the figures of one second."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._decodes: list[float] = []
        self._light = 0.0
        self._reads = 0
        self._state: CameraState | None = None
        self._moving = False
        self._sent_ns = 0

    def decoded(self, ms: float, light: float, *, read: bool) -> None:
        """Take the time of one decode, the mean luma of its frame, and whether a code was read."""
        self._reads += read
        self._decodes.append(ms)
        self._light = light

    def due(self, state: CameraState, moving: bool, now_ns: int) -> bool:
        """Return whether a report is due: a second has passed, the state has changed, or somebody comes.

        A dark screen wakes by that. Nothing waits for whoever goes away.
        """
        comes = moving and not self._moving and state == "ok"
        return comes or state != self._state or now_ns - self._sent_ns >= HEALTH_NS

    def report(self, capture: Capture, moving: bool, now_ns: int) -> VisionHealth:
        """Return the report and begin the next second."""
        state, seconds = capture.state(now_ns), max((now_ns - self._sent_ns) / NS, 1e-3)
        first, decodes, self._decodes = self._state is None, self._decodes, []
        self._state, self._moving, self._sent_ns = state, moving, now_ns
        reads, self._reads = self._reads, 0
        return VisionHealth(
            camera=state,
            source=self._source,
            fps=capture.fps(now_ns),
            decoded_fps=0.0 if first else round(len(decodes) / seconds, 1),
            decode_ms=round(statistics.median(decodes), 2) if decodes else 0.0,
            light=round(self._light, 1),
            read_fps=0.0 if first else round(reads / seconds, 1),
            moving=moving and state == "ok",
        )
