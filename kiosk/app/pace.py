"""How long decisions take, from the reading of a code: of one day, since the start of the process at most."""

from dataclasses import dataclass
from datetime import date

_MS = 1_000_000


@dataclass(slots=True)
class Pace:
    """Gathers how long it took; begins anew each day."""

    day: date | None = None
    count: int = 0
    total_ns: int = 0
    worst_ns: int = 0

    def add(self, day: date, took_ns: int) -> None:
        """Take in one decision of a day of the venue."""
        if day != self.day:
            self.day, self.count, self.total_ns, self.worst_ns = day, 0, 0, 0
        self.count += 1
        self.total_ns += took_ns
        self.worst_ns = max(self.worst_ns, took_ns)

    def of(self, day: date) -> tuple[float | None, float | None]:
        """Return mean and worst of a day in milliseconds; None: nothing was decided."""
        if day != self.day or not self.count:
            return None, None
        return round(self.total_ns / self.count / _MS, 1), round(self.worst_ns / _MS, 1)
