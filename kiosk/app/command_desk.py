"""Remote commands: from the bridge to the gate's machine, and what became of them back to it.

A command is verified and judged, kept in the ledger, put on record, and only then begun: a crash in between means that
it does not happen, and the next start says so. Whatever is refused costs a bounded time and leaves a bounded record.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Protocol

from kiosk.api.messages import CommandOffer, CommandResult, Role
from kiosk.app.command_refusals import RefusalLog
from kiosk.app.ports import Clock, JournalError, Peer, Peers
from kiosk.app.recorder import Recorder
from kiosk.domain import gate as machine
from kiosk.domain.centre import CentreKeys
from kiosk.domain.command import (
    NONCE_SIZE,
    Accepted,
    CommandName,
    CommandState,
    Ledger,
    Moment,
    Nonces,
    Refusal,
    judge,
)
from kiosk.domain.command_course import INTERRUPTED, Course
from kiosk.domain.events import ClockConfidence, Event, EventDraft, EventType
from kiosk.domain.gate import Gate
from kiosk.domain.reasons import Reason
from kiosk.verify import command as commands

A_SECOND = 50
"""Commands that are looked at in a second; a broker that sends more does not keep the door waiting."""
UNSAID = 64
"""Results that are kept for a bridge that is away; the journal has them all."""
_S = 10**9


class LedgerKeeper(Protocol):
    """Keeps the ledger on disk."""

    current: Ledger | None
    """None: it cannot be read."""

    def keep(self, ledger: Ledger) -> None:
        """Put a ledger on the disk in place of the one before. Blocks. Raises OSError."""
        ...


async def _nothing_to_reload() -> str:
    return "not_configured"


@dataclass(frozen=True, slots=True)
class Commanding:
    """How far this kiosk lets itself be commanded. By default it does nothing that it is told from afar."""

    ledger: LedgerKeeper | None = None
    remote_opening: bool = False
    """Whether people may be let in from afar."""
    reload_trust: Callable[[], Awaitable[str]] = _nothing_to_reload
    """Takes trust lists over anew; returns a code where they cannot be used."""
    random: Callable[[int], bytes] = token_bytes


@dataclass(slots=True)
class CommandDesk:
    """Takes commands one after another, and follows those that are under way."""

    setup: Commanding
    address: str
    keys: CentreKeys
    gate: Callable[[], Gate]
    dispatch: Callable[[machine.Input], None]
    recorder: Recorder
    clock: Clock
    peers: Peers
    refusals: RefusalLog = field(init=False)
    _nonces: Nonces = field(default_factory=Nonces)
    _courses: list[Course] = field(default_factory=list)
    """What is under way."""
    _reloads: list[Course] = field(default_factory=list)
    """Commands to reload the trust lists, in their order."""
    _unsaid: deque[CommandResult] = field(default_factory=lambda: deque(maxlen=UNSAID))
    _ends: dict[str, EventDraft] = field(default_factory=dict)
    """Ends that are to be put on record, by the command's id."""
    _over: set[str] = field(default_factory=set)
    """Commands whose end is on record, and which the ledger takes for unfinished."""
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One at a time: each is judged by what the one before it has left in the ledger."""
    _second: tuple[int, int] = (0, 0)
    """When the second began, and how many commands have been looked at since."""

    def __post_init__(self) -> None:
        self.refusals = RefusalLog(self.recorder.note)

    def begin(self, newest: Sequence[Event]) -> None:
        """Say of commands that the last process did not bring to an end that they were interrupted."""
        finished = {str(e.data.get("id")) for e in newest if e.type is EventType.COMMAND_FINISHED}
        ledger = self._ledger
        if ledger is not None:
            unfinished = {key: name.value for key, name in ledger.unfinished.items()}
        else:
            received = [event.data for event in newest if event.type is EventType.COMMAND_RECEIVED]
            unfinished = {str(data.get("id")): str(data.get("command")) for data in received}
        self._over |= finished & unfinished.keys()
        for command_id, name in unfinished.items():
            if command_id not in finished:
                self._finished(command_id, name, CommandState.FAILED, INTERRUPTED)

    def joined(self, bridge: Peer) -> None:
        """Tell a bridge what nobody has been there to hear."""
        while self._unsaid:
            bridge.send(self._unsaid.popleft())

    # a command comes

    async def take(self, offer: CommandOffer) -> None:
        """Judge a command and, where nothing speaks against it, do it."""
        async with self._lock:
            moment = self._moment()
            if not self._has_room(moment.mono_ns):
                self.refusals.refused(Refusal.BUSY, moment.mono_ns)
                return
            signed = commands.verify(offer.command, offer.topic, self.keys, retained=offer.retained)
            if isinstance(signed, Refusal):
                # Nothing in it can be believed, its id included: the answer goes by what anybody can reckon.
                digest = hashlib.sha256(offer.command).digest()[:16].hex()
                self._refuse(digest, _named(offer.topic), signed, moment)
                return
            judged = judge(signed, offer.topic, self.address, self._ledger, self._nonces, moment)
            if isinstance(judged, Refusal):
                nonce = self._give_nonce(signed.key_id, moment) if judged is Refusal.CLOCK_UNSET else ""
                self._refuse(signed.command.id, signed.command.name, judged, moment, nonce)
                return
            await self._accept(judged, moment)

    def _moment(self) -> Moment:
        known = self.clock.confidence() is ClockConfidence.SYNCED
        return Moment(self.clock.now().timestamp(), known, self.clock.mono_ns())

    def _has_room(self, now: int) -> bool:
        since, count = self._second
        self._second = (since, count + 1) if now - since < _S else (now, 1)
        return self._second[1] <= A_SECOND

    def _give_nonce(self, key_id: str, moment: Moment) -> str:
        self._nonces, nonce = self._nonces.give(key_id, self.setup.random(NONCE_SIZE), moment.mono_ns)
        return nonce.hex()

    def _refuse(self, command_id: str, name: str, code: Refusal, moment: Moment, nonce: str = "") -> None:
        self.refusals.refused(code, moment.mono_ns)
        self._tell(command_id, name, CommandState.REFUSED, code, nonce)

    async def _accept(self, accepted: Accepted, moment: Moment) -> None:
        """Keep a command in the ledger and on record; then begin it."""
        command = accepted.signed.command
        try:
            await self._keep(accepted.ledger)
        except OSError:
            self._refuse(command.id, command.name, Refusal.LEDGER_UNAVAILABLE, moment)
            return
        self._nonces = accepted.nonces
        course = Course.of(accepted)
        try:
            await self.recorder.record_now([_received(accepted, course)])
        except JournalError:
            self._end(course.ended(CommandState.FAILED, Reason.JOURNAL_UNAVAILABLE))
            return
        self._tell(command.id, command.name, CommandState.RECEIVED)
        self._begin(course)

    def _begin(self, course: Course) -> None:
        opening = any(one.command.name is CommandName.OPEN for one in self._courses)
        now = self.clock.mono_ns()
        course, told = course.begin(self.gate(), now, may_open=self.setup.remote_opening, opening=opening)
        if not course.is_over:
            self._tell(course.command.id, course.command.name, course.state)
        if told is not None:
            if not course.is_over:
                self._courses.append(course)
            self.dispatch(told)
        elif not course.is_over:
            # Reading hundreds of certificates takes seconds: a lockdown must not wait for that.
            self._reloads.append(course)
            self._woken.set()
        if course.is_over:
            self._end(course)

    # a command goes on

    def recorded(self, event: Event) -> None:
        """Take note that an event is on record, and that the machine has heard of it."""
        self._follow(lambda course: course.recorded(event, self.gate()))

    def unrecorded(self) -> None:
        """Take note that records have failed, and that the machine has heard of it."""
        self._follow(lambda course: course.unrecorded(self.gate()))

    def watch(self) -> None:
        """Let time pass."""
        now = self.clock.mono_ns()
        self.refusals.watch(now)
        self._follow(lambda course: course.passed(now))

    def _follow(self, step: Callable[[Course], Course]) -> None:
        courses, self._courses = [step(course) for course in self._courses], []
        for course in courses:
            if course.is_over:
                self._end(course)
            else:
                self._courses.append(course)

    # its end

    def _end(self, course: Course) -> None:
        self._finished(course.command.id, course.command.name, course.state, course.code)

    def _finished(self, command_id: str, name: str, state: CommandState, code: str) -> None:
        self._ends[command_id] = EventDraft(
            EventType.COMMAND_FINISHED,
            data={"id": command_id, "command": name, "state": state.value, "code": code},
            mono_ns=self.clock.mono_ns(),
        )
        self._woken.set()
        self._tell(command_id, name, state, code)

    def _tell(self, command_id: str, name: str, state: CommandState, code: str = "", nonce: str = "") -> None:
        result = CommandResult(id=command_id, command=name, state=state.value, code=code, nonce=nonce)
        bridges = self.peers.of(Role.BRIDGE)
        for bridge in bridges:
            bridge.send(result)
        if not bridges:
            self._unsaid.append(result)

    async def keep(self) -> None:
        """Reload lists and put ends on record, for ever."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            await self.settle()

    async def settle(self) -> None:
        """Reload the lists where that is asked for, and put the ends that there are on record.

        Only then does the ledger forget that they were to come.
        """
        while self._reloads:
            course = self._reloads.pop(0)
            code = await self.setup.reload_trust()
            self._end(course.ended(CommandState.FAILED if code else CommandState.DONE, code))
        ends, self._ends = self._ends, {}
        if not ends:
            return
        try:
            await self.recorder.record_now(tuple(ends.values()))
        except JournalError:
            self.recorder.note(*ends.values())  # kept for when it works again
        async with self._lock:
            self._over |= ends.keys()
            ledger = self._ledger
            if ledger is not None and self._over & ledger.unfinished.keys():
                with suppress(OSError):  # with the next command, then
                    await self._keep(ledger)

    @property
    def _ledger(self) -> Ledger | None:
        return self.setup.ledger.current if self.setup.ledger is not None else None

    async def _keep(self, ledger: Ledger) -> None:
        """Put a ledger on the disk, without the commands that are over. Raises OSError."""
        over = self._over & ledger.unfinished.keys()
        for command_id in over:
            ledger = ledger.finished(command_id)
        if self.setup.ledger is not None:
            await asyncio.to_thread(self.setup.ledger.keep, ledger)
        self._over.clear()


def _named(topic: str) -> str:
    """Return the name of the command that a topic is for, empty where it is for none."""
    name = topic.rpartition("/")[2]
    return name if name in frozenset(CommandName) else ""


def _received(accepted: Accepted, course: Course) -> EventDraft:
    """Return the record that comes before the act."""
    command = accepted.signed.command
    said: dict[str, object] = {"id": command.id, "command": command.name.value, "by": list(accepted.signed.by)}
    if command.name is not CommandName.OPEN:
        return EventDraft(EventType.COMMAND_RECEIVED, data=said)
    said |= {"direction": command.direction.value} | ({"reason": command.reason} if command.reason else {})
    return EventDraft(EventType.COMMAND_RECEIVED, course.visit, said)
