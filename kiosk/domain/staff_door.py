"""What staff may do with the door at the touchscreen, and for which reasons. Codes are added, never renamed."""

from enum import StrEnum
from typing import assert_never

from kiosk.domain.door_io import Mode
from kiosk.domain.staff import StaffRole


class OpenReason(StrEnum):
    """Why somebody is let through without a code; a closed list, so that no name is ever typed."""

    NO_CODE = "no_code"
    """A guest who has none, or whose phone is empty."""
    CODE_FAILED = "code_failed"
    """Staff has looked at the code, and goes by it."""
    NEEDS_HELP = "needs_help"
    """Somebody in a wheelchair, with a child, with a load."""
    DELIVERY = "delivery"
    COLLEAGUE = "colleague"
    EMERGENCY_SERVICES = "emergency_services"
    CLEANING_OR_REPAIR = "cleaning_or_repair"
    OTHER = "other"


class ModeReason(StrEnum):
    """Why the door is run in another way."""

    INCIDENT = "incident"
    DRILL = "drill"
    EVENT = "event"
    """Many people come at once."""
    OPENING_HOURS = "opening_hours"
    REPAIR = "repair"
    OVER = "over"
    """What the mode before was for is over."""
    OTHER = "other"


def may_set(role: StaffRole, mode: Mode, now: Mode) -> bool:
    """Tell whether somebody may have the door run in another way.

    Whoever stands at the door may shut it, and only a manager may open it again. A technician may take it out of
    service for a test, and end that, but nothing that somebody else has asked for.
    """
    match role:
        case StaffRole.MANAGER:
            return mode is not Mode.OUT_OF_ORDER
        case StaffRole.GUARD:
            return mode is Mode.LOCKDOWN
        case StaffRole.TECHNICIAN:
            return (now, mode) in {(Mode.NORMAL, Mode.MAINTENANCE), (Mode.MAINTENANCE, Mode.NORMAL)}
        case _:
            assert_never(role)
