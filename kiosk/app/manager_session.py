"""Who is signed in at the touchscreen: tries PINs, counts the wrong ones, ends sessions, puts all that on record.

One person at a time, at one screen. A PIN is hashed in a thread; the miss is counted on the disk before that, so that
pulling the plug gives nobody another try. Where the journal is broken the record waits for it: a manager has to be able
to sign in to see what is wrong, and whatever they then do asks for a record of its own.
"""

import asyncio
import hmac
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kiosk.api.manager.session import Ok, SignedIn, SignIn, SignOut, StillHere
from kiosk.app.ports import Clock
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.staff import Refused, RefusedError, Staff
from kiosk.domain.staff_sessions import IDLE_S, Attempts, Session, SignedOut

_log = logging.getLogger("kiosk")


class Pins(Protocol):
    """Keeps the PINs, and how many wrong ones there were. All of it blocks."""

    def everybody(self) -> Sequence[Staff]:
        """Return who has a PIN. Raises OSError."""
        ...

    def find(self, pin: str) -> Staff | None:
        """Return whose PIN this is; takes as long for nobody's. Raises RefusedError where there are no PINs."""
        ...

    def put(self, staff: Staff, pin: str) -> None:
        """Give somebody a PIN, in place of the one they had. Raises RefusedError and OSError."""
        ...

    def remove(self, name: str) -> Staff:
        """Take somebody's PIN away; return who it was. Raises RefusedError and OSError."""
        ...

    def misses(self) -> int:
        """Return how many wrong PINs were counted before this process began."""
        ...

    def keep_misses(self, misses: int) -> None:
        """Remember how many there were. Raises OSError."""
        ...


class NoPins:
    """Nobody has a PIN, and nobody can be given one: a gate without a state folder."""

    def everybody(self) -> Sequence[Staff]:
        """Return nobody."""
        return ()

    def find(self, _pin: str) -> Staff | None:
        """Raise RefusedError."""
        raise RefusedError(Refused.NO_PINS)

    def put(self, _staff: Staff, _pin: str) -> None:
        """Raise RefusedError."""
        raise RefusedError(Refused.UNAVAILABLE, "pins")

    def remove(self, _name: str) -> Staff:
        """Raise RefusedError."""
        raise RefusedError(Refused.NOT_FOUND, "name")

    def misses(self) -> int:
        """Return none."""
        return 0

    def keep_misses(self, _misses: int) -> None:
        """Remember nothing."""


def _token() -> str:
    return secrets.token_hex(16)


@dataclass(slots=True)
class Sessions:
    """The one session that there may be, and the way to it."""

    pins: Pins
    clock: Clock
    recorder: Recorder
    token: Callable[[], str] = _token
    _attempts: Attempts | None = None
    """None: what was counted before the start has not been read."""
    _session: Session | None = None
    _key: str = ""
    """What the screen has to say with every question."""
    _trying: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One PIN at a time: each is counted from what the one before has left."""

    @property
    def staff(self) -> Staff | None:
        """Who is signed in."""
        return self._session.staff if self._session is not None else None

    def staff_of(self, key: str) -> Staff | None:
        """Return who a session belongs to, and count it as used; None: there is no such session, or no longer."""
        self.watch()
        if self._session is None or not hmac.compare_digest(self._key, key):
            return None
        self._session = self._session.used(self.clock.mono_ns())
        return self._session.staff

    def watch(self) -> None:
        """Let time pass."""
        if self._session is not None and self._session.is_over(self.clock.mono_ns()):
            self.end(SignedOut.IDLE)

    def end(self, why: SignedOut) -> None:
        """End the session, if there is one, and put that on record."""
        if self._session is not None:
            staff, self._session, self._key = self._session.staff, None, ""
            self.recorder.note(EventDraft(EventType.STAFF_SIGNED_OUT, data={**said_of(staff), "why": why.value}))

    def pin_changed(self, name: str) -> None:
        """End the session of whoever has another PIN now, or none."""
        if self.staff is not None and self.staff.name == name:
            self.end(SignedOut.PIN_CHANGED)

    async def sign_in(self, asked: SignIn) -> SignedIn:
        """Begin a session with a PIN, which ends the one before it. Raises RefusedError."""
        staff = await self.known(asked.pin)
        self.end(SignedOut.REPLACED)
        self._key, self._session = self.token(), Session(staff, self.clock.mono_ns())
        self.recorder.note(EventDraft(EventType.STAFF_SIGNED_IN, data=said_of(staff)))
        return SignedIn(session=self._key, role=staff.role, name=staff.name, idle_s=IDLE_S)

    async def known(self, pin: str) -> Staff:
        """Return whose PIN this is, counted as an attempt. Raises RefusedError."""
        async with self._trying:
            return await self._tried(pin)

    async def _tried(self, pin: str) -> Staff:
        attempts = await self._standing()
        if wait_s := attempts.wait_s(self.clock.mono_ns()):
            raise RefusedError(Refused.LOCKED_OUT, str(wait_s))
        missed = attempts.missed(self.clock.mono_ns())
        await self._keep(missed)
        try:
            staff = await asyncio.to_thread(self.pins.find, pin)
        except RefusedError:
            await self._keep(attempts)
            raise
        if staff is None:
            self._say_missed(missed)
            raise RefusedError(Refused.WRONG_PIN, str(missed.tries_left))
        await self._keep(attempts.signed_in(staff.role, self.clock.mono_ns()))
        return staff

    def _say_missed(self, missed: Attempts) -> None:
        said: dict[str, object] = {"code": Refused.WRONG_PIN.value, "misses": missed.misses}
        self.recorder.note(EventDraft(EventType.STAFF_REFUSED, data=said))
        if wait_s := missed.wait_s(self.clock.mono_ns()):
            self.recorder.note(EventDraft(EventType.STAFF_LOCKED_OUT, data={"seconds": wait_s}))

    async def miss(self) -> None:
        """Count something that tells of a PIN as much as a wrong one does."""
        async with self._trying:
            missed = (await self._standing()).missed(self.clock.mono_ns())
            await self._keep(missed)
        self._say_missed(missed)

    async def _standing(self) -> Attempts:
        if self._attempts is None:
            misses = await asyncio.to_thread(self.pins.misses)
            self._attempts = Attempts.resumed(misses, self.clock.mono_ns())
        return self._attempts

    async def _keep(self, attempts: Attempts) -> None:
        before, self._attempts = self._attempts, attempts
        if before is None or before.misses != attempts.misses:
            try:
                await asyncio.to_thread(self.pins.keep_misses, attempts.misses)
            except OSError as error:  # counted all the same, for as long as this process runs
                _log.warning("wrong PINs cannot be counted on the disk (%s)", error.strerror)

    async def signed_out(self, _: SignOut, _staff: Staff) -> Ok:
        """Answer whoever signs out."""
        self.end(SignedOut.ASKED)
        return Ok()

    async def still_here(self, _: StillHere, _staff: Staff) -> Ok:
        """Answer whoever is still here: the question itself has kept the session."""
        return Ok()


def said_of(staff: Staff) -> dict[str, object]:
    """Return what a record says of who did something."""
    return {"role": staff.role.value, "by": staff.name}
