"""How the kiosk does: a light for each part, from what is known of it. What to do about it, the screen knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.door_state import Door
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate_io import Fault
from kiosk.domain.gate_state import Gate
from kiosk.domain.trust import TrustList, TrustSource

WARM_C, HOT_C = 70.0, 80.0
"""A Raspberry Pi slows itself down at 80 degrees, and stops at 85."""
FILLING, NEARLY_FULL = 80, 90
"""Percent of the journal, or of its disk: as the alarms of kiosk/adapters/journal_room.py."""
GROWS_OLD = 0.8
"""Of the age that trust lists may have: from here on somebody should see to new ones."""
SCREEN_SILENT_S = 15
"""The screen gives a sign of life every 5 s."""
_BEHIND = 1_000
"""Events that the centre has not confirmed: more than an hour of a busy door."""

Figures = Mapping[str, float | str]


class Part(StrEnum):
    """What has a light of its own."""

    CAMERA = "camera"
    SCANNERS = "scanners"
    DOOR = "door"
    LINK = "link"
    CLOCK = "clock"
    TRUST = "trust"
    STORAGE = "storage"
    SOUND = "sound"
    SCREEN = "screen"
    MACHINE = "machine"


class State(StrEnum):
    """The colour of a light; the screen says it by a shape and a word as well."""

    GOOD = "good"
    CARE = "care"
    """It works, and somebody should see to it."""
    BAD = "bad"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Light:
    """How one part does."""

    part: Part
    state: State
    code: str
    figures: Figures = field(default_factory=dict)


def camera(state: str, fps: float) -> Light:
    """Return how the camera does, by what vision says of it."""
    lights = {"ok": State.GOOD, "starting": State.CARE, "dark": State.CARE}
    figures: Figures = {"frames_per_s": round(fps, 1)} if state == "ok" else {}
    return Light(Part.CAMERA, lights.get(state, State.BAD), f"camera_{state}", figures)


def scanners(states: Mapping[str, str]) -> Light:
    """Return how the scanners do, by name; none is no fault."""
    lost = sum(state != "ok" for state in states.values())
    if not states:
        return Light(Part.SCANNERS, State.GOOD, "scanners_none")
    code = "scanner_lost" if lost else "scanners_ok"
    state = State.GOOD if not lost else State.BAD if lost == len(states) else State.CARE
    return Light(Part.SCANNERS, state, code, dict(states))


def door(gate: Gate) -> Light:
    """Return how the door does: its relay, its sensors, how it stands, how it is run."""
    now = gate.door
    states = {leaf.state for leaf in now.leaves}
    alarms = {one.alarm for one in now.alarms}
    worst = (
        (Fault.RELAY in gate.faults or DoorState.FAULT in states, State.BAD, "relay_fault"),
        (now.fire, State.BAD, "fire"),
        (DoorState.FORCED in states, State.BAD, "door_forced"),
        (Alarm.TAMPER in alarms, State.BAD, "tamper"),
        (now.wiring, State.BAD, "fire_wiring"),
        (bool(now.chattering) or Alarm.SENSOR in alarms, State.CARE, "sensor_fault"),
        (DoorState.HELD in states, State.CARE, "door_held"),
        (now.running is not Mode.NORMAL, State.CARE, f"mode_{now.running.value}"),
    )
    state, code = next(((state, code) for so, state, code in worst if so), (State.GOOD, "door_ok"))
    return Light(Part.DOOR, state, code, _chattering(now))


def _chattering(now: Door) -> Figures:
    return {"sensors": ", ".join(sorted(now.chattering))} if now.chattering else {}


def link(state: str, waiting: int) -> Light:
    """Return how the way to the centre does; without a centre there is none to fail."""
    code = f"link_{state}"
    if state == "off":
        return Light(Part.LINK, State.GOOD, code)
    behind = state == "up" and waiting > _BEHIND
    light = State.GOOD if state == "up" and not behind else State.CARE
    return Light(Part.LINK, light, "link_behind" if behind else code, {"waiting": waiting})


def clock(confidence: ClockConfidence) -> Light:
    """Return how far the clock can be believed."""
    states = {ClockConfidence.SYNCED: State.GOOD, ClockConfidence.DRIFTING: State.CARE}
    return Light(Part.CLOCK, states.get(confidence, State.BAD), f"clock_{confidence.value}")


def trust(lists: TrustList, now: datetime) -> Light:
    """Return how old the trust lists are, each by its name."""
    figures = {f"{source.name or 'trust'}_age_days": source.age(now).days for source in lists.sources}
    stale = [source for source in lists.sources if source.is_stale(now)]
    if not len(lists):
        return Light(Part.TRUST, State.BAD, "trust_none", figures)
    if stale:
        state = State.BAD if len(stale) == len(lists.sources) else State.CARE
        return Light(Part.TRUST, state, "trust_stale", figures)
    if any(_grows_old(source, now) for source in lists.sources):
        return Light(Part.TRUST, State.CARE, "trust_old", figures)
    return Light(Part.TRUST, State.GOOD, "trust_ok", figures)


def _grows_old(source: TrustSource, now: datetime) -> bool:
    return source.age(now) > GROWS_OLD * source.max_age


def storage(gate: Gate, used_percent: int | None) -> Light:
    """Return how the journal and its disk do. None: nobody has looked yet."""
    figures: Figures = {} if used_percent is None else {"used_percent": used_percent}
    if Fault.JOURNAL in gate.faults:
        return Light(Part.STORAGE, State.BAD, "journal_unavailable", figures)
    if used_percent is None:
        return Light(Part.STORAGE, State.CARE, "storage_unknown")
    if used_percent >= NEARLY_FULL:
        return Light(Part.STORAGE, State.BAD, "storage_nearly_full", figures)
    if used_percent >= FILLING:
        return Light(Part.STORAGE, State.CARE, "storage_filling", figures)
    return Light(Part.STORAGE, State.GOOD, "storage_ok", figures)


def sound(state: str, voice: str) -> Light:
    """Return how the loudspeaker and the spoken sentences do, by what the screen says of them.

    A kiosk without a loudspeaker does its work; those who do not see are worse served by it.
    """
    if state == "ok" and voice == "missing":
        return Light(Part.SOUND, State.CARE, "voice_missing")
    states = {"ok": State.GOOD, "off": State.CARE, "none": State.CARE, "unknown": State.CARE}
    return Light(Part.SOUND, states.get(state, State.BAD), f"sound_{state}")


def screen(silent_s: float | None, first_frame_ms: float) -> Light:
    """Return how the touchscreen does. `silent_s`: since its last sign of life; None: it has given none."""
    if silent_s is None or silent_s > SCREEN_SILENT_S:
        return Light(Part.SCREEN, State.BAD, "screen_silent")
    return Light(Part.SCREEN, State.GOOD, "screen_ok", {"first_frame_ms": round(first_frame_ms)})


def machine(temperature_c: float | None, throttled: tuple[str, ...]) -> Light:
    """Return how the computer does: its temperature (None: not known here), and why it runs slower than it could."""
    figures: Figures = {} if temperature_c is None else {"temperature_c": round(temperature_c, 1)}
    degrees = 0.0 if temperature_c is None else temperature_c
    worst = (
        ("under_voltage" in throttled, State.BAD, "under_voltage"),
        (degrees >= HOT_C, State.BAD, "too_hot"),
        (bool(throttled), State.CARE, "slowed_down"),
        (degrees >= WARM_C, State.CARE, "warm"),
    )
    state, code = next(((state, code) for so, state, code in worst if so), (State.GOOD, "machine_ok"))
    return Light(Part.MACHINE, state, code, figures)
