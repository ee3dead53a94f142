"""What the hour does to the screen: day or night, and where its picture lies so that it burns into no glass. Pure."""

from typing import Literal

from kiosk.domain.policy_terms import Hours

DRIFT_S = 120
"""How long the picture lies still."""
DRIFT_MM = 0.3
"""How far it goes then."""
_ROUND = ((0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))
"""Where it lies by turns: neighbouring places are one step apart, so that nobody sees it move."""


def is_night(theme: Literal["day", "night", "auto"], night: Hours, minute: int | None) -> bool:
    """Return whether it is night. `minute`: of the venue's day; None while the clock is not known."""
    if theme != "auto" or minute is None:
        return theme == "night"
    if night.start < night.end:
        return night.start <= minute < night.end
    return minute >= night.start or minute < night.end


def drift(seconds: float, step: int) -> tuple[int, int]:
    """Return by how many pixels the picture is moved to the right and down, `seconds` after the screen began.

    Edges of what is always there would be seen on the glass for ever. Each place is `step` pixels from the one before.
    """
    right, down = _ROUND[int(seconds // DRIFT_S) % len(_ROUND)]
    return right * step, down * step
