"""Wire messages between the four processes: JSON lines over Unix sockets that the gate process owns.

Who says what (DESIGN section 2): vision sends Scans and its health, never decisions; the screen sends
Intents, never 'open'; the bridge reads events after its cursor and reports what the centre has stored.
All times are CLOCK_MONOTONIC nanoseconds, which all processes of one machine share.
"""

from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import Base64Bytes, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError

from kiosk.api.bridge_messages import (
    MAX_DOCUMENT,
    MAX_NUMBER,
    MAX_STATEMENT,
    MAX_TOPIC,
    Appended,
    CommandOffer,
    CommandResult,
    DeadLetter,
    DocumentAnswer,
    DocumentKind,
    DocumentOffer,
    EventRecord,
    Events,
    Fetch,
    LinkHealth,
    Sent,
    Stored,
    Telemetry,
)
from kiosk.api.form_messages import FormFilled, FormTaken
from kiosk.api.manager import Answer, Ask
from kiosk.api.wire_message import WireMessage
from kiosk.domain.door_io import Alarm
from kiosk.domain.situation import Direction
from kiosk.domain.symbology import Symbology

__all__ = [
    "MAX_CODE", "MAX_DOCUMENT", "MAX_LINE", "MAX_NUMBER", "MAX_STATEMENT", "MAX_TOPIC", "PROTOCOL_VERSION",
    "WITH_FILE", "Answer", "Appended", "Ask", "CameraState", "CommandOffer", "CommandResult", "DeadLetter",
    "DocumentAnswer", "DocumentKind", "DocumentOffer", "EventRecord", "Events", "Fetch", "FormFilled",
    "FormTaken", "Hello", "Hint", "Intent", "LinkHealth", "Message", "Page", "PreviewOffer", "PreviewWanted", "Role",
    "Scan", "Sent", "Snapshot", "SoundState", "Stored", "Telemetry", "Trace", "UiHealth", "VisionHealth",
    "VoiceState", "Welcome", "WireError", "decode", "encode",
]  # fmt: skip

PROTOCOL_VERSION = 1
MAX_LINE = 1 << 20
"""Bytes a line may have. Only batches of events come near it."""
MAX_CODE = 4096
"""Bytes that a code may hold (DESIGN section 7, rule 1); the largest QR code holds 2,953."""


class WireError(ValueError):
    """A line that is not a known message."""


class Role(StrEnum):
    """A socket of the gate process: `<run directory>/<role>.sock`."""

    VISION = "vision"
    UI = "ui"
    BRIDGE = "bridge"
    MONITOR = "monitor"
    """Read-only trace of the path for `kiosk demo` and `kiosk bench`; off unless configured."""


class Page(StrEnum):
    """What the visitor's screen shows (the states of the visitor table)."""

    IDLE = "idle"
    QR_READ = "qr_read"
    ALIGN = "align"
    """A face is looked for."""
    CHECKING = "checking"
    ADMITTED = "admitted"
    REFUSED = "refused"
    STAFF = "staff"
    OUT_OF_ORDER = "out_of_order"
    LOCKDOWN = "lockdown"
    MAINTENANCE = "maintenance"
    FREE_PASSAGE = "free_passage"
    """The door stands open to everybody."""
    FIRE = "fire"


class Hello(WireMessage):
    """First line of every client."""

    type: Literal["hello"] = "hello"
    role: Role
    version: int = PROTOCOL_VERSION
    pid: int = 0


class Welcome(WireMessage):
    """First line of the gate process to every client."""

    type: Literal["welcome"] = "welcome"
    kiosk: str
    epoch: str
    version: int = PROTOCOL_VERSION
    settings: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    """The SHA-256 of the centre's settings that the gate goes by, in hex; empty: of none. Who was started with others
    had better start anew."""


# vision → gate


def _symbology(value: object) -> object:
    """Read the name that messages had before there was another symbology."""
    return Symbology.QR if value == "QRCode" else value


class Scan(WireMessage):
    """A code that has come into view: once for as long as it stays there."""

    type: Literal["scan"] = "scan"
    scan: str = Field(min_length=1, max_length=64)
    """Unique per vision process: names the visit in everything that follows."""
    data: Base64Bytes = Field(max_length=4 * ((MAX_CODE + 2) // 3) + 4)
    """The exact bytes of the code. On the wire: base64."""
    symbology: Annotated[Symbology, BeforeValidator(_symbology)] = Symbology.QR
    """What it was read from. A Code 128 is a sample's label, and no QR code is one."""
    reader: str = Field(default="camera", pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    """What read it: the camera, or the name of a scanner of the settings."""
    beside: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(default=(), max_length=16)
    """Scans of the other codes in view at the same moment, whether new or held for some time."""
    frame_ns: int
    """When the frame that was read had been captured."""
    read_ns: int
    """When the code had been decoded."""


class Hint(WireMessage):
    """What would help to read the code that somebody holds up: sent when it changes, empty when it is over."""

    type: Literal["hint"] = "hint"
    hint: Literal["", "closer", "farther", "light", "still", "tilt", "flat", "next_part"]
    """closer, farther: the code is too small or too near; light: too dark; still: smeared by motion; tilt: glare;
    flat: bent or creased;
    next_part: a symbol of several has been read, show the next."""
    part: int = Field(default=0, ge=0, le=16)
    parts: int = Field(default=0, ge=0, le=16)
    """With next_part: how many of how many have been read."""


CameraState = Literal["ok", "starting", "lost", "dark", "frozen"]
"""dark: frames come and show nothing (a covered lens); frozen: the same frame comes again and again."""


class VisionHealth(WireMessage):
    """Once a second, and at once when the state changes."""

    type: Literal["vision_health"] = "vision_health"
    camera: CameraState
    source: str = Field(max_length=64)
    fps: float = 0.0
    """Frames captured a second."""
    decoded_fps: float = 0.0
    decode_ms: float = 0.0
    """Median time of one decode over the last second."""
    light: float = 0.0
    """Mean luma of the last frame, 0 to 255."""
    read_fps: float = 0.0
    """Frames a second in which a code was read."""
    moving: bool = False


class PreviewOffer(WireMessage):
    """A memory file with the newest picture travels beside this line (SCM_RIGHTS): vision → gate → ui.

    Its layout is in `kiosk.api.preview`.
    """

    type: Literal["preview_offer"] = "preview_offer"
    width: int = Field(gt=0, le=1920)
    height: int = Field(gt=0, le=1080)


# gate → vision


class PreviewWanted(WireMessage):
    """Whether anybody looks at the preview; without that, vision writes none and zeroes what it wrote."""

    type: Literal["preview_wanted"] = "preview_wanted"
    wanted: bool
    steady: bool = False
    """Somebody aims the camera: for some seconds the picture is written though nothing moves."""


# gate → ui


class Snapshot(WireMessage):
    """Everything the visitor's screen needs, whole each time. Holds nothing personal."""

    type: Literal["snapshot"] = "snapshot"
    page: Page
    direction: Direction = Direction.ENTRY
    """Which way this kiosk lets people go."""
    visit: str = ""
    reasons: tuple[str, ...] = ()
    """Codes of kiosk.domain.reasons.Reason, most telling first."""
    next_step: str = ""
    """Code of kiosk.domain.reasons.NextStep, or empty."""
    more: bool = False
    """On `refused`: what was shown is good but not enough alone (decision Need)."""
    since_ns: int = 0
    until_ns: int = 0
    """When the page will end by itself; 0: it will not."""
    camera: CameraState = "starting"
    hint: str = Field(default="", max_length=32)
    """On `idle`: what would help to read a code that is held up (see Hint); on `align`, what would help to see a face
    (kiosk.domain.align); empty: nothing to say."""
    part: int = 0
    parts: int = 0
    """With the hint `next_part`: how many of how many symbols have been read."""
    people: int = 1
    """On `admitted`: how many people these words are for; more than one after codes that were in view together."""
    more_time: Literal["", "offered", "given"] = ""
    """On `admitted`: whether whoever is on the way through may ask for longer, or has got it."""
    alarm: Alarm | None = None
    """The most pressing alarm that people at the door can do something about."""
    alarm_level: int = Field(default=0, ge=0, le=2)
    alarm_seen: bool = False
    """Staff has confirmed it."""
    link: Literal["up", "down", "off"] = "off"
    """Whether the centre can be reached; `off`: none is configured."""
    clock: Literal["synced", "drifting", "unset"] = "synced"
    waiting: int = 0
    """Events that the centre has not confirmed yet."""
    calls: int = Field(default=0, ge=0)
    """On `staff`: how often staff has been called for it."""
    present: bool = False
    """Somebody is before the door, by its sensor or by what moves before the camera."""
    queue: Literal["", "next", "full"] = ""
    """On `idle`: what the next one in the line has to know. next: whoever was answered last was let in, at `since_ns`;
    full: there is no room inside."""


# ui → gate


class Intent(WireMessage):
    """What a person did at the screen."""

    type: Literal["intent"] = "intent"
    intent: Literal["touch", "help", "help_over", "staff_done", "longer", "alarms_seen"]
    """touch: give me longer to read; help: call staff; help_over: I called staff and need nobody any more; staff_done:
    staff has come, clear the page; longer: I need more time at the gate; alarms_seen: staff has seen the alarms."""


SoundState = Literal["ok", "none", "failed", "off", "unknown"]
"""none: the machine has no sound device or player; failed: it has one, and it does not play; off: by the settings;
unknown: the screen has not said yet."""
VoiceState = Literal["ok", "missing", "off"]
"""Of the spoken sentences. missing: they have not been made on this machine (`scripts/voices`)."""


class UiHealth(WireMessage):
    """The screen's sign of life: once after the first frame is shown, then every 5 s."""

    type: Literal["ui_health"] = "ui_health"
    first_frame_ms: float
    page: str = Field(max_length=32)
    """The page that is on the screen now."""
    shown_ns: int
    """When it was drawn."""
    sound: SoundState = "unknown"
    """How the loudspeaker does."""
    voice: VoiceState = "off"


# gate → monitor


class Trace(WireMessage):
    """A step of the path, for people and benches. Holds nothing that a code contained."""

    type: Literal["trace"] = "trace"
    step: Literal[
        "part", "seen", "decided", "recorded", "relay_on", "relay_off", "page", "sent", "confirmed", "health",
        "fault",
    ]  # fmt: skip
    at_ns: int
    visit: str = ""
    seq: int = 0
    data: dict[str, Any] = Field(default_factory=dict)


Message = (
    Hello | Welcome | Scan | Hint | VisionHealth | PreviewOffer | PreviewWanted | Snapshot | Intent | UiHealth
    | Events | Appended | DocumentAnswer | CommandResult | Telemetry | DocumentOffer | CommandOffer | Fetch | Sent
    | Stored | DeadLetter | LinkHealth | Trace | Ask | Answer | FormFilled | FormTaken
)  # fmt: skip

WITH_FILE = (PreviewOffer, DocumentOffer)
"""Messages that a descriptor travels beside."""

_TYPES: tuple[type[BaseModel], ...] = get_args(Message)
_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])


def encode(message: Message) -> bytes:
    """Return a message as one line, line feed included."""
    return message.model_dump_json().encode() + b"\n"


def decode(line: bytes) -> Message:
    """Read one line. Raises WireError with a text that repeats nothing of the line's content."""
    if len(line) > MAX_LINE:
        raise WireError("the line is too long")
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        # Of the error's place only what this side knows is told: an unknown key is the peer's own text.
        known = {name for message in _TYPES for name in (message.model_fields["type"].default, *message.model_fields)}
        where = ".".join(str(part) for part in first["loc"] if part in known)
        raise WireError(f"not a known message: {first['type']} at {where or 'its start'}") from None
