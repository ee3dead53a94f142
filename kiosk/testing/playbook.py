"""The gate as a playbook: what comes in, and what must come of it, step by step."""

from typing import Self

from kiosk.domain.decision import Admit, Deny, Need
from kiosk.domain.door_io import DoorSetup, Input
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import MS, Gate, View, step
from kiosk.domain.gate_io import Effect
from kiosk.domain.reasons import NextStep, Reason

PULSE = 3000
ADMIT = Admit("guests")
DENY = Deny((Reason.EXPIRED,))
CALL = Deny((Reason.ISSUER_UNKNOWN,), call_staff=True)
NEED = Need((Reason.NOT_ENOUGH_ALONE, Reason.UNSIGNED_CARD))


class Play:
    """A gate, a clock in milliseconds, and everything that came of the inputs."""

    def __init__(self) -> None:
        self.gate = Gate.of(DoorSetup(pulse_ms=PULSE))
        self.ms = 1000

    def after(self, ms: int) -> Self:
        """Let time pass."""
        self.ms += ms
        return self

    def put(self, *inputs: Input) -> list[Effect]:
        """Put inputs in at this moment and return the effects of the last one."""
        effects: tuple[Effect, ...] = ()
        for one in inputs:
            self.gate, effects = step(self.gate, one, self.ms * MS)
        return list(effects)

    @property
    def shown(self) -> tuple[View, str, tuple[Reason, ...], NextStep | None]:
        """What the visitor is told."""
        gate = self.gate
        return gate.view, gate.visit, gate.reasons, gate.next_step

    @property
    def ends_in_ms(self) -> int | None:
        """When that ends by itself; None: it does not."""
        return self.gate.until_ns // MS - self.ms if self.gate.until_ns else None


def draft(kind: EventType, visit: str = "", **data: object) -> EventDraft:
    """Return an event as it is to be written."""
    return EventDraft(kind, visit, data)
