"""PINs at the screen: who may give them to whom, and that none can be found out by giving them."""

import asyncio

import pytest

from kiosk.api.manager import ChangeOwnPin, ListPins, RemovePin, SetPin, StillHere
from kiosk.domain.events import EventType
from kiosk.domain.staff import Refused, StaffRole
from kiosk.testing.gatehouse import Gatehouse
from kiosk.testing.published import data_breaks
from kiosk.testing.staff import GUARD, MANAGER, TECHNICIAN

NEW, NEWER = "908172", "315284"


@pytest.fixture
def door():
    return Gatehouse()


def ask(door, pin, *requests):
    """Sign in, and ask one after another, half a minute apart."""

    async def all_of_it():
        await door.staff.sign_in(pin)
        answers = []
        for request in requests:
            answers.append(await door.staff.ask(request))
            door.clock.advance(30)
        return answers

    return asyncio.run(all_of_it())


def give(name, role=StaffRole.GUARD, pin=NEW):
    return SetPin(name=name, role=role, pin=pin)


def on_record(door):
    asyncio.run(door.settle())
    assert [found for event in door.journal.events if (found := data_breaks(event.type.value, event.data))] == []
    return [dict(event.data) for event in door.journal.events if event.type is EventType.PINS_CHANGED]


def test_a_manager_gives_a_pin_and_takes_it_away_and_both_are_on_record(door):
    given, signed, removed = ask(door, MANAGER, give("night"), ListPins(), RemovePin(name="night"))
    assert [one.name for one in given.reply.pins] == ["door", "night", "office", "service"]
    assert signed.reply == given.reply
    assert [one.name for one in removed.reply.pins] == ["door", "office", "service"]
    said = {"name": "night", "of": "guard", "role": "manager", "by": "office"}
    assert on_record(door) == [{"what": "set", **said}, {"what": "removed", **said}]


def test_whoever_was_given_a_pin_signs_in_with_it(door):
    ask(door, MANAGER, give("night"))
    assert asyncio.run(door.staff.sign_in(NEW)).reply.name == "night"


@pytest.mark.parametrize(
    ("pin", "request_", "code"),
    [
        (GUARD, ListPins(), Refused.NOT_PERMITTED),
        (GUARD, give("night"), Refused.NOT_PERMITTED),
        (TECHNICIAN, give("night"), Refused.NOT_PERMITTED),
        (TECHNICIAN, give("chief", StaffRole.MANAGER), Refused.NOT_PERMITTED),
        (TECHNICIAN, RemovePin(name="door"), Refused.NOT_PERMITTED),
        (TECHNICIAN, give("apprentice", StaffRole.TECHNICIAN), None),
        (MANAGER, RemovePin(name="office"), Refused.INVALID),
        (MANAGER, RemovePin(name="nobody"), Refused.NOT_FOUND),
        (MANAGER, give("night", pin="123456"), Refused.INVALID),
        (MANAGER, give("door", StaffRole.MANAGER), Refused.INVALID),
    ],
)  # fmt: skip
def test_who_may_change_whose(door, pin, request_, code):
    assert ask(door, pin, request_)[0].code is code
    assert bool(on_record(door)) is (code is None)


def test_a_technician_gives_the_first_manager_a_pin(door):
    del door.pins.pins[MANAGER]
    chief, second = ask(
        door, TECHNICIAN, give("chief", StaffRole.MANAGER), give("vice", StaffRole.MANAGER, NEWER)
    )
    assert (chief.code, second.code) == (None, Refused.NOT_PERMITTED)


def test_whoever_gives_a_pin_that_is_somebody_elses_has_guessed_one(door):
    answer = ask(door, TECHNICIAN, give("apprentice", StaffRole.TECHNICIAN, MANAGER))[0]
    assert (answer.code, answer.detail) == (Refused.INVALID, "pin_taken")
    assert door.pins.counted == 1
    assert [data["what"] for data in on_record(door)] == ["set", "not_set"]
    assert EventType.STAFF_REFUSED in door.kinds()


def test_a_pin_that_the_disk_did_not_take_is_not_on_record_as_set(door):
    door.pins.broken = True
    (answer,) = ask(door, MANAGER, give("night"))
    assert answer.code is Refused.FAILED
    assert [data["what"] for data in on_record(door)] == ["set", "not_set"]


def test_pins_are_not_given_one_after_another(door):
    async def at_once():
        await door.staff.sign_in(TECHNICIAN)
        await door.staff.ask(give("first", StaffRole.TECHNICIAN))
        door.clock.advance(5)
        return await door.staff.ask(give("second", StaffRole.TECHNICIAN, NEWER))

    answer = asyncio.run(at_once())
    assert (answer.code, answer.detail) == (Refused.BUSY, "15")


def test_without_a_journal_nobody_is_given_a_pin(door):
    door.journal.broken = True
    assert ask(door, MANAGER, give("night"))[0].code is Refused.NOT_RECORDED
    assert "night" not in [one.name for one in door.pins.everybody()]


def test_whoever_says_the_pin_they_have_may_change_it(door):
    wrong, others, right = ask(
        door, MANAGER, ChangeOwnPin(pin="471902", new=NEW), ChangeOwnPin(pin=GUARD, new=NEW),
        ChangeOwnPin(pin=MANAGER, new=NEW),
    )  # fmt: skip
    assert [wrong.code, others.code, right.code] == [Refused.WRONG_PIN, Refused.WRONG_PIN, None]
    assert door.pins.find(NEW).name == "office"
    assert door.pins.find(MANAGER) is None


def test_whoever_takes_their_own_pin_away_is_signed_out(door):
    answers = ask(door, TECHNICIAN, RemovePin(name="service"), StillHere())
    assert [answer.code for answer in answers] == [None, Refused.SIGNED_OUT]
