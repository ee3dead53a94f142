"""What telemetry says: figures and codes of closed lists, nothing personal. Published on `up/tele/NAME`.

`health`, `door` and `event` come from the gate process, `link` from the bridge. A figure that is not known is null.
Readers pass over keys and codes that they do not know (docs/telemetry.md says how these shapes may grow).
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from kiosk.api.messages import CameraState
from kiosk.domain.door_io import Alarm, DoorState, Mode
from kiosk.domain.events import ClockConfidence

HEALTH, DOOR, EVENT, LINK = "health", "door", "event", "link"
"""The names of what is told."""
LOCAL = frozenset({DOOR, EVENT})
"""What stays on the kiosk's machine and its local broker: the centre has the events themselves."""
_Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}$")]
_Version = Annotated[str, Field(max_length=64)]
_Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    # What is read may come from a newer gate process.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Range(_Part):
    """A figure that varied over the window."""

    min: float
    mean: float
    max: float


class Camera(_Part):
    """How the camera did over the window. Null: vision said nothing."""

    state: CameraState
    fps: Range | None = None
    """Frames captured a second."""
    decoded_fps: Range | None = None
    """Frames a second that were searched for codes."""
    decode_ms: Range | None = None
    """Median time of one search, milliseconds."""
    light: Range | None = None
    """Mean luma of the picture, 0 to 255."""


class Machine(_Part):
    """How the computer did over the window."""

    temperature_c: Range | None = None
    throttled: tuple[_Code, ...] = ()
    """Why a Pi ran slower than it can: under_voltage, frequency_capped, throttled, temperature_limit."""
    disk_used_percent: Annotated[float, Field(ge=0, le=100)] | None = None
    """Of the file system that holds the journal."""
    memory_available_mb: float | None = None
    memory_process_mb: float | None = None
    """Resident memory of the gate process."""
    uptime_s: _Count | None = None
    """Since the machine's start."""


class Queue(_Part):
    """The journal, as the centre sees it."""

    last: _Count
    """The newest event's number."""
    confirmed: _Count
    """All events up to this number are stored at the centre."""
    waiting: Range
    """How many were not, over the window."""
    used_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    """How full the journal is, or its disk where that is fuller; absent: not known yet."""


class Trust(_Part):
    """By what codes are verified."""

    age_s: int
    """Seconds since the oldest part of the trust list was issued; less than 0: the clock is wrong."""
    stale: bool
    """It is too old to make anybody valid."""
    keys: _Count


class Versions(_Part):
    """What runs, and by which documents."""

    kiosk: _Version
    policy: _Version
    trust: _Version
    protocol: _Count


class Health(_Part):
    """`health`: once a minute and, at most every 5 s, at once where a code in it has changed."""

    window_s: _Count
    """How long a time the ranges are about."""
    uptime_s: _Count
    """Since the gate process started."""
    mode: Mode
    faults: tuple[_Code, ...] = ()
    """What keeps the kiosk from its work, as in the events fault.raised."""
    alarms: tuple[Alarm, ...] = ()
    """Alarms that stand."""
    clock: ClockConfidence
    camera: Camera
    machine: Machine
    events: Queue
    trust: Trust
    versions: Versions


class DoorNow(_Part):
    """`door`: whenever it changes, at most once a second. Local."""

    state: DoorState
    """Of several leaves, the one that stands least as it should."""
    mode: Mode
    inside: _Count | None = None
    """People inside; null: not counted here."""
    visits_today: _Count | None = None
    """People who came in since midnight at the venue; null: not counted here."""


class Happened(_Part):
    """`event`: the journal has an event more. Local; its type and nothing else of it."""

    type: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]


class Link(_Part):
    """`link`: what the bridge says of its own work, with each `health`."""

    link: Literal["up", "down", "off"]
    detail: Annotated[str, Field(max_length=64)] = ""
    """Why it is down, or what the broker refuses (docs/protocol.md lists the codes)."""
    gate: bool
    """The gate process is there. Without it there are no events, and no `health`."""
    uptime_s: _Count
    """Since the bridge started."""
    reconnects: _Count
    """Connections made after the first one."""
    refused: _Count
    """PUBACKs that said no."""
    dead_letters: _Count
    """Events that can never be sent."""
    in_flight: _Count
    """Events that wait for a PUBACK."""
    window: _Count
    """How many may."""
    waiting: _Count
    """Events that the centre has not confirmed."""
    confirmed_age_s: _Count | None = None
    """Seconds since the centre last confirmed anything; null: not since the bridge started."""
    memory_process_mb: float | None = None
    """Resident memory of the bridge."""


class Series:
    """Gathers a figure that varies."""

    __slots__ = ("_count", "_max", "_min", "_sum")

    def __init__(self) -> None:
        self._count, self._sum, self._min, self._max = 0, 0.0, 0.0, 0.0

    def add(self, figure: float) -> Self:
        """Take in one figure."""
        self._min = min(self._min, figure) if self._count else figure
        self._max = max(self._max, figure) if self._count else figure
        self._count, self._sum = self._count + 1, self._sum + figure
        return self

    def range(self) -> Range | None:
        """Return what has been gathered, rounded to hundredths; None: nothing."""
        if not self._count:
            return None
        mean = self._sum / self._count
        return Range(min=round(self._min, 2), mean=round(mean, 2), max=round(self._max, 2))
