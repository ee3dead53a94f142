"""Staff before a screen under test: PINs in memory, and a screen that asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kiosk.api.manager import Answer, Ask, Request, SignedIn, SignIn
from kiosk.api.messages import Message
from kiosk.app.ports import Peer
from kiosk.app.shell import Shell
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.domain.staff_pins import removed, with_pin

GUARD, MANAGER, TECHNICIAN = "135792", "246813", "975310"
"""PINs, none of them trivial."""


@dataclass
class MemoryPins:
    """PINs without a disk, and without the time that a hash takes. `broken` makes every write fail."""

    pins: dict[str, Staff] = field(
        default_factory=lambda: {
            GUARD: Staff(StaffRole.GUARD, "door"),
            MANAGER: Staff(StaffRole.MANAGER, "office"),
            TECHNICIAN: Staff(StaffRole.TECHNICIAN, "service"),
        }
    )
    counted: int = 0
    broken: bool = False

    def everybody(self) -> Sequence[Staff]:
        """Return who has a PIN, by name."""
        return tuple(sorted(self.pins.values(), key=lambda one: one.name))

    def find(self, pin: str) -> Staff | None:
        """Return whose PIN this is. Raises RefusedError where nobody has one."""
        if not self.pins:
            raise RefusedError(Refused.NO_PINS)
        return self.pins.get(pin)

    def put(self, staff: Staff, pin: str) -> None:
        """Give somebody a PIN. Raises RefusedError, and OSError while broken."""
        if self.broken:
            raise OSError("broken on purpose")
        with_pin(self.everybody(), staff, pin)
        owner = self.pins.get(pin)
        if owner is not None and owner.name != staff.name:
            raise RefusedError(Refused.INVALID, "pin_taken")
        self.pins = {key: one for key, one in self.pins.items() if one.name != staff.name} | {pin: staff}

    def remove(self, name: str) -> Staff:
        """Take somebody's PIN away. Raises RefusedError."""
        everybody, left = self.everybody(), removed(self.everybody(), name)
        self.pins = {key: one for key, one in self.pins.items() if one in left}
        return next(one for one in everybody if one.name == name)

    def misses(self) -> int:
        """Return how many wrong PINs were kept."""
        return self.counted

    def keep_misses(self, misses: int) -> None:
        """Keep how many there were. Raises OSError while broken."""
        if self.broken:
            raise OSError("broken on purpose")
        self.counted = misses


@dataclass(slots=True)
class Screen:
    """A screen at which somebody may have signed in."""

    shell: Shell
    peer: Peer
    sent: list[Message]
    """What the peer was sent."""
    session: str = ""
    _asked: int = 0

    async def ask(self, request: Request) -> Answer:
        """Ask, and return the answer."""
        self._asked += 1
        ask = Ask(id=self._asked, session=self.session, request=request)
        await self.shell.received(self.peer, ask, None)
        return next(one for one in reversed(self.sent) if isinstance(one, Answer) and one.id == ask.id)

    async def sign_in(self, pin: str) -> Answer:
        """Sign in with a PIN; what is asked from then on is asked by whoever that is."""
        answer = await self.ask(SignIn(pin=pin))
        if isinstance(answer.reply, SignedIn):
            self.session = answer.reply.session
        return answer
