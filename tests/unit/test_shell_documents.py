"""What documents from the centre change in a running shell."""

import asyncio

from kiosk.api.messages import Role, Welcome
from kiosk.domain.credential import Kind
from kiosk.domain.events import EventType
from kiosk.domain.policy import AdmitRule, Policy
from kiosk.testing.gatehouse import Gatehouse, a_pass

STAFF_ONLY = Policy("staff-only", "lobby", (AdmitRule("staff", frozenset({Kind.STAFF})),))


def test_the_next_code_is_judged_by_the_new_policy_and_the_record_says_by_which():
    async def play():
        house = Gatehouse()
        await house.show(a_pass(subject="first"))
        await house.settle()
        house.shell.take_policy(STAFF_ONLY)
        house.wait(30)
        await house.show(a_pass(subject="second"))
        await house.settle()
        return house.journal.events

    events = asyncio.run(play())
    judged = [event for event in events if event.type in (EventType.VISIT_ADMITTED, EventType.VISIT_DENIED)]
    assert [(event.type, event.data["policy"]) for event in judged] == [
        (EventType.VISIT_ADMITTED, "test-1"), (EventType.VISIT_DENIED, "staff-only"),
    ]  # fmt: skip


def test_nobody_is_there_and_everything_is_on_record_then_it_is_quiet():
    async def play():
        house = Gatehouse()
        await house.settle()
        quiet = [house.shell.is_quiet]
        await house.show(a_pass())
        quiet.append(house.shell.is_quiet)
        await house.settle()
        house.wait(30)
        await house.settle()
        return [*quiet, house.shell.is_quiet]

    assert asyncio.run(play()) == [True, False, True]


def test_every_client_hears_which_settings_the_gate_goes_by():
    house = Gatehouse()
    house.shell.settings = "ab" * 32
    peer = house.join(Role.VISION)
    (welcome,) = [message for message in peer.sent if isinstance(message, Welcome)]
    assert welcome.settings == "ab" * 32
