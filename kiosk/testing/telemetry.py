"""Telemetry as a gate process and a bridge tell it, with every figure known: what tests show to its readers."""

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import (
    Camera,
    DoorNow,
    Happened,
    Health,
    Link,
    Machine,
    Queue,
    Range,
    Trust,
    Versions,
)
from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.events import ClockConfidence

HEALTH = Health(
    window_s=60, uptime_s=3600, mode=Mode.LOCKDOWN, faults=("camera_dark", "relay_fault"), alarms=(Alarm.DOOR_HELD,),
    clock=ClockConfidence.DRIFTING,
    camera=Camera(
        state="dark", fps=Range(min=25, mean=29.5, max=30), decoded_fps=Range(min=0, mean=11, max=20),
        decode_ms=Range(min=8, mean=9, max=12.5), light=Range(min=0, mean=1.5, max=90),
    ),
    machine=Machine(
        temperature_c=Range(min=48, mean=50.5, max=61), throttled=("under_voltage",), disk_used_percent=42.5,
        memory_available_mb=2048, memory_process_mb=64, uptime_s=86_400,
    ),
    events=Queue(last=120, confirmed=100, waiting=Range(min=0, mean=7.5, max=20)),
    trust=Trust(age_s=7200, stale=False, keys=312),
    versions=Versions(kiosk="0.1.0", policy="lobby-3", trust="2026-06-01", protocol=1),
)  # fmt: skip
DOOR = DoorNow(state=DoorState.HELD, mode=Mode.LOCKDOWN, inside=17, visits_today=230)
LINK = Link(
    link="up", detail="no_subscriber", gate=True, uptime_s=500, reconnects=2, refused=3, dead_letters=1, in_flight=40,
    window=100, waiting=20, confirmed_age_s=4, memory_process_mb=48.5,
)  # fmt: skip


def told(said: Health | DoorNow | Link | Happened) -> Telemetry:
    """Return a part as the message that carries it."""
    names = {Health: "health", DoorNow: "door", Link: "link", Happened: "event"}
    return Telemetry(name=names[type(said)], data=said.model_dump(mode="json"))


def admitted() -> Telemetry:
    """Return what is told when somebody was let in."""
    return told(Happened(type="visit.admitted"))
