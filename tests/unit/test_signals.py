"""What lamps, buzzer and camera light say, as timelines: one sign for each 50 ms, `#` for on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.app.doorway import Doorway
from kiosk.app.signals import ALARM_SOUND_MS, LIGHT_MS, MS, Rhythm, Scene, levels, light_since
from kiosk.domain.door_io import Alarm, DoorState, Mode, RaisedAlarm
from kiosk.domain.gate_io import View
from kiosk.domain.lines import Out

START = 7_000_000 * MS
STEP_MS = 50
SHORT, LONG = 1_000, 4_000
QUIET = [Alarm.PASSBACK, Alarm.OCCUPANCY_HIGH, Alarm.OCCUPANCY_FULL]
OURS = sorted(set(Alarm) - {Alarm.FIRE, *QUIET})


def timeline(scene, out, ms=SHORT, after_ms=0):
    """Return the level of a line every 50 ms, from `after_ms` after the start."""
    moments = range(START + after_ms * MS, START + (after_ms + ms) * MS, STEP_MS * MS)
    return "".join("#" if levels(scene, now)[out] else "." for now in moments)


def lamps(scene, ms=SHORT):
    return timeline(scene, Out.LAMP_GREEN, ms), timeline(scene, Out.LAMP_RED, ms)


def door(view=View.IDLE, **fields):
    return Scene(Doorway(**fields), view, START)


def alarm(kind=Alarm.DOOR_HELD, **fields):
    return RaisedAlarm(kind, START, **fields)


ALARMS = st.lists(st.builds(alarm, st.sampled_from(Alarm), level=st.integers(1, 2)), max_size=3).map(tuple)
ON, OFF, FLASHING = "#" * 20, "." * 20, "#" * 10 + "." * 10


def test_while_nobody_is_there_all_is_dark_and_quiet():
    assert not any(levels(Scene(Doorway()), START).values())
    assert set(levels(Scene(Doorway()), START)) == {Out.LAMP_GREEN, Out.LAMP_RED, Out.BUZZER, Out.CAMERA_LIGHT}


# people who come in


def test_admitted_is_green_while_the_door_is_released_and_one_short_tone():
    admitted = door(View.ADMITTED, leaf=DoorState.RELEASED, admitting=True)
    assert lamps(admitted) == (ON, OFF)
    assert timeline(admitted, Out.BUZZER) == "###................."
    assert lamps(door(leaf=DoorState.OPEN, admitting=True)) == (ON, OFF)
    assert lamps(door(View.ADMITTED, leaf=DoorState.LOCKED)) == (OFF, OFF)


def test_refused_is_red_and_two_long_tones():
    refused = door(View.REFUSED)
    assert lamps(refused) == (OFF, ON)
    assert timeline(refused, Out.BUZZER) == "######...######....."


def test_whoever_waits_for_staff_hears_three_tones_and_again_after_30_s():
    waiting = door(View.STAFF)
    assert lamps(waiting) == (OFF, FLASHING)
    assert timeline(waiting, Out.BUZZER) == "##..##..##.........."
    assert timeline(waiting, Out.BUZZER, after_ms=1_000, ms=29_000) == "." * 580
    assert timeline(waiting, Out.BUZZER, after_ms=30_000) == "##..##..##.........."


@pytest.mark.parametrize("view", [View.IDLE, View.CODE_READ])
def test_nothing_is_said_while_nothing_is_decided(view):
    scene = door(view)
    assert (*lamps(scene), timeline(scene, Out.BUZZER)) == (OFF, OFF, OFF)


def test_the_exit_button_invites_nobody_from_outside():
    assert lamps(door(leaf=DoorState.RELEASED)) == (OFF, OFF)
    assert lamps(door(leaf=DoorState.OPEN)) == (OFF, OFF)
    assert lamps(door(View.REFUSED, leaf=DoorState.RELEASED)) == (OFF, ON)


# modes


@pytest.mark.parametrize("mode", [Mode.LOCKDOWN, Mode.MAINTENANCE, Mode.OUT_OF_ORDER])
def test_a_door_that_nobody_may_use_is_red_without_a_sound(mode):
    assert lamps(door(mode=mode)) == (OFF, ON)
    assert lamps(door(mode=mode, leaf=DoorState.OPEN, admitting=True)) == (OFF, ON)
    assert timeline(door(mode=mode), Out.BUZZER) == OFF
    # Staff has opened it for somebody.
    assert lamps(door(mode=mode, leaf=DoorState.RELEASED, admitting=True)) == (ON, OFF)


def test_a_relay_that_does_not_answer_is_red():
    assert lamps(door(leaf=DoorState.FAULT)) == (OFF, ON)


def test_a_door_that_stands_open_to_everybody_is_green():
    assert lamps(door(mode=Mode.FREE_PASSAGE)) == (ON, OFF)
    assert lamps(door(held_open=True, leaf=DoorState.OPEN)) == (ON, OFF)


@given(st.builds(Doorway, fire=st.just(True), alarms=ALARMS), st.sampled_from(View), st.integers(0, 60_000))
def test_in_a_fire_it_is_green_and_the_buzzer_leaves_the_air_to_the_alarm(fire, view, ms):
    said = levels(Scene(fire, view, START), START + ms * MS)
    assert (said[Out.LAMP_GREEN], said[Out.LAMP_RED], said[Out.BUZZER]) == (True, False, False)


@given(st.builds(Doorway, alarms=ALARMS), st.sampled_from(View), st.integers(0, 60_000))
def test_green_and_red_are_never_lit_together(doorway, view, ms):
    said = levels(Scene(doorway, view, START), START + ms * MS)
    assert not (said[Out.LAMP_GREEN] and said[Out.LAMP_RED])


# alarms


@pytest.mark.parametrize("kind", OURS)
def test_an_alarm_is_slow_and_then_fast(kind):
    assert lamps(door(alarms=(alarm(kind),))) == (OFF, FLASHING)
    assert timeline(door(alarms=(alarm(kind),)), Out.BUZZER, LONG) == ("#####" + "." * 35) * 2
    assert timeline(door(alarms=(alarm(kind, level=2),)), Out.BUZZER, 1_200) == "###..." * 4


def test_the_worst_alarm_is_heard():
    both = door(alarms=(alarm(), alarm(Alarm.DOOR_FORCED, level=2)))
    assert timeline(both, Out.BUZZER, 1_200) == "###..." * 4


def test_an_alarm_drowns_what_visitors_are_told_and_leaves_them_their_lamp():
    scene = door(View.ADMITTED, leaf=DoorState.RELEASED, admitting=True, alarms=(alarm(),))
    assert lamps(scene) == (ON, OFF)
    assert timeline(scene, Out.BUZZER, 2_000) == "#####" + "." * 35


def test_an_alarm_that_staff_has_seen_is_quiet_and_dark():
    seen = door(View.ADMITTED, alarms=(alarm(seen=True),))
    assert lamps(seen) == (OFF, OFF)
    assert timeline(seen, Out.BUZZER) == "###................."


@pytest.mark.parametrize("kind", QUIET)
def test_alarms_that_are_no_news_at_the_door_are_left_to_the_screen(kind):
    assert not any(levels(door(alarms=(alarm(kind),)), START).values())


def test_an_alarm_is_not_heard_all_night_and_stays_visible():
    scene = door(alarms=(alarm(),))
    end = START + ALARM_SOUND_MS * MS
    assert levels(scene, end - 1_800 * MS)[Out.BUZZER]
    assert not any(levels(scene, end + ms * MS)[Out.BUZZER] for ms in range(0, 10_000, STEP_MS))
    assert any(levels(scene, end + ms * MS)[Out.LAMP_RED] for ms in range(0, 1_000, STEP_MS))


# rhythms


@given(st.lists(st.integers(1, 2_000), max_size=6), st.booleans(), st.integers(-5_000, 100_000))
def test_a_rhythm_begins_with_on_ends_with_off_and_says_the_same_again(beats, again, ms):
    rhythm, whole = Rhythm(tuple(beats), again), sum(beats)
    on = rhythm.on(ms * MS)
    if ms < 0 or not beats or (ms >= whole and not again):
        assert not on
    elif ms < beats[0]:
        assert on
    elif again:
        assert on == rhythm.on((ms + whole) * MS)


# the camera light


def lit(since_ns, now_ns):
    return levels(Scene(Doorway(), light_ns=since_ns), now_ns)[Out.CAMERA_LIGHT]


def test_the_light_is_for_whoever_stands_in_the_dark():
    assert light_since(0, present=False, dark=True, now_ns=START) == 0
    assert light_since(0, present=True, dark=False, now_ns=START) == 0
    assert light_since(0, present=True, dark=True, now_ns=START) == START
    assert lit(START, START)
    assert not lit(0, START)


def test_what_it_lights_up_does_not_put_it_out():
    since = light_since(0, present=True, dark=True, now_ns=START)
    since = light_since(since, present=True, dark=False, now_ns=START + 1_000 * MS)
    assert lit(since, START + 1_000 * MS)
    assert light_since(since, present=False, dark=False, now_ns=START + 2_000 * MS) == 0


def test_something_left_before_the_sensor_does_not_burn_it_for_ever():
    end, since = START + LIGHT_MS * MS, START
    assert lit(since, end - 1)
    assert not lit(light_since(since, present=True, dark=True, now_ns=end), end)
    gone = light_since(since, present=False, dark=True, now_ns=end)
    assert lit(light_since(gone, present=True, dark=True, now_ns=end + MS), end + MS)
