"""From the edges of the sensors' lines to what the gate's machine hears of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kiosk.domain.debounce import MS, Change, Line, Settled, due_ns, edge, watch
from kiosk.domain.door_io import Sensed, SensorFault
from kiosk.domain.lines import Sense

DEBOUNCE_MS = 30


@dataclass(slots=True)
class Senses:
    """Keeps the level of every line."""

    dispatch: Callable[[Sensed | SensorFault], None]
    debounce_ms: Mapping[Sense, int] = field(default_factory=dict)
    """By the board file; what is not named takes DEBOUNCE_MS."""
    _lines: dict[Sense, Line] = field(default_factory=dict)

    def edge(self, sense: Sense, *, active: bool, at_ns: int, edges: int) -> None:
        """Take in the newest edge of a line, and how many there have been since the last call."""
        line = self._lines.get(sense) or Line(self.debounce_ms.get(sense, DEBOUNCE_MS) * MS)
        self._take(sense, edge(line, active, at_ns, edges))

    def watch(self, now_ns: int) -> None:
        """Let time pass."""
        for sense, line in [one for one in self._lines.items() if due_ns(one[1])]:
            self._take(sense, watch(line, now_ns))

    @property
    def due_ns(self) -> int:
        """When `watch` has something to say at the earliest; 0: nothing is awaited."""
        return min(filter(None, map(due_ns, self._lines.values())), default=0)

    def _take(self, sense: Sense, change: Change) -> None:
        self._lines[sense], told = change
        for one in told:
            if isinstance(one, Settled):
                self.dispatch(Sensed(sense, one.active, one.at_ns))
            else:
                self.dispatch(SensorFault(sense, one.present))
