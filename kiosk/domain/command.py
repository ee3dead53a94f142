"""Remote commands: what one says, and whether it is to be done (DESIGN section 9). `docs/commands.md` has the table.

A command comes here when its signatures have been verified (`kiosk.verify.command`, steps 1 to 6); `judge` takes the
steps that depend on this kiosk, on what has come before, and on the time. Wall-clock times are Unix seconds, monotonic
ones nanoseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from kiosk.domain.situation import Direction

ID_SIZE = NONCE_SIZE = 16
"""Bytes of a command's id, and of a nonce."""
OPENING_MAX_S = 15
"""How long an opening may be good for: it is for somebody who stands at the door now."""
OTHERS_MAX_S = 24 * 3600
SKEW_S = 10
"""How far the clock of whoever signs may be ahead of this one."""
NONCE_S = 60
"""How long a nonce can be used."""
_S = 10**9


class CommandName(StrEnum):
    """What can be commanded from afar."""

    OPEN = "open"
    LOCKDOWN = "lockdown"
    FREE_PASSAGE = "free_passage"
    NORMAL = "normal"
    MAINTENANCE = "maintenance"
    RELOAD_TRUST = "reload_trust"


BY_TWO = frozenset({CommandName.LOCKDOWN, CommandName.FREE_PASSAGE})
"""What nobody may command alone: it shuts everybody out, or lets everybody in."""


class CommandState(StrEnum):
    """How far a command has got. All but `received` and `running` are its end."""

    RECEIVED = "received"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"


class Refusal(StrEnum):
    """Why a command is not done, in the order in which it is looked for."""

    RETAINED = "retained"
    """The broker had kept it: it may be as old as the hills."""
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    NOT_PERMITTED = "not_permitted"
    ONE_KEY_IS_NOT_ENOUGH = "one_key_is_not_enough"
    ELSEWHERE = "elsewhere"
    """It is for another kiosk, or came on another command's topic."""
    LEDGER_UNAVAILABLE = "ledger_unavailable"
    """What has come before is not known, or cannot be kept."""
    REPEATED = "repeated"
    CLOCK_UNSET = "clock_unset"
    """This kiosk does not know the time: sign again with the nonce that comes with the answer."""
    TOO_LONG = "too_long"
    """It would be good for longer than such a command may be."""
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REMOTE_OPENING_OFF = "remote_opening_off"
    BUSY = "busy"
    NOT_NOW = "not_now"
    """The door refuses: fire, lockdown, maintenance, a fault."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a command says, nothing in it judged."""

    id: str
    """32 hex digits, made at random by whoever signs."""
    name: CommandName
    audience: str
    """`TENANT/SITE/KIOSK`."""
    issued_at: int
    expires_at: int
    counter: int
    """Grows from command to command of one key."""
    direction: Direction = Direction.ENTRY
    """Of an opening: which way."""
    reason: str = ""
    """Of an opening: why, a code."""
    nonce: bytes = b""
    """The one that this kiosk has given, or empty."""

    @property
    def longest_s(self) -> int:
        """How long such a command may be good for."""
        return OPENING_MAX_S if self.name is CommandName.OPEN else OTHERS_MAX_S


def topic_of(address: str, name: str) -> str:
    """Return the topic of a command to a kiosk, `TENANT/SITE/KIOSK`: what its signatures cover besides."""
    return f"gk/1/{address}/down/cmd/{name}"


@dataclass(frozen=True, slots=True)
class Signed:
    """A command that is signed by whoever may give it."""

    command: Command
    key_id: str
    """Of whoever has issued it, in hex; the counter and the nonce are theirs."""
    by: tuple[str, ...]
    """The names of all who have signed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What time it is."""

    unix: float
    known: bool
    """Whether the wall clock can be believed."""
    mono_ns: int


IDS = 256
"""How many ids are remembered; the counters alone already refuse what is older."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has been accepted so far: kept on disk before anything is done."""

    created: int | None = None
    """Unix time; what was issued before it may have been done under a ledger that is gone. None: not known yet."""
    counters: Mapping[str, int] = field(default_factory=dict)
    """The highest of each key, by its id in hex."""
    ids: tuple[str, ...] = ()
    """Newest last."""
    unfinished: Mapping[str, CommandName] = field(default_factory=dict)
    """Commands whose end has not been kept, by id."""

    def knows(self, signed: Signed) -> bool:
        """Tell whether a command, or a newer one of the same key, has been accepted before."""
        command = signed.command
        return command.id in self.ids or command.counter <= self.counters.get(signed.key_id, 0)

    def taken(self, signed: Signed, moment: Moment) -> Self:
        """Return the ledger with a command that is about to be done."""
        command = signed.command
        return replace(
            self.dated(moment),
            counters={**self.counters, signed.key_id: command.counter},
            ids=(*self.ids, command.id)[-IDS:],
            unfinished={**self.unfinished, command.id: command.name},
        )

    def finished(self, command_id: str) -> Self:
        """Return the ledger with a command that has come to its end."""
        return replace(self, unfinished={k: v for k, v in self.unfinished.items() if k != command_id})

    def dated(self, moment: Moment) -> Self:
        """Return the ledger with its beginning, as soon as the time is known."""
        if self.created is not None or not moment.known:
            return self
        return replace(self, created=int(moment.unix))


@dataclass(frozen=True, slots=True)
class Nonces:
    """The nonces that this kiosk has given and that can still be used: one a key, and its end by monotonic clock."""

    given: Mapping[str, tuple[bytes, int]] = field(default_factory=dict)

    def give(self, key_id: str, fresh: bytes, now_ns: int) -> tuple[Self, bytes]:
        """Return the nonce that a key is to use: `fresh`, or the one it has.

        It keeps the one it has, or whoever sends an old command of that key again and again would take it away.
        """
        standing = {key: one for key, one in self.given.items() if now_ns < one[1]}
        nonce, until = standing.get(key_id, (fresh, now_ns + NONCE_S * _S))
        return replace(self, given={**standing, key_id: (nonce, until)}), nonce

    def use(self, key_id: str, nonce: bytes, now_ns: int) -> Self | None:
        """Return what is left when a key uses its nonce; None: that is not its nonce, or no longer."""
        given, until = self.given.get(key_id, (b"", 0))
        if not nonce or nonce != given or now_ns >= until:
            return None
        return replace(self, given={key: one for key, one in self.given.items() if key != key_id})


@dataclass(frozen=True, slots=True)
class Accepted:
    """A command that is to be done, once the ledger with it is on disk."""

    signed: Signed
    until_ns: int
    """Monotonic: when it is too late to begin, or to wait for its end."""
    ledger: Ledger
    nonces: Nonces


def judge(
    signed: Signed, topic: str, address: str, ledger: Ledger | None, nonces: Nonces, moment: Moment
) -> Accepted | Refusal:
    """Judge a signed command that came on `topic` to the kiosk `address`. `ledger` None: it cannot be read."""
    command = signed.command
    # 7. for this kiosk, on this command's topic
    if command.audience != address or topic != topic_of(address, command.name):
        return Refusal.ELSEWHERE
    # 8. it is known what has come before
    if ledger is None:
        return Refusal.LEDGER_UNAVAILABLE
    # 9. not accepted before
    if ledger.knows(signed):
        return Refusal.REPEATED
    # 10. fresh: by a nonce that this kiosk has given to this key, or by the clock
    left = nonces.use(signed.key_id, command.nonce, moment.mono_ns)
    if left is not None:
        good_for = float(min(command.longest_s, NONCE_S))
    elif not moment.known:
        return Refusal.CLOCK_UNSET
    elif (late := _out_of_time(command, ledger, moment.unix)) is not None:
        return late
    else:
        good_for = command.expires_at - moment.unix
    until_ns = moment.mono_ns + round(good_for * _S)
    return Accepted(signed, until_ns, ledger.taken(signed, moment), nonces if left is None else left)


def _out_of_time(command: Command, ledger: Ledger, now: float) -> Refusal | None:
    if command.expires_at - command.issued_at > command.longest_s:
        return Refusal.TOO_LONG
    if command.issued_at > now + SKEW_S:
        return Refusal.NOT_YET
    if command.expires_at <= now or (ledger.created is not None and command.issued_at < ledger.created):
        return Refusal.EXPIRED
    return None
