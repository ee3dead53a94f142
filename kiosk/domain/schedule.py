"""When a door stands unlocked by the clock. Pure: the moment is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.domain.door_io import HoldOpen
from kiosk.domain.events import ClockConfidence
from kiosk.domain.policy_terms import EVERY_DAY, Days, Hours
from kiosk.domain.policy_times import is_holiday, open_days

LOCKED = HoldOpen(active=False)


@dataclass(frozen=True, slots=True)
class HoldOpenWindow:
    """Hours on some weekdays in which the door stands unlocked, but for holidays."""

    hours: tuple[Hours, ...]
    weekdays: frozenset[int] = EVERY_DAY
    """0 is Monday. A part of the day over midnight belongs to the day on which it begins, as in the policy."""
    first_person: bool = True
    """It stays locked until somebody has been let in: no empty building stands open because of a calendar."""


def hold_open(
    windows: Iterable[HoldOpenWindow], now: datetime, clock: ClockConfidence, holidays: tuple[Days, ...] = ()
) -> HoldOpen:
    """Return what the schedule says at the moment `now`, an aware one in the venue's time zone.

    Locked when in doubt: a kiosk that does not know the time never stands open by it. Hours are those of the clock on
    the wall: an hour that summer time takes away has no window, and one that comes twice has it twice.
    """
    if clock is ClockConfidence.UNSET:
        return LOCKED
    standing = [window for window in windows if _stands(window, now, holidays)]
    return HoldOpen(active=bool(standing), first_person=any(window.first_person for window in standing))


def _stands(window: HoldOpenWindow, now: datetime, holidays: tuple[Days, ...]) -> bool:
    return any(
        day.weekday() in window.weekdays and not is_holiday(holidays, day) for day in open_days(window.hours, now)
    )
