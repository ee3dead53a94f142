"""What the screen is told: the gate's view and the state of the other processes, as one Snapshot."""

from dataclasses import dataclass
from typing import Literal

from kiosk.api.messages import CameraState, Page, Snapshot
from kiosk.app.ports import JournalHead
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate import Gate, View

_PAGES = {
    View.IDLE: Page.IDLE,
    View.CODE_READ: Page.QR_READ,
    View.ADMITTED: Page.ADMITTED,
    View.REFUSED: Page.REFUSED,
    View.STAFF: Page.STAFF,
}


@dataclass(slots=True)
class Line:
    """What the other processes last said of themselves."""

    camera: CameraState = "starting"
    camera_heard_ns: int = 0
    """When vision last spoke; 0: not yet."""
    link: Literal["up", "down", "off"] = "off"


def snapshot(gate: Gate, line: Line, head: JournalHead, clock: ClockConfidence) -> Snapshot:
    """Return what the screen shows. With a fault and nobody being answered, the door is out of order."""
    page, why = _PAGES[gate.view], tuple(reason.value for reason in gate.reasons)
    if gate.view is View.IDLE and not gate.works:
        page, why = Page.OUT_OF_ORDER, tuple(sorted(fault.value.value for fault in gate.faults))
    return Snapshot(
        page=page, visit=gate.visit, reasons=why, next_step=gate.next_step or "", more=gate.more,
        since_ns=gate.since_ns, until_ns=gate.until_ns, camera=line.camera, link=line.link,
        clock=clock.value, waiting=head.last - head.confirmed,
    )  # fmt: skip
