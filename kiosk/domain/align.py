"""Somebody holds their face before the camera: what they are told meanwhile, one thing at a time. Pure.

A hint that changes with every frame cannot be followed, so each stays for at least HINT_MS; and nobody is kept
standing there for longer than ALIGN_MS or TRIES tries.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

MS = 1_000_000
HINT_MS = 800
ALIGN_MS = 12_000
TRIES = 3


class FaceHint(StrEnum):
    """What would help to see a face well; the most helpful is said first."""

    ONE_PERSON = "one_person"
    CLOSER = "closer"
    FARTHER = "farther"
    MIDDLE = "middle"
    """Into the middle of the picture."""
    LIGHT = "light"
    STRAIGHT = "straight"
    """Straight into the camera."""
    STILL = "still"


@dataclass(frozen=True, slots=True)
class Aligning:
    """How far it is."""

    since_ns: int
    tries: int = 0
    """Looks that were long enough and found the face to be another's, or none."""
    hint: FaceHint | None = None
    """What is said now."""
    hint_ns: int = 0
    """Since when."""

    def seen(self, hints: frozenset[FaceHint], now: int) -> "Aligning":
        """Take what one picture showed. What is said changes only when it has been there for long enough."""
        if self.hint is not None and now - self.hint_ns < HINT_MS * MS:
            return self
        best = next((hint for hint in FaceHint if hint in hints), None)
        return self if best is self.hint else replace(self, hint=best, hint_ns=now)

    def failed(self) -> "Aligning":
        """Count a look that came to nothing."""
        return replace(self, tries=self.tries + 1)

    def is_over(self, now: int) -> bool:
        """Tell whether staff has to look instead."""
        return self.tries >= TRIES or now - self.since_ns >= ALIGN_MS * MS
