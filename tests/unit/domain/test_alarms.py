"""Alarms by themselves: raised once, to level 2 where nobody comes, ended by their cause, by staff or by time."""

import pytest

from kiosk.domain.alarms import GROWING, MOMENT_MS, MOMENTS, MS, cleared, passed_time, raised, seen, stands
from kiosk.domain.door_io import Alarm, RaisedAlarm
from kiosk.domain.events import EventType
from kiosk.domain.lines import Out, Sense

BEGAN, ESCALATE_MS = 7_000 * MS, 60_000
RAISED, CLEARED = EventType.ALARM_RAISED, EventType.ALARM_CLEARED


def said(events):
    return [(one.type, one.visit, dict(one.data)) for one in events]


def after(alarms, ms, escalate_ms=ESCALATE_MS):
    return passed_time(alarms, BEGAN + ms * MS, escalate_ms)


def test_an_alarm_is_raised_once_and_says_where_and_for_whom():
    alarms, events = raised((), Alarm.DOOR_HELD, BEGAN, Out.INNER_RELAY, "v1")
    assert alarms == (RaisedAlarm(Alarm.DOOR_HELD, BEGAN, level=1, seen=False, where=Out.INNER_RELAY),)
    assert said(events) == [(RAISED, "v1", {"alarm": "door_held", "level": 1, "where": "inner_relay"})]
    assert raised(alarms, Alarm.DOOR_HELD, BEGAN + 1, Out.INNER_RELAY) == (alarms, ())


def test_the_same_alarm_elsewhere_is_another_one():
    alarms, _ = raised((), Alarm.SENSOR, BEGAN, Sense.BEAM)
    assert stands(alarms, Alarm.SENSOR, Sense.BEAM)
    assert not stands(alarms, Alarm.SENSOR, Sense.CONTACT)
    assert not stands(alarms, Alarm.SENSOR)
    both, events = raised(alarms, Alarm.SENSOR, BEGAN, Sense.CONTACT)
    assert [one.where for one in both] == [Sense.BEAM, Sense.CONTACT]
    assert len(events) == 1
    left, events = cleared(both, Alarm.SENSOR, Sense.BEAM)
    assert [one.where for one in left] == [Sense.CONTACT]
    assert said(events) == [(CLEARED, "", {"alarm": "sensor", "level": 1, "where": "beam"})]


def test_what_does_not_stand_ends_without_a_word():
    alarms, _ = raised((), Alarm.TAMPER, BEGAN)
    assert cleared(alarms, Alarm.FIRE) == (alarms, ())


@pytest.mark.parametrize("alarm", Alarm)
def test_where_nobody_comes_an_alarm_grows_once(alarm):
    alarms, _ = raised((), alarm, BEGAN)
    assert after(alarms, ESCALATE_MS - 1) == (alarms, ())
    grown, events = after(alarms, ESCALATE_MS)
    assert [one.level for one in grown] == [2 if alarm in GROWING else 1]
    assert said(events) == ([(RAISED, "", {"alarm": alarm.value, "level": 2})] if alarm in GROWING else [])
    assert after(grown, ESCALATE_MS + 1) == (grown, ())


def test_fire_and_occupancy_do_not_grow():
    assert set(Alarm) - GROWING == {Alarm.FIRE, Alarm.OCCUPANCY_HIGH, Alarm.OCCUPANCY_FULL}


@pytest.mark.parametrize("alarm", Alarm)
def test_what_staff_has_seen_grows_no_more_and_is_over_where_it_was_about_a_moment(alarm):
    alarms, _ = raised((), alarm, BEGAN)
    left, events = seen(alarms)
    noted = (EventType.ALARM_SEEN, "", {"alarms": [alarm.value]})
    if alarm in MOMENTS:
        assert (left, said(events)) == ((), [noted, (CLEARED, "", {"alarm": alarm.value, "level": 1})])
    else:
        assert ([(one.alarm, one.seen) for one in left], said(events)) == ([(alarm, True)], [noted])
        assert after(left, 10 * ESCALATE_MS) == (left, ())
        assert seen(left) == (left, ())  # said once


def test_alarms_about_a_moment_are_those_of_people():
    assert {Alarm.TAILGATING, Alarm.WRONG_DIRECTION, Alarm.PASSBACK} == MOMENTS


@pytest.mark.parametrize("alarm", Alarm)
def test_what_was_about_a_moment_is_over_after_five_minutes(alarm):
    alarms, _ = raised((), alarm, BEGAN)
    never = 10 * MOMENT_MS
    assert after(alarms, 300_000 - 1, never) == (alarms, ())
    left, events = after(alarms, 300_000, never)
    over = alarm in MOMENTS
    assert len(left) == (not over)
    assert said(events) == ([(CLEARED, "", {"alarm": alarm.value, "level": 1})] if over else [])


def test_one_alarm_ends_while_another_grows():
    alarms, _ = raised((), Alarm.TAILGATING, BEGAN)
    alarms, _ = raised(alarms, Alarm.TAMPER, BEGAN + 290_000 * MS)
    left, events = after(alarms, 350_000)
    assert [(one.alarm, one.level) for one in left] == [(Alarm.TAMPER, 2)]
    assert [kind for kind, _, _ in said(events)] == [CLEARED, RAISED]
