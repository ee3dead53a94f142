"""Who works at the door: roles, what each may ask of the gate, and the codes by which the gate says no."""

from dataclasses import dataclass
from enum import StrEnum


class StaffRole(StrEnum):
    """What somebody may do at the touchscreen (docs/operate.md)."""

    GUARD = "guard"
    """Stands at the door: looks who is inside, opens it, answers calls."""
    MANAGER = "manager"
    """Runs the venue: all that a guard may, modes, look-up and tracing, the roster, settings, PINs, export."""
    TECHNICIAN = "technician"
    """Looks after the device: its health, self-test, camera, network, time, updates. Never who was here."""


class Refused(StrEnum):
    """Why the gate does not do what was asked for at the touchscreen."""

    SIGNED_OUT = "signed_out"
    """There is no such session, or it has ended."""
    NOT_PERMITTED = "not_permitted"
    """Not for this role."""
    WRONG_PIN = "wrong_pin"
    """How many more may be wrong before none is looked at for a while stands in the answer's `detail`."""
    LOCKED_OUT = "locked_out"
    """Too many wrong PINs; for how long stands in the answer's `detail`, in seconds."""
    NO_PINS = "no_pins"
    """No PIN has been set on this kiosk: `kiosk pin set`."""
    INVALID = "invalid"
    """A value cannot be taken; `detail` names its field."""
    REASON_MISSING = "reason_missing"
    NOT_FOUND = "not_found"
    NOT_NOW = "not_now"
    """The door is in a state in which that cannot be done."""
    BUSY = "busy"
    """The same is under way already."""
    UNAVAILABLE = "unavailable"
    """What it needs is not there: a service, a stick, a device."""
    NOT_RECORDED = "not_recorded"
    """There is no durable journal, and nothing is done without a record."""
    FAILED = "failed"


class RefusedError(Exception):
    """What was asked for is not done. `detail` is a field's name, a number or a code; never what somebody typed."""

    def __init__(self, code: Refused, detail: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who has signed in. `name` is what the PIN is called on this kiosk: a code, no person's name."""

    role: StaffRole
    name: str
