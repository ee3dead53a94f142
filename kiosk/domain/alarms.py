"""Alarms that stand: raised once, raised to level 2 where nobody comes, ended by their cause or by staff."""

from dataclasses import replace

from kiosk.domain.door_io import Alarm, RaisedAlarm
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.lines import Out, Sense

MS = 1_000_000
MOMENTS = frozenset({Alarm.TAILGATING, Alarm.WRONG_DIRECTION, Alarm.PASSBACK})
"""Alarms about something that has happened: they end when staff has seen them, or with time."""
MOMENT_MS = 300_000
"""How long such an alarm stands where nobody sees it."""
GROWING = frozenset(
    {
        Alarm.DOOR_FORCED, Alarm.DOOR_HELD, Alarm.TAMPER, Alarm.TAILGATING, Alarm.WRONG_DIRECTION, Alarm.PASSBACK,
        Alarm.SENSOR, Alarm.FIRE_WIRING,
    }
)  # fmt: skip
"""Alarms that are raised to level 2 where nobody sees to them. Fire has its own panel, and occupancy two levels."""

Alarms = tuple[RaisedAlarm, ...]
Change = tuple[Alarms, tuple[EventDraft, ...]]


def stands(alarms: Alarms, alarm: Alarm, where: Out | Sense | None = None) -> bool:
    """Tell whether an alarm stands."""
    return any((one.alarm, one.where) == (alarm, where) for one in alarms)


def raised(alarms: Alarms, alarm: Alarm, now: int, where: Out | Sense | None = None, visit: str = "") -> Change:
    """Raise an alarm, unless it stands."""
    if stands(alarms, alarm, where):
        return alarms, ()
    new = RaisedAlarm(alarm, now, where=where)
    return (*alarms, new), (_event(EventType.ALARM_RAISED, new, visit),)


def cleared(alarms: Alarms, alarm: Alarm, where: Out | Sense | None = None) -> Change:
    """End an alarm, where it stands."""
    if not alarms:
        return alarms, ()
    over = tuple(one for one in alarms if (one.alarm, one.where) == (alarm, where))
    return _without(alarms, over)


def seen(alarms: Alarms) -> Change:
    """Take note that staff has seen the alarms; those about a moment are over with that."""
    new = [one.alarm.value for one in alarms if not one.seen]
    noted = tuple(replace(one, seen=True) for one in alarms)
    kept, ended = _without(noted, tuple(one for one in noted if one.alarm in MOMENTS))
    return kept, ((EventDraft(EventType.ALARM_SEEN, data={"alarms": new}), *ended) if new else ended)


def passed_time(alarms: Alarms, now: int, escalate_ms: int) -> Change:
    """Raise to level 2 what nobody has seen for long, and end what was only a moment."""
    if not alarms:
        return alarms, ()
    over = tuple(one for one in alarms if one.alarm in MOMENTS and now - one.since_ns >= MOMENT_MS * MS)
    kept, events = _without(alarms, over)
    grown = tuple(
        replace(one, level=2)
        if one.alarm in GROWING and one.level == 1 and not one.seen and now - one.since_ns >= escalate_ms * MS
        else one
        for one in kept
    )
    higher = tuple(_event(EventType.ALARM_RAISED, new) for old, new in zip(kept, grown, strict=True) if old != new)
    return grown, (*events, *higher)


def _without(alarms: Alarms, over: Alarms) -> Change:
    kept = tuple(one for one in alarms if one not in over)
    return kept, tuple(_event(EventType.ALARM_CLEARED, one) for one in over)


def _event(kind: EventType, alarm: RaisedAlarm, visit: str = "") -> EventDraft:
    where = {} if alarm.where is None else {"where": alarm.where.value}
    return EventDraft(kind, visit, {"alarm": alarm.alarm.value, "level": alarm.level, **where})
