"""What the screen is told: the gate's view and the state of the other processes, as one Snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kiosk.api.messages import CameraState, Hint, Page, Snapshot, SoundState, VoiceState
from kiosk.app.aiming import Aiming
from kiosk.app.doorway import Doorway
from kiosk.app.ports import JournalHead
from kiosk.domain.door_io import Alarm, Mode, RaisedAlarm
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate import Fault, Gate, View
from kiosk.domain.lines import Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction

_PAGES = {
    View.IDLE: Page.IDLE,
    View.CODE_READ: Page.QR_READ,
    View.ADMITTED: Page.ADMITTED,
    View.REFUSED: Page.REFUSED,
    View.STAFF: Page.STAFF,
}
_CLOSED = {Mode.LOCKDOWN: Page.LOCKDOWN, Mode.MAINTENANCE: Page.MAINTENANCE}
ELSEWHERE = frozenset({Alarm.FIRE, Alarm.PASSBACK, Alarm.OCCUPANCY_HIGH})
"""Alarms that the screen at the door says nothing of: fire has a page of its own, the others are for the centre."""
_OF_THE_CAMERA = frozenset({Fault.CAMERA, Fault.CAMERA_DARK, Fault.CAMERA_FROZEN})


@dataclass(slots=True)
class Line:
    """What the other processes last said of themselves."""

    camera: CameraState = "starting"
    moving: bool = False
    """Something moves before the camera."""
    voice: VoiceState = "off"
    luma: float = 255.0
    """Mean luma of the camera's last picture, 0 to 255."""
    camera_heard_ns: int = 0
    """When vision last spoke; 0: not yet."""
    scanners: dict[str, Literal["ok", "lost"]] = field(default_factory=dict)
    """The scanners of the settings, by name, as soon as they have been looked for."""
    hint: Hint | None = None
    """What would help whoever holds up a code, as vision last said it."""
    hint_ns: int = 0
    """When it said so."""
    asked: Hint | None = None
    """The next part of a card, while it is asked for: said before any other hint."""
    asked_ns: int = 0
    """When the part before it was shown."""
    aiming: Aiming = field(default_factory=Aiming)
    """What the camera has read lately."""
    link: Literal["up", "down", "off"] = "off"
    fps: float = 0.0
    """Frames that vision takes a second."""
    screen_heard_ns: int = 0
    """When the touchscreen last gave a sign of life; 0: not yet."""
    first_frame_ms: float = 0.0
    """How long it took to show its first picture."""
    sound: SoundState = "unknown"
    """How its loudspeaker does."""
    journal_percent: int | None = None
    """How full the journal is, or its disk where that is fuller; None: nobody has looked yet."""


def _faults(gate: Gate, line: Line) -> list[str]:
    """Return what keeps visitors from being served: not the camera, while another reader works."""
    other_reader = "ok" in line.scanners.values()
    faults = gate.faults - _OF_THE_CAMERA if other_reader else gate.faults
    return sorted(fault.value.value for fault in faults)


def _resting(gate: Gate, line: Line, door: Doorway) -> tuple[Page, tuple[str, ...]]:
    """Return the page while nobody is answered, and its reasons: of all that is so, what matters most to who comes."""
    if door.mode in _CLOSED:
        return _CLOSED[door.mode], ()
    if door.open_to_all:
        return Page.FREE_PASSAGE, ()
    if door.lets_in:
        # The words hold for as long as the gate does, for whoever needs longer than the answer lasts.
        return Page.ADMITTED, ()
    faults = _faults(gate, line)
    if faults or door.mode is Mode.OUT_OF_ORDER:
        return Page.OUT_OF_ORDER, tuple(faults)
    return Page.IDLE, ()


def pressing(alarms: Sequence[RaisedAlarm]) -> RaisedAlarm | None:
    """Return the alarm that people at the door are told of: unseen before seen, the higher level, the graver kind."""
    told = [alarm for alarm in alarms if alarm.alarm not in ELSEWHERE]
    order = list(Alarm)
    return min(told, key=lambda one: (one.seen, -one.level, order.index(one.alarm)), default=None)


def _somebody(gate: Gate, line: Line) -> bool:
    return Sense.PRESENCE in gate.door.active or line.moving


def _queue(gate: Gate, door: Doorway) -> Literal["", "next", "full"]:
    """Return what whoever is next in the line has to know; nobody waits to go out of a full house."""
    if gate.door.setup.direction is Direction.ENTRY and any(one.alarm is Alarm.OCCUPANCY_FULL for one in door.alarms):
        return "full"
    return "next" if gate.welcomed and door.mode is Mode.NORMAL else ""


def snapshot(gate: Gate, line: Line, head: JournalHead, clock: ClockConfidence) -> Snapshot:
    """Return what the screen shows. With a fault and nobody being answered, the door is out of order."""
    door = Doorway.of(gate.door)
    page, why = _PAGES[gate.view], tuple(reason.value for reason in gate.reasons)
    if door.fire:
        page, why = Page.FIRE, (Reason.FIRE_ALARM.value,)
    elif page is Page.IDLE:
        page, why = _resting(gate, line, door)
    hint = (line.asked or line.hint or Hint(hint="")) if page is Page.IDLE else Hint(hint="")
    alarm = pressing(door.alarms)
    return Snapshot(
        page=page, direction=gate.door.setup.direction, visit=gate.visit,
        reasons=why, next_step=gate.next_step or "", more=gate.more,
        since_ns=gate.since_ns, until_ns=gate.until_ns, camera=line.camera, link=line.link,
        hint=hint.hint, part=hint.part, parts=hint.parts, people=gate.people,
        more_time=door.more_time if page is Page.ADMITTED and door.lets_in else "",
        alarm=alarm.alarm if alarm else None, alarm_level=alarm.level if alarm else 0,
        alarm_seen=alarm is not None and alarm.seen,
        clock=clock.value, waiting=head.last - head.confirmed,
        calls=gate.called, present=_somebody(gate, line), queue=_queue(gate, door) if page is Page.IDLE else "",
    )  # fmt: skip
