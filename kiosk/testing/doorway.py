"""A gate before a door whose relays do what they are told at once, with a journal that is durable at once."""

from dataclasses import dataclass, field
from typing import assert_never

from kiosk.domain import gate as machine
from kiosk.domain.decision import Admit
from kiosk.domain.door_io import DoorSetup, DoorState, Mode
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import MS, Gate, Reopen
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction

TICK_MS = 50


@dataclass(slots=True)
class Doorway:
    """Time in milliseconds, the levels of the relays, and everything that was put on record."""

    setup: DoorSetup = field(default_factory=DoorSetup)
    ms: int = 1_000
    relay_works: bool = True
    """Else its level stays what it is."""
    gate: Gate = field(init=False)
    events: list[EventDraft] = field(default_factory=list)
    reopened: list[Reopen] = field(default_factory=list)
    until: dict[Out, int] = field(default_factory=dict)
    """Up to when each released relay stays so by itself, in milliseconds."""

    def __post_init__(self) -> None:
        self.gate = Gate.of(self.setup)

    # what comes in

    def put(self, event: machine.Input) -> None:
        """Put an input in, and do what comes of it."""
        self.gate, effects = machine.step(self.gate, event, self.ms * MS)
        for effect in effects:
            match effect:
                case machine.Record():
                    self.events.append(effect.draft)
                    self.put(machine.Committed(effect.token))
                case machine.Release():
                    self._drive(effect.out, self.ms + effect.ms)
                case machine.Lock():
                    self._drive(effect.out, 0)
                case Reopen():
                    self.reopened.append(effect)
                case _:
                    assert_never(effect)

    def _drive(self, out: Out, until: int) -> None:
        was = out in self.until
        if not self.relay_works:
            return
        self.until[out] = until
        if until <= self.ms:
            del self.until[out]
        if was is not (out in self.until):
            self.put(machine.RelayMoved(not was, self.ms * MS, out))

    def admit(self, visit: str, *, direction: Direction = Direction.ENTRY, longer: bool = False) -> None:
        """Let somebody in."""
        self.put(machine.Judged(visit, Admit("guests"), direction=direction, longer=longer))

    def sense(self, sense: Sense, *, active: bool = True) -> None:
        """Let a sensor take a level."""
        self.put(machine.Sensed(sense, active, self.ms * MS))

    def pulse(self, sense: Sense) -> None:
        """Let a sensor become active for a moment."""
        self.sense(sense)
        self.after(100)
        self.sense(sense, active=False)

    def walk(self, *, shut: bool = True) -> None:
        """Let somebody open the door, go through the light barrier, and let the door fall shut."""
        self.after(500)
        self.sense(Sense.CONTACT)
        self.after(400)
        self.pulse(Sense.BEAM)
        if shut:
            self.after(800)
            self.sense(Sense.CONTACT, active=False)

    def fire(self, *, active: bool = True) -> None:
        """Let the fire panel raise the alarm, or end it."""
        self.sense(Sense.FIRE_NC, active=active)
        self.sense(Sense.FIRE_NO, active=active)

    def run_as(self, mode: Mode) -> None:
        """Let staff ask for a mode."""
        self.put(machine.ModeAsked(mode, "staff"))

    def after(self, ms: int) -> None:
        """Let time pass."""
        end = self.ms + ms
        while self.ms < end:
            self.ms = min(end, self.ms + TICK_MS)
            for out, until in list(self.until.items()):
                if until <= self.ms:
                    self._drive(out, 0)
            self.put(machine.Tick())

    # what is seen

    @property
    def released(self) -> set[Out]:
        """The relays that are released."""
        return set(self.until)

    @property
    def state(self) -> DoorState:
        """How the first leaf stands."""
        return self.gate.door.leaves[0].state

    @property
    def alarms(self) -> set[str]:
        """The alarms that stand, with their level where it is not the first."""
        return {f"{one.alarm}{f' {one.level}' if one.level > 1 else ''}" for one in self.gate.door.alarms}

    def told(self, kind: EventType) -> list[tuple[str, dict[str, object]]]:
        """Return visit and data of every event of a kind."""
        return [(draft.visit, dict(draft.data)) for draft in self.events if draft.type is kind]

    @property
    def inside(self) -> int:
        """How many people are inside by what was put on record: admissions reserve, annulments give back."""
        admitted = {draft.visit for draft in self.events if draft.type is EventType.VISIT_ADMITTED}
        annulled = {draft.visit for draft in self.events if draft.type is EventType.VISIT_ANNULLED}
        uncounted = sum(draft.count.change for draft in self.events if draft.count is not None)
        return len(admitted - annulled) + uncounted
