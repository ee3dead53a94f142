"""The lights of the kiosk: which colour and code each part has, by what is known of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kiosk.domain import health
from kiosk.domain.door import step
from kiosk.domain.door_io import DoorSetup, DoorState, Mode, Sensed
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate_io import Fault
from kiosk.domain.gate_state import Gate
from kiosk.domain.health import Light, Part, State
from kiosk.domain.lines import Sense
from kiosk.domain.trust import TrustSource

GOOD, CARE, BAD = State.GOOD, State.CARE, State.BAD
NOW = datetime(2026, 6, 1, tzinfo=UTC)
MS = 1_000_000


def lit(light):
    return light.state, light.code


@pytest.mark.parametrize(
    ("state", "light"),
    [("ok", GOOD), ("starting", CARE), ("dark", CARE), ("lost", BAD), ("frozen", BAD)],
)
def test_the_camera(state, light):
    assert lit(health.camera(state, 29.97)) == (light, f"camera_{state}")


def test_a_camera_that_works_says_how_fast():
    assert health.camera("ok", 29.97).figures == {"frames_per_s": 30.0}


@pytest.mark.parametrize(
    ("states", "light"),
    [
        ({}, (GOOD, "scanners_none")), ({"desk": "ok"}, (GOOD, "scanners_ok")),
        ({"desk": "ok", "ramp": "lost"}, (CARE, "scanner_lost")), ({"ramp": "lost"}, (BAD, "scanner_lost")),
    ],
)  # fmt: skip
def test_the_scanners(states, light):
    assert lit(health.scanners(states)) == light


def gate(**door):
    at_rest = Gate.of(DoorSetup(senses=frozenset(Sense)))
    return replace(at_rest, door=replace(at_rest.door, **door))


def leaf(state):
    return (replace(gate().door.leaves[0], state=state),)


@pytest.mark.parametrize(
    ("now", "light"),
    [
        (gate(), (GOOD, "door_ok")),
        (gate(mode=Mode.LOCKDOWN), (CARE, "mode_lockdown")),
        (gate(leaves=leaf(DoorState.HELD)), (CARE, "door_held")),
        (gate(chattering=frozenset({Sense.BEAM})), (CARE, "sensor_fault")),
        (gate(wiring=True), (BAD, "fire_wiring")),
        (gate(leaves=leaf(DoorState.FORCED), mode=Mode.LOCKDOWN), (BAD, "door_forced")),
        (gate(active=frozenset({Sense.FIRE_NC, Sense.FIRE_NO})), (BAD, "fire")),
        (gate(leaves=leaf(DoorState.FAULT)), (BAD, "relay_fault")),
        (replace(gate(), faults=frozenset({Fault.RELAY})), (BAD, "relay_fault")),
    ],
)  # fmt: skip
def test_the_door_says_the_gravest_thing(now, light):
    assert lit(health.door(now)) == light


def test_an_open_case_is_bad_and_a_sensor_that_chatters_is_named():
    at_rest = gate()
    opened, _ = step(at_rest.door, Sensed(Sense.TAMPER, True, MS), MS)
    assert lit(health.door(replace(at_rest, door=opened))) == (BAD, "tamper")
    assert health.door(gate(chattering=frozenset({Sense.BEAM}))).figures == {"sensors": "beam"}


@pytest.mark.parametrize(
    ("state", "waiting", "light"),
    [
        ("up", 0, (GOOD, "link_up")), ("up", 1001, (CARE, "link_behind")), ("down", 3, (CARE, "link_down")),
        ("off", 5000, (GOOD, "link_off")),
    ],
)  # fmt: skip
def test_the_link(state, waiting, light):
    assert lit(health.link(state, waiting)) == light


@pytest.mark.parametrize(
    ("confidence", "light"),
    [(ClockConfidence.SYNCED, GOOD), (ClockConfidence.DRIFTING, CARE), (ClockConfidence.UNSET, BAD)],
)
def test_the_clock(confidence, light):
    assert health.clock(confidence).state is light


def lists(*days):
    return [
        TrustSource(f"list{number}", imported_at=NOW - timedelta(days=age), max_age=timedelta(days=10))
        for number, age in enumerate(days)
    ]


@pytest.mark.parametrize(
    ("days", "light"),
    [
        ((), (BAD, "trust_none")), ((1, 7), (GOOD, "trust_ok")), ((1, 9), (CARE, "trust_old")),
        ((1, 11), (CARE, "trust_stale")), ((11, 12), (BAD, "trust_stale")),
    ],
)  # fmt: skip
def test_the_trust_lists(days, light):
    found = health.trust(_TrustOf(lists(*days)), NOW)
    assert lit(found) == light
    assert found.figures == {f"list{number}_age_days": age for number, age in enumerate(days)}


class _TrustOf:
    """What the rule needs of trust lists: their sources, and how many keys."""

    def __init__(self, sources):
        self.sources = sources

    def __len__(self):
        return len(self.sources)


@pytest.mark.parametrize(
    ("percent", "light"),
    [
        (None, (CARE, "storage_unknown")), (79, (GOOD, "storage_ok")), (80, (CARE, "storage_filling")),
        (90, (BAD, "storage_nearly_full")),
    ],
)  # fmt: skip
def test_the_storage(percent, light):
    assert lit(health.storage(gate(), percent)) == light


def test_a_journal_that_fails_is_bad_however_much_room_there_is():
    broken = replace(gate(), faults=frozenset({Fault.JOURNAL}))
    assert lit(health.storage(broken, 10)) == (BAD, "journal_unavailable")
    assert lit(health.storage(broken, None)) == (BAD, "journal_unavailable")


@pytest.mark.parametrize(
    ("state", "light"), [("ok", GOOD), ("off", CARE), ("none", CARE), ("unknown", CARE), ("failed", BAD)]
)
def test_the_sound(state, light):
    assert lit(health.sound(state, "ok")) == (light, f"sound_{state}")


def test_sentences_that_have_not_been_spoken_yet_matter_where_there_is_a_loudspeaker():
    assert lit(health.sound("ok", "missing")) == (CARE, "voice_missing")
    assert lit(health.sound("failed", "missing")) == (BAD, "sound_failed")
    assert lit(health.sound("ok", "off")) == (GOOD, "sound_ok")


@pytest.mark.parametrize(("silent_s", "light"), [(None, BAD), (5.0, GOOD), (15.5, BAD)])
def test_the_screen(silent_s, light):
    assert health.screen(silent_s, 812.4).state is light


@pytest.mark.parametrize(
    ("degrees", "throttled", "light"),
    [
        (None, (), (GOOD, "machine_ok")), (55.0, (), (GOOD, "machine_ok")), (70.0, (), (CARE, "warm")),
        (80.0, (), (BAD, "too_hot")), (55.0, ("frequency_capped",), (CARE, "slowed_down")),
        (55.0, ("throttled", "under_voltage"), (BAD, "under_voltage")),
    ],
)  # fmt: skip
def test_the_machine(degrees, throttled, light):
    assert lit(health.machine(degrees, throttled)) == light


def test_each_light_has_its_part_and_its_figures():
    now = gate()
    assert [
        health.camera("ok", 29.97), health.scanners({"desk": "ok"}), health.door(now), health.link("down", 7),
        health.clock(ClockConfidence.UNSET), health.trust(_TrustOf(lists(3)), NOW), health.storage(now, 85),
        health.sound("ok", "ok"), health.screen(15.0, 812.4), health.machine(61.84, ()),
    ] == [
        Light(Part.CAMERA, GOOD, "camera_ok", {"frames_per_s": 30.0}),
        Light(Part.SCANNERS, GOOD, "scanners_ok", {"desk": "ok"}),
        Light(Part.DOOR, GOOD, "door_ok", {}),
        Light(Part.LINK, CARE, "link_down", {"waiting": 7}),
        Light(Part.CLOCK, BAD, "clock_unset", {}),
        Light(Part.TRUST, GOOD, "trust_ok", {"list0_age_days": 3}),
        Light(Part.STORAGE, CARE, "storage_filling", {"used_percent": 85}),
        Light(Part.SOUND, GOOD, "sound_ok", {}),
        Light(Part.SCREEN, GOOD, "screen_ok", {"first_frame_ms": 812}),
        Light(Part.MACHINE, GOOD, "machine_ok", {"temperature_c": 61.8}),
    ]  # fmt: skip


def test_a_part_of_which_nothing_is_known_has_no_figures():
    assert health.screen(None, 0.0) == Light(Part.SCREEN, BAD, "screen_silent")
    assert health.machine(None, ()) == Light(Part.MACHINE, GOOD, "machine_ok")
    assert health.storage(gate(), None) == Light(Part.STORAGE, CARE, "storage_unknown")
    assert health.camera("lost", 0.0) == Light(Part.CAMERA, BAD, "camera_lost")
    assert health.scanners({}) == Light(Part.SCANNERS, GOOD, "scanners_none")
    assert health.link("off", 9) == Light(Part.LINK, GOOD, "link_off")
    assert health.sound("ok", "missing") == Light(Part.SOUND, CARE, "voice_missing")


def test_a_broken_journal_still_says_how_full_it_is():
    broken = replace(gate(), faults=frozenset({Fault.JOURNAL}))
    assert health.storage(broken, 85).figures == {"used_percent": 85}
    assert health.storage(broken, None).figures == {}
