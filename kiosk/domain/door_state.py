"""What the door knows: its leaves, who is on the way through, and the alarms that stand."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Self

from kiosk.domain.alarms import Alarms, Change
from kiosk.domain.door_io import DoorKind, DoorOutput, DoorSetup, DoorState, HoldOpen, Mode
from kiosk.domain.events import Count, EventDraft, EventType
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction

MS = 1_000_000


class Cause(StrEnum):
    """What releases a leaf or keeps it locked; `kiosk.domain.door.PRECEDENCE` says which of them comes first."""

    FIRE = "fire"
    FREE_PASSAGE = "free_passage"
    EXIT_BUTTON = "exit_button"
    LOCKDOWN = "lockdown"
    SELF_TEST = "self_test"
    MAINTENANCE = "maintenance"
    OUT_OF_ORDER = "out_of_order"
    COMMAND = "command"
    SCHEDULE = "schedule"
    ADMISSION = "admission"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One thing that a relay releases: a door, a turnstile, one side of a lane, one door of a mantrap."""

    relay: Out
    contact: Sense | None = None
    """The sensor that says whether it is open; None: nothing does."""
    state: DoorState = DoorState.LOCKED
    is_open: bool = False
    opened_ns: int = 0
    """Since when it has stood open without anything that lets it stand so."""
    visit: str = ""
    """For which it was last told to release; empty once it has fallen back, or where no visit was the cause."""
    cause: Cause = Cause.NOTHING
    """Why it was last told to release."""
    told_ns: int = 0
    """When it was last told to release."""
    until_ns: int = 0
    """Up to when; the driver lets it fall back then by itself."""
    open_for: str = ""
    """The visit for which the relay took the released level."""
    released_ns: int = 0
    """When the relay took the released level; 0: it is locked."""
    tried_until_ns: int = 0
    """Up to when a test of the wires releases it, in maintenance."""
    overdue_ns: int = 0
    """When a relay that has not fallen back becomes a fault; 0: nothing is awaited."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody who may go through once: by an admission, a command or the exit button."""

    cause: Cause
    visit: str
    """Empty: nobody knows who it is (exit button)."""
    direction: Direction
    ms: int
    """How long its release lasts."""
    until_ns: int = 0
    """When its release ends; 0: it has not begun (the other door of a mantrap is not shut yet)."""
    annul_ns: int = 0
    """When it is over for who has not gone through."""
    told: bool = False
    """The relay has been told of it."""
    opened: bool = False
    """Its door has been opened, or the other sensor of the passage has seen somebody."""
    stage: int = 0
    """Of a mantrap: 0 at the first door, 1 at the second."""
    pressed_ns: int = 0
    """Of the exit button: when it was pressed."""
    used: bool = False
    """Of the exit button: somebody has gone out by it; others may follow."""


@dataclass(frozen=True, slots=True)
class Door:
    """Everything the door's machine knows."""

    setup: DoorSetup
    leaves: tuple[Leaf, ...]
    mode: Mode = Mode.NORMAL
    """The one that was asked for; `running` is the one in force."""
    active: frozenset[Sense] = frozenset()
    """Sensors that are at their active level."""
    chattering: frozenset[Sense] = frozenset()
    """Sensors whose level says nothing now."""
    split_ns: int = 0
    """Since when the two contacts of the fire input have contradicted each other; 0: they do not."""
    wiring: bool = False
    """They have done so for too long to be on the way from one level to the other."""
    exit_ns: int = 0
    """Since when the exit button has been pressed; 0: it is not."""
    hold: HoldOpen = field(default_factory=HoldOpen)
    first_in: bool = False
    """Somebody has come in since the schedule began to hold the door open."""
    openings: tuple[Opening, ...] = ()
    """Oldest first."""
    ended_ns: int = 0
    """When somebody was last on the way through: who follows at their heels is tailgating."""
    alarms: Alarms = ()

    @classmethod
    def of(cls, setup: DoorSetup) -> Self:
        """Return the door at rest."""
        return cls(setup, tuple(Leaf(relay, contact) for relay, contact in _leaves(setup)))

    @property
    def running(self) -> Mode:
        """The mode in force: out of order while a relay does not obey, unless staff has asked for more than that."""
        broken = any(leaf.state is DoorState.FAULT for leaf in self.leaves)
        return Mode.OUT_OF_ORDER if broken and self.mode is Mode.NORMAL else self.mode

    @property
    def is_blind(self) -> bool:
        """Tell whether nobody knows which doors of a mantrap are shut: none of them is released then, but for fire."""
        watched = {leaf.contact for leaf in self.leaves}
        return self.setup.kind is DoorKind.INTERLOCK and not self.chattering.isdisjoint(watched)

    @property
    def held_open(self) -> bool:
        """Tell whether the schedule holds the door open; two doors of a mantrap that stand unlocked would be none."""
        begun = self.hold.active and (self.first_in or not self.hold.first_person)
        return begun and self.setup.kind is not DoorKind.INTERLOCK

    @property
    def fire(self) -> bool:
        """Tell whether the fire panel says so."""
        return {Sense.FIRE_NC, Sense.FIRE_NO} <= self.active - self.chattering

    def leaf(self, relay: Out) -> Leaf:
        """Return the leaf of a relay; the first one for a relay that this door does not have."""
        return next((leaf for leaf in self.leaves if leaf.relay is relay), self.leaves[0])

    def with_leaf(self, leaf: Leaf) -> Self:
        """Return the door with another state of one leaf."""
        return replace(self, leaves=tuple(leaf if one.relay is leaf.relay else one for one in self.leaves))

    def target(self, opening: Opening) -> Out:
        """Return the relay that lets an opening through now."""
        relays = [leaf.relay for leaf in self.leaves]
        match self.setup.kind:
            case DoorKind.LANE:
                return relays[0] if opening.direction is Direction.ENTRY else relays[-1]
            case DoorKind.INTERLOCK:
                order = relays if opening.direction is Direction.ENTRY else relays[::-1]
                return order[opening.stage]
            case _:
                return relays[0]


def _leaves(setup: DoorSetup) -> tuple[tuple[Out, Sense | None], ...]:
    contact = Sense.CONTACT if Sense.CONTACT in setup.senses else None
    match setup.kind:
        case DoorKind.LANE:
            return (Out.RELAY, None), (Out.EXIT_RELAY, None)
        case DoorKind.INTERLOCK:
            # Without both contacts nobody could tell that a door is shut: the settings refuse that.
            return (Out.RELAY, Sense.CONTACT), (Out.INNER_RELAY, Sense.INNER_CONTACT)
        case _:
            return ((Out.RELAY, contact),)


@dataclass(slots=True)
class Work:
    """One step in the making: the door as it is becoming, and what has come of it so far."""

    door: Door
    now: int
    out: list[DoorOutput] = field(default_factory=list)

    def change(self, **changes: object) -> None:
        """Change what the door knows."""
        self.door = replace(self.door, **changes)  # type: ignore[arg-type]

    def note(self, kind: EventType, visit: str = "", **data: object) -> None:
        """Put on record what has happened."""
        self.out.append(EventDraft(kind, visit, data))

    def count(self, kind: EventType, change: int, **data: object) -> None:
        """Put on record that there are more people inside, or fewer, whom no visit counts."""
        self.out.append(EventDraft(kind, data=data, count=Count(change=change)))

    def alarms(self, change: Change) -> None:
        """Take over what has become of the alarms."""
        alarms, events = change
        if alarms is not self.door.alarms:
            self.change(alarms=alarms)
        self.out += events
