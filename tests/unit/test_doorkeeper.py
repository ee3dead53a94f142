"""Beside the door's machine: the mode after a restart, the schedule, lamps and buzzer."""

import asyncio
from datetime import UTC, datetime

import pytest

from kiosk.app.shell import Shell
from kiosk.domain.door_io import DoorSetup, HoldOpen, Mode, ModeAsked
from kiosk.domain.events import EventType
from kiosk.domain.gate import Gate, HelpAsked
from kiosk.domain.lines import Out
from kiosk.domain.policy import Policy
from kiosk.domain.trust import TrustList
from kiosk.testing.clock import FakeClock
from kiosk.testing.shell import MemoryJournal, RecordingPeers, RecordingRelay, RecordingSwitch

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Place:
    """A door with lamps, whose process can be started again."""

    def __init__(self):
        self.clock, self.journal = FakeClock(NOW), MemoryJournal()
        self.hours = HoldOpen()
        self.start()

    def start(self):
        self.relay, self.switches = RecordingRelay(), {out: RecordingSwitch() for out in (Out.LAMP_RED, Out.BUZZER)}
        self.shell = Shell(
            "kiosk", Gate.of(DoorSetup()), Policy("1", "lobby"), lambda: TrustList({}), self.journal,
            {Out.RELAY: self.relay}, self.clock, RecordingPeers(), switches=self.switches, schedule=lambda: self.hours,
        )  # fmt: skip
        self.shell.begin()

    def put(self, event):
        self.shell.dispatch(event)
        self.commit()

    def commit(self):
        asyncio.run(self.shell.recorder.commit_queued())

    def after(self, seconds):
        self.clock.advance(seconds)
        self.shell.watch()
        self.commit()

    @property
    def mode(self):
        return self.shell.gate.door.running


@pytest.fixture
def place():
    return Place()


@pytest.mark.parametrize("mode", [Mode.LOCKDOWN, Mode.MAINTENANCE])
def test_what_locks_the_door_locks_it_after_a_restart(place, mode):
    place.put(ModeAsked(mode, "staff"))
    place.start()
    assert place.mode is mode


def test_free_passage_ends_with_a_restart_and_that_is_put_on_record(place):
    place.put(ModeAsked(Mode.FREE_PASSAGE, "staff"))
    assert place.mode is Mode.FREE_PASSAGE
    place.start()
    assert place.mode is Mode.NORMAL
    place.commit()
    said = [event.data for event in place.journal.events if event.type is EventType.MODE_CHANGED]
    assert said[-1] == {"mode": "normal", "by": "restart"}


def test_a_lockdown_is_taken_up_when_the_journal_is_there_at_last(place):
    place.put(ModeAsked(Mode.LOCKDOWN, "staff"))
    place.journal.broken = True
    place.start()
    assert place.mode is Mode.NORMAL
    place.journal.broken = False
    place.put(HelpAsked())
    assert place.mode is Mode.LOCKDOWN


def test_the_schedule_is_asked_every_second(place):
    place.hours = HoldOpen(active=True)
    place.after(0.05)
    assert place.shell.gate.door.held_open
    place.hours = HoldOpen()
    place.after(0.5)
    assert place.shell.gate.door.held_open
    place.after(0.6)
    assert not place.shell.gate.door.held_open
    said = [event.data["hold_open"] for event in place.journal.events if event.type is EventType.SCHEDULE_CHANGED]
    assert said == [True, False]


def test_lamps_and_buzzer_follow_the_gate_and_are_told_what_changes_only(place):
    place.after(0.05)
    place.after(0.05)
    assert place.switches[Out.LAMP_RED].levels == [False]
    place.put(HelpAsked())
    place.after(0.05)
    assert place.switches[Out.LAMP_RED].levels == [False, True]
    assert place.switches[Out.BUZZER].levels == [False, True]
