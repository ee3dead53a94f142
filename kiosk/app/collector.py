"""Cards in several parts at the door: put together before a visit hears of them, while the screen asks for the next."""

from dataclasses import dataclass, field

from kiosk.api.messages import Hint, Scan
from kiosk.app.ports import Clock
from kiosk.app.screen import Line
from kiosk.domain.parts import PartSet, number

ASKED_NS = 8_000_000_000
"""How long the screen asks for the next part: whoever has not shown it by then is looking for it, or has gone."""


@dataclass(slots=True)
class Collector:
    """Keeps the parts that were shown, whatever read them, and `line` at what is to be asked for."""

    line: Line
    clock: Clock
    _parts: PartSet = field(default_factory=PartSet)

    def take(self, scan: Scan) -> Scan | None:
        """Return a scan as it is; for the last part of a card, a scan of the whole; None for a part before that.

        The whole is the scan of its last part: that one names the visit, and what lay beside it. It is forgotten
        here at once: who shows one part of it again is asked for the others.
        """
        self.line.aiming.scan(scan, self.clock.mono_ns())
        part = number(scan.data)
        if part is None:
            return scan
        now = self.clock.mono_ns()
        self._parts = self._parts.add(part, now)
        whole = self._parts.whole
        if whole is None:
            count = len(self._parts.held)
            self.line.asked, self.line.asked_ns = Hint(hint="next_part", part=count, parts=part.total), now
            return None
        self._parts, self.line.asked = PartSet(), None
        return scan.model_copy(update={"data": whole})

    def watch(self) -> None:
        """Notice that a part has been waited for long enough."""
        now = self.clock.mono_ns()
        self._parts = self._parts.forget(now)
        if self.line.asked is not None and now - self.line.asked_ns > ASKED_NS:
            self.line.asked = None
