"""A clock that stands still until it is told to go on."""

from datetime import datetime, timedelta

from kiosk.domain.events import ClockConfidence


class FakeClock:
    """Both clocks of `kiosk.app.ports.Clock`, moved by hand. Set `confidence_is` to change how far it is believed."""

    def __init__(
        self, now: datetime, mono_ns: int = 1_000_000_000, confidence: ClockConfidence = ClockConfidence.SYNCED
    ) -> None:
        self._now, self._mono_ns = now, mono_ns
        self.confidence_is = confidence

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        self._now += timedelta(seconds=seconds)
        self._mono_ns += round(seconds * 1e9)

    def set_wall(self, now: datetime) -> None:
        """Set the wall clock alone, as a time daemon does."""
        self._now = now

    def mono_ns(self) -> int:
        """Return the monotonic clock in nanoseconds."""
        return self._mono_ns

    def now(self) -> datetime:
        """Return the wall clock."""
        return self._now

    def confidence(self) -> ClockConfidence:
        """Tell how far `now` can be believed."""
        return self.confidence_is
