"""What the screen is told: the gate's view and the state of the other processes, as one Snapshot."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.api.messages import CameraState, Hint, Page, Snapshot
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
_OF_THE_CAMERA = frozenset({Fault.CAMERA, Fault.CAMERA_DARK, Fault.CAMERA_FROZEN})


@dataclass(slots=True)
class Line:
    """What the other processes last said of themselves."""

    camera: CameraState = "starting"
    camera_heard_ns: int = 0
    """When vision last spoke; 0: not yet."""
    scanners: dict[str, Literal["ok", "lost"]] = field(default_factory=dict)
    """The scanners of the settings, by name, as soon as they have been looked for."""
    hint: Hint | None = None
    """What would help whoever holds up a code, as vision last said it."""
    hint_ns: int = 0
    """When it said so."""
    asked: Hint | None = None
    """The next part of a card, while it is asked for: said before any other hint."""
    asked_ns: int = 0
    """When the part before it was shown."""
    link: Literal["up", "down", "off"] = "off"


def _faults(gate: Gate, line: Line) -> list[str]:
    """Return what keeps visitors from being served: not the camera, while another reader works."""
    other_reader = "ok" in line.scanners.values()
    faults = gate.faults - _OF_THE_CAMERA if other_reader else gate.faults
    return sorted(fault.value.value for fault in faults)


def snapshot(gate: Gate, line: Line, head: JournalHead, clock: ClockConfidence) -> Snapshot:
    """Return what the screen shows. With a fault and nobody being answered, the door is out of order."""
    page, why = _PAGES[gate.view], tuple(reason.value for reason in gate.reasons)
    if page is Page.IDLE and (faults := _faults(gate, line)):
        page, why = Page.OUT_OF_ORDER, tuple(faults)
    hint = (line.asked or line.hint or Hint(hint="")) if page is Page.IDLE else Hint(hint="")
    return Snapshot(
        page=page, visit=gate.visit, reasons=why, next_step=gate.next_step or "", more=gate.more,
        since_ns=gate.since_ns, until_ns=gate.until_ns, camera=line.camera, link=line.link,
        hint=hint.hint, part=hint.part, parts=hint.parts, people=gate.people,
        clock=clock.value, waiting=head.last - head.confirmed,
    )  # fmt: skip
