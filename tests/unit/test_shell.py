"""The shell: messages in, effects out, with the order that matters: record, then release, then show."""

import asyncio
import base64
import os
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.adapters.keys import make_signer
from kiosk.api.messages import (
    MAX_LINE,
    Appended,
    Events,
    Fetch,
    Intent,
    LinkHealth,
    Page,
    PreviewOffer,
    PreviewWanted,
    Role,
    Scan,
    Sent,
    Snapshot,
    Stored,
    Trace,
    VisionHealth,
    Welcome,
    WireError,
    encode,
)
from kiosk.app.shell import BATCH, Shell
from kiosk.demo.script import CITIZEN_CARD, visitor_pass
from kiosk.domain.credential import Kind
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.gate import Fault, Gate, View
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.domain.trust import Algorithm
from kiosk.testing.clock import FakeClock
from kiosk.testing.shell import MemoryJournal, RecordingPeers, RecordingRelay
from kiosk.verify.trust_list import list_of_certificates

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
DESK = make_signer("Front desk", Algorithm.ED25519, NOW - timedelta(days=1))
STRANGER = make_signer("Stranger", Algorithm.ED25519, NOW - timedelta(days=1))
POLICY = Policy("test-1", "lobby", (AdmitRule("visitor", frozenset({Kind.VISIT})),))


class Door:
    """A shell among its stand-ins."""

    def __init__(self):
        self.clock = FakeClock(NOW)
        self.journal, self.relay, self.peers = MemoryJournal(), RecordingRelay(), RecordingPeers()
        trust = list_of_certificates([DESK.certificate], NOW)
        self.shell = Shell(
            "kiosk", Gate(3000), POLICY, lambda: trust, self.journal, self.relay, self.clock, self.peers
        )
        self.vision, self.screen = self.join(Role.VISION), self.join(Role.UI)
        self.scans = 0

    def join(self, role):
        peer = self.peers.add(role)
        self.shell.opened(peer)
        return peer

    async def show(self, text, scan=None, age_s=0.0):
        self.scans += 1
        data = base64.b64encode(text.encode() if isinstance(text, str) else text)
        at_ns = self.clock.mono_ns() - round(age_s * 1e9)
        message = Scan(scan=scan or f"scan-{self.scans}", data=data, frame_ns=at_ns, read_ns=at_ns)
        await self.shell.received(self.vision, message, None)

    async def settle(self):
        """Let the journal take what is queued."""
        await self.shell.commit_queued()

    def kinds(self):
        return [event.type for event in self.journal.events]

    def pages(self):
        return [message.page for message in self.screen.sent if isinstance(message, Snapshot)]


@pytest.fixture
def door():
    return Door()


def a_pass(signer=DESK, subject="v"):
    return visitor_pass(signer, subject, NOW)


def test_a_pass_is_recorded_then_the_gate_released_then_the_visitor_told(door):
    async def visit():
        await door.show(a_pass())
        assert door.relay.told == []
        assert door.pages()[-1] is Page.QR_READ
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]
    assert door.relay.told == [3000]
    assert door.pages()[-1] is Page.ADMITTED


def test_what_cannot_be_recorded_does_not_open(door):
    door.journal.broken = True

    async def visit():
        await door.show(a_pass())
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert door.shell.gate.view is View.STAFF
    assert Fault.JOURNAL in door.shell.gate.faults
    assert door.screen.sent[-1].reasons == ("journal_unavailable",)


def test_a_record_that_took_too_long_opens_for_nobody(door):
    async def visit():
        await door.show(a_pass())
        door.clock.advance(4)
        door.shell.watch()
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert door.pages()[-1] is Page.STAFF
    assert [kind for kind in door.kinds() if kind.startswith(("visit", "staff"))] == [
        EventType.VISIT_ADMITTED, EventType.STAFF_CALLED, EventType.VISIT_ANNULLED,
    ]  # fmt: skip


def test_refusals_of_a_broken_time_are_recorded_when_the_journal_works_again(door):
    async def visit():
        door.journal.broken = True
        await door.show(a_pass(STRANGER))
        await door.show(a_pass())
        await door.settle()
        door.journal.broken = False
        await door.show(a_pass(subject="w"))
        await door.settle()

    asyncio.run(visit())
    kinds = door.kinds()
    assert kinds.count(EventType.VISIT_DENIED) == 1
    assert kinds.count(EventType.VISIT_ADMITTED) == 1, "the visit that was not let in must not be recorded as admitted"
    assert door.relay.told == [3000]
    assert not door.shell.gate.faults


def test_a_scan_that_comes_twice_is_one_visit(door):
    async def visit():
        code = a_pass()
        await door.show(code, "same")
        await door.show(code, "same")
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]


@pytest.mark.parametrize("age_s", [3.1, 3600.0, -0.1], ids=["late", "very late", "before its time"])
def test_a_scan_that_is_not_of_this_moment_opens_nothing_and_vision_has_to_look_again(door, age_s):
    async def visit():
        with pytest.raises(WireError):
            await door.show(a_pass(), "held up", age_s)
        await door.settle()
        assert door.kinds() == []
        await door.show(a_pass(), "held up")
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED]


def test_a_flood_of_scans_waits_for_the_journal_and_loses_nothing(door):
    async def flood():
        for number in range(2 * BATCH):
            await door.show("noise", f"flood-{number}")

    async def visits():
        flooding = asyncio.get_running_loop().create_task(flood())
        await asyncio.sleep(0)
        assert len(door.shell._queue) == BATCH
        while not flooding.done():
            await door.settle()
            await asyncio.sleep(0)
        await door.settle()

    asyncio.run(visits())
    assert door.kinds() == [EventType.VISIT_DENIED] * (2 * BATCH)


@pytest.mark.parametrize(
    ("code", "page", "reason"),
    [
        (a_pass(STRANGER), Page.STAFF, "issuer_unknown"),
        (CITIZEN_CARD, Page.REFUSED, "not_enough_alone"),
        ("https://qr.tokhaiyte.vn/x", Page.REFUSED, "venue_poster"),
        (b"\xff\xfe\x00", Page.REFUSED, "unknown_format"),
        ("GK1:%%%", Page.REFUSED, "base45_invalid"),
    ],
)
def test_what_is_not_good_enough_is_answered_and_recorded_and_does_not_open(door, code, page, reason):
    async def visit():
        await door.show(code)
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == []
    assert (door.pages()[-1], door.screen.sent[-1].reasons[0]) == (page, reason)
    assert door.kinds()[0] in (EventType.VISIT_DENIED, EventType.VISIT_NEEDS_MORE)


def test_the_screen_cannot_open_the_gate_and_the_bridge_cannot_scan(door):
    async def try_it():
        bridge = door.join(Role.BRIDGE)
        message = Scan(scan="x", data=base64.b64encode(a_pass().encode()), frame_ns=1, read_ns=2)
        await door.shell.received(door.screen, message, None)
        await door.shell.received(bridge, message, None)
        await door.shell.received(door.vision, Stored(epoch="epoch", upto=1), None)
        await door.settle()

    asyncio.run(try_it())
    assert door.journal.events == []
    assert door.relay.told == []


def test_help_calls_staff_and_staff_clears_it(door):
    async def ask():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        await door.settle()
        assert door.pages()[-1] is Page.STAFF
        await door.shell.received(door.screen, Intent(intent="staff_done"), None)

    asyncio.run(ask())
    assert door.kinds() == [EventType.STAFF_CALLED]


def test_a_touch_gives_more_time_to_read(door):
    async def visit():
        await door.show("nonsense")
        before = door.screen.sent[-1].until_ns
        await door.shell.received(door.screen, Intent(intent="touch"), None)
        assert door.screen.sent[-1].until_ns > before

    asyncio.run(visit())


def test_a_lost_camera_is_out_of_order_and_its_return_is_idle(door):
    health = VisionHealth(camera="lost", source="webcam")

    async def lose():
        await door.shell.received(door.vision, health, None)
        assert door.pages()[-1] is Page.OUT_OF_ORDER
        await door.shell.received(door.vision, health.model_copy(update={"camera": "ok"}), None)
        await door.settle()

    asyncio.run(lose())
    assert door.pages()[-1] is Page.IDLE
    assert door.kinds() == [EventType.FAULT_RAISED, EventType.FAULT_CLEARED]


def test_vision_going_away_is_a_lost_camera(door):
    door.peers.peers.remove(door.vision)
    door.shell.closed(Role.VISION)
    assert door.pages()[-1] is Page.OUT_OF_ORDER


def test_vision_that_says_nothing_is_a_lost_camera(door):
    door.shell.begin()
    door.shell.watch()
    assert Fault.CAMERA not in door.shell.gate.faults
    door.clock.advance(10)
    door.shell.watch()
    assert door.pages()[-1] is Page.OUT_OF_ORDER


def test_the_bridge_reads_after_its_cursor_and_reports_what_is_stored(door):
    async def read():
        await door.show(a_pass())
        await door.settle()
        bridge = door.join(Role.BRIDGE)
        assert isinstance(bridge.sent[0], Welcome)
        assert bridge.sent[1] == Appended(last=1, confirmed=0)
        await door.shell.received(bridge, Fetch(after=0, limit=10), None)
        assert isinstance(bridge.sent[-1], Events)
        assert [event.seq for event in bridge.sent[-1].events] == [1]
        await door.shell.received(bridge, Stored(epoch="another", upto=1), None)
        assert door.journal.confirmed == 0
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)
        await door.shell.received(bridge, LinkHealth(link="up"), None)

    asyncio.run(read())
    assert door.journal.confirmed == 1
    assert (door.screen.sent[-1].waiting, door.screen.sent[-1].link) == (0, "up")


def test_an_answer_to_the_bridge_never_grows_longer_than_a_line_may(door):
    async def read():
        door.journal.append([EventDraft(EventType.VISIT_DENIED, data={"filler": "x" * 100_000})] * 40)
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, Fetch(after=0, limit=40), None)
        return bridge.sent[-1]

    answer = asyncio.run(read())
    assert 1 <= len(answer.events) < 40
    assert len(encode(answer)) < MAX_LINE


def test_a_journal_that_cannot_be_read_does_not_end_the_process(door):
    async def read():
        bridge = door.join(Role.BRIDGE)
        door.journal.broken = True
        await door.shell.received(bridge, Fetch(after=0, limit=10), None)
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)

    asyncio.run(read())
    assert door.journal.confirmed == 0


def test_the_relays_edges_are_recorded_with_how_long_it_was_open(door):
    async def visit():
        await door.show(a_pass())
        await door.settle()
        door.shell.relay_moved(True, 1_000_000)
        door.shell.relay_moved(False, 501_000_000)
        await door.settle()

    asyncio.run(visit())
    assert door.kinds() == [EventType.VISIT_ADMITTED, EventType.GATE_RELEASED, EventType.GATE_LOCKED]
    assert door.journal.events[-1].data == {"released_ms": 500}


def test_a_monitor_sees_the_whole_path_and_nothing_of_the_code(door):
    code = a_pass(subject="secret-subject")

    async def visit():
        monitor = door.join(Role.MONITOR)
        await door.show(code)
        await door.settle()
        door.shell.relay_moved(True, 1)
        door.shell.relay_moved(False, 2)
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, Sent(upto=1), None)
        await door.shell.received(bridge, Stored(epoch="epoch", upto=1), None)
        return [message for message in monitor.sent if isinstance(message, Trace)]

    traces = asyncio.run(visit())
    steps = [trace.step for trace in traces]
    assert steps == ["seen", "decided", "recorded", "relay_on", "relay_off", "sent", "confirmed"]
    assert "secret-subject" not in str(traces)
    assert code not in str(traces)


def test_the_preview_goes_from_vision_to_the_screen_and_only_while_a_screen_is_there(door):
    assert door.vision.sent[-1] == PreviewWanted(wanted=True)
    read_end, write_end = os.pipe()

    async def offer():
        await door.shell.received(door.vision, PreviewOffer(width=4, height=3), read_end)

    asyncio.run(offer())
    assert door.screen.sent[-1] == PreviewOffer(width=4, height=3)
    (handed_on,) = door.screen.fds
    assert os.fstat(handed_on).st_ino == os.fstat(read_end).st_ino
    os.close(handed_on)
    door.peers.peers.remove(door.screen)
    door.shell.closed(Role.UI)
    assert door.vision.sent[-1] == PreviewWanted(wanted=False)
    os.close(read_end)
    os.close(write_end)


def test_a_release_that_a_crash_cut_short_is_recorded_at_the_next_start(door):
    async def crash_and_start():
        await door.show(a_pass())
        await door.settle()
        door.shell.begin()
        await door.settle()

    asyncio.run(crash_and_start())
    assert door.kinds() == [EventType.VISIT_ADMITTED, EventType.GATE_INTERRUPTED, EventType.KIOSK_STARTED]
