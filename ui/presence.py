"""When the screen goes dark, and what wakes it. Pure."""

from dataclasses import dataclass, replace

from kiosk.api.messages import Page
from ui.choices import RESTING

MS = 1_000_000
DIM_MS = 60_000
"""How long nobody must have been there."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Since when nobody has been before the screen."""

    since_ns: int

    def seen(self, page: Page, *, present: bool, now_ns: int) -> "Rest":
        """Take in what is shown, and whether anybody is there; whoever is being answered is."""
        return replace(self, since_ns=now_ns) if present or page not in RESTING else self

    def touched(self, now_ns: int) -> "Rest":
        """Take in a touch."""
        return replace(self, since_ns=now_ns)

    def dimmed(self, now_ns: int) -> bool:
        """Tell whether the screen is to be dark now."""
        return now_ns - self.since_ns >= DIM_MS * MS
