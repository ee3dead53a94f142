"""The device at the touchscreen: who did what is on record before it is done, and nothing that was typed is."""

import asyncio
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from kiosk.api.admin_messages import ClockSet, Task, UsbMount, UsbMounted, UsbUnmount
from kiosk.api.manager import PERMITTED
from kiosk.api.manager.device import DeviceRead, DeviceShown, DeviceStart
from kiosk.api.manager.network import AddressSet, WifiJoin
from kiosk.api.manager.session import Ok
from kiosk.api.manager.time import TimeSet
from kiosk.api.manager.usb import Stick, UsbRead, UsbShown
from kiosk.app.manager_device import DeviceDesk
from kiosk.app.ports import JournalError
from kiosk.app.recorder import Recorder
from kiosk.app.usb_stick import UsbStick
from kiosk.domain.events import EventType
from kiosk.domain.staff import Refused, RefusedError, Staff, StaffRole
from kiosk.testing.clock import FakeClock
from kiosk.testing.gatehouse import NOW
from kiosk.testing.shell import MemoryJournal

IT = Staff(StaffRole.TECHNICIAN, "it")


class Machine:
    """Stands in for `kiosk-admin`: answers, and notes what it was asked."""

    def __init__(self):
        self.asked, self.answers = [], {}

    def ask(self, request):
        self.asked.append(request)
        answer = self.answers.get(type(request), Ok())
        if isinstance(answer, Exception):
            raise answer
        return answer


class Desk:
    def __init__(self):
        self.machine, self.journal = Machine(), MemoryJournal()
        recorder = Recorder(self.journal, FakeClock(NOW), lambda *_: None, lambda _: None, lambda: None, thread=None)
        self.handlers = DeviceDesk(self.machine, recorder, ZoneInfo("Asia/Ho_Chi_Minh")).handlers()

    def ask(self, request):
        return asyncio.run(self.handlers[type(request)](request, IT))

    def recorded(self):
        return [dict(event.data) for event in self.journal.events if event.type is EventType.DEVICE_CHANGED]


@pytest.fixture
def desk():
    return Desk()


def test_looking_leaves_no_record(desk):
    desk.machine.answers[DeviceRead] = DeviceShown(brightness=40)
    assert desk.ask(DeviceRead()).brightness == 40
    assert desk.recorded() == []


def test_what_is_done_is_on_record_without_what_was_typed(desk):
    desk.ask(WifiJoin(ssid="Nha cua Anh", password="secret word"))
    desk.ask(AddressSet(medium="wired", address="10.0.0.7/24"))
    desk.ask(DeviceStart(what="machine"))
    by = {"role": "technician", "by": "it"}
    assert desk.recorded() == [
        {"what": "wifi_join", "detail": "", **by}, {"what": "address_set", "detail": "wired", **by},
        {"what": "device_start", "detail": "machine", **by},
    ]  # fmt: skip
    assert desk.machine.asked[0].password == "secret word"
    assert "secret" not in repr(desk.machine.asked[0])


def test_without_a_durable_journal_nothing_is_done(desk):
    desk.journal.broken = True
    with pytest.raises(JournalError):
        desk.ask(DeviceStart(what="off"))
    assert desk.machine.asked == []


def test_the_clock_is_set_by_the_venues_time(desk):
    desk.ask(TimeSet(date="2026-11-25", time="21:30"))
    assert desk.machine.asked == [ClockSet(at=1_795_617_000)]
    with pytest.raises(RefusedError) as caught:
        desk.ask(TimeSet(date="2026-02-30", time="21:30"))
    assert (caught.value.code, caught.value.detail) == (Refused.INVALID, "date")


def test_every_question_about_the_device_has_an_answer_and_is_permitted_to_somebody(desk):
    from_screen = {kind for kind in Task.__args__ if kind not in (ClockSet, UsbMount, UsbUnmount)} | {TimeSet}
    assert set(desk.handlers) == from_screen
    assert all(StaffRole.TECHNICIAN in PERMITTED[kind] for kind in desk.handlers)
    assert not any(StaffRole.GUARD in PERMITTED[kind] for kind in desk.handlers)


@pytest.mark.parametrize(
    ("model", "values", "field"),
    [
        (WifiJoin, {"ssid": "Sảnh", "password": "short"}, "password"),
        (WifiJoin, {"ssid": "a\x1b[2J", "password": "long enough"}, "ssid"),
        (WifiJoin, {"ssid": "ạ" * 20, "password": "long enough"}, "ssid"),
        (AddressSet, {"medium": "wired", "address": "10.0.0.7"}, "address"),
        (AddressSet, {"medium": "wired", "address": "10.0.0.300/24"}, "address"),
        (AddressSet, {"medium": "wired", "address": "10.0.0.7/24", "gateway": "-x"}, "gateway"),
        (TimeSet, {"date": "2026-11-25", "time": "24:00"}, "time"),
    ],
)
def test_what_is_typed_wrong_is_named_where_the_question_is_built(model, values, field):
    with pytest.raises(ValidationError) as caught:
        model(**values)
    assert caught.value.errors()[0]["loc"][0] == field


# the stick of an export


def stick(name, *, usable=True):
    return Stick(id=name, size_mb=8000, filesystem="vfat", usable=usable)


def opened(machine, name=None):
    async def use():
        usb = UsbStick(machine)
        folder = await usb.open(name)
        await usb.close()
        return folder

    return asyncio.run(use())


def test_the_only_stick_is_mounted_and_unmounted():
    machine = Machine()
    machine.answers = {
        UsbRead: UsbShown(sticks=(stick("sda1"), stick("sda2", usable=False))),
        UsbMount: UsbMounted(folder="/run/kiosk-usb"),
    }
    assert str(opened(machine)) == "/run/kiosk-usb"
    assert machine.asked[1:] == [UsbMount(stick="sda1"), UsbUnmount(stick="sda1")]
    machine.answers[UsbUnmount] = RefusedError(Refused.BUSY, "stick")
    assert str(opened(machine, "sdb1")) == "/run/kiosk-usb", "and closing does not raise"


@pytest.mark.parametrize(
    ("sticks", "code", "detail"),
    [((), Refused.UNAVAILABLE, "no_target"), ((stick("sda1"), stick("sdb1")), Refused.INVALID, "stick")],
)
def test_none_and_several_are_said(sticks, code, detail):
    machine = Machine()
    machine.answers[UsbRead] = UsbShown(sticks=sticks)
    with pytest.raises(RefusedError) as caught:
        opened(machine)
    assert (caught.value.code, caught.value.detail) == (code, detail)


