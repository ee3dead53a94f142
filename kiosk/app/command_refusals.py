"""How often remote commands were refused, on record: each code once a minute at most, whatever a broker sends."""

from collections.abc import Callable
from dataclasses import dataclass, field

from kiosk.domain.command import Refusal
from kiosk.domain.events import EventDraft, EventType

EVERY_NS = 60 * 10**9


@dataclass(slots=True)
class RefusalLog:
    """Puts the first refusal of a kind on record at once, and those of the minute after it together at its end."""

    record: Callable[[EventDraft], None]
    _minutes: dict[Refusal, tuple[int, int]] = field(default_factory=dict)
    """By code: when its minute began, and how many have come since the last one was put on record."""

    def refused(self, code: Refusal, now_ns: int) -> None:
        """Count a refusal."""
        if code in self._minutes:
            since, count = self._minutes[code]
            self._minutes[code] = since, count + 1
        else:
            self._say(code, 1, now_ns)

    def watch(self, now_ns: int) -> None:
        """Put on record what has been counted, where its minute is over."""
        for code, (since, count) in list(self._minutes.items()):
            if now_ns - since >= EVERY_NS:
                del self._minutes[code]
                if count:
                    self._say(code, count, now_ns)

    def _say(self, code: Refusal, count: int, now_ns: int) -> None:
        self._minutes[code] = now_ns, 0
        self.record(EventDraft(EventType.COMMAND_REFUSED, data={"code": code.value, "count": count}))
