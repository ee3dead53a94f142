"""Events: immutable, numbered facts, each bound to the one before it by a hash."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

GENESIS = "0" * 64
"""What stands for 'the hash before' in the first event of a journal."""


class EventType(StrEnum):
    """Everything that the journal knows how to say."""

    KIOSK_STARTED = "kiosk.started"
    VISIT_ADMITTED = "visit.admitted"
    VISIT_DENIED = "visit.denied"
    VISIT_NEEDS_MORE = "visit.needs_more"
    VISIT_ANNULLED = "visit.annulled"
    GATE_RELEASED = "gate.released"
    GATE_LOCKED = "gate.locked"
    GATE_INTERRUPTED = "gate.interrupted"
    PASSAGE_ENTERED = "passage.entered"
    """Somebody has gone in; without a visit: whom nobody admitted."""
    PASSAGE_LEFT = "passage.left"
    EXIT_REQUESTED = "exit.requested"
    MODE_CHANGED = "mode.changed"
    SCHEDULE_CHANGED = "schedule.changed"
    """The hours in which the door stands unlocked have begun or ended."""
    ALARM_RAISED = "alarm.raised"
    ALARM_CLEARED = "alarm.cleared"
    ALARM_SEEN = "alarm.seen"
    """Staff has seen the alarms that stand: no more sound, no second level."""
    OCCUPANCY_SET = "occupancy.set"
    """Staff has counted who is inside."""
    STAFF_CALLED = "staff.called"
    STAFF_NOT_NEEDED = "staff.not_needed"
    """Whoever had asked for a person at the screen has said that it is over."""
    STAFF_SIGNED_IN = "staff.signed_in"
    STAFF_REFUSED = "staff.refused"
    """A PIN at the touchscreen was wrong."""
    STAFF_LOCKED_OUT = "staff.locked_out"
    """After too many wrong PINs none is looked at for a while."""
    STAFF_SIGNED_OUT = "staff.signed_out"
    STAFF_ACTED = "staff.acted"
    """Staff has done something with the door at the touchscreen, or was about to."""
    PINS_CHANGED = "pins.changed"
    """Somebody has been given a PIN for the touchscreen, or it was taken away."""
    SELF_TEST_MADE = "self_test.made"
    """Somebody has tried the kiosk's wires, or was about to release a relay for that."""
    FAULT_RAISED = "fault.raised"
    FAULT_CLEARED = "fault.cleared"
    DECLARATION_MADE = "declaration.made"
    """Somebody has filled in a form at the touchscreen; what it says only sealed."""
    LOOKUP_MADE = "lookup.made"
    """Somebody has asked why a visitor was let in or not (`kiosk explain`)."""
    RECORDS_CONSULTED = "records.consulted"
    """Somebody has asked who was here, or taken events out."""
    TRUST_CHANGED = "trust.changed"
    TRUST_REFUSED = "trust.refused"
    DOCUMENT_CHANGED = "document.changed"
    """A document from the centre has come into force: policy, settings, a list."""
    DOCUMENT_REFUSED = "document.refused"
    ROSTER_CHANGED = "roster.changed"
    """At the touchscreen, staff has said who belongs here."""
    SETTINGS_CHANGED = "settings.changed"
    """Somebody has changed settings at the touchscreen, or undone that; or the kiosk has given them up."""
    DEVICE_CHANGED = "device.changed"
    """Somebody has told the machine at the touchscreen: its network, its clock, an update, a new start."""
    COMMAND_RECEIVED = "command.received"
    """A remote command is signed by whoever may give it, and is new: it is about to be done."""
    COMMAND_FINISHED = "command.finished"
    COMMAND_REFUSED = "command.refused"
    """What came as remote commands and was forged, repeated or late: how many, by their code."""
    JOURNAL_SALVAGED = "journal.salvaged"
    """An event of a journal that was set aside, with all its fields."""
    JOURNAL_GAP = "journal.gap"
    """Numbers of a journal whose events cannot be read any more."""


class ClockConfidence(StrEnum):
    """How far the wall clock can be believed (DESIGN section 5)."""

    SYNCED = "synced"
    DRIFTING = "drifting"
    UNSET = "unset"


@dataclass(frozen=True, slots=True)
class Count:
    """What an event changes in the kiosk's counts, together with its record."""

    who: bytes = b""
    """Keyed hash of the credential whose use counts; empty: of none."""
    change: int = 0
    """How many people more are inside."""
    until: int = 0
    """Unix time up to which the use has to be remembered."""
    person: bytes = b""
    """Keyed hash of the person who is inside from now on, or outside; empty: of nobody."""
    unsure: bool = False
    """From now on people may have passed uncounted."""


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event to be written. `personal` never reaches the journal unsealed."""

    type: EventType
    visit: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    mono_ns: int = 0
    """When it happened; 0: when it is written."""
    count: Count | None = None
    """What it counts; not a part of the event."""
    kept: bytes = b""
    """Inputs of a replay, as kiosk.verify.replay writes them: encrypted beside the event, never part of it, and never
    sent anywhere."""
    terms: tuple[bytes, ...] = ()
    """By what whoever is let in can be looked up (kiosk.domain.look_up): hashed under the key of the day beside the
    event, never part of it, and never sent anywhere."""


@dataclass(frozen=True, slots=True)
class Event:
    """A written event. `sealed` is base64 of a libsodium sealed box, or empty."""

    epoch: str
    seq: int
    kiosk: str
    boot: str
    type: EventType
    visit: str
    time: str
    """Wall clock, ISO 8601 in UTC, to be believed as far as `clock` says."""
    clock: ClockConfidence
    mono_ns: int
    data: Mapping[str, object]
    sealed: str
    prev: str
    hash: str = ""


def canonical(event: Event) -> bytes:
    """Return the bytes that an event's hash covers: every field but the hash, as sorted compact JSON."""
    body = {
        "boot": event.boot,
        "clock": event.clock,
        "data": dict(event.data),
        "epoch": event.epoch,
        "kiosk": event.kiosk,
        "mono_ns": event.mono_ns,
        "prev": event.prev,
        "sealed": event.sealed,
        "seq": event.seq,
        "time": event.time,
        "type": event.type,
        "visit": event.visit,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(event: Event) -> str:
    """Return the SHA-256 of an event's canonical bytes, in hex."""
    return hashlib.sha256(canonical(event)).hexdigest()


def follows(event: Event, prev: str) -> bool:
    """Tell whether `event` is whole and was written after the event whose hash is `prev`."""
    return event.prev == prev and event.hash == digest(event)
