"""The words of a test of the kiosk's own wires."""

from enum import StrEnum


class Tried(StrEnum):
    """What came of switching an output."""

    SWITCHED = "switched"
    """A lamp, the buzzer, the light: whether it is seen or heard, only a person can tell."""
    MOVED = "moved"
    """A relay's line took the released level and left it again."""
    NO_FEEDBACK = "no_feedback"
    """It did not."""
