"""What the camera has read lately: a short memory for whoever aims it. No clock: `at_ns` is an argument."""

from collections import Counter, deque
from dataclasses import dataclass, field

from kiosk.api.manager.aim import AimShown, HintCount
from kiosk.api.messages import Hint, Scan, VisionHealth

WINDOW_NS = 10_000_000_000
"""How far back it remembers."""
_MOST = 200
"""Of codes and hints each."""


@dataclass(slots=True)
class Aiming:
    """Takes what vision says, and tells how reading goes."""

    _health: VisionHealth | None = None
    _codes: deque[int] = field(default_factory=lambda: deque(maxlen=_MOST))
    _hints: deque[tuple[int, Hint]] = field(default_factory=lambda: deque(maxlen=_MOST))

    def health(self, health: VisionHealth) -> None:
        """Take in a report."""
        self._health = health

    def scan(self, scan: Scan, at_ns: int) -> None:
        """Take in a code that the camera has read; other readers have nothing to aim."""
        if scan.reader == "camera":
            self._codes.append(at_ns)

    def hint(self, hint: Hint, at_ns: int) -> None:
        """Take in a hint; one that is said again, or ends, is no new one."""
        said = self._hints[-1][1].hint if self._hints else ""
        if hint.hint != said:
            self._hints.append((at_ns, hint))

    def shown(self, now_ns: int) -> AimShown:
        """Return how it has gone in the last WINDOW_NS."""
        since = now_ns - WINDOW_NS
        counts = Counter(hint.hint for at_ns, hint in self._hints if at_ns >= since and hint.hint)
        figures = self._health.model_dump(exclude={"type", "moving"}) if self._health else {"camera": "starting"}
        return AimShown.model_validate({
            **figures,
            "light": min(figures.get("light", 0.0), 255.0),
            "codes": sum(at_ns >= since for at_ns in self._codes),
            "hint": self._hints[-1][1].hint if self._hints else "",
            "hints": [HintCount(hint=hint, count=count) for hint, count in counts.most_common()],
            "seconds": WINDOW_NS // 1_000_000_000,
        })  # fmt: skip
