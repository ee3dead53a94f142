"""Settings at the touchscreen: what is shown, what can be set, and what is refused with which word."""

import tomllib

import pytest

from kiosk.adapters.settings_fields import fields
from kiosk.adapters.toml_text import toml_text
from kiosk.api.manager.settings import OpenHours
from kiosk.settings_overlay import FROM_TOUCHSCREEN
from kiosk.testing.venue_settings import Venue
from ui.manager.words import manager_words

MORNING = OpenHours(hours=("08:00-12:00",), weekdays=("mon", "tue"), first_person=False)


@pytest.fixture
def venue(tmp_path):
    return Venue(tmp_path)


def test_what_is_shown_says_whose_it_is_and_what_it_can_be(venue):
    shown = venue.shown()
    pulse, longer, theme = shown["gate.pulse_ms"], shown["door.longer_ms"], shown["screen.theme"]
    assert (pulse.value, pulse.origin, pulse.kind, pulse.least, pulse.most, pulse.unit) == (
        "2000", "own", "number", 100, 30_000, "ms",
    )  # fmt: skip
    assert (longer.value, longer.origin) == ("10000", "default")
    assert (theme.kind, theme.options) == ("choice", ("day", "night", "auto"))
    assert (shown["screen.language"].options, shown["sound.tones"].value) == (("vi", "en"), "on")
    assert "Asia/Ho_Chi_Minh" in shown["kiosk.time_zone"].options
    assert (shown["paths.policy"].value, shown["paths.policy"].options) == ("policy", ("policy", "hospital"))
    assert not venue.editor.shown().can_undo


def test_every_setting_that_is_shown_may_be_set_and_the_other_way_round():
    shown = set(fields((), ()))
    permitted = {f"{table}.{key}" for table, keys in FROM_TOUCHSCREEN.items() for key in keys}
    assert permitted == shown | {"door.hold_open"}


@pytest.mark.parametrize("language", ["en", "vi"])
def test_every_setting_has_words_in_both_languages(venue, language):
    words = manager_words(language)
    for group in venue.editor.shown().groups:
        assert f"manager.settings.group_{group.name}" in words
    for key, field in fields((), ("vi", "en")).items():
        named = key.replace(".", "_")
        assert f"manager.settings.key_{named}" in words
        spoken = field.options if key not in ("kiosk.time_zone", "screen.language") else ()
        assert [one for one in spoken if f"manager.settings.option_{named}_{one}" not in words] == []


def test_what_is_set_lies_over_the_kiosks_own_and_under_the_centres(venue):
    assert venue.set(gate__pulse_ms="4000", screen__venue='Nhà "A" \\ B', screen__language="en") == (
        "gate.pulse_ms", "screen.venue", "screen.language",
    )  # fmt: skip
    config = venue.config()
    assert (config.gate.pulse_ms, config.screen.venue, config.screen.language) == (4000, 'Nhà "A" \\ B', "en")
    assert venue.shown()["gate.pulse_ms"].origin == "touchscreen"
    (venue.folder / "state" / "settings.toml").write_text("[gate]\npulse_ms = 5000\n")
    assert venue.config().gate.pulse_ms == 5000


def test_the_kiosks_own_value_is_none_that_was_set_here(venue):
    venue.set(gate__pulse_ms="4000")
    assert venue.set(gate__pulse_ms="2000") == ("gate.pulse_ms",)
    assert venue.shown()["gate.pulse_ms"].origin == "own"
    assert venue.set(gate__pulse_ms="2000") == (), "it is so already"


@pytest.mark.parametrize(
    ("key", "text", "fault", "bound"),
    [
        ("gate__pulse_ms", "99", "too_small", 100),
        ("gate__pulse_ms", "30001", "too_large", 30_000),
        ("gate__pulse_ms", "3 s", "not_a_number", None),
        ("gate__pulse_ms", "\uff19", "not_a_number", None),
        ("gate__pins", "mock", "unknown", None),
        ("kiosk__id", "door-2", "unknown", None),
        ("kiosk__time_zone", "Mars/Olympus", "no_such_zone", None),
        ("screen__theme", "pink", "not_offered", None),
        ("screen__language", "de", "not_offered", None),
        ("sound__tones", "yes", "not_offered", None),
        ("screen__venue", "x" * 41, "too_long", 40),
        ("screen__venue", "a\nb", "invalid", None),
        ("paths__policy", "../../etc/passwd", "not_offered", None),
        ("gate__pulse_ms", "9000", "conflict", None),
    ],
)
def test_what_cannot_be_taken_is_refused_by_name(venue, key, text, fault, bound):
    venue.set(door__longer_ms="10000", door__passage_ms="8500")
    assert venue.set(**{key: text}) == (key.replace("__", "."), fault, bound)
    assert not venue.shown()["gate.pulse_ms"].value.startswith("9")


def test_what_the_centre_has_set_cannot_be_set_here(venue):
    venue.centre = b"[gate]\npulse_ms = 5000\n"
    assert venue.shown()["gate.pulse_ms"].origin == "centre"
    assert venue.set(gate__pulse_ms="4000") == ("gate.pulse_ms", "from_centre", None)
    venue.policy_sent = True
    assert venue.set(paths__policy="hospital") == ("paths.policy", "from_centre", None)


def test_another_policy_is_chosen_by_its_name(venue):
    assert venue.set(paths__policy="hospital") == ("paths.policy",)
    assert venue.config().paths.policy == venue.folder / "policies" / "hospital.toml"
    assert venue.shown()["paths.policy"].value == "hospital"
    venue.set(paths__policy="policy")
    assert venue.config().paths.policy == venue.folder / "policy.toml"


def test_the_number_of_people_is_that_of_a_policy_that_counts_them(venue):
    assert "limits.people" not in venue.shown()
    (venue.folder / "policy.toml").write_text("[capacity]\npeople = 100\n")
    shown = venue.shown()["limits.people"]
    assert (shown.value, shown.origin, shown.kind, shown.least, shown.unit) == ("100", "default", "number", 1, "people")
    assert venue.set(limits__people="0") == ("limits.people", "too_small", 1)
    assert venue.set(limits__people="80") == ("limits.people",)
    assert (venue.shown()["limits.people"].value, venue.config().limits.people) == ("80", 80)


def test_hours_are_set_together_and_may_not_overlap(venue):
    assert venue.set(hours=(MORNING,)) == ("door.hold_open",)
    assert venue.editor.shown().hours == (MORNING,)
    assert venue.config().door.hold_open[0].hours == ("08:00-12:00",)
    overlapping = MORNING.model_copy(update={"hours": ("11:00-13:00",)})
    assert venue.set(hours=(MORNING, overlapping)) == ("door.hold_open", "overlap", None)
    no_such_hour = MORNING.model_copy(update={"hours": ("25:00-26:00",)})
    assert venue.set(hours=(no_such_hour,)) == ("door.hold_open", "invalid", None)
    assert venue.set(hours=()) == ("door.hold_open",)
    assert venue.config().door.hold_open == ()


def test_undoing_says_what_it_changes(venue):
    assert venue.editor.undoing() is None
    venue.set(gate__pulse_ms="4000")
    venue.set(gate__pulse_ms="5000", screen__language="en")
    assert venue.editor.undoing().keys == ("gate.pulse_ms", "screen.language")
    venue.editor.undo()
    assert (venue.config().gate.pulse_ms, venue.config().screen.language) == (4000, "vi")


def test_a_settings_file_is_written_as_it_is_read():
    tables = {"door": {"held_ms": 5, "hold_open": [{"hours": ["08:00-09:00"], "first_person": True}]}, "empty": {}}
    assert tomllib.loads(toml_text(tables)) == {"door": tables["door"]}
    with pytest.raises(ValueError, match="no place"):
        toml_text({"screen": {"venue": "a\x7fb"}})
