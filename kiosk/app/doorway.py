"""How the door stands, as far as people before the kiosk have to know: what lamps, buzzer and screen go by."""

from dataclasses import dataclass
from typing import Literal, Self

from kiosk.domain.door_io import DoorState, Mode, RaisedAlarm
from kiosk.domain.door_state import Cause, Door
from kiosk.domain.situation import Direction

MoreTime = Literal["", "offered", "given"]
"""Whether whoever is on the way through may ask for longer, or has got it."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """One moment of the door."""

    mode: Mode = Mode.NORMAL
    """The one in force."""
    fire: bool = False
    held_open: bool = False
    """The schedule holds it open to everybody."""
    leaf: DoorState = DoorState.LOCKED
    """The leaf that people at the kiosk go through: of a lane the side, of a mantrap the door that they stand at."""
    admitting: bool = False
    """Somebody who was let in has still to go through it. The exit button invites nobody from outside."""
    more_time: MoreTime = ""
    alarms: tuple[RaisedAlarm, ...] = ()

    @classmethod
    def of(cls, door: Door) -> Self:
        """Return what is to be known of a door."""
        way = door.setup.direction
        leaf = door.leaves[0 if way is Direction.ENTRY else -1]
        going = [
            one
            for one in door.openings
            if one.until_ns and one.cause is not Cause.EXIT_BUTTON and one.direction is way
            and door.target(one) is leaf.relay
        ]
        longer = [one.ms >= door.setup.longer_ms for one in going]
        more_time: MoreTime = "" if not longer else "given" if longer[-1] else "offered"
        return cls(door.running, door.fire, door.held_open, leaf.state, bool(going), more_time, door.alarms)

    @property
    def open_to_all(self) -> bool:
        """Tell whether people may go through without a code. In a fire they go out."""
        return self.mode is Mode.FREE_PASSAGE or self.held_open

    @property
    def lets_in(self) -> bool:
        """Tell whether somebody who was let in can go through now."""
        return self.admitting and self.leaf is DoorState.RELEASED
