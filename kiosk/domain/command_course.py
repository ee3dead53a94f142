"""How a remote command that was accepted goes on: by what is on record of it, never by what was asked for.

A course begins with `begin`, which says what the gate's machine is to be told; each of the others returns the course
as it stands then. Times are monotonic nanoseconds.
"""

from dataclasses import dataclass, replace
from typing import Self

from kiosk.domain.command import Accepted, Command, CommandName, CommandState, Refusal
from kiosk.domain.door_io import Mode, ModeAsked, OpenAsked
from kiosk.domain.events import Event, EventType
from kiosk.domain.gate_door import shut
from kiosk.domain.gate_state import Gate
from kiosk.domain.reasons import Reason

CENTRE = "centre"
OPENS = frozenset({CommandName.OPEN, CommandName.FREE_PASSAGE})
"""What lets people in: only where the settings allow that from afar."""
ALREADY = "already"
"""The door is run in that way already."""
SUPERSEDED = "superseded"
"""Somebody asked for another mode before this one came into force."""
INTERRUPTED = "interrupted"
"""The process ended before the command did: what it was about to do is not done again."""
_MODES = {
    CommandName.LOCKDOWN: Mode.LOCKDOWN, CommandName.FREE_PASSAGE: Mode.FREE_PASSAGE,
    CommandName.NORMAL: Mode.NORMAL, CommandName.MAINTENANCE: Mode.MAINTENANCE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Course:
    """A command that was accepted, and how far it has got."""

    command: Command
    until_ns: int
    state: CommandState = CommandState.RECEIVED
    code: str = ""
    """Why it ended so; empty: as it was meant to."""
    granted: bool = False
    """Of an opening: it is on record that somebody is let through."""

    @classmethod
    def of(cls, accepted: Accepted) -> Self:
        """Return the course of a command that nothing has been done for."""
        return cls(accepted.signed.command, accepted.until_ns)

    @property
    def is_over(self) -> bool:
        """Tell whether this is its end."""
        return self.state not in (CommandState.RECEIVED, CommandState.RUNNING)

    @property
    def visit(self) -> str:
        """The name that its opening has among visits."""
        return f"command-{self.command.id}"

    def ended(self, state: CommandState, code: str = "") -> Self:
        """Return the course at its end."""
        return replace(self, state=state, code=code)

    def begin(
        self, gate: Gate, now: int, *, may_open: bool, opening: bool = False
    ) -> tuple[Self, OpenAsked | ModeAsked | None]:
        """Return the course as it begins, and what the gate's machine is to be told; None: nothing.

        `may_open`: whether the settings let people be let in from afar; `opening`: an opening is under way already.
        """
        command = self.command
        if now >= self.until_ns:
            return self.ended(CommandState.TIMED_OUT), None
        if command.name in OPENS and not may_open:
            return self.ended(CommandState.REFUSED, Refusal.REMOTE_OPENING_OFF), None
        running = replace(self, state=CommandState.RUNNING)
        mode = _MODES.get(command.name)
        if mode is not None:
            # Told in either case: another mode may be on its way to the journal.
            standing = self.ended(CommandState.DONE, ALREADY)
            return standing if gate.door.mode is mode else running, ModeAsked(mode, CENTRE)
        if command.name is not CommandName.OPEN:
            return running, None
        if opening:
            return self.ended(CommandState.REFUSED, Refusal.BUSY), None
        if shut(gate) is not None:
            return self.ended(CommandState.REFUSED, Refusal.NOT_NOW), None
        return running, OpenAsked(self.visit, CENTRE, command.direction, reason=command.reason)

    def recorded(self, event: Event, gate: Gate) -> Self:
        """Return the course after an event is on record and the machine, now `gate`, has heard of it."""
        if (mode := _MODES.get(self.command.name)) is not None:
            if event.type is not EventType.MODE_CHANGED or event.data.get("mode") != mode.value:
                return self
            # Free passage comes into force with its record, unless somebody has asked for another mode since.
            if gate.door.mode is not mode:
                return self.ended(CommandState.FAILED, SUPERSEDED)
            return self.ended(CommandState.DONE)
        if event.visit != self.visit:
            return self
        match event.type:
            case EventType.VISIT_ADMITTED:
                return replace(self, granted=True)
            case EventType.GATE_RELEASED:
                return self.ended(CommandState.DONE)
            case EventType.VISIT_ANNULLED:
                why = event.data.get("reasons")
                return self.ended(CommandState.FAILED, str(why[0]) if isinstance(why, list) and why else "")
            case _:
                return self

    def unrecorded(self, gate: Gate) -> Self:
        """Return the course after records have failed and the machine, now `gate`, has heard of it."""
        if (mode := _MODES.get(self.command.name)) is not None:
            if gate.door.mode is mode:
                # What locks the door does not wait for a record, and is not undone for the lack of one.
                return self.ended(CommandState.DONE, Reason.JOURNAL_UNAVAILABLE)
            waits = any(isinstance(one.then, ModeAsked) for one in gate.pending)
        else:
            waits = self.granted or any(one.visit == self.visit for one in gate.pending)
        return self if waits else self.ended(CommandState.FAILED, Reason.JOURNAL_UNAVAILABLE)

    def passed(self, now: int) -> Self:
        """Return the course as time has passed."""
        return self.ended(CommandState.TIMED_OUT) if now >= self.until_ns else self
