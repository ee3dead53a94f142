"""Who may sign in at the touchscreen of a demonstration. On a real kiosk nobody may, until somebody is given a PIN."""

from collections.abc import Mapping
from pathlib import Path

from kiosk.adapters.pins import PinFile
from kiosk.domain.staff import Staff, StaffRole

PINS: Mapping[StaffRole, str] = {
    StaffRole.MANAGER: "246813", StaffRole.GUARD: "135792", StaffRole.TECHNICIAN: "975310",
}  # fmt: skip


def give_pins(state: Path) -> str:
    """Give each role its PIN, in a state folder that is there; return the sentence that tells of them."""
    pins = PinFile(state)
    for role, pin in PINS.items():
        pins.put(Staff(role, role.value), pin)
    return "PINs of this demonstration: " + ", ".join(f"{pin} ({role.value})" for role, pin in PINS.items())
