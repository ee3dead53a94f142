"""Testing every wire at the screen: inputs are counted, outputs lent for a second, relays moved in maintenance only."""

import asyncio

import pytest

from kiosk.api.manager import BeginWalk, EndWalk, OutTried, ShowInputs, TryOut
from kiosk.app.shell import Shell
from kiosk.domain.door_io import DoorSetup, Mode, ModeAsked
from kiosk.domain.events import EventType
from kiosk.domain.gate import Gate
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused
from kiosk.testing.gatehouse import POLICY, Gatehouse
from kiosk.testing.published import data_breaks
from kiosk.testing.shell import RecordingSwitch
from kiosk.testing.staff import GUARD, TECHNICIAN, Screen

SENSES = frozenset({Sense.CONTACT, Sense.EXIT_BUTTON, Sense.FIRE_NC, Sense.FIRE_NO})


class Workshop(Gatehouse):
    """A gate with sensors and a lamp, whose journal answers at once, and a technician before its screen."""

    def __init__(self):
        super().__init__()
        self.lamp = RecordingSwitch()
        self.shell = Shell(
            "kiosk", Gate.of(DoorSetup(senses=SENSES)), POLICY, lambda: self.trust, self.journal,
            {Out.RELAY: self.relay}, self.clock, self.peers, pins=self.pins, switches={Out.LAMP_GREEN: self.lamp},
        )  # fmt: skip
        self.shell.recorder.thread = None
        self.staff = Screen(self.shell, self.screen, self.screen.sent)

    def work(self, what, pin=TECHNICIAN, mode=Mode.MAINTENANCE):
        async def all_of_it():
            self.shell.dispatch(ModeAsked(mode, "staff"))
            await self.settle()
            await self.staff.sign_in(pin)
            return await what()

        return asyncio.run(all_of_it())

    def move(self, sense, times):
        for number in range(times):
            self.shell.line_moved(sense, active=number % 2 == 0, at_ns=self.clock.mono_ns())
            self.wait(0.2)

    def tests(self):
        asyncio.run(self.settle())
        assert [found for event in self.journal.events if (found := data_breaks(event.type.value, event.data))] == []
        return [dict(event.data) for event in self.journal.events if event.type is EventType.SELF_TEST_MADE]

    async def try_relay(self, *edges):
        """Try the relay; let its line move after so many milliseconds each."""
        async with asyncio.TaskGroup() as group:
            question = group.create_task(self.staff.ask(TryOut(out=Out.RELAY)))
            await asyncio.sleep(0)
            await self.settle()
            for released, after_ms in edges:
                self.clock.advance(after_ms / 1000)
                self.shell.relay_moved(Out.RELAY, released, self.clock.mono_ns())
                await asyncio.sleep(0)
        return question.result()


@pytest.fixture
def shop():
    return Workshop()


def test_every_wired_input_is_listed_and_counted_from_the_beginning_of_the_walk(shop):
    async def walk():
        shop.move(Sense.CONTACT, 2)
        begun = (await shop.staff.ask(BeginWalk())).reply
        assert [(one.sense, one.moved) for one in begun.inputs] == [(sense, 0) for sense in Sense if sense in SENSES]
        assert begun.outs == (Out.RELAY, Out.LAMP_GREEN)
        shop.move(Sense.CONTACT, 3)
        shop.move(Sense.EXIT_BUTTON, 2)
        return (await shop.staff.ask(ShowInputs())).reply

    shown = shop.work(walk)
    assert {one.sense: (one.moved, one.active) for one in shown.inputs} == {
        Sense.CONTACT: (3, True), Sense.EXIT_BUTTON: (2, False), Sense.FIRE_NC: (0, False), Sense.FIRE_NO: (0, False),
    }  # fmt: skip
    assert shown.maintenance


def test_the_end_of_a_walk_is_on_record_with_all_its_results(shop):
    async def walk():
        await shop.staff.ask(BeginWalk())
        shop.move(Sense.CONTACT, 2)
        await shop.staff.ask(TryOut(out=Out.LAMP_GREEN))
        await shop.staff.ask(EndWalk())
        return await shop.staff.ask(EndWalk())

    again = shop.work(walk)
    assert (again.code, again.detail) == (Refused.NOT_NOW, "no_walk")
    assert next(data for data in shop.tests() if data["part"] == "walk") == {
        "part": "walk", "role": "technician", "by": "service",
        "inputs": {"contact": 2, "exit_button": 0, "fire_nc": 0, "fire_no": 0}, "outputs": {"lamp_green": "switched"},
    }  # fmt: skip


def test_a_lamp_is_lent_for_a_second_whatever_it_says_and_falls_back(shop):
    async def lamp():
        answer = await shop.staff.ask(TryOut(out=Out.LAMP_GREEN))
        shop.wait(0.9)
        shop.wait(0.2)
        return answer

    assert shop.work(lamp, mode=Mode.NORMAL).reply == OutTried(out=Out.LAMP_GREEN, result=Tried.SWITCHED)
    assert shop.lamp.levels[-2:] == [True, False]
    assert shop.tests() == [{"part": "lamp_green", "role": "technician", "by": "service", "result": "switched"}]


def test_a_relay_moves_with_a_record_before_and_its_feedback_is_measured(shop):
    answer = shop.work(lambda: shop.try_relay((True, 12), (False, 500)))
    assert answer.reply == OutTried(out=Out.RELAY, result=Tried.MOVED, feedback_ms=12)
    assert shop.relay.told[0] == 500
    assert [data.get("result") for data in shop.tests()] == [None, "moved"]
    kinds = shop.kinds()
    assert kinds.index(EventType.SELF_TEST_MADE) < kinds.index(EventType.GATE_RELEASED)


def test_a_relay_that_does_not_answer_is_told_of(shop):
    shop.shell.manager.walk.patience_s = 0.01
    assert shop.work(shop.try_relay).reply == OutTried(out=Out.RELAY, result=Tried.NO_FEEDBACK)
    assert shop.tests()[-1]["result"] == "no_feedback"


def test_a_relay_moves_in_maintenance_only(shop):
    answer = shop.work(lambda: shop.staff.ask(TryOut(out=Out.RELAY)), mode=Mode.NORMAL)
    assert (answer.code, answer.detail, shop.relay.told) == (Refused.NOT_NOW, "maintenance", [])


def test_without_a_journal_no_relay_moves(shop):
    async def broken():
        shop.journal.broken = True
        return await shop.try_relay()

    assert (shop.work(broken).code, shop.relay.told) == (Refused.NOT_RECORDED, [])


def test_in_a_fire_no_relay_is_tried(shop):
    async def fire():
        for sense in (Sense.FIRE_NC, Sense.FIRE_NO):
            shop.shell.line_moved(sense, active=True, at_ns=shop.clock.mono_ns())
        shop.wait(0.1)
        return await shop.staff.ask(TryOut(out=Out.RELAY))

    answer = shop.work(fire)
    assert (answer.code, answer.detail) == (Refused.NOT_NOW, "fire_alarm")


def test_what_is_not_wired_cannot_be_tried_and_a_guard_tries_nothing(shop):
    assert shop.work(lambda: shop.staff.ask(TryOut(out=Out.BUZZER))).code is Refused.NOT_FOUND
    assert shop.work(lambda: shop.staff.ask(TryOut(out=Out.LAMP_GREEN)), pin=GUARD).code is Refused.NOT_PERMITTED
