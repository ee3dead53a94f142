"""Readers in the gate process: their scans are visits like the camera's, and with one of them the door still works."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.api.messages import Page, Role, Scan, Snapshot, VisionHealth
from kiosk.app.recorder import BATCH
from kiosk.app.shell import Shell
from kiosk.demo.script import visitor_pass
from kiosk.domain.credential import Kind
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import EventType
from kiosk.domain.gate import Fault, FaultSeen, Gate
from kiosk.domain.lines import Out
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.trust import Algorithm
from kiosk.testing.clock import FakeClock
from kiosk.testing.shell import MemoryJournal, RecordingPeers, RecordingRelay
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DESK = make_signer("Front desk", Algorithm.ED25519, NOW - timedelta(days=1))


class Door:
    """A shell with a camera that has failed, and whatever scanners are said to be there."""

    def __init__(self):
        self.clock, self.journal, self.relay = FakeClock(NOW), MemoryJournal(), RecordingRelay()
        peers = RecordingPeers()
        trust = list_of_certificates([DESK.certificate], NOW)
        policy = Policy("test-1", "lobby", (AdmitRule("visitor", frozenset({Kind.VISIT})),))
        relays = {Out.RELAY: self.relay}
        gate = Gate.of(DoorSetup())
        self.shell = Shell("kiosk", gate, policy, lambda: trust, self.journal, relays, self.clock, peers)
        self.screen, self.vision, self.monitor = (peers.add(role) for role in (Role.UI, Role.VISION, Role.MONITOR))
        self.shell.opened(self.screen)

    async def lose_camera(self):
        await self.shell.received(self.vision, VisionHealth(camera="lost", source="webcam"), None)

    def scan(self, number=1, age_s=0.0):
        at_ns = self.clock.mono_ns() - round(age_s * 1e9)
        data = base64.b64encode(visitor_pass(DESK, f"v{number}", NOW).encode())
        return Scan(scan=f"desk-{number}", data=data, symbology="unknown", reader="desk", frame_ns=at_ns, read_ns=at_ns)

    def page(self):
        shown = [message for message in self.screen.sent if isinstance(message, Snapshot)]
        return shown[-1].page, shown[-1].reasons


@pytest.fixture
def door():
    return Door()


def test_a_scan_of_a_scanner_is_a_visit_with_a_camera_or_without(door):
    async def visit():
        await door.lose_camera()
        door.shell.scans.reader_state("desk", "ok")
        assert await door.shell.scans.scanned(door.scan())
        await door.shell.recorder.commit_queued()

    asyncio.run(visit())
    assert EventType.VISIT_ADMITTED in [event.type for event in door.journal.events]
    assert door.relay.told == [3000]
    assert door.page()[0] is Page.ADMITTED


def test_a_scan_that_is_too_old_is_refused_and_opens_nothing(door):
    assert asyncio.run(door.shell.scans.scanned(door.scan(age_s=4))) is False
    assert door.relay.told == []


def test_a_flood_of_scans_waits_for_the_journal(door):
    async def flood():
        for number in range(BATCH):
            assert await door.shell.scans.scanned(door.scan(number))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(door.shell.scans.scanned(door.scan(BATCH)), 0.05)
        await door.shell.recorder.commit_queued()
        assert await door.shell.scans.scanned(door.scan(BATCH))

    asyncio.run(flood())


def test_a_lost_camera_is_out_of_order_only_while_no_scanner_works(door):
    async def play():
        await door.lose_camera()
        assert door.page() == (Page.OUT_OF_ORDER, ("camera_unavailable",))
        door.shell.scans.reader_state("desk", "lost")
        assert door.page()[0] is Page.OUT_OF_ORDER
        door.shell.scans.reader_state("ramp", "ok")
        assert door.page()[0] is Page.IDLE
        door.shell.scans.reader_state("ramp", "lost")
        assert door.page() == (Page.OUT_OF_ORDER, ("camera_unavailable",))

    asyncio.run(play())
    assert Fault.CAMERA in door.shell.gate.faults, "the camera's fault stays on record all the same"
    assert door.screen.sent[-1].camera == "lost"


def test_a_scanner_does_not_hide_another_fault(door):
    async def play():
        await door.lose_camera()
        door.shell.scans.reader_state("desk", "ok")
        door.shell.dispatch(FaultSeen(Fault.RELAY, present=True))

    asyncio.run(play())
    assert door.page() == (Page.OUT_OF_ORDER, ("relay_fault",))


def test_a_monitor_is_told_of_a_scanners_state(door):
    door.shell.scans.reader_state("desk", "lost")
    assert door.monitor.sent[-1].data == {"process": "scanner", "reader": "desk", "state": "lost"}
