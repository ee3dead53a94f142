"""Which reads are new: a code that stays in view is one scan. Pure; the time is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

REARM_NS = 1_500_000_000
"""How long a code must have been out of view before it counts as shown again."""
LONG_NS = 30_000_000_000
"""A code that was in view for so long without a gap hangs there: a poster behind the visitors."""
ALWAYS_NS = 300_000_000_000
"""A code that was there for so long is surely a poster: nobody holds one up for five minutes."""
AWAY_MOST_NS = 60_000_000_000
"""The longest that what hangs there has to be away, where it may have been a person who waited."""
AWAY_ALWAYS_MOST_NS = 600_000_000_000
"""The longest that what is surely a poster has to be away."""
CAPACITY = 16
"""Codes that are remembered. While so many are in view, further ones wait: nobody can flood the gate."""


@dataclass(frozen=True, slots=True)
class _Stay:
    """A code in view, without a gap of `REARM_NS`."""

    first_ns: int
    last_ns: int
    owed_ns: int = 0
    """How long it had still to be away when this stay began; 0: it counted."""

    def rearm_ns(self) -> int:
        """Return how long it must be away to count anew: what hangs there, as long as it was there.

        Every visitor who walks through hides a poster for a moment; it must not flash up behind each of them. So
        time in view adds to what it has to be away, and time away takes from it, however often it comes back.
        """
        there = self.owed_ns + self.last_ns - self.first_ns
        if not self.owed_ns and there < LONG_NS:
            return REARM_NS
        most = AWAY_MOST_NS if there < ALWAYS_NS else AWAY_ALWAYS_MOST_NS
        return max(REARM_NS, min(there, most))

    def seen(self, now_ns: int) -> "_Stay":
        """Return the stay with the code seen now, before it may count anew."""
        away = now_ns - self.last_ns
        return replace(self, last_ns=now_ns) if away < REARM_NS else _Stay(now_ns, now_ns, self.rearm_ns() - away)


class Presence:
    """Remembers the codes in view, by their bytes."""

    def __init__(self) -> None:
        self._stays: dict[bytes, _Stay] = {}

    def see(self, codes: Iterable[bytes], now_ns: int) -> list[bytes]:
        """Take what one frame showed and return the codes that have come into view, each once.

        Call it for frames without a code as well: that is how codes leave.
        """
        stays = self._stays
        for code in [code for code, stay in stays.items() if now_ns - stay.last_ns >= stay.rearm_ns()]:
            del stays[code]
        seen = list(dict.fromkeys(codes))
        unknown = [code for code in seen if code not in stays]
        # First those that are known: none that is in view may have to give way to a new one.
        stays.update({code: stays[code].seen(now_ns) for code in seen if code in stays})
        return [code for code in unknown if self._enter(code, now_ns)]

    def _enter(self, code: bytes, now_ns: int) -> bool:
        if not self._room(now_ns):
            return False
        self._stays[code] = _Stay(now_ns, now_ns)
        return True

    def _room(self, now_ns: int) -> bool:
        """Make room for one more. What hangs on a wall and is hidden gives way; what is in view does not."""
        if len(self._stays) < CAPACITY:
            return True
        longest_away = min(self._stays, key=lambda code: self._stays[code].last_ns)
        if now_ns - self._stays[longest_away].last_ns < REARM_NS:
            return False
        del self._stays[longest_away]
        return True

    def forget(self) -> None:
        """Begin anew: what is in view now will count as new (after the gate process has restarted)."""
        self._stays.clear()
