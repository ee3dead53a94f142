"""The send window: which event goes next, which are on their way, which the centre has. Pure.

Three numbers count, each at most the one before it:

- `head`: the next event to hand to the broker;
- `sent_upto`: all events up to it have a PUBACK. No proof: a broker may die with what it acknowledged;
- `confirmed`: the centre has stored all events up to it. Only this one frees the kiosk of a duty.

Whatever goes wrong, the answer is the same: go back and send again, in order; the centre drops repeats.
The journal is the only memory of what is to be sent, so nothing here grows with an outage.
"""

from collections.abc import Callable
from enum import Enum

LIMIT = 100
"""Events on their way at one time (fewer where the broker's ReceiveMaximum is smaller)."""
AHEAD = 1000
"""Events that may be sent beyond the confirmed one: a centre that is away costs no more than these again."""
CONFIRM_S = 5.0
CONFIRM_MAX_S = 60.0
REFUSED_S = 1.0
REFUSED_MAX_S = 60.0
PUBACK_S = 10.0
NO_SUBSCRIBER = 0x10
_CANNOT_EVER = frozenset({0x95, 0x99})
"""Packet too large, payload format invalid: sending it again would not help."""


class Outcome(Enum):
    """What a PUBACK meant."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNSENDABLE = "unsendable"
    """It cannot ever go as it is: something else has to go under its number, or it is skipped."""
    FOREIGN = "foreign"
    """Of a message that this window no longer asks about."""


class Act(Enum):
    """What a tick asks the shell to do."""

    NOTHING = "nothing"
    RESEND = "resend"
    """The window has gone back; what was fetched beyond it is of no use."""
    RECONNECT = "reconnect"
    """The broker answers nothing; only a new connection helps."""


class Window:
    """The state of sending. Times are monotonic seconds and always given; `jitter` returns 0 to 1."""

    def __init__(self, jitter: Callable[[], float], limit: int = LIMIT, ahead: int = AHEAD) -> None:
        self._jitter = jitter
        self._limit = limit
        self._ahead = ahead
        self._quota = 0
        self._hears = True
        self.last = 0
        self.confirmed = 0
        self.head = 1
        self.skipped = 0
        """Events that cannot be sent at all, each counted once."""
        self.unsendable = 0
        """The number that the broker has last refused for good."""
        self._handled = 0
        self._beyond: set[int] = set()
        self._flight: dict[int, int] = {}
        self._stale: set[int] = set()
        self._barrier: int | None = None
        self._skipped_high = 0
        self._failures = 0
        self._confirm_due: float | None = None
        self._puback_due: float | None = None
        self._hold_until = float("-inf")

    @property
    def sent_upto(self) -> int:
        """All events up to this one have been acknowledged by the broker; never past one that cannot go."""
        return self._handled if self._barrier is None else min(self._handled, self._barrier - 1)

    @property
    def in_flight(self) -> int:
        """Messages that the broker has not answered on this connection."""
        return len(self._flight) + len(self._stale)

    # What happens

    def start(self, last: int, confirmed: int) -> None:
        """Take the journal's own numbers: a journal has come, or come back."""
        self.last, self.confirmed = last, min(confirmed, last)
        self._failures = self.skipped = self._skipped_high = 0
        self._hold_until = float("-inf")
        self._go_back(self.confirmed)

    def appended(self, last: int) -> None:
        """Take note that the journal has grown."""
        self.last = max(self.last, last)

    def connected(self, receive_maximum: int) -> None:
        """Start on a new connection: what was on its way is not known to have arrived."""
        self.disconnected()
        self._quota = max(1, min(self._limit, receive_maximum))

    def disconnected(self) -> None:
        """Stop: the connection is gone."""
        self._quota = 0
        self._go_back(self.confirmed)
        self._stale.clear()
        self._puback_due = None
        self._hold_until = float("-inf")

    def listen(self, hears: bool, now: float, *, kept: bool = False) -> None:
        """Take note whether the centre's word can reach this kiosk, and whether what it said meanwhile was `kept`.

        While it cannot, nothing is sent again for want of it. When it can again and nothing was kept, words may have
        been missed: what is not confirmed goes again, so that the centre repeats them.
        """
        came_back, self._hears = hears and not self._hears, hears
        self._confirm_due = None
        if came_back and not kept:
            self._go_back(self.confirmed)
        self._arm(now)

    def told(self, mid: int, now: float) -> None:
        """Note that message `mid`, which is no event, has gone and takes its place among what is on its way."""
        self._stale.add(mid)
        if self._puback_due is None:
            self._puback_due = now + PUBACK_S

    def sent(self, mid: int, now: float) -> None:
        """Note that the event at `head` has been handed to the broker as message `mid`."""
        self._flight[mid] = self.head
        self.head += 1
        if self._puback_due is None:
            self._puback_due = now + PUBACK_S
        self._arm(now)

    def skip(self) -> None:
        """Pass the event at `head`, which cannot be sent: it is never reported as sent or stored."""
        self._pass_over(self.head)
        self.head += 1

    def puback(self, mid: int, code: int, now: float) -> Outcome:
        """Take the broker's answer to message `mid`."""
        if mid not in self._flight and mid not in self._stale:
            return Outcome.FOREIGN
        self._stale.discard(mid)
        seq = self._flight.pop(mid, None)
        self._puback_due = now + PUBACK_S if self.in_flight else None
        if seq is None:
            return Outcome.FOREIGN
        if code in _CANNOT_EVER:
            self.unsendable = seq
            self._go_back(self._handled)
            return Outcome.UNSENDABLE
        if code == NO_SUBSCRIBER or code >= 0x80:
            self._hold_until = now + self._wait(REFUSED_S, REFUSED_MAX_S)
            self._failures += 1
            self._go_back(self._handled)
            return Outcome.REFUSED
        self._settle(seq)
        return Outcome.DELIVERED

    def confirm(self, upto: int, now: float) -> bool:
        """Take the centre's word; False where it says nothing new or something impossible."""
        if not self.confirmed < upto <= self.last:
            return False
        self.confirmed = upto
        self.head = max(self.head, upto + 1)
        if self._barrier is not None and self._barrier <= upto:
            self._barrier = None
        if self._handled < upto:
            self._handled = upto
            self._beyond = {seq for seq in self._beyond if seq > upto}
            self._settle(upto)
        self._failures = 0
        self._confirm_due = None
        self._arm(now)
        return True

    # What to do

    @property
    def has_room(self) -> bool:
        """The broker lets one more message be on its way."""
        return self.in_flight < self._quota

    def may_send(self, now: float) -> bool:
        """Tell whether the event at `head` may be handed to the broker now."""
        base = self._handled if self._blocked else self.confirmed
        return (
            self.has_room and now >= self._hold_until and self.head <= min(self.last, base + self._ahead)
        )

    def tick(self, now: float) -> Act:
        """Look at the time. A silent broker is left, a silent centre is sent everything again."""
        if self._puback_due is not None and now >= self._puback_due:
            self._puback_due = None
            return Act.RECONNECT
        if self._confirm_due is not None and now >= self._confirm_due:
            self._failures += 1
            self._go_back(self.confirmed)
            return Act.RESEND
        return Act.NOTHING

    @property
    def _blocked(self) -> bool:
        """The next number that the centre would confirm can never reach it."""
        return self._barrier == self.confirmed + 1

    def _arm(self, now: float) -> None:
        outstanding = self.head > self.confirmed + 1 and not self._blocked and self._hears
        if outstanding and self._confirm_due is None:
            self._confirm_due = now + self._wait(CONFIRM_S, CONFIRM_MAX_S)

    def _wait(self, first_s: float, most_s: float) -> float:
        """Double with every failure in a row up to `most_s`; up to a quarter more, so that kiosks part."""
        doubled = first_s * float(2 ** min(self._failures, 10))
        return min(most_s, doubled) * (1 + self._jitter() / 4)

    def _pass_over(self, seq: int) -> None:
        if seq > self._skipped_high:
            self._skipped_high = seq
            self.skipped += 1
        if self._barrier is None or seq < self._barrier:
            self._barrier = seq
        if self._blocked:
            self._confirm_due = None
        self._settle(seq)

    def _settle(self, seq: int) -> None:
        """Count `seq` as handled and move on over everything handled before it was."""
        if seq > self._handled:
            self._beyond.add(seq)
        while self._handled + 1 in self._beyond:
            self._handled += 1
            self._beyond.discard(self._handled)

    def _go_back(self, to: int) -> None:
        """Send again from `to` + 1. What is on its way still counts against the broker's quota."""
        self._stale.update(self._flight)
        self._flight.clear()
        self._beyond.clear()
        self._handled = to
        self.head = to + 1
        self._confirm_due = None
        if self._barrier is not None and self._barrier > to:
            self._barrier = None
