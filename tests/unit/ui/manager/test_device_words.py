"""Every code that a page of the device may be told has its words, in every language of the screen."""

from typing import get_args

import pytest

from kiosk.adapters.settings_fields import GROUPS
from kiosk.api.manager.network import NetworkLine, NetworkShown
from kiosk.api.manager.settings import SettingFault, SettingGroup
from kiosk.api.manager.update import UpdateFault
from kiosk.api.messages import CameraState, SoundState
from kiosk.config import ScreenSection
from kiosk.domain.door_io import Mode
from kiosk.domain.events import ClockConfidence
from kiosk.domain.health import Part, State
from kiosk.domain.lines import Out, Sense
from kiosk.domain.self_test import Tried
from kiosk.domain.staff import Refused, StaffRole
from kiosk.sound_section import SoundSection
from ui.manager.device_shots import DEVICE_PAGES
from ui.manager.pages import PAGES
from ui.manager.words import manager_words

LANGUAGES = ("en", "vi")
DOOR = ("door_ok", "relay_fault", "fire", "door_forced", "tamper", "fire_wiring", "sensor_fault", "door_held")
OTHERS = (
    "scanners_none", "scanners_ok", "scanner_lost", "link_off", "link_up", "link_down", "link_behind", "trust_none",
    "trust_stale", "trust_old", "trust_ok", "journal_unavailable", "storage_unknown", "storage_nearly_full",
    "storage_filling", "storage_ok", "screen_silent", "screen_ok", "under_voltage", "too_hot", "slowed_down", "warm",
    "machine_ok",
)  # fmt: skip


def values_of(model, name):
    return get_args(model.model_fields[name].annotation)


def health_codes():
    yield from (*DOOR, *OTHERS)
    yield from (f"camera_{state}" for state in get_args(CameraState))
    yield from (f"sound_{state}" for state in get_args(SoundState))
    yield from (f"clock_{one}" for one in ClockConfidence)
    yield from (f"mode_{mode}" for mode in Mode if mode is not Mode.NORMAL)
    yield from (f"part_{part}" for part in Part)
    yield from (f"some_{state}" for state in State if state is not State.GOOD)


CODES = {
    "health": tuple(health_codes()),
    "self_test": (
        *(f"{kind}_{sense}" for sense in Sense for kind in ("sense", "move")), *(f"out_{out}" for out in Out),
        *(f"tried_{tried}" for tried in Tried),
    ),
    "update": tuple(f"code_{fault}" for fault in get_args(UpdateFault) if fault),
    "export": ("code_no_space", "code_target_gone", "code_unreadable", "code_no_target"),
    "settings": (
        *(f"fault_{fault}" for fault in get_args(SettingFault)),
        *(f"group_{name}" for name in values_of(SettingGroup, "name")),
        *(f"key_{key.replace('.', '_')}" for group in GROUPS.values() for key, _ in group),
        *(f"option_screen_theme_{theme}" for theme in values_of(ScreenSection, "theme")),
        *(f"option_sound_voice_{voice}" for voice in values_of(SoundSection, "voice")),
    ),
    "network": (
        *(f"reach_{reach}" for reach in values_of(NetworkShown, "reach")),
        *(f"state_{state}" for state in values_of(NetworkLine, "state")),
    ),
    "camera_aim": tuple(f"camera_{state}" for state in get_args(CameraState) if state != "ok"),
    "pins": tuple(f"may_{role}" for role in StaffRole),
    "refused": tuple(Refused),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", CODES)
def test_each_code_is_said(language, page):
    words = manager_words(language)
    assert [code for code in CODES[page] if f"manager.{page}.{code}" not in words] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DEVICE_PAGES)
def test_each_page_can_be_said_in_full(language, name):
    view = DEVICE_PAGES[name].view(manager_words(language))
    assert view.title
    assert view.blocks


def test_both_languages_have_the_same_words_and_none_is_a_copy():
    english, vietnamese = manager_words("en"), manager_words("vi")
    ours = [key for key in english if key.split(".")[1] in {page.NAME for page in PAGES}]
    assert [key for key in ours if key not in vietnamese] == []
    same = [key for key in ours if english[key] == vietnamese[key] and " " in english[key].strip("{}% ×°C")]
    assert same == []
