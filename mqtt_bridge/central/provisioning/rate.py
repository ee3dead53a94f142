"""How often one address may ask: so many at once, then one in so many seconds."""

import threading

BURST = 30
EVERY_S = 2.0
MOST_ADDRESSES = 4096


class RateLimit:
    """Counts by address. Threads may share it; `now`: seconds of any clock."""

    def __init__(self, burst: int = BURST, every_s: float = EVERY_S, most: int = MOST_ADDRESSES) -> None:
        self._burst, self._every_s, self._most = burst, every_s, most
        self._busy_until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, address: str, now: float) -> bool:
        """Tell whether this request may be answered, and count it if so."""
        with self._lock:
            until = max(now, self._busy_until.pop(address, now))
            # A clock that was set back would shut everybody out for as long.
            until = min(until, now + self._burst * self._every_s)
            allowed = until + self._every_s <= now + self._burst * self._every_s
            self._busy_until[address] = until + self._every_s if allowed else until
            if len(self._busy_until) > self._most:
                self._forget(now)
            return allowed

    def _forget(self, now: float) -> None:
        """Drop who has asked nothing lately; where that is nobody, who has waited longest."""
        self._busy_until = {address: until for address, until in self._busy_until.items() if until > now}
        while len(self._busy_until) > self._most:
            del self._busy_until[next(iter(self._busy_until))]
