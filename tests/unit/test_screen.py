"""What the screen is told of the door: the gate's own machine, played, and the snapshot that comes of it."""

import pytest

from kiosk.api.messages import Page
from kiosk.app.doorway import Doorway
from kiosk.app.ports import JournalHead
from kiosk.app.screen import Line, pressing, snapshot
from kiosk.app.signals import Scene, levels
from kiosk.domain import gate as machine
from kiosk.domain.decision import Admit, Deny
from kiosk.domain.door_io import (
    Alarm,
    AlarmsSeen,
    DoorKind,
    DoorSetup,
    DoorState,
    HoldOpen,
    LongerAsked,
    Mode,
    ModeAsked,
    OpenAsked,
    RaisedAlarm,
    Sensed,
)
from kiosk.domain.events import ClockConfidence
from kiosk.domain.gate import ADMITTED_MS, MS, Fault, Gate
from kiosk.domain.lines import Out, Sense
from kiosk.domain.reasons import Reason
from kiosk.domain.situation import Direction

HEAD = JournalHead("e1", 9, 7)
STRIKE = DoorSetup(senses=frozenset({Sense.CONTACT, Sense.EXIT_BUTTON, Sense.FIRE_NC, Sense.FIRE_NO}))
LANE = DoorSetup(kind=DoorKind.LANE, senses=frozenset({Sense.TURNED_IN, Sense.TURNED_OUT, Sense.EXIT_BUTTON}))


class Play:
    """A gate whose records are durable at once and whose relays obey."""

    def __init__(self, setup=STRIKE):
        self.gate, self.now = Gate.of(setup), 1_000 * MS
        self.released = {}

    def put(self, event):
        self.gate, effects = machine.step(self.gate, event, self.now)
        for effect in effects:
            if isinstance(effect, machine.Record):
                self.put(machine.Committed(effect.token))
            elif isinstance(effect, machine.Release):
                risen = effect.out not in self.released
                self.released[effect.out] = self.now + effect.ms * MS
                if risen:
                    self.put(machine.RelayMoved(True, self.now, effect.out))
            elif isinstance(effect, machine.Lock):
                self.fall_back(effect.out)
        return self

    def fall_back(self, out):
        if self.released.pop(out, None):
            self.put(machine.RelayMoved(False, self.now, out))

    def sense(self, *senses, active=True):
        for sense in senses:
            self.put(Sensed(sense, active, self.now))
        return self

    def admit(self, visit="v1", **fields):
        return self.put(machine.Judged(visit, Admit("guests"), **fields))

    def wait(self, ms):
        for _ in range(ms // 50):
            self.now += 50 * MS
            for out in [out for out, until in self.released.items() if self.now >= until]:
                self.fall_back(out)
            self.put(machine.Tick())
        return self

    @property
    def shown(self):
        return snapshot(self.gate, Line(camera="ok"), HEAD, ClockConfidence.SYNCED)

    @property
    def door(self):
        return Doorway.of(self.gate.door)


def test_a_door_at_rest_asks_for_a_code():
    assert Play().door == Doorway()
    shown = Play().shown
    assert (shown.page, shown.more_time, shown.alarm, shown.alarm_level, shown.waiting) == (Page.IDLE, "", None, 0, 2)


# the line before the door


def test_after_an_admission_whoever_is_next_is_called_and_after_a_refusal_nobody():
    play = Play().admit().wait(6_000)
    assert (play.shown.page, play.shown.queue) == (Page.IDLE, "next")
    assert play.put(machine.Judged("v2", Deny((Reason.EXPIRED,)))).shown.queue == ""
    assert play.wait(8_000).shown.queue == ""


@pytest.mark.parametrize(("direction", "told"), [(Direction.ENTRY, "full"), (Direction.EXIT, "")])
def test_where_it_is_full_people_wait_outside_and_still_come_out(direction, told):
    play = Play(DoorSetup(direction=direction)).put(machine.Occupied(50, level=2))
    assert play.shown.queue == told
    assert play.put(machine.Occupied(0, level=0)).shown.queue == ""


def test_somebody_is_there_by_the_sensor_or_by_what_the_camera_sees_move():
    play = Play(DoorSetup(senses=frozenset({Sense.PRESENCE})))
    assert not play.shown.present
    assert play.sense(Sense.PRESENCE).shown.present
    assert not play.sense(Sense.PRESENCE, active=False).shown.present
    assert snapshot(play.gate, Line(camera="ok", moving=True), HEAD, ClockConfidence.SYNCED).present


def test_how_often_staff_was_called_is_told():
    play = Play().put(machine.HelpAsked())
    assert play.shown.calls == 1
    assert play.wait(machine.CALL_AGAIN_MS).shown.calls == 2


# modes


@pytest.mark.parametrize(
    ("mode", "page"),
    [(Mode.LOCKDOWN, Page.LOCKDOWN), (Mode.MAINTENANCE, Page.MAINTENANCE), (Mode.FREE_PASSAGE, Page.FREE_PASSAGE),
     (Mode.OUT_OF_ORDER, Page.OUT_OF_ORDER), (Mode.NORMAL, Page.IDLE)],
)  # fmt: skip
def test_each_mode_has_its_page(mode, page):
    assert Play().put(ModeAsked(mode, "staff")).shown.page is page


@pytest.mark.parametrize("mode", [Mode.LOCKDOWN, Mode.MAINTENANCE, Mode.FREE_PASSAGE])
def test_a_fault_of_the_camera_is_no_news_where_no_code_is_asked_for(mode):
    play = Play().put(machine.FaultSeen(Fault.CAMERA, present=True))
    assert play.shown.page is Page.OUT_OF_ORDER
    assert play.put(ModeAsked(mode, "staff")).shown.page is not Page.OUT_OF_ORDER


def test_whoever_shows_a_code_in_lockdown_is_answered_before_the_page_comes_back():
    play = Play().put(ModeAsked(Mode.LOCKDOWN, "staff")).put(machine.Judged("v1", Deny((Reason.LOCKDOWN,))))
    assert (play.shown.page, play.shown.reasons) == (Page.REFUSED, ("lockdown",))
    assert play.wait(8_000).shown.page is Page.LOCKDOWN


def test_a_door_that_the_schedule_holds_open_is_open_to_everybody():
    play = Play().put(HoldOpen(active=True))
    assert (play.shown.page, play.door.held_open, play.door.open_to_all) == (Page.FREE_PASSAGE, True, True)
    assert play.put(HoldOpen()).shown.page is Page.IDLE


def test_until_the_first_person_has_come_in_a_code_is_asked_for():
    play = Play().put(HoldOpen(active=True, first_person=True))
    assert play.shown.page is Page.IDLE
    play.admit().sense(Sense.CONTACT).sense(Sense.CONTACT, active=False).wait(3_000)
    assert play.shown.page is Page.FREE_PASSAGE


def test_a_fire_comes_before_whoever_is_being_answered():
    play = Play().put(machine.HelpAsked()).sense(Sense.FIRE_NC, Sense.FIRE_NO)
    assert (play.shown.page, play.shown.reasons, play.shown.alarm) == (Page.FIRE, ("fire_alarm",), None)
    assert play.sense(Sense.FIRE_NC, Sense.FIRE_NO, active=False).shown.page is Page.STAFF


# whoever is on the way through


def test_the_words_hold_for_as_long_as_the_gate_does():
    play = Play().admit()
    assert (play.shown.page, play.shown.more_time) == (Page.ADMITTED, "offered")
    assert (play.wait(ADMITTED_MS + 100).shown.page, play.gate.view) == (Page.ADMITTED, machine.View.IDLE)
    assert play.wait(500).shown.page is Page.IDLE


def test_more_time_is_given_once():
    play = Play().admit().put(LongerAsked())
    assert play.shown.more_time == "given"
    assert play.wait(9_000).shown.page is Page.ADMITTED


def test_whoever_needs_longer_by_their_pass_has_it_already():
    assert Play().admit(longer=True).shown.more_time == "given"


def test_whoever_has_gone_through_leaves_the_page_to_the_next():
    play = Play().admit().wait(ADMITTED_MS).sense(Sense.CONTACT)
    assert (play.door.leaf, play.door.lets_in, play.shown.page) == (DoorState.OPEN, False, Page.IDLE)


def test_staff_lets_somebody_in_without_a_code():
    play = Play().put(OpenAsked("o1", "staff"))
    assert (play.door.lets_in, play.shown.page) == (True, Page.ADMITTED)
    assert not Play().put(OpenAsked("o1", "staff", Direction.EXIT)).door.lets_in


@pytest.mark.parametrize("setup", [STRIKE, LANE], ids=lambda setup: setup.kind)
def test_the_exit_button_invites_nobody_from_outside(setup):
    play = Play(setup).sense(Sense.EXIT_BUTTON)
    assert any(leaf.state is DoorState.RELEASED for leaf in play.gate.door.leaves)
    assert (play.door.lets_in, play.shown.page, play.shown.more_time) == (False, Page.IDLE, "")


def test_of_a_lane_the_kiosk_knows_its_own_side():
    out = DoorSetup(kind=DoorKind.LANE, direction=Direction.EXIT)
    play = Play(out).admit(direction=Direction.EXIT)
    assert play.gate.door.leaf(Out.EXIT_RELAY).state is play.door.leaf is DoorState.RELEASED
    assert (play.door.lets_in, play.shown.direction) == (True, Direction.EXIT)
    assert Play(LANE).put(OpenAsked("o1", "staff", Direction.EXIT)).door == Doorway()


# lamps


def green(play):
    return levels(Scene(play.door, play.gate.view, play.gate.since_ns), play.now)[Out.LAMP_GREEN]


def test_green_ends_when_somebody_begins_to_go_through():
    play = Play().admit()
    assert green(play)
    assert not green(play.sense(Sense.CONTACT))


def test_whoever_is_let_in_while_the_door_is_still_open_has_green_as_well():
    play = Play().admit().sense(Sense.CONTACT).admit("v2")
    assert (play.door.leaf, green(play)) == (DoorState.OPEN, True)
    assert not green(play.sense(Sense.CONTACT, active=False))


def test_of_a_mantrap_green_is_for_the_door_that_one_stands_at():
    mantrap = DoorSetup(kind=DoorKind.INTERLOCK, senses=frozenset({Sense.CONTACT, Sense.INNER_CONTACT}))
    play = Play(mantrap).admit()
    assert green(play)
    play.sense(Sense.CONTACT).sense(Sense.CONTACT, active=False).wait(100)
    assert play.gate.door.leaf(Out.INNER_RELAY).state is DoorState.RELEASED
    assert not green(play)


# alarms


def test_a_door_that_stands_open_for_too_long_is_said_until_it_is_shut():
    play = Play().admit().sense(Sense.CONTACT).wait(STRIKE.held_ms + 100)
    shown = play.shown
    assert (shown.alarm, shown.alarm_level, shown.alarm_seen) == (Alarm.DOOR_HELD, 1, False)
    assert play.wait(STRIKE.escalate_ms).shown.alarm_level == 2
    assert play.put(AlarmsSeen()).shown.alarm_seen
    assert play.sense(Sense.CONTACT, active=False).shown.alarm is None


def test_the_most_pressing_alarm_is_said():
    def of(*alarms):
        return pressing([RaisedAlarm(alarm, 0, level, seen) for alarm, level, seen in alarms])

    held, tail, forced = (Alarm.DOOR_HELD, 1, False), (Alarm.TAILGATING, 1, False), (Alarm.DOOR_FORCED, 1, False)
    assert of() is None
    assert of(tail, held, forced).alarm is Alarm.DOOR_FORCED
    assert of(forced, (Alarm.TAILGATING, 2, False)).alarm is Alarm.TAILGATING
    assert of(held, (Alarm.DOOR_FORCED, 2, True)).alarm is Alarm.DOOR_HELD


@pytest.mark.parametrize("alarm", [Alarm.FIRE, Alarm.PASSBACK, Alarm.OCCUPANCY_HIGH])
def test_what_nobody_at_the_door_can_do_anything_about_is_not_said_there(alarm):
    assert pressing([RaisedAlarm(alarm, 0)]) is None
