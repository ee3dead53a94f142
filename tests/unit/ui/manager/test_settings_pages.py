"""The venue's settings at the touchscreen: changed one by one, mended, undone."""

from dataclasses import replace

import pytest

from kiosk.api.manager import (
    SettingsFaulty,
    SettingsRead,
    SettingsShown,
    SettingsTaken,
    SettingsUndo,
    SettingsWrite,
)
from kiosk.api.manager.settings import OpenHours, Setting, SettingGroup
from kiosk.domain.staff import Refused
from ui.manager.blocks import Buttons, Fields, Notice, Rows
from ui.manager.page import Act
from ui.manager.pages.settings import SettingsPage
from ui.manager.pages.settings_choice import ChooseSetting
from ui.manager.pages.settings_hours import EditHours, Hours
from ui.manager.words import manager_words

WORDS = manager_words("en")
ZONES = ("Asia/Bangkok", "Asia/Ho_Chi_Minh", "Europe/Berlin", *(f"Africa/City_{number}" for number in range(9)))
PULSE = Setting(key="gate.pulse_ms", kind="number", value="3000", origin="own", least=100, most=30_000, unit="ms")
NIGHT = Setting(key="screen.night", kind="text", value="18:00-06:00", origin="default")
ZONE = Setting(key="kiosk.time_zone", kind="choice", value="Asia/Ho_Chi_Minh", origin="own", options=ZONES)
KEPT = Setting(key="privacy.keep_days", kind="number", value="21", origin="centre", unit="days")
MORNING = OpenHours(hours=("08:00-12:00",), weekdays=("mon", "tue"))
EVENING = OpenHours(hours=("17:00-19:00",), weekdays=("mon",))


def shown(*settings, **standing):
    groups = (SettingGroup(name="door", settings=settings),) if settings else ()
    return SettingsShown(groups=groups, **standing)


def page(*settings, **standing):
    asked = SettingsPage().opened()
    assert asked.asks == (SettingsRead(),)
    return asked.page.answered(asked.asks[0], shown(*settings, **standing)).page


def blocks(page, kind):
    return [block for block in page.view(WORDS).blocks if isinstance(block, kind)]


def fields(page):
    return {one.id: one for block in blocks(page, Fields) for one in block.items}


def test_a_value_is_stored_at_once_and_the_page_asks_how_it_stands():
    turn = page(PULSE).acted(Act("gate.pulse_ms", "4"))
    assert turn.asks == (SettingsWrite(values={"gate.pulse_ms": "4000"}), SettingsRead())
    stored = turn.page.answered(turn.asks[0], SettingsTaken(keys=("gate.pulse_ms",)))
    assert stored.say == "settings.saved"


def test_one_that_cannot_be_taken_stays_in_its_field_with_a_sentence_until_it_is_mended():
    turn = page(PULSE).acted(Act("gate.pulse_ms", "99.999"))
    faulty = SettingsFaulty(key="gate.pulse_ms", fault="too_large", bound=30_000)
    refused = turn.page.answered(turn.asks[0], faulty).page
    field = fields(refused)["gate.pulse_ms"]
    assert (field.value, field.error) == ("99.999", "Too large: at most 30.")
    mended = refused.acted(Act("gate.pulse_ms", "5")).page
    assert fields(mended)["gate.pulse_ms"].error == ""


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("3", "3000"), ("2,5", "2500"), ("2.5", "2500"), (".25", "250"), ("1.2345", "1234"), ("soon", "soon"), ("", "")],
)
def test_times_are_typed_in_seconds_with_either_decimal_sign(typed, stored):
    assert page(PULSE).acted(Act("gate.pulse_ms", typed)).asks[0].values == {"gate.pulse_ms": stored}


def test_times_are_shown_in_seconds_as_the_language_writes_them():
    half = page(PULSE.model_copy(update={"value": "2500"}))
    assert fields(half)["gate.pulse_ms"].note == "Seconds, 0.1 to 30"
    assert fields(half)["gate.pulse_ms"].value == "2.5"
    (block,) = [one for one in half.view(manager_words("vi")).blocks if isinstance(one, Fields)]
    assert block.items[0].value == "2,5"


def test_a_value_longer_than_any_may_be_is_not_even_asked():
    turn = page(PULSE).acted(Act("gate.pulse_ms", "9" * 201))
    assert turn.asks == ()
    assert fields(turn.page)["gate.pulse_ms"].error


def test_what_the_gate_refuses_is_said_and_the_field_shows_what_is_in_force():
    turn = page(PULSE).acted(Act("gate.pulse_ms", "4"))
    refused = turn.page.refused(turn.asks[0], Refused.NOT_RECORDED, "").page
    assert blocks(refused, Notice)[0].text == WORDS["manager.refused.not_recorded"]
    assert fields(refused)["gate.pulse_ms"].value == "3"


def test_what_the_centre_has_set_is_shown_and_cannot_be_changed():
    locked = page(KEPT)
    assert fields(locked) == {}
    assert locked.acted(Act("privacy.keep_days", "7")).asks == ()


def test_an_unknown_key_is_not_asked():
    assert page(PULSE).acted(Act("gate.board", "x")).asks == ()


def test_the_night_is_set_by_two_times():
    turn = page(NIGHT).acted(Act("screen.night:last", "05:30"))
    assert turn.asks[0] == SettingsWrite(values={"screen.night": "18:00-05:30"})
    turn = page(NIGHT).acted(Act("screen.night:first", "19:00"))
    assert turn.asks[0] == SettingsWrite(values={"screen.night": "19:00-06:00"})


def test_the_last_change_can_be_undone_where_there_is_one():
    (undo,) = blocks(page(PULSE), Buttons)[-1].items
    assert not undo.enabled
    able = page(PULSE, can_undo=True)
    assert blocks(able, Buttons)[-1].items[0].enabled
    assert able.acted(Act("undo")).asks == (SettingsUndo(), SettingsRead())


def test_how_the_newest_settings_stand_is_said_first():
    for standing, word in (("trying", "trying"), ("went_back", "went_back")):
        assert blocks(page(PULSE, standing=standing), Notice)[0].text == WORDS[f"manager.settings.{word}"]
    assert blocks(page(PULSE, restart_due=True), Notice)[0].text == WORDS["manager.settings.restart_due"]
    assert blocks(page(PULSE), Notice) == []


def test_one_of_many_values_is_chosen_by_area_on_a_page_of_its_own():
    chooser = page(ZONE).acted(Act("kiosk.time_zone:choose")).to
    (areas,) = blocks(chooser, Rows)
    assert [row.title for row in areas.items] == ["Africa", "Asia", "Europe"]
    asia = chooser.acted(Act("area:Asia")).page
    (cities,) = blocks(asia, Rows)
    assert [row.title for row in cities.items] == ["Bangkok", "Ho Chi Minh"]
    turn = asia.acted(Act("take:Asia/Bangkok"))
    assert turn.asks == (SettingsWrite(values={"kiosk.time_zone": "Asia/Bangkok"}),)
    assert turn.page.answered(turn.asks[0], SettingsTaken(keys=("kiosk.time_zone",))).go == "back"
    assert asia.acted(Act("take:Mars/Base")).asks == ()


def test_a_long_list_is_turned_by_the_screenful():
    africa = ChooseSetting(ZONE, "Africa")
    (first,) = blocks(africa, Rows)
    assert (len(first.items), first.newer, first.older) == (8, "", "older")
    (last,) = blocks(africa.acted(Act("older")).page, Rows)
    assert (len(last.items), last.newer, last.older) == (1, "newer", "")
    assert africa.acted(Act("older")).page.acted(Act("newer")).page == africa


def test_hours_are_changed_line_by_line_and_stored_all_together():
    listed = page(PULSE, hours=(MORNING, EVENING)).acted(Act("door.hold_open")).to
    edited = listed.acted(Act("0")).to.acted(Act("ends", "11:30")).page.acted(Act("wed")).page
    (write,) = edited.acted(Act("store")).asks
    changed = OpenHours(hours=("08:00-11:30",), weekdays=("mon", "tue", "wed"))
    assert write == SettingsWrite(hours=(changed, EVENING))
    assert listed.acted(Act("1")).to.acted(Act("remove")).asks == (SettingsWrite(hours=(MORNING,)),)


def test_new_hours_are_added_at_the_end_and_need_a_day():
    new = Hours((MORNING,)).acted(Act("add")).to
    (write,) = new.acted(Act("store")).asks
    assert write.hours[0] == MORNING
    assert write.hours[1].hours == ("08:00-17:00",)
    assert replace(new, weekdays=()).acted(Act("store")).asks == ()


def test_hours_that_overlap_are_said_at_the_time():
    editor = EditHours((MORNING,), 0, "08:00", "12:00", ("mon",), first_person=True)
    (write,) = editor.acted(Act("store")).asks
    faulty = SettingsFaulty(key="door.hold_open", fault="overlap")
    assert "overlap" in fields(editor.answered(write, faulty).page)["ends"].error


def test_the_list_of_hours_keeps_up_with_what_was_stored():
    turn = Hours((MORNING,)).ticked()
    assert turn.page.answered(turn.asks[0], shown(hours=(EVENING,))).page == Hours((EVENING,))
