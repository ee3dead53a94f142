"""The machine's clocks. The only place where the time is asked for."""

import ctypes
import time
from datetime import UTC, datetime

from kiosk.domain.events import ClockConfidence

_BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""No kiosk of this version can live before this day: an earlier clock has not been set."""
_TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
_STA_UNSYNC = 0x40
_LIBC = ctypes.CDLL(None)


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2) as far as it is used; the padding covers the rest on every platform."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("padding", ctypes.c_byte * 256),
    )


def kernel_is_synchronised() -> bool:
    """Ask the kernel whether a time daemon keeps its clock (adjtimex(2), read only)."""
    timex = _Timex()
    state = _LIBC.adjtimex(ctypes.byref(timex))
    return state not in (-1, _TIME_ERROR) and not timex.status & _STA_UNSYNC


class SystemClock:
    """CLOCK_MONOTONIC and the wall clock, with the kernel's word on how good the latter is."""

    def __init__(self, *, trust_system: bool = False) -> None:
        self._trusted = trust_system

    def mono_ns(self) -> int:
        """Return CLOCK_MONOTONIC in nanoseconds."""
        return time.monotonic_ns()

    def now(self) -> datetime:
        """Return the wall clock, aware, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def confidence(self) -> ClockConfidence:
        """Tell how far the wall clock can be believed."""
        if self.now() < _BUILT:
            return ClockConfidence.UNSET
        if self._trusted or kernel_is_synchronised():
            return ClockConfidence.SYNCED
        return ClockConfidence.DRIFTING
