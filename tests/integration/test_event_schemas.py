"""What the real gate process puts on record on some days at several doors is what is published of it."""

import asyncio

import pytest

from kiosk.domain.events import EventType
from kiosk.testing.gatehouse import CERTIFICATE, Gatehouse
from kiosk.testing.published import data_breaks
from kiosk.testing.simulator.play import play
from kiosk.testing.simulator.scenario import SHIPPED, load

DAYS = (
    "tailgaters", "stuck-relay", "chatter", "hold-open", "mantrap", "double-entry", "disk-full", "clock-unset",
)  # fmt: skip
"""Scenarios whose days are short."""


@pytest.fixture(scope="module")
def said():
    """Return one event of each type and each set of keys."""
    heard = []
    for name in DAYS:
        play(load(SHIPPED / f"{name}.toml"), heard.append)
    door = Gatehouse()

    async def show():
        # Good, and not enough alone; then shown again and again until staff is called.
        await door.show(CERTIFICATE)
        await door.settle()

    asyncio.run(show())
    return {(one.type, *sorted(one.data)): one for one in [*heard, *door.journal.events]}.values()


def test_all_of_it_is_published(said):
    assert {str(one.type): found for one in said if (found := data_breaks(one.type.value, one.data))} == {}


def test_these_days_have_most_of_what_can_happen_at_a_door(said):
    door = {kind for kind in EventType if kind.value.startswith(("visit.", "gate.", "passage.", "alarm.", "fault."))}
    rare = {EventType.GATE_INTERRUPTED, EventType.PASSAGE_LEFT}
    assert door - {one.type for one in said} <= rare
