"""The table `[door]`: what a venue may write about its door, and what the gate's machine makes of it."""

import itertools
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from kiosk.config import ConfigError, load_config
from kiosk.domain.door_io import DoorKind, DoorSetup, HoldOpen
from kiosk.domain.events import ClockConfidence
from kiosk.domain.lines import Sense
from kiosk.domain.schedule import hold_open
from kiosk.domain.situation import Direction
from kiosk.door_section import DoorSection
from kiosk.door_setup import door_setup

MINIMUM = """
[kiosk]
id = "gate-1"
[paths]
policy = "policy.toml"
trust = "trust"
[gate]
board = "board.toml"
pins = "mock"
"""
RELAY = frozenset({"relay"})
MANTRAP = frozenset({"relay", "inner_relay", "contact", "inner_contact"})
WIRED = 'kind = "interlock"\nfire_release_wired = true\n'
MORNING = '[[door.hold_open]]\nhours = ["08:00-12:00"]\nweekdays = ["mon"]\n'


@pytest.fixture
def read(tmp_path: Path):
    def settings(door="", gate=""):
        path = tmp_path / "kiosk.toml"
        path.write_text(f"{MINIMUM}{gate}\n[door]\n{door}\n")
        return load_config(path)

    return settings


@pytest.fixture
def refusal(read, tmp_path):
    """Return a function that gives the sentence with which a table is refused, without the file's name."""

    def text(door):
        with pytest.raises(ConfigError) as caught:
            read(door)
        said = str(caught.value)
        assert said.count("\n") == 0
        return said.removeprefix(f"{tmp_path / 'kiosk.toml'}: ")

    return text


def test_a_file_from_before_the_table_still_means_the_same(read):
    config = read()
    assert config.door.windows == ()
    assert door_setup(config, RELAY) == DoorSetup(pulse_ms=3_000)


def test_every_key(read):
    config = read(
        """
        kind = "lane"
        fail = "safe"
        escape_route = true
        free_exit = true
        fire_release_wired = true
        fire_wiring = "alarm"
        longer_ms = 15000
        longer_for = ["wheelchair", "group"]
        exit_ms = 4000
        passage_ms = 9000
        held_ms = 30000
        escalate_ms = 120000
        [[door.hold_open]]
        hours = ["08:00-12:00", "13:00-17:00"]
        weekdays = ["mon", "fri"]
        first_person = false
        """,
        gate='direction = "exit"\npulse_ms = 2500',
    )
    assert config.door.longer_for == ("wheelchair", "group")
    assert door_setup(config, frozenset({"relay", "exit_relay", "turned_in", "tamper", "lamp_red"})) == DoorSetup(
        kind=DoorKind.LANE, senses=frozenset({Sense.TURNED_IN, Sense.TAMPER}), direction=Direction.EXIT,
        pulse_ms=2_500, longer_ms=15_000, exit_ms=4_000, passage_ms=9_000, held_ms=30_000, escalate_ms=120_000,
        free_exit=True, fire_wiring_releases=False,
    )  # fmt: skip
    friday = datetime(2026, 11, 20, 16, 59, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert hold_open(config.door.windows, friday, ClockConfidence.SYNCED) == HoldOpen(active=True)


# people can always leave


@pytest.mark.parametrize(
    "door",
    [
        "",
        'kind = "magnetic_lock"\n',
        'kind = "strike"\nfail = "secure"\nfree_handle = true\n',
        'kind = "strike"\nfail = "secure"\nescape_route = false\n',
        'kind = "turnstile"\nfire_release_wired = true\n',
        'kind = "turnstile"\nfail = "secure"\nescape_route = false\n',
        'kind = "interlock"\nescape_route = false\n',
        'kind = "interlock"\nfire_release_wired = true\nfail = "secure"\nfree_handle = true\n',
    ],
)
def test_doors_that_let_people_out(read, door):
    assert read(door)


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ('fail = "secure"\n', "keeps people in without power: fit a handle"),
        ('kind = "turnstile"\n', "the fire panel has to open the turnstile by its wiring"),
        ('kind = "lane"\n', "write fire_release_wired = true"),
        ('kind = "interlock"\n', "the fire panel has to open the interlock by its wiring"),
        (WIRED + 'fail = "secure"\n', "write free_handle = true"),
        ('kind = "turnstile"\nfire_release_wired = true\nfail = "secure"\n', "keeps people in without power"),
    ],
)
def test_a_door_that_could_keep_people_in_is_refused(refusal, door, said):
    text = refusal(door)
    assert text.startswith("'door': value error, ")
    assert said in text
    assert text.endswith("or write escape_route = false where people get out by another door")


def test_of_all_doors_that_can_be_written_none_keeps_people_in():
    flags = ("escape_route", "free_handle", "free_exit", "fire_release_wired")
    taken = 0
    for kind, fail, *values in itertools.product(DoorKind, ("safe", "secure"), *[(False, True)] * len(flags)):
        try:
            door = DoorSection(kind=kind, fail=fail, **dict(zip(flags, values, strict=True)))
        except ValidationError:
            continue
        taken += 1
        opens_without_power = door.fail == "safe" or door.free_handle
        opens_in_a_fire = kind in (DoorKind.STRIKE, DoorKind.MAGNETIC_LOCK) or door.fire_release_wired
        assert (opens_without_power and opens_in_a_fire) or not door.escape_route
    assert taken == 53, "14 strikes, 8 magnetic locks, 10 turnstiles, 10 lanes and 11 mantraps"


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ('kind = "magnetic_lock"\nfail = "secure"\n', 'a magnetic lock opens without power; write fail = "safe"'),
        ('kind = "turnstile"\nfree_handle = true\n', "a turnstile has no handle"),
        ('kind = "lane"\nfree_handle = true\n', "a lane has no handle"),
        ("free_exit = true\n", "free_exit is for a turnstile or a lane"),
        (WIRED + MORNING, "a mantrap cannot stand open"),
    ],
)
def test_what_no_such_door_can_do_is_refused(refusal, door, said):
    assert refusal(door).startswith(f"'door': value error, {said}")


# values


@pytest.mark.parametrize(
    ("door", "key"),
    [
        ('kind = "revolving"', "door.kind"),
        ('fail = "open"', "door.fail"),
        ('fire_wiring = "ignore"', "door.fire_wiring"),
        ("longer_ms = 30001", "door.longer_ms"),
        ("exit_ms = 999", "door.exit_ms"),
        ("passage_ms = 60001", "door.passage_ms"),
        ("held_ms = 0", "door.held_ms"),
        ("escalate_ms = 4999", "door.escalate_ms"),
        ('longer_for = "wheelchair"', "door.longer_for"),
        ('longer_for = [""]', "door.longer_for.0"),
        ("hold_open = 5", "door.hold_open"),
        ('[[door.hold_open]]\nhours = ["8-12"]', "door.hold_open.0.hours.0"),
        ("[[door.hold_open]]\nhours = []", "door.hold_open.0.hours"),
        (MORNING.replace("mon", "monday"), "door.hold_open.0.weekdays.0"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(refusal, door, key):
    assert refusal(door).startswith(f"'{key}': ")


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("free_handel = true", "unknown key 'door.free_handel'; did you mean 'free_handle'?"),
        (MORNING + "first_one = true", "unknown key 'door.hold_open.0.first_one'; did you mean 'first_person'?"),
        ("[[door.hold_open]]\nfirst_person = true", "the key 'door.hold_open.0.hours' is missing"),
    ],
)
def test_a_slip_of_the_pen_is_answered_with_what_may_have_been_meant(refusal, door, said):
    assert refusal(door) == said


@pytest.mark.parametrize(
    "windows",
    [
        MORNING + MORNING,
        MORNING + '[[door.hold_open]]\nhours = ["11:59-14:00"]\n',
        '[[door.hold_open]]\nhours = ["08:00-12:00", "09:00-10:00"]\n',
        # Sunday's night runs into Monday morning.
        MORNING + '[[door.hold_open]]\nhours = ["22:00-08:01"]\nweekdays = ["sun"]\n',
        '[[door.hold_open]]\nhours = ["20:00-00:30", "00:00-00:10"]\n',
    ],
)
def test_hours_that_overlap_are_refused(refusal, windows):
    assert "overlap; write each part of the week once" in refusal(windows)


@pytest.mark.parametrize(
    "windows",
    [
        MORNING + '[[door.hold_open]]\nhours = ["12:00-14:00"]\n',
        MORNING + MORNING.replace("mon", "tue"),
        MORNING + '[[door.hold_open]]\nhours = ["22:00-08:00"]\nweekdays = ["sun"]\n',
        '[[door.hold_open]]\nhours = ["00:00-24:00"]\n',
    ],
)
def test_hours_that_only_meet_are_taken(read, windows):
    assert read(windows).door.windows


# the board


@pytest.mark.parametrize(
    ("door", "names", "missing"),
    [
        ("", frozenset({"contact"}), "relay"),
        ('kind = "lane"\nfire_release_wired = true', RELAY, "exit_relay"),
        (WIRED, RELAY, "inner_relay, contact, inner_contact"),
        (WIRED, MANTRAP - {"inner_contact"}, "inner_contact"),
        (WIRED, MANTRAP - {"inner_relay"}, "inner_relay"),
    ],
)
def test_a_board_without_a_line_that_the_door_needs(read, door, names, missing):
    with pytest.raises(ConfigError) as caught:
        door_setup(read(door), names)
    assert f"needs the lines {missing}; wire them" in str(caught.value)


def test_a_board_with_all_of_them_and_more(read):
    setup = door_setup(read(WIRED), MANTRAP | {"buzzer", "tamper", "exit_relay"})
    assert setup.senses == {Sense.CONTACT, Sense.INNER_CONTACT, Sense.TAMPER}


@pytest.mark.parametrize("contact", ["fire_nc", "fire_no"])
def test_a_fire_input_of_one_contact_is_refused(read, contact):
    with pytest.raises(ConfigError, match="needs both contacts, fire_nc and fire_no"):
        door_setup(read(), RELAY | {contact})
    assert door_setup(read(), RELAY | {"fire_nc", "fire_no"}).senses == {Sense.FIRE_NC, Sense.FIRE_NO}


def test_whoever_leaves_by_the_handle_forces_nothing(read):
    config = read('fail = "secure"\nfree_handle = true\n')
    with pytest.raises(ConfigError, match="wire a switch at the handle as exit_button"):
        door_setup(config, RELAY | {"contact"})
    assert door_setup(config, RELAY)
    assert door_setup(config, RELAY | {"contact", "exit_button"})


# times that hang together


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("longer_ms = 2000", "'door.longer_ms': 2000 is shorter than gate.pulse_ms, 3000; write"),
        ("passage_ms = 2999", "'door.passage_ms': 2999 is shorter than gate.pulse_ms, 3000"),
        ("held_ms = 9000", "'door.held_ms': 9000 is shorter than door.longer_ms, 10000"),
    ],
)
def test_a_time_that_ends_too_early_is_refused(read, door, said):
    with pytest.raises(ConfigError) as caught:
        door_setup(read(door), RELAY)
    assert str(caught.value).startswith(said)


def test_times_that_nobody_wrote_follow_a_long_release(read):
    setup = door_setup(read(gate="pulse_ms = 25000"), RELAY)
    assert (setup.pulse_ms, setup.longer_ms, setup.passage_ms, setup.held_ms) == (25_000, 25_000, 25_000, 25_000)
