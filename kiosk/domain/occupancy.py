"""How many people are inside: since when they are counted, how full that is, what makes the number a guess."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from kiosk.domain.door_io import Alarm, Mode
from kiosk.domain.events import EventType
from kiosk.domain.policy_terms import RESET_AT, Capacity, Policy

_SLACK = 20
"""An alarm level is left a twentieth below where it was reached, so that a queue at the limit does not ring all day."""


def reset_of(policy: Policy) -> time:
    """Return when a policy's day of counting begins."""
    if policy.capacity is not None:
        return policy.capacity.reset_at
    return policy.passback.reset_at if policy.passback is not None else RESET_AT


def counting_since(now: datetime, reset_at: time) -> datetime:
    """Return when counting began: the newest `reset_at` that is not after `now`, by the clock of its time zone."""
    began = datetime.combine(now.date(), reset_at, tzinfo=now.tzinfo)
    return began if began <= now else began - timedelta(days=1)


def level(people: int, capacity: Capacity, before: int = 0) -> int:
    """Return 0 where there is room, 1 from the first alarm level on, 2 where it is full.

    `before` is the level until now: it is left a little below where it was reached; in small rooms at once.
    """
    slack = capacity.people // _SLACK
    for number, limit in ((2, capacity.people), (1, capacity.first_level)):
        if people >= (max(limit - slack, 1) if before >= number else limit):
            return number
    return 0


def leaves_doubt(kind: EventType, data: Mapping[str, object]) -> bool:
    """Tell whether people may pass uncounted where no sensor tells in from out, or one has passed who knows which way.

    That is while the door stands open to everybody. The end of it counts as well as its beginning, as people are
    counted anew each day, and may be meanwhile.
    """
    match kind:
        case EventType.MODE_CHANGED:
            return Mode.FREE_PASSAGE in (data.get("mode"), data.get("was"))
        case EventType.SCHEDULE_CHANGED:
            return True
        case EventType.ALARM_RAISED | EventType.ALARM_CLEARED:
            return data.get("alarm") in (Alarm.FIRE, Alarm.FIRE_WIRING)
        case EventType.PASSAGE_ENTERED | EventType.PASSAGE_LEFT:
            return data.get("assumed") is True
        case _:
            return False
