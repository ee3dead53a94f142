"""Signing in at the touchscreen: who is let in, who has to wait, what ends a session, what is on record."""

import asyncio
import threading

import pytest

from kiosk.api.manager import Answer, Ask, SignedIn, SignIn, SignOut, StillHere
from kiosk.api.messages import Intent, Page, Role
from kiosk.app.manager_desk import MAX_OPEN
from kiosk.domain.events import EventType
from kiosk.domain.staff import Refused, StaffRole
from kiosk.domain.staff_sessions import IDLE_S
from kiosk.testing.gatehouse import Gatehouse
from kiosk.testing.published import data_breaks
from kiosk.testing.staff import GUARD, MANAGER, MemoryPins

WRONG = "908172"


@pytest.fixture
def door():
    return Gatehouse()


async def codes(door, *pins):
    return [(await door.staff.sign_in(pin)).code for pin in pins]


def on_record(door):
    asyncio.run(door.settle())
    assert [found for event in door.journal.events if (found := data_breaks(event.type.value, event.data))] == []
    return [(event.type, dict(event.data)) for event in door.journal.events]


def test_a_pin_says_who_it_is_and_everything_is_on_record(door):
    async def work():
        answer = await door.staff.sign_in(GUARD)
        assert isinstance(answer.reply, SignedIn)
        assert (answer.reply.role, answer.reply.name, answer.reply.idle_s) == (StaffRole.GUARD, "door", IDLE_S)
        assert (await door.staff.ask(StillHere())).code is None
        assert (await door.staff.ask(SignOut())).code is None
        assert (await door.staff.ask(StillHere())).code is Refused.SIGNED_OUT

    asyncio.run(work())
    assert on_record(door) == [
        (EventType.STAFF_SIGNED_IN, {"role": "guard", "by": "door"}),
        (EventType.STAFF_SIGNED_OUT, {"role": "guard", "by": "door", "why": "asked"}),
    ]


def test_a_session_ends_when_the_screen_is_left_alone_and_lasts_while_it_is_not(door):
    async def work():
        await door.staff.sign_in(GUARD)
        for _ in range(3):
            door.wait(IDLE_S - 1)
            assert (await door.staff.ask(StillHere())).code is None
        door.wait(IDLE_S)
        assert (await door.staff.ask(StillHere())).code is Refused.SIGNED_OUT

    asyncio.run(work())
    assert (EventType.STAFF_SIGNED_OUT, {"role": "guard", "by": "door", "why": "idle"}) in on_record(door)


def test_whoever_signs_in_ends_the_session_before(door):
    async def work():
        await door.staff.sign_in(GUARD)
        first = door.staff.session
        await door.staff.sign_in(MANAGER)
        assert door.shell.manager.sessions.staff_of(first) is None
        assert door.shell.manager.sessions.staff_of(door.staff.session).role is StaffRole.MANAGER

    asyncio.run(work())
    assert [said.get("why") for _, said in on_record(door)] == [None, "replaced", None]


@pytest.mark.parametrize("end", [lambda door: door.join(Role.UI), lambda door: door.shell.closed(Role.UI)])
def test_a_screen_that_comes_anew_or_goes_ends_the_session(door, end):
    async def work():
        await door.staff.sign_in(GUARD)
        end(door)
        assert (await door.staff.ask(StillHere())).code is Refused.SIGNED_OUT

    asyncio.run(work())
    assert on_record(door)[-1][1]["why"] == "screen"


def test_no_session_no_answer_and_a_guessed_one_neither(door):
    async def work():
        assert (await door.staff.ask(StillHere())).code is Refused.SIGNED_OUT
        await door.staff.sign_in(GUARD)
        door.staff.session = "0" * 32
        assert (await door.staff.ask(StillHere())).code is Refused.SIGNED_OUT

    asyncio.run(work())


def test_after_five_wrong_pins_not_even_the_right_one_is_looked_at(door):
    async def work():
        assert await codes(door, *[WRONG] * 5) == [Refused.WRONG_PIN] * 5
        locked = await door.staff.sign_in(MANAGER)
        assert (locked.code, locked.detail) == (Refused.LOCKED_OUT, "60")
        door.wait(60)
        assert await codes(door, WRONG, MANAGER) == [Refused.WRONG_PIN, Refused.LOCKED_OUT]
        door.wait(120)
        assert await codes(door, MANAGER, WRONG) == [None, Refused.WRONG_PIN]

    asyncio.run(work())
    said = on_record(door)
    assert [said for kind, said in said if kind is EventType.STAFF_LOCKED_OUT] == [{"seconds": 60}, {"seconds": 120}]
    assert (EventType.STAFF_REFUSED, {"code": "wrong_pin", "misses": 5}) in said
    assert not any(WRONG in str(data) for _, data in said)


def test_pulling_the_plug_gives_nobody_another_try(door):
    asyncio.run(codes(door, *[WRONG] * 5))
    again = Gatehouse()
    again.pins.counted = door.pins.counted
    answer = asyncio.run(again.staff.sign_in(MANAGER))
    assert (answer.code, answer.detail) == (Refused.LOCKED_OUT, "60")


class _WatchedPins(MemoryPins):
    """PINs that note how many misses were on the disk when they were asked."""

    counted_when_asked = None

    def find(self, pin):
        self.counted_when_asked = self.counted
        return super().find(pin)


def test_a_miss_is_counted_before_the_pin_is_looked_at(door):
    door.shell.manager.sessions.pins = pins = _WatchedPins()
    assert asyncio.run(codes(door, GUARD)) == [None]
    assert (pins.counted_when_asked, pins.counted) == (1, 0)


def test_a_right_pin_counts_as_no_miss(door):
    asyncio.run(codes(door, *[GUARD] * 12))
    assert door.pins.counted == 0


def test_without_any_pin_the_answer_says_so_and_nothing_is_counted(door):
    door.pins.pins = {}
    assert asyncio.run(codes(door, *[WRONG] * 7)) == [Refused.NO_PINS] * 7
    assert door.pins.counted == 0


def test_a_disk_that_fails_keeps_nobody_from_looking_what_is_wrong_and_still_counts(door):
    door.pins.broken = door.journal.broken = True
    assert asyncio.run(codes(door, MANAGER, *[WRONG] * 6))[-2:] == [Refused.WRONG_PIN, Refused.LOCKED_OUT]
    door.journal.broken = False
    assert on_record(door)[0] == (EventType.STAFF_SIGNED_IN, {"role": "manager", "by": "office"})


class _SlowPins(MemoryPins):
    """PINs that are looked at only when somebody lets them be."""

    def __init__(self):
        super().__init__()
        self.let = threading.Event()

    def find(self, pin):
        assert self.let.wait(10)
        return super().find(pin)


def test_a_visitor_who_calls_for_help_does_not_wait_for_a_pin_that_is_looked_at(door):
    door.shell.manager.sessions.pins = pins = _SlowPins()

    async def work():
        async with asyncio.TaskGroup() as group:
            door.shell.manager.desk.spawn = group.create_task
            await door.shell.received(door.screen, Ask(id=1, request=SignIn(pin=GUARD)), None)
            await door.shell.received(door.screen, Intent(intent="help"), None)
            assert door.pages()[-1] is Page.STAFF
            assert not any(isinstance(message, Answer) for message in door.screen.sent)
            pins.let.set()

    asyncio.run(work())
    assert isinstance(door.screen.sent[-1].reply, SignedIn)


def test_a_screen_that_asks_without_end_is_told_to_wait(door):
    door.shell.manager.sessions.pins = pins = _SlowPins()

    async def work():
        async with asyncio.TaskGroup() as group:
            door.shell.manager.desk.spawn = group.create_task
            for number in range(MAX_OPEN + 1):
                await door.shell.received(door.screen, Ask(id=number, request=SignIn(pin=GUARD)), None)
            assert door.screen.sent[-1] == Answer(id=MAX_OPEN, code=Refused.BUSY)
            pins.let.set()

    asyncio.run(work())
    assert sum(isinstance(message, Answer) and message.code is None for message in door.screen.sent) == MAX_OPEN
