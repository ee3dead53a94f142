"""What is put on record, and in which order: record, then release, then show."""

import asyncio

import pytest

from kiosk.api.messages import (
    Page,
    WireError,
)
from kiosk.app.recorder import BATCH
from kiosk.app.shell import Shell
from kiosk.domain.deny_list import DenyEntry, DenyList
from kiosk.domain.door_io import DoorSetup
from kiosk.domain.events import EventType
from kiosk.domain.gate import Fault, Gate, View
from kiosk.domain.lines import Out
from kiosk.testing.gatehouse import POLICY, STRANGER, Gatehouse, a_pass


@pytest.fixture
def door():
    return Gatehouse()


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


def test_who_is_put_on_the_deny_list_meanwhile_is_not_let_in(door):
    listed = [DenyList()]
    shell = Shell(
        "kiosk", Gate.of(DoorSetup()), POLICY, lambda: door.trust, door.journal, {Out.RELAY: door.relay},
        door.clock, door.peers, deny=lambda: listed[0],
    )  # fmt: skip
    door.shell = shell

    async def visit():
        listed[0] = DenyList.of([DenyEntry("banned")])
        await door.show(a_pass(subject="banned"))
        await door.settle()
        assert (door.relay.told, door.kinds()) == ([], [EventType.VISIT_DENIED, EventType.STAFF_CALLED])
        door.wait(10)
        await door.show(a_pass(subject="other"))
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == [3000]


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


def test_who_was_not_let_in_for_want_of_a_record_may_show_the_same_pass_again(door):
    async def visit():
        code = a_pass()
        door.journal.broken = True
        await door.show(code)
        await door.settle()
        door.journal.broken = False
        door.wait(1.6)
        await door.show(code)
        await door.settle()

    asyncio.run(visit())
    assert door.relay.told == [3000]
    assert door.pages()[-1] is Page.ADMITTED


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
            await door.show(a_pass(STRANGER, f"v{number}"), f"flood-{number}")

    async def visits():
        flooding = asyncio.get_running_loop().create_task(flood())
        await asyncio.sleep(0)
        assert door.shell.recorder.waiting == BATCH
        while not flooding.done():
            await door.settle()
            await asyncio.sleep(0)
        await door.settle()

    asyncio.run(visits())
    assert door.kinds().count(EventType.VISIT_DENIED) == 2 * BATCH
