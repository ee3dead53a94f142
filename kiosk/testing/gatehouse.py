"""The whole gate process among stand-ins, for tests that tell what comes of messages."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.adapters.keys import Signer, make_signer
from kiosk.api.messages import CameraState, Hint, Page, Role, Scan, Snapshot, VisionHealth
from kiosk.app.command_desk import Commanding
from kiosk.app.shell import Shell
from kiosk.demo.script import visitor_pass
from kiosk.domain.centre import CentreKeys
from kiosk.domain.credential import Kind
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import EventType
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.symbology import Symbology
from kiosk.domain.trust import Algorithm
from kiosk.testing.centre_keys import KEYS
from kiosk.testing.clock import FakeClock
from kiosk.testing.health_certificates import certificate, vaccination
from kiosk.testing.shell import MemoryJournal, RecordingPeer, RecordingPeers, RecordingRelay
from kiosk.testing.staff import MemoryPins, Screen
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DESK = make_signer("Front desk", Algorithm.ED25519, NOW - timedelta(days=1))
STRANGER = make_signer("Stranger", Algorithm.ED25519, NOW - timedelta(days=1))
MINISTRY = make_signer("Ministry", Algorithm.ES256, NOW - timedelta(days=1), country="VN", for_passes=False)
POLICY = Policy(
    "test-1", "lobby",
    (AdmitRule("visitor", frozenset({Kind.VISIT})),
     AdmitRule("vaccinated, with card", frozenset({Kind.VACCINATION}), identity_card=True)),
)  # fmt: skip
CERTIFICATE = certificate(MINISTRY, vaccination(NOW - timedelta(days=30)), NOW - timedelta(hours=1))
POSTER = "https://qr.tokhaiyte.vn/x"


class Gatehouse:
    """A shell among its stand-ins: vision and screen are there, the relay notes what it is told."""

    def __init__(
        self, commanding: Commanding | None = None, keys: CentreKeys = KEYS, journal: MemoryJournal | None = None
    ) -> None:
        self.clock = FakeClock(NOW)
        self.journal, self.relay, self.peers = journal or MemoryJournal(), RecordingRelay(), RecordingPeers()
        self.pins = MemoryPins()
        self.trust = list_of_certificates([DESK.certificate, MINISTRY.certificate], NOW)
        self.shell = Shell(
            "kiosk", Gate.of(DoorSetup()), POLICY, lambda: self.trust, self.journal, {Out.RELAY: self.relay},
            self.clock, self.peers, address="local/main/kiosk", centre_keys=keys,
            commanding=commanding or Commanding(), pins=self.pins,
        )  # fmt: skip
        self.vision, self.screen = self.join(Role.VISION), self.join(Role.UI)
        self.scans = 0
        self.staff = Screen(self.shell, self.screen, self.screen.sent)
        """Who stands before the screen to sign in."""

    def join(self, role: Role) -> RecordingPeer:
        """Let a client come."""
        peer = self.peers.add(role)
        self.shell.opened(peer)
        return peer

    async def show(
        self, text: str | bytes, scan: str | None = None, age_s: float = 0.0, beside: tuple[str, ...] = (),
        symbology: Symbology = Symbology.QR,
    ) -> None:  # fmt: skip
        """Let vision read a code."""
        self.scans += 1
        data = base64.b64encode(text.encode() if isinstance(text, str) else text)
        at_ns = self.clock.mono_ns() - round(age_s * 1e9)
        scan = scan or f"scan-{self.scans}"
        message = Scan(scan=scan, data=data, frame_ns=at_ns, read_ns=at_ns, beside=beside, symbology=symbology)
        await self.shell.received(self.vision, message, None)

    async def report(self, camera: CameraState) -> None:
        """Let vision say how its camera does."""
        await self.shell.received(self.vision, VisionHealth(camera=camera, source="webcam"), None)

    async def hint(self, hint: Any, **parts: Any) -> None:
        """Let vision say what would help."""
        await self.shell.received(self.vision, Hint(hint=hint, **parts), None)

    def wait(self, seconds: float) -> None:
        """Let time pass, with vision still there."""
        self.clock.advance(seconds)
        if self.shell.line.camera_heard_ns:
            self.shell.line.camera_heard_ns = self.clock.mono_ns()
        self.shell.watch()

    async def settle(self) -> None:
        """Let the journal take what is queued."""
        await self.shell.recorder.commit_queued()

    def kinds(self) -> list[EventType]:
        """Return what was put on record."""
        return [event.type for event in self.journal.events]

    def pages(self) -> list[Page]:
        """Return the pages that the screen was told."""
        return [message.page for message in self.screen.sent if isinstance(message, Snapshot)]


def a_pass(signer: Signer = DESK, subject: str = "v") -> str:
    """Return a pass that the desk has signed."""
    return visitor_pass(signer, subject, NOW)
