"""The door at the manager's screen: nothing opens without a record, locking waits for none, calls are answered."""

import asyncio

import pytest

from kiosk.api.manager import AnswerCalls, DoorNow, OpenDoor, Opened, SeeAlarms, SetMode, ShowDoor
from kiosk.api.messages import Intent
from kiosk.domain.door_io import Alarm, DoorKind, DoorSetup, Mode, ModeAsked
from kiosk.domain.events import EventType
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out, Sense
from kiosk.domain.situation import Direction
from kiosk.domain.staff import Refused, StaffRole
from kiosk.domain.staff_door import ModeReason, OpenReason
from kiosk.testing.gatehouse import Gatehouse, a_pass
from kiosk.testing.published import data_breaks
from kiosk.testing.shell import MemoryJournal
from kiosk.testing.staff import GUARD, MANAGER, TECHNICIAN

PINS = {StaffRole.GUARD: GUARD, StaffRole.MANAGER: MANAGER, StaffRole.TECHNICIAN: TECHNICIAN}
DELIVERY = OpenDoor(direction=Direction.ENTRY, reason=OpenReason.DELIVERY)


class Staffed(Gatehouse):
    """A gate whose journal answers at once, and somebody who asks while it goes on."""

    def __init__(self):
        super().__init__()
        self.shell.recorder.thread = None
        self.shell.manager.door.name = lambda: "1"

    async def asked(self, request, *meanwhile):
        """Ask; let things happen while the answer is awaited."""
        async with asyncio.TaskGroup() as group:
            question = group.create_task(self.staff.ask(request))
            for happens in meanwhile:
                await asyncio.sleep(0)
                await happens()
        return question.result()

    async def relay_moves(self):
        self.shell.relay_moved(Out.RELAY, True, self.clock.mono_ns())
        await self.settle()

    def run(self, role, work):
        async def all_of_it():
            await self.staff.sign_in(PINS[role])
            return await work()

        return asyncio.run(all_of_it())

    def acts(self):
        asyncio.run(self.settle())
        assert [found for event in self.journal.events if (found := data_breaks(event.type.value, event.data))] == []
        return [dict(event.data) for event in self.journal.events if event.type is EventType.STAFF_ACTED]


@pytest.fixture
def door():
    return Staffed()


def mode(mode, reason=ModeReason.DRILL):
    return SetMode(mode=mode, reason=reason)


def test_an_opening_is_on_record_before_the_lock_and_answered_when_it_has_moved(door):
    answer = door.run(StaffRole.GUARD, lambda: door.asked(DELIVERY, door.settle, door.relay_moves))
    assert answer.reply == Opened(visit="staff-1", ms=3000)
    assert door.relay.told == [3000]
    said = [(event.type, event.visit) for event in door.journal.events if event.visit]
    assert said == [
        (EventType.STAFF_ACTED, "staff-1"), (EventType.VISIT_ADMITTED, "staff-1"), (EventType.GATE_RELEASED, "staff-1"),
    ]  # fmt: skip
    act = {"act": "open", "role": "guard", "by": "door", "direction": "entry", "reason": "delivery", "longer": False}
    assert door.acts() == [act]
    admitted = next(event for event in door.journal.events if event.type is EventType.VISIT_ADMITTED)
    assert admitted.data == {"by": "staff", "direction": "entry", "reasons": ["delivery"]}


def test_whoever_needs_longer_gets_longer(door):
    longer = DELIVERY.model_copy(update={"longer": True, "reason": OpenReason.NEEDS_HELP})
    answer = door.run(StaffRole.MANAGER, lambda: door.asked(longer, door.settle, door.relay_moves))
    assert (answer.reply.ms, door.relay.told) == (10_000, [10_000])


def test_without_a_journal_nothing_opens(door):
    door.journal.broken = True
    assert door.run(StaffRole.GUARD, lambda: door.staff.ask(DELIVERY)).code is Refused.NOT_RECORDED
    assert door.relay.told == []


class FailsLater(MemoryJournal):
    """A journal that takes a few writes, and then no more."""

    writes_left = 2

    def append(self, drafts):
        self.broken, self.writes_left = self.writes_left <= 0, self.writes_left - 1
        return super().append(drafts)


def test_a_journal_that_fails_between_the_asking_and_the_opening_opens_nothing_either(door):
    door.journal = door.shell.journal = door.shell.recorder.journal = FailsLater()

    async def work():
        await door.settle()
        return await door.asked(DELIVERY, door.settle)

    assert door.run(StaffRole.GUARD, work).code is Refused.NOT_RECORDED
    assert door.relay.told == []
    assert door.kinds() == [EventType.STAFF_SIGNED_IN, EventType.STAFF_ACTED]


@pytest.mark.parametrize(
    ("so", "why"),
    [(Mode.LOCKDOWN, "lockdown"), (Mode.MAINTENANCE, "maintenance"), (Mode.FREE_PASSAGE, "open_to_all")],
)
def test_where_the_door_refuses_staff_is_told_why_and_nothing_is_on_record(door, so, why):
    async def work():
        door.shell.dispatch(ModeAsked(so, "staff"))
        await door.settle()
        return await door.staff.ask(DELIVERY)

    answer = door.run(StaffRole.MANAGER, work)
    assert (answer.code, answer.detail) == (Refused.NOT_NOW, why)
    assert door.acts() == []


def test_a_fire_that_begins_while_the_disk_is_busy_stops_an_opening(door):
    async def work():
        # Both contacts of the fire panel, while the admission waits for its record.
        async def fire():
            now = door.clock.mono_ns()
            for sense in (Sense.FIRE_NC, Sense.FIRE_NO):
                door.shell.line_moved(sense, active=True, at_ns=now)
            door.wait(0.1)
            await door.settle()

        return await door.asked(DELIVERY, fire)

    answer = door.run(StaffRole.GUARD, work)
    assert (answer.code, answer.detail) == (Refused.NOT_NOW, "fire_alarm")


def test_one_opening_at_a_time(door):
    async def work():
        async def second():
            assert (await door.staff.ask(DELIVERY)).code is Refused.BUSY

        return await door.asked(DELIVERY, second, door.settle, door.relay_moves)

    assert door.run(StaffRole.GUARD, work).code is None


def test_a_manager_runs_the_door_in_another_way_and_back(door):
    async def work():
        answer = await door.asked(mode(Mode.FREE_PASSAGE, ModeReason.EVENT), door.settle)
        assert isinstance(answer.reply, DoorNow)
        assert answer.reply.mode is Mode.FREE_PASSAGE
        return await door.asked(mode(Mode.NORMAL, ModeReason.OVER), door.settle)

    assert door.run(StaffRole.MANAGER, work).reply.mode is Mode.NORMAL
    assert [(act["mode"], act["reason"], act["by"]) for act in door.acts()] == [
        ("free_passage", "event", "office"), ("normal", "over", "office"),
    ]  # fmt: skip


def test_locking_down_waits_for_no_record_and_opening_again_does(door):
    door.journal.broken = True

    async def work():
        assert (await door.staff.ask(mode(Mode.LOCKDOWN, ModeReason.INCIDENT))).reply.mode is Mode.LOCKDOWN
        assert (await door.staff.ask(mode(Mode.NORMAL))).code is Refused.NOT_RECORDED
        return await door.staff.ask(ShowDoor())

    shown = door.run(StaffRole.MANAGER, work).reply
    assert (shown.mode, shown.shut) == (Mode.LOCKDOWN, "lockdown")
    door.journal.broken = False
    assert [act["act"] for act in door.acts()] == ["mode"]


@pytest.mark.parametrize(
    ("role", "was", "asked", "code"),
    [
        (StaffRole.GUARD, Mode.NORMAL, Mode.LOCKDOWN, None),
        (StaffRole.GUARD, Mode.LOCKDOWN, Mode.NORMAL, Refused.NOT_PERMITTED),
        (StaffRole.GUARD, Mode.NORMAL, Mode.FREE_PASSAGE, Refused.NOT_PERMITTED),
        (StaffRole.TECHNICIAN, Mode.NORMAL, Mode.MAINTENANCE, None),
        (StaffRole.TECHNICIAN, Mode.MAINTENANCE, Mode.NORMAL, None),
        (StaffRole.TECHNICIAN, Mode.LOCKDOWN, Mode.NORMAL, Refused.NOT_PERMITTED),
        (StaffRole.TECHNICIAN, Mode.LOCKDOWN, Mode.MAINTENANCE, Refused.NOT_PERMITTED),
        (StaffRole.TECHNICIAN, Mode.NORMAL, Mode.FREE_PASSAGE, Refused.NOT_PERMITTED),
    ],
)  # fmt: skip
def test_who_may_run_the_door_how(door, role, was, asked, code):
    async def work():
        door.shell.dispatch(ModeAsked(was, "centre"))
        await door.settle()
        return await door.asked(mode(asked), door.settle)

    assert door.run(role, work).code is code
    assert door.shell.gate.door.mode is (was if code else asked)


def test_a_technician_opens_nothing(door):
    assert door.run(StaffRole.TECHNICIAN, lambda: door.staff.ask(DELIVERY)).code is Refused.NOT_PERMITTED


def test_whoever_calls_for_help_is_seen_until_staff_comes(door):
    async def work():
        await door.shell.received(door.screen, Intent(intent="help"), None)
        door.clock.advance(42)
        shown = (await door.staff.ask(ShowDoor())).reply
        assert [(call.visit, call.reasons) for call in shown.calls] == [("", ("help_requested",))]
        assert door.clock.mono_ns() - shown.calls[0].since_ns == 42_000_000_000
        assert shown.calls[0].waits_s == 42
        return await door.staff.ask(AnswerCalls())

    assert door.run(StaffRole.GUARD, work).reply.calls == ()
    assert door.acts() == [{"act": "calls_answered", "role": "guard", "by": "door", "calls": 1, "waited_s": 42}]
    called = next(event for event in door.journal.events if event.type is EventType.STAFF_CALLED)
    assert called.data == {"reasons": ["help_requested"]}  # what the centre is told


def test_alarms_are_seen_once_and_by_somebody(door):
    async def work():
        door.shell.line_moved(Sense.TAMPER, active=True, at_ns=door.clock.mono_ns())
        door.wait(0.1)
        shown = (await door.staff.ask(ShowDoor())).reply
        assert [(one.alarm, one.seen) for one in shown.alarms] == [(Alarm.TAMPER, False)]
        await door.staff.ask(SeeAlarms())
        return await door.staff.ask(SeeAlarms())

    assert [one.seen for one in door.run(StaffRole.GUARD, work).reply.alarms] == [True]
    assert door.acts() == [{"act": "alarms_seen", "role": "guard", "by": "door", "alarms": ["tamper"]}]


def test_how_the_door_stands(door):
    async def work():
        await door.show(a_pass())
        await door.settle()
        await door.relay_moves()
        return await door.staff.ask(ShowDoor())

    shown = door.run(StaffRole.GUARD, work).reply
    assert [(leaf.relay, leaf.state, leaf.open) for leaf in shown.leaves] == [(Out.RELAY, "released", None)]
    assert (shown.mode, shown.shut, shown.people, shown.capacity) == (Mode.NORMAL, "", None, None)


def test_of_a_mantrap_it_is_enough_that_the_opening_is_on_record(door):
    setup = DoorSetup(DoorKind.INTERLOCK, frozenset({Sense.CONTACT, Sense.INNER_CONTACT}))
    door.shell.gate = Gate.of(setup)

    async def work():
        door.shell.line_moved(Sense.CONTACT, active=True, at_ns=door.clock.mono_ns())
        door.wait(0.1)
        return await door.asked(DELIVERY, door.settle)

    assert isinstance(door.run(StaffRole.GUARD, work).reply, Opened)
    assert door.relay.told == []
