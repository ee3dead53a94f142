"""Which reads are new: a code that stays in view is one scan. Pure; the time is an argument."""

from collections.abc import Iterable

REARM_NS = 1_500_000_000
"""How long a code must have been out of view before it counts as shown again."""
CAPACITY = 16
"""Codes that are remembered. While so many are in view, further ones wait: nobody can flood the gate."""


class Presence:
    """Remembers the codes in view, by their bytes."""

    def __init__(self) -> None:
        self._last_seen: dict[bytes, int] = {}

    def see(self, codes: Iterable[bytes], now_ns: int) -> list[bytes]:
        """Take what one frame showed and return the codes that have come into view, each once.

        Call it for frames without a code as well: that is how codes leave.
        """
        seen = self._last_seen
        for code in [code for code, last in seen.items() if now_ns - last >= REARM_NS]:
            del seen[code]
        new = []
        for code in codes:
            if code not in seen:
                if len(seen) >= CAPACITY:
                    continue
                new.append(code)
            seen[code] = now_ns
        return new

    def forget(self) -> None:
        """Begin anew: what is in view now will count as new (after the gate process has restarted)."""
        self._last_seen.clear()
