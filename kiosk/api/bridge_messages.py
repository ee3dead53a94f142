"""What the gate process and the bridge say to each other. `kiosk.api.messages` has these messages and all others.

The bridge reads events after its cursor, hands over what the centre says, and reports what it has signed as stored.
"""

from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, Field

from kiosk.api.wire_message import WireMessage

MAX_DOCUMENT = 4 << 20
"""Bytes of a document that comes over the line; larger trust documents are imported from a file."""
MAX_STATEMENT = 4096
"""Bytes of a command or a receipt of the centre's."""
MAX_TOPIC = 512
MAX_NUMBER = (1 << 63) - 1
"""The highest number that an event can have: SQLite counts in 64 bits."""
_DIGEST = "^([0-9a-f]{64})?$"

# gate → bridge


class EventRecord(WireMessage):
    """A journal event as stored (kiosk.domain.events.Event says what each field means)."""

    epoch: str
    seq: int
    kiosk: str
    boot: str
    type: str
    visit: str
    time: str
    clock: Literal["synced", "drifting", "unset"]
    mono_ns: int
    data: dict[str, Any]
    sealed: str
    prev: str
    hash: str


class Events(WireMessage):
    """Answer to Fetch: events in order, without a gap, starting with the number after `after`."""

    type: Literal["events"] = "events"
    events: tuple[EventRecord, ...]
    last: int
    """The newest number in the journal."""


class Appended(WireMessage):
    """The journal has grown."""

    type: Literal["appended"] = "appended"
    last: int
    confirmed: int
    """The highest number that the centre has confirmed."""


DocumentKind = Literal["trust", "policy", "settings", "deny", "roster", "results"]
Statement = Annotated[Base64Bytes, Field(max_length=4 * ((MAX_STATEMENT + 2) // 3) + 4)]
"""Signed bytes, as kiosk.verify.statement writes them. On the wire: base64."""
Topic = Annotated[str, Field(min_length=1, max_length=MAX_TOPIC)]


class DocumentAnswer(WireMessage):
    """What became of a document that was offered."""

    type: Literal["document_answer"] = "document_answer"
    kind: DocumentKind
    outcome: Literal["taken", "known", "pending", "refused"]
    """pending: good and stored, and not in force before the process has started anew, as settings do."""
    code: Literal[
        "", "no_key", "unreadable", "unusable", "not_permitted", "not_yet", "older", "elsewhere", "invalid",
        "not_stored", "not_in_force",
    ] = ""  # fmt: skip
    """Why it was refused. no_key: no key that could sign it is there; unusable: not signed by one, or laid out
    otherwise; not_permitted: signed by a key that may not say this; not_yet: dated later than this clock says; older: a
    newer one, or another one of this version, has been here; elsewhere: it is for other kiosks; invalid: its own reader
    refuses the content; not_in_force: stored, but what was in force before is (see the log)."""
    origin: str = Field(default="", max_length=64)
    version: str = Field(default="", max_length=32)
    """Of the document that was taken."""
    sha256: str = Field(default="", pattern=_DIGEST)
    """Which offer it answers, in its words."""


class CommandResult(WireMessage):
    """How far a command of the centre's has come."""

    type: Literal["command_result"] = "command_result"
    id: str = Field(pattern="^([0-9a-f]{2}){1,32}$")
    """The command's own, in hex."""
    command: str = Field(default="", max_length=32)
    state: Literal["received", "running", "done", "failed", "refused", "timed_out"]
    code: str = Field(default="", max_length=32)
    """Why it was refused or has failed."""
    nonce: str = Field(default="", pattern="^([0-9a-f]{2}){0,32}$")
    """With `clock_unset`: what a new command has to repeat within a minute, in hex."""


class Telemetry(WireMessage):
    """How the kiosk is, for whoever looks after it: sent at most once, and worth nothing an hour later."""

    type: Literal["telemetry"] = "telemetry"
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")
    data: dict[str, Any]


# bridge → gate


class DocumentOffer(WireMessage):
    """A document from the centre travels beside this line, in a sealed memory file (SCM_RIGHTS)."""

    type: Literal["document_offer"] = "document_offer"
    kind: DocumentKind
    size: int = Field(gt=0, le=MAX_DOCUMENT)
    sha256: str = Field(default="", pattern=_DIGEST)
    """The document's digest in hex: the answer names it, so that a late one is not taken for that to another offer."""


class CommandOffer(WireMessage):
    """A command of the centre's, as it came: the gate judges it."""

    type: Literal["command_offer"] = "command_offer"
    topic: Topic
    command: Statement
    retained: bool = False
    """The broker had kept it: it was said at some other time, and is refused."""


class Fetch(WireMessage):
    """Give me at most `limit` events after number `after`."""

    type: Literal["fetch"] = "fetch"
    after: int = Field(ge=0, le=MAX_NUMBER)
    limit: int = Field(gt=0, le=200)


class Sent(WireMessage):
    """All events up to this number have been handed to the broker (a PUBACK, and no proof)."""

    type: Literal["sent"] = "sent"
    upto: int = Field(ge=0)


class Stored(WireMessage):
    """The centre's receipt as it came (kiosk.verify.receipt); the gate checks it before it forgets anything."""

    type: Literal["stored"] = "stored"
    receipt: Statement


class DeadLetter(WireMessage):
    """The broker will never take this event as it is: something stands in for it, and the kiosk alone has it whole."""

    type: Literal["dead_letter"] = "dead_letter"
    seq: int = Field(gt=0, le=MAX_NUMBER)
    code: str = Field(pattern="^[a-z0-9_]{1,32}$")
    """Why, e.g. `too_large`, or the broker's own number, as in `puback_0x99`."""


class LinkHealth(WireMessage):
    """Whether the bridge has a session with the broker."""

    type: Literal["link_health"] = "link_health"
    link: Literal["up", "down", "off"]
    detail: str = Field(default="", max_length=64)
    """A short code, e.g. `refused`, `unreachable`, `not_authorised`."""
