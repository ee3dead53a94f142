"""The verbs of clock, sticks and device, against programs that answer as those of Debian 12 and 13 do."""

import json

import pytest

from kiosk.admin.clock import Clock
from kiosk.admin.device import Device
from kiosk.admin.tools import ToolError
from kiosk.admin.usb import Usb
from kiosk.api.admin_messages import ClockSet, UsbMount, UsbUnmount
from kiosk.api.manager.device import DeviceRead, DeviceSet, DeviceStart
from kiosk.api.manager.time import TimeRead, TimeSync, ZoneSet
from kiosk.api.manager.usb import UsbEject, UsbRead
from kiosk.domain.staff import Refused, RefusedError

BY_NETWORK = "Timezone=Asia/Ho_Chi_Minh\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized=no\nTimeUSec=n/a\n"
CONTROLS = "Simple mixer control 'Capture',0\nSimple mixer control 'PCM',0\n"


def refused(verb, request):
    with pytest.raises(RefusedError) as caught:
        verb(request)
    return caught.value.code, caught.value.detail


# clock


@pytest.fixture
def clock(tools, recorded):
    recorded.says("timedatectl", "show", text=BY_NETWORK)
    return Clock(tools, lambda: 1_795_000_000.9)


def test_how_the_clock_stands(clock):
    shown = clock.read(TimeRead())
    assert (shown.now, shown.zone, shown.by_network, shown.synced, shown.can_sync) == (
        1_795_000_000, "Asia/Ho_Chi_Minh", True, False, True,
    )  # fmt: skip


def test_a_clock_set_by_hand_is_set_by_the_network_no_more(clock, recorded):
    clock.set(ClockSet(at=1_795_000_000))
    assert [call[1:] for call in recorded.asked] == [
        ["show"], ["set-ntp", "false"], ["set-time", "2026-11-18 11:06:40 UTC"]
    ]
    clock.sync(TimeSync(on=True))
    clock.set_zone(ZoneSet(zone="Europe/Berlin"))
    assert [call[1:] for call in recorded.asked[3:]] == [["set-ntp", "true"], ["set-timezone", "Europe/Berlin"]]


# sticks


def disks(place=None):
    stick = {"name": "sda1", "type": "part", "size": 31_000_000_000, "fstype": "vfat", "label": "KIOSK\x1b[2J",
             "model": None, "tran": None, "mountpoints": [place]}  # fmt: skip
    linux = stick | {"name": "sda2", "fstype": "ext4", "mountpoints": [None]}
    disk = {"name": "sda", "type": "disk", "size": 31_100_000_000, "fstype": None, "label": None,
            "model": "Ultra Fit", "tran": "usb", "mountpoints": [None], "children": [stick, linux]}  # fmt: skip
    card = disk | {"name": "mmcblk0", "tran": None}
    whole = disk | {"name": "sdb", "fstype": "exfat"}
    del whole["children"]
    return json.dumps({"blockdevices": [disk, card, whole, {"name": "sdc; reboot", "type": "disk", "tran": "usb"}]})


@pytest.fixture
def usb(tools, recorded, tmp_path):
    recorded.says("lsblk", text=disks())
    (tmp_path / "block" / "sda" / "device").mkdir(parents=True)
    return Usb(tools, (990, 991), tmp_path / "usb", tmp_path / "block")


def test_sticks_are_found_and_nothing_else(usb):
    assert [(one.id, one.label, one.model, one.size_mb, one.usable) for one in usb.read(UsbRead()).sticks] == [
        ("sda1", "KIOSK[2J", "Ultra Fit", 29_563, True), ("sda2", "KIOSK[2J", "Ultra Fit", 29_563, False),
        ("sdb", "", "Ultra Fit", 29_659, True),
    ]  # fmt: skip


def test_a_stick_is_mounted_for_the_gate_alone_and_can_bring_no_program(usb, recorded, tmp_path):
    assert usb.mount(UsbMount(stick="sda1")).folder == str(tmp_path / "usb")
    (call,) = recorded.calls("/dev/sda1")
    assert "--options=rw,nosuid,nodev,noexec,noatime,uid=990,gid=991,fmask=0177,dmask=0077" in call
    assert call[-2:] == ["/dev/sda1", str(tmp_path / "usb")]
    assert refused(usb.mount, UsbMount(stick="sda2")) == (Refused.INVALID, "filesystem")
    assert refused(usb.mount, UsbMount(stick="sdz9")) == (Refused.NOT_FOUND, "stick")


def test_a_stick_is_let_go_of_once_it_is_written(usb, recorded, tmp_path):
    recorded.says("lsblk", text=disks(str(tmp_path / "usb")))
    assert refused(usb.eject, UsbEject(stick="sda1")) == (Refused.BUSY, "stick"), "it still is mounted afterwards"
    assert refused(usb.unmount, UsbUnmount(stick="sda1")) == (Refused.BUSY, "stick")
    assert not (tmp_path / "block/sda/device/delete").exists()
    recorded.says("lsblk", text=disks())
    usb.eject(UsbEject(stick="sda1"))
    assert (tmp_path / "block/sda/device/delete").read_text() == "1"


def test_what_lsblk_says_is_read_or_it_is_a_failure(usb, recorded):
    recorded.says("lsblk", text="no JSON")
    with pytest.raises(ToolError):
        usb.read(UsbRead())


# device


@pytest.fixture
def light(tmp_path):
    light = tmp_path / "backlight" / "10-0045"
    light.mkdir(parents=True)
    (light / "max_brightness").write_text("255\n")
    (light / "brightness").write_text("51\n")
    return light


@pytest.fixture
def device(tools, tmp_path):
    return Device(tools, tmp_path / "backlight")


def test_brightness_and_volume_are_shown_and_set(device, light, recorded):
    recorded.says("amixer", "scontrols", text=CONTROLS)
    recorded.says("amixer", "sget", "PCM", text="  Mono: Playback -2000 [63%] [-20.00dB] [on]\n")
    assert device.read(DeviceRead()) == device.read(DeviceRead())
    shown = device.read(DeviceRead())
    assert (shown.brightness, shown.volume) == (20, 63)
    device.set(DeviceSet(brightness=5, volume=0))
    assert light.joinpath("brightness").read_text() == "13"
    assert recorded.calls("sset") == [["amixer", "-M", "sset", "PCM", "0%", "mute"]]


def test_a_machine_without_either_says_so(device, recorded):
    shown = device.read(DeviceRead())
    assert (shown.brightness, shown.volume) == (None, None)
    assert refused(device.set, DeviceSet(brightness=50)) == (Refused.UNAVAILABLE, "brightness")
    assert refused(device.set, DeviceSet(volume=50)) == (Refused.UNAVAILABLE, "volume")


def test_new_starts_are_asked_for_and_not_waited_for(device, recorded):
    for what in ("kiosk", "machine", "off"):
        device.start(DeviceStart(what=what))
    assert [call[1:] for call in recorded.asked] == [
        ["--no-block", "restart", "kiosk.target"], ["--no-block", "reboot"], ["--no-block", "poweroff"]
    ]
