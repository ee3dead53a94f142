"""The pages for settings and the device held still, each filled from fixed replies; `shots.py` frames them."""

from collections.abc import Mapping
from dataclasses import replace

from kiosk.api.manager import (
    DeviceShown,
    ExportState,
    Inputs,
    NetworkShown,
    OutTried,
    SettingsFaulty,
    SettingsShown,
    TimeShown,
    UpdateShown,
)
from kiosk.api.manager.aim import AimShown, HintCount
from kiosk.api.manager.health import Light
from kiosk.api.manager.network import NetworkLine, WifiSeen
from kiosk.api.manager.pins import PinOf
from kiosk.api.manager.settings import OpenHours, Setting, SettingGroup
from kiosk.api.manager.test import InputNow
from kiosk.api.manager.update import Bundle
from kiosk.api.manager.usb import Stick
from kiosk.domain.health import Part, State
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused, StaffRole
from ui.manager.page import ManagerPage
from ui.manager.pages.about import AboutPage
from ui.manager.pages.camera_aim import CameraAimPage
from ui.manager.pages.device import DevicePage
from ui.manager.pages.export import ExportPage
from ui.manager.pages.health import HealthPage
from ui.manager.pages.network import NetworkPage
from ui.manager.pages.network_address import Address
from ui.manager.pages.network_join import JoinWifi
from ui.manager.pages.pins import EditPin, PinsPage
from ui.manager.pages.pins_own import OwnPin
from ui.manager.pages.self_test import SelfTestPage
from ui.manager.pages.settings import SettingsPage
from ui.manager.pages.settings_choice import ChooseSetting
from ui.manager.pages.settings_hours import EditHours, Hours
from ui.manager.pages.time import TimePage
from ui.manager.pages.update import UpdatePage

_CITIES = (
    "Bangkok", "Brunei", "Dubai", "Ho_Chi_Minh", "Hong_Kong", "Jakarta", "Kuala_Lumpur", "Manila", "Seoul", "Tokyo",
)  # fmt: skip
_ZONES = ("Africa/Cairo", "America/New_York", *(f"Asia/{city}" for city in _CITIES), "Europe/Berlin")
_ZONE = Setting(key="kiosk.time_zone", kind="choice", value="Asia/Ho_Chi_Minh", origin="own", options=_ZONES)
_VOICES = ("off", "on_request", "always")
_HOURS = (
    OpenHours(hours=("08:00-17:00",), weekdays=("mon", "tue", "wed", "thu", "fri")),
    OpenHours(hours=("09:00-12:00",), weekdays=("sat",), first_person=False),
)
_SETTINGS = SettingsShown(
    groups=(
        SettingGroup(name="venue", settings=(
            Setting(key="screen.venue", kind="text", value="Chợ Đồng Xuân", origin="touchscreen", most=40),
            _ZONE,
            Setting(key="paths.policy", kind="choice", value="lobby", origin="own", options=("lobby", "strict")),
        )),
        SettingGroup(name="door", settings=(
            Setting(key="gate.pulse_ms", kind="number", value="3000", origin="own", least=100, most=30000, unit="ms"),
            Setting(key="door.held_ms", kind="number", value="30000", origin="centre", unit="ms"),
        )),
        SettingGroup(name="privacy", settings=(
            Setting(key="privacy.keep_days", kind="number", value="21", origin="own", least=1, most=365, unit="days"),
        )),
        SettingGroup(name="screen", settings=(
            Setting(key="screen.language", kind="choice", value="vi", origin="own", options=("vi", "en")),
            Setting(key="screen.theme", kind="choice", value="auto", origin="own", options=("day", "night", "auto")),
            Setting(key="screen.night", kind="text", value="18:00-06:00", origin="default"),
        )),
        SettingGroup(name="sound", settings=(
            Setting(key="sound.voice", kind="choice", value="on_request", origin="own", options=_VOICES),
            Setting(key="sound.tones", kind="toggle", value="on", origin="default"),
        )),
    ),
    hours=_HOURS, can_undo=True,
)  # fmt: skip
_AIM = AimShown(
    camera="ok", source="picamera2", fps=30, decoded_fps=28.6, read_fps=12.4, decode_ms=7.3, light=131, codes=3,
    hints=(HintCount(hint="closer", count=2), HintCount(hint="tilt", count=1)),
)  # fmt: skip
_GOOD: tuple[tuple[Part, str, Mapping[str, float | str]], ...] = (
    (Part.CAMERA, "camera_ok", {"frames_per_s": 30.0}), (Part.SCANNERS, "scanners_none", {}),
    (Part.DOOR, "door_ok", {}), (Part.LINK, "link_up", {"waiting": 3}), (Part.CLOCK, "clock_synced", {}),
    (Part.TRUST, "trust_ok", {}), (Part.STORAGE, "storage_ok", {"used_percent": 12}), (Part.SOUND, "sound_ok", {}),
    (Part.SCREEN, "screen_ok", {}), (Part.MACHINE, "machine_ok", {"temperature_c": 51.5}),
)  # fmt: skip
_WELL = tuple(
    Light(part=part, state=State.GOOD, code=code, figures=dict(figures))
    for part, code, figures in _GOOD
)
_ILL = (
    Light(part=Part.CAMERA, state=State.BAD, code="camera_lost", since_s=80),
    Light(part=Part.LINK, state=State.CARE, code="link_down", figures={"waiting": 214}),
    *(light for light in _WELL if light.part not in (Part.CAMERA, Part.LINK)),
)
_REST = tuple(InputNow(sense=sense, active=False, moved=0) for sense in (
    Sense.CONTACT, Sense.EXIT_BUTTON, Sense.FIRE_NC, Sense.TAMPER,
))  # fmt: skip
_WALKED = (
    InputNow(sense=Sense.CONTACT, active=False, moved=2), InputNow(sense=Sense.EXIT_BUTTON, active=True, moved=1),
    InputNow(sense=Sense.FIRE_NC, active=False, moved=0),
    InputNow(sense=Sense.TAMPER, active=False, chatters=True, moved=9),
)  # fmt: skip
_OUTS = (Out.RELAY, Out.LAMP_GREEN, Out.LAMP_RED, Out.BUZZER)
_INPUTS = Inputs(since_ns=0, inputs=_REST, outs=_OUTS, maintenance=False)
_WALK = Inputs(since_ns=1, inputs=_WALKED, outs=_OUTS, maintenance=True)
_TRIED = {
    Out.RELAY: OutTried(out=Out.RELAY, result=Tried.MOVED, feedback_ms=14),
    Out.LAMP_RED: OutTried(out=Out.LAMP_RED, result=Tried.SWITCHED),
}
_PINS = (
    PinOf(name="bao-ve-1", role=StaffRole.GUARD), PinOf(name="desk", role=StaffRole.MANAGER),
    PinOf(name="fitter", role=StaffRole.TECHNICIAN),
)  # fmt: skip
_WIFI = (
    WifiSeen(ssid="Cho Dong Xuan", signal=82, secured=True, joined=True),
    WifiSeen(ssid="Khách miễn phí", signal=61, secured=False),
    WifiSeen(ssid="eduroam", signal=40, secured=True, joinable=False),
)
_LINES = (
    NetworkLine(medium="wired", state="unavailable"),
    NetworkLine(medium="wifi", state="connected", network="Cho Dong Xuan", address="192.168.1.20/24",
                gateway="192.168.1.1", dns=("192.168.1.1",)),
)  # fmt: skip
_TIME = TimeShown(now=1_795_570_200, zone="Asia/Ho_Chi_Minh", by_network=True, synced=True)
_STICK = Stick(id="sda1", label="KHO", model="SanDisk Ultra", size_mb=31_914, filesystem="exfat")
_SECOND = Stick(id="sdb1", model="Kingston", size_mb=7_800, filesystem="vfat")
_WRITTEN = ExportState(state="done", part=1, events=48_210, files=("events-2026-11-25.csv", "events-2026-11-25.jsonl"))
_UPDATE = UpdateShown(
    version="1.4.0", before="1.3.2",
    bundle=Bundle(version="1.5.0", made="2026-11-20", signer="release-2026", size_mb=84),
)  # fmt: skip

DEVICE_PAGES: Mapping[str, ManagerPage] = {
    "settings": SettingsPage(shown=_SETTINGS),
    "settings-wrong": SettingsPage(
        shown=_SETTINGS.model_copy(update={"restart_due": True}), typed={"gate.pulse_ms": "99000"},
        faulty=SettingsFaulty(key="gate.pulse_ms", fault="too_large", bound=30_000),
    ),
    "settings-went_back": SettingsPage(shown=_SETTINGS.model_copy(update={"standing": "went_back"})),
    "settings_choice": ChooseSetting(_ZONE),
    "settings_choice-area": ChooseSetting(_ZONE, "Asia"),
    "settings_hours": Hours(_HOURS),
    "settings_hours-none": Hours(()),
    "settings_hours_edit": EditHours(
        _HOURS, 0, "08:00", "17:00", _HOURS[0].weekdays, first_person=True,
        faulty=SettingsFaulty(key="door.hold_open", fault="overlap"),
    ),
    "pins": PinsPage(pins=_PINS),
    "pins_edit": EditPin("bao-ve-1", StaffRole.GUARD, known=True, pin="27182818", again="27182818"),
    "pins_edit-wrong": EditPin(name="Bảo vệ", pin="271828", wrong="name"),
    "pins_own": OwnPin(pin="271828", wrong="again"),
    "health": HealthPage(lights=_WELL),
    "health-ill": HealthPage(lights=_ILL),
    "self_test": SelfTestPage(inputs=_INPUTS),
    "self_test-walk": SelfTestPage(inputs=_WALK, tried=_TRIED),
    "self_test-ended": SelfTestPage(inputs=_WALK, ended=True),
    "camera_aim": CameraAimPage(shown=_AIM),
    "camera_aim-dark": CameraAimPage(shown=_AIM.model_copy(update={
        "read_fps": 0.0, "codes": 0, "decode_ms": 61.2, "light": 32.0, "hint": "light", "hints": (),
    })),
    "camera_aim-lost": CameraAimPage(shown=AimShown(camera="lost")),
    "network": NetworkPage(shown=NetworkShown(reach="full", lines=_LINES), found=_WIFI),
    "network-none": NetworkPage(shown=NetworkShown(reach="none", lines=_LINES[:1]), code=Refused.FAILED),
    "network-missing": NetworkPage(unavailable=True),
    "network_join": JoinWifi(_WIFI[0], wrong=True),
    "network_join-open": JoinWifi(_WIFI[1], joining=True),
    "network_address": replace(Address.of(_LINES[1]), method="fixed", address="192.168.1.300/24", wrong="address"),
    "time": TimePage(shown=_TIME),
    "time-by_hand": TimePage(shown=_TIME.model_copy(update={"by_network": False, "synced": False}), time="08:30"),
    "device": DevicePage(shown=DeviceShown(brightness=80, volume=45)),
    "device-off": DevicePage(shown=DeviceShown(), starting="off"),
    "export": ExportPage(sticks=(_STICK,), state=ExportState()),
    "export-running": ExportPage(sticks=(_STICK,), state=ExportState(state="running", part=0.42, events=20_120)),
    "export-done": ExportPage(sticks=(_STICK, _SECOND), state=_WRITTEN, first="2026-11-01", last="2026-11-25"),
    "export-failed": ExportPage(sticks=(), state=ExportState(state="failed", code="target_gone")),
    "export-safe": ExportPage(sticks=(), state=_WRITTEN, safe=True),
    "update": UpdatePage(shown=_UPDATE),
    "update-forged": UpdatePage(shown=UpdateShown(version="1.4.0", code="forged"), looked=True),
    "update-installing": UpdatePage(shown=_UPDATE.model_copy(update={"state": "installing"})),
    "about": AboutPage(version="1.4.0"),
}  # fmt: skip
"""By name: the page, a hyphen, and what is special about it."""
