"""PINs of those who work at the door: which are too easy to guess, who may have one, who may change whose."""

import itertools
import re
from collections.abc import Sequence
from datetime import date

from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
"""What a PIN is called: a code such as `guard-2`, no person's name."""
SHORTEST, LONGEST = 6, 12
MAX_PINS = 32
"""PINs of one kiosk."""


def is_trivial(pin: str) -> bool:
    """Tell whether a PIN of digits is among the first that somebody would try.

    These are: two digits or fewer, a run up or down (also over 9 to 0), a part that is repeated, and a date. People
    take birthdays for PINs, and those of six digits are few enough to be tried.
    """
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    few = len(set(pin)) <= 2
    run = len(steps) == 1
    return few or run or _repeats(pin) or _is_date(pin)


def _repeats(pin: str) -> bool:
    """Tell whether a PIN is a part of it, said again and again; the last time it may be cut short."""
    return any(pin == (pin[:size] * len(pin))[: len(pin)] for size in range(1, len(pin) // 2 + 1))


def _is_date(pin: str) -> bool:
    """Tell whether a PIN is day, month and year, in any of the orders that people write."""
    if len(pin) == 6:
        a, b, c = pin[:2], pin[2:4], pin[4:]
        return any(_is_day(f"20{year}", month, day) for year, month, day in ((c, b, a), (c, a, b), (a, b, c)))
    if len(pin) == 8:
        ends = ((pin[4:], pin[2:4], pin[:2]), (pin[4:], pin[:2], pin[2:4]), (pin[:4], pin[4:6], pin[6:]))
        return any(year[:2] in {"19", "20"} and _is_day(year, month, day) for year, month, day in ends)
    return False


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


# who has one


def with_pin(everybody: Sequence[Staff], staff: Staff, pin: str) -> tuple[Staff, ...]:
    """Return who has a PIN once `staff` has this one, by name. Raises RefusedError where that cannot be.

    Whoever has a PIN keeps their role with a new one: for another role it is removed first, so that nobody becomes a
    manager, or stops being the only one, in passing.
    """
    if not NAME.fullmatch(staff.name):
        raise RefusedError(Refused.INVALID, "name")
    if not (SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdecimal()):
        raise RefusedError(Refused.INVALID, "pin")
    if is_trivial(pin):
        raise RefusedError(Refused.INVALID, "pin_trivial")
    others = [one for one in everybody if one.name != staff.name]
    if len(others) == len(everybody) >= MAX_PINS:
        raise RefusedError(Refused.INVALID, "too_many")
    if len(others) < len(everybody) and staff not in everybody:
        raise RefusedError(Refused.INVALID, "role")
    return tuple(sorted([*others, staff], key=lambda one: one.name))


def removed(everybody: Sequence[Staff], name: str) -> tuple[Staff, ...]:
    """Return who has a PIN without this one. Raises RefusedError where there is none, or it is the last manager's."""
    left = tuple(one for one in everybody if one.name != name)
    if len(left) == len(everybody):
        raise RefusedError(Refused.NOT_FOUND, "name")
    if managers(everybody) and not managers(left):
        raise RefusedError(Refused.INVALID, "last_manager")
    return left


def managers(everybody: Sequence[Staff]) -> int:
    """Return how many managers there are."""
    return sum(one.role is StaffRole.MANAGER for one in everybody)


def may_change(by: Staff, of: Staff, everybody: Sequence[Staff]) -> bool:
    """Tell whether somebody may set or remove the PIN of `of` at the screen.

    A manager may all. A technician may those of technicians, and set the first manager's, as whoever installs a kiosk
    does; never a guard's, as a guard sees who was here.
    """
    if by.role is StaffRole.MANAGER:
        return True
    first = of.role is StaffRole.MANAGER and not managers(everybody)
    return by.role is StaffRole.TECHNICIAN and (of.role is StaffRole.TECHNICIAN or first)
