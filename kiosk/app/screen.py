"""What the screen is told: the gate's view and the state of the other processes, as one Snapshot."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.api.messages import CameraState, Page, Snapshot
from kiosk.app.ports import JournalHead
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate import Fault, Gate, View

_PAGES = {
    View.IDLE: Page.IDLE,
    View.CODE_READ: Page.QR_READ,
    View.ADMITTED: Page.ADMITTED,
    View.REFUSED: Page.REFUSED,
    View.STAFF: Page.STAFF,
}


@dataclass(slots=True)
class Line:
    """What the other processes, and the readers in this one, last said of themselves."""

    camera: CameraState = "starting"
    camera_heard_ns: int = 0
    """When vision last spoke; 0: not yet."""
    link: Literal["up", "down", "off"] = "off"
    scanners: dict[str, Literal["ok", "lost"]] = field(default_factory=dict)
    """The scanners of the settings, by name, as soon as they have been looked for."""

    @property
    def scans(self) -> bool:
        """Tell whether a code can be read without the camera."""
        return "ok" in self.scanners.values()


def snapshot(gate: Gate, line: Line, head: JournalHead, clock: ClockConfidence) -> Snapshot:
    """Return what the screen shows. With a fault and nobody being answered, the door is out of order.

    A lost camera is no such fault while a scanner works.
    """
    page, why = _PAGES[gate.view], tuple(reason.value for reason in gate.reasons)
    faults = gate.faults - {Fault.CAMERA} if line.scans else gate.faults
    if gate.view is View.IDLE and faults:
        page, why = Page.OUT_OF_ORDER, tuple(sorted(fault.value.value for fault in faults))
    return Snapshot(
        page=page, visit=gate.visit, reasons=why, next_step=gate.next_step or "", more=gate.more,
        since_ns=gate.since_ns, until_ns=gate.until_ns, camera=line.camera, link=line.link,
        clock=clock.value, waiting=head.last - head.confirmed,
    )  # fmt: skip
