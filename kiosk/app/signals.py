"""What lamps, buzzer and camera light say: from how the door stands to the level of each line. Pure.

One buzzer has one pitch, so what it says is told apart by rhythm; so are the lamps for whoever sees no difference
between green and red. docs/operate.md has the same table for people.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from kiosk.app.doorway import Doorway
from kiosk.domain.door_io import Alarm, DoorState, Mode, RaisedAlarm, Signal
from kiosk.domain.gate_io import View
from kiosk.domain.lines import Out

MS = 1_000_000
ALARM_SOUND_MS = 15 * 60_000
"""How long an alarm that nobody sees to is heard; its lamp goes on, the neighbours sleep."""
LIGHT_MS = 60_000
"""How long the camera light stays on for one presence: something left before the sensor must not burn it for ever."""
DARK_LUMA = 60.0
"""Mean luma of 255 (`Line.luma`) below which the camera light helps. The camera's exposure aims at 110 while it can."""
_QUIET = frozenset({Alarm.FIRE, Alarm.PASSBACK, Alarm.OCCUPANCY_HIGH, Alarm.OCCUPANCY_FULL})
"""Alarms that nobody at the door has to see to: fire has bells of its own, the others are for the screen and the
centre, and may stand all day while people go in."""
_CLOSED = (Mode.LOCKDOWN, Mode.MAINTENANCE, Mode.OUT_OF_ORDER)
_OF_VIEWS = {View.ADMITTED: Signal.GO, View.REFUSED: Signal.STOP, View.STAFF: Signal.CALL}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """On and off by turns, beginning with on, in milliseconds; once, or for ever."""

    beats: tuple[int, ...]
    again: bool = False

    def on(self, elapsed_ns: int) -> bool:
        """Tell the level at a time after the beginning. Before it, and after a rhythm that has ended: off."""
        whole = sum(self.beats) * MS
        if elapsed_ns < 0 or not whole or (elapsed_ns >= whole and not self.again):
            return False
        ends = tuple(accumulate(self.beats))
        return bisect_right(ends, elapsed_ns % whole // MS) % 2 == 0


_OFF, _ON = Rhythm(()), Rhythm((1_000,), again=True)
_FLASHING = Rhythm((500, 500), again=True)
"""Once a second: far from the three flashes a second that can harm people."""
_LAMPS: Mapping[Signal, tuple[Rhythm, Rhythm]] = {
    Signal.NONE: (_OFF, _OFF),
    Signal.GO: (_ON, _OFF),
    Signal.STOP: (_OFF, _ON),
    Signal.CALL: (_OFF, _FLASHING),
    Signal.ALARM: (_OFF, _FLASHING),
}
"""Green and red."""
_TONES: Mapping[Signal, Rhythm] = {
    Signal.NONE: _OFF,
    Signal.GO: Rhythm((150,)),
    Signal.STOP: Rhythm((300, 150, 300)),
    Signal.CALL: Rhythm((100, 100, 100, 100, 100, 29_500), again=True),
}
_SLOW, _FAST = Rhythm((250, 1_750), again=True), Rhythm((150, 150), again=True)
"""The tones of an alarm of level 1 and of level 2."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to say, at one moment."""

    door: Doorway
    view: View = View.IDLE
    since_ns: int = 0
    """Since when it is shown."""
    light_ns: int = 0
    """As `light_since` returned it."""


def levels(scene: Scene, now_ns: int) -> dict[Out, bool]:
    """Return the level of each lamp, of the buzzer and of the camera light; True is lit or sounding."""
    signal, since_ns = _shown(scene)
    green, red = _LAMPS[signal]
    return {
        Out.LAMP_GREEN: green.on(now_ns - since_ns),
        Out.LAMP_RED: red.on(now_ns - since_ns),
        Out.BUZZER: _heard(scene, now_ns),
        Out.CAMERA_LIGHT: 0 < scene.light_ns <= now_ns < scene.light_ns + LIGHT_MS * MS,
    }


def light_since(since_ns: int, *, present: bool, dark: bool, now_ns: int) -> int:
    """Return since when the camera light has been wanted by whoever is there; 0: it is not.

    `since_ns` is what was returned before. What the light has made bright does not end it, or it would flicker.
    """
    if not present:
        return 0
    return since_ns or (now_ns if dark else 0)


def _alarms(scene: Scene) -> list[RaisedAlarm]:
    """Return the alarms that somebody at the door has to see to and has not seen yet, the oldest first."""
    ours = (alarm for alarm in scene.door.alarms if not alarm.seen and alarm.alarm not in _QUIET)
    return sorted(ours, key=lambda alarm: alarm.since_ns)


def _shown(scene: Scene) -> tuple[Signal, int]:
    """Return what the lamps say, and since when. A door that people may go through comes before everything else."""
    door = scene.door
    closed = door.mode in _CLOSED
    walking = door.admitting and door.leaf is DoorState.OPEN and not closed
    if door.fire or door.open_to_all or door.lets_in or walking:
        return Signal.GO, 0
    if closed or door.leaf is DoorState.FAULT:
        return Signal.STOP, 0
    if scene.view in (View.REFUSED, View.STAFF):
        return _OF_VIEWS[scene.view], scene.since_ns
    alarms = _alarms(scene)
    return (Signal.ALARM, alarms[0].since_ns) if alarms else (Signal.NONE, 0)


def _heard(scene: Scene, now_ns: int) -> bool:
    """Tell whether the buzzer sounds. Nothing of ours is heard over a fire alarm."""
    if scene.door.fire:
        return False
    alarms = [alarm for alarm in _alarms(scene) if now_ns - alarm.since_ns < ALARM_SOUND_MS * MS]
    if alarms:
        worst = max(alarms, key=lambda alarm: alarm.level)
        return (_FAST if worst.level > 1 else _SLOW).on(now_ns - worst.since_ns)
    return _TONES[_OF_VIEWS.get(scene.view, Signal.NONE)].on(now_ns - scene.since_ns)
