"""What the bridge, monitors and the preview get, and what a start puts on record."""

import asyncio
import os

import pytest

from kiosk.api.messages import (
    MAX_LINE,
    Appended,
    DeadLetter,
    Events,
    Fetch,
    LinkHealth,
    PreviewOffer,
    PreviewWanted,
    Role,
    Sent,
    Trace,
    Welcome,
    encode,
)
from kiosk.domain.events import EventDraft, EventType
from kiosk.domain.lines import Out
from kiosk.testing.centre_keys import STRANGER, stored
from kiosk.testing.gatehouse import Gatehouse, a_pass


@pytest.fixture
def door():
    return Gatehouse()


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
        await door.shell.received(bridge, stored("another", 1), None)
        for forged in (stored("epoch", 1, key=STRANGER), stored("epoch", 1, address="local/main/other")):
            await door.shell.received(bridge, forged, None)
        assert door.journal.confirmed == 0
        await door.shell.received(bridge, stored("epoch", 1), None)
        await door.shell.received(bridge, LinkHealth(link="up"), None)

    asyncio.run(read())
    assert door.journal.confirmed == 1
    assert (door.screen.sent[-1].waiting, door.screen.sent[-1].link) == (0, "up")


def test_what_can_never_be_sent_whole_is_listed_and_a_disk_that_fails_ends_nothing(door):
    async def bury():
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, DeadLetter(seq=2, code="too_large"), None)
        door.journal.broken = True
        await door.shell.received(bridge, DeadLetter(seq=3, code="too_large"), None)

    asyncio.run(bury())
    assert door.journal.dead == {2: "too_large"}


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
        await door.shell.received(bridge, stored("epoch", 1), None)

    asyncio.run(read())
    assert door.journal.confirmed == 0


def test_the_relays_edges_are_recorded_with_how_long_it_was_open(door):
    async def visit():
        await door.show(a_pass())
        await door.settle()
        door.shell.relay_moved(Out.RELAY, True, 1_000_000)
        door.shell.relay_moved(Out.RELAY, False, 501_000_000)
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
        door.shell.relay_moved(Out.RELAY, True, 1)
        door.shell.relay_moved(Out.RELAY, False, 2)
        bridge = door.join(Role.BRIDGE)
        await door.shell.received(bridge, Sent(upto=1), None)
        await door.shell.received(bridge, stored("epoch", 1), None)
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


ADMITTED, ANNULLED = EventType.VISIT_ADMITTED, EventType.VISIT_ANNULLED
LOCKED, CUT = EventType.GATE_LOCKED, EventType.GATE_INTERRUPTED


@pytest.mark.parametrize(
    ("before", "cut"),
    [
        ([(ADMITTED, "v1"), (ANNULLED, "v1")], []),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1")], ["v1"]),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1"), (LOCKED, "v1")], []),
        ([(ADMITTED, "v1"), (ANNULLED, "v1"), (ADMITTED, "v1"), (CUT, "v1")], []),
        ([(ADMITTED, "v1"), (LOCKED, "v1"), (ADMITTED, "v2")], ["v2"]),
    ],
)
def test_an_annulled_admission_cuts_nothing_short_and_the_next_of_its_visit_may(door, before, cut):
    door.journal.append([EventDraft(kind, visit) for kind, visit in before])
    door.shell.begin()
    asyncio.run(door.settle())
    told = door.journal.events[len(before) :]
    assert [event.visit for event in told if event.type is CUT] == cut
