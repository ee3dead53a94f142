"""How often a PIN may be tried, and how long whoever has signed in stays so. Times are monotonic nanoseconds."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from kiosk.domain.staff import Staff, StaffRole

_S = 10**9
FREE = 5
"""Misses up to which nobody has to wait; with this one the waiting begins."""
FIRST_LOCK_S, LONGEST_LOCK_S = 60, 15 * 60
"""Each further miss doubles the wait, up to the longest."""
FORGIVEN_S = 15 * 60
"""After each of which one miss is forgiven."""
WORST = 9
"""Misses that are counted: with this one the wait is the longest, and more make it no longer."""
IDLE_S = 90
"""After how long without a question a session ends."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """The PINs that were wrong, of all who stand before this screen: it cannot tell one person from another.

    A right PIN does not take the misses back, or a guard could try a manager's PIN four times between two of their
    own; only a manager's does, who has nothing to gain by guessing. Time forgives the others.
    """

    misses: int = 0
    since_ns: int = 0
    """From when on time forgives them."""
    locked_until_ns: int = 0

    @classmethod
    def resumed(cls, misses: int, now_ns: int) -> Self:
        """Return what was counted before a restart; a wait begins anew, as nobody knows how much of it had passed."""
        misses = min(max(0, misses), WORST)
        return cls(misses, now_ns, now_ns + lock_s(misses) * _S)

    def wait_s(self, now_ns: int) -> int:
        """Return for how many seconds no PIN is looked at, rounded up; 0: it is."""
        return max(0, -((now_ns - self.locked_until_ns) // _S))

    @property
    def tries_left(self) -> int:
        """How many PINs may be wrong before none is looked at for a while."""
        return max(0, FREE - self.misses)

    def missed(self, now_ns: int) -> Self:
        """Return the attempts with a wrong one more."""
        before = self.forgiven(now_ns)
        misses = min(before.misses + 1, WORST)
        return replace(before, misses=misses, since_ns=now_ns, locked_until_ns=now_ns + lock_s(misses) * _S)

    def signed_in(self, role: StaffRole, now_ns: int) -> Self:
        """Return the attempts after a right one."""
        return replace(self, misses=0) if role is StaffRole.MANAGER else self.forgiven(now_ns)

    def forgiven(self, now_ns: int) -> Self:
        """Return the attempts without those that time has forgiven."""
        periods = (now_ns - self.since_ns) // (FORGIVEN_S * _S)
        return replace(
            self, misses=max(0, self.misses - periods), since_ns=self.since_ns + periods * FORGIVEN_S * _S
        )


def lock_s(misses: int) -> int:
    """Return for how many seconds no PIN is looked at after so many misses."""
    return 0 if misses < FREE else min(FIRST_LOCK_S << (misses - FREE), LONGEST_LOCK_S)


class SignedOut(StrEnum):
    """Why a session has ended."""

    ASKED = "asked"
    IDLE = "idle"
    REPLACED = "replaced"
    """Somebody else has signed in."""
    SCREEN = "screen"
    """The screen's process has gone, or has come anew."""
    PIN_CHANGED = "pin_changed"
    """The PIN that it was begun with is no longer one of this kiosk."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in, until they leave the screen alone."""

    staff: Staff
    used_ns: int

    def used(self, now_ns: int) -> Self:
        """Return the session with a question now."""
        return replace(self, used_ns=now_ns)

    def is_over(self, now_ns: int) -> bool:
        """Tell whether it has ended by itself."""
        return now_ns - self.used_ns >= IDLE_S * _S
