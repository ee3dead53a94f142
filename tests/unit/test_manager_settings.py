"""The desk that changes settings: each change on record before it is made, and never what was written."""

import asyncio

import pytest

from kiosk.api.manager.settings import SettingsFaulty, SettingsRead, SettingsUndo, SettingsWrite
from kiosk.app.manager_settings import SettingsDesk
from kiosk.app.ports import JournalError
from kiosk.app.recorder import Recorder
from kiosk.domain.events import EventType
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.testing.clock import FakeClock
from kiosk.testing.gatehouse import NOW
from kiosk.testing.shell import MemoryJournal
from kiosk.testing.venue_settings import Venue

OFFICE = Staff(StaffRole.MANAGER, "office")


class Desk:
    """A desk at a venue, and the journal behind it."""

    def __init__(self, folder):
        self.venue, self.journal = Venue(folder), MemoryJournal()
        recorder = Recorder(
            self.journal, FakeClock(NOW), lambda *_: None, lambda _: None, lambda: None, thread=None
        )
        self.handlers = SettingsDesk(self.venue.editor, recorder).handlers()

    def ask(self, request):
        return asyncio.run(self.handlers[type(request)](request, OFFICE))

    def recorded(self):
        return [event.data for event in self.journal.events if event.type is EventType.SETTINGS_CHANGED]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_change_is_on_record_by_its_keys_alone(desk):
    taken = desk.ask(SettingsWrite(values={"screen.venue": "Bệnh viện Đa khoa", "gate.pulse_ms": "4000"}))
    assert taken.keys == ("screen.venue", "gate.pulse_ms")
    assert desk.recorded() == [
        {"how": "set", "keys": ["screen.venue", "gate.pulse_ms"], "role": "manager", "by": "office"}
    ]
    assert desk.ask(SettingsRead()).restart_due
    assert desk.ask(SettingsUndo()).keys == ("gate.pulse_ms", "screen.venue")
    assert desk.recorded()[-1]["how"] == "undone"
    assert desk.venue.config().gate.pulse_ms == 2000


def test_what_changes_nothing_leaves_no_record(desk):
    assert desk.ask(SettingsWrite(values={"gate.pulse_ms": "2000"})).keys == ()
    assert isinstance(desk.ask(SettingsWrite(values={"gate.pulse_ms": "1"})), SettingsFaulty)
    with pytest.raises(RefusedError) as caught:
        desk.ask(SettingsUndo())
    assert caught.value.code is Refused.NOT_FOUND
    assert desk.recorded() == []


def test_without_a_durable_journal_nothing_is_changed(desk):
    desk.journal.broken = True
    with pytest.raises(JournalError):
        desk.ask(SettingsWrite(values={"gate.pulse_ms": "4000"}))
    assert desk.venue.store.newest() == b""


def test_settings_that_somebody_has_broken_meanwhile_are_no_fault_of_the_gate(desk):
    desk.venue.path.write_text("[gate]\npulse_ms = none\n")
    with pytest.raises(OSError, match=r"kiosk\.toml"):
        desk.ask(SettingsWrite(values={"gate.pulse_ms": "4000"}))
    assert desk.recorded() == []
