"""Who has gone through, at the edges: who follows in time, which sensor counts, and what a mere wave of a hand is."""

import pytest

from kiosk.domain.door_io import DoorKind, DoorSetup, HoldOpen, Mode
from kiosk.domain.events import EventType
from kiosk.domain.lines import Sense
from kiosk.domain.passage import TAIL_MS, counting
from kiosk.domain.situation import Direction
from kiosk.testing.doorway import TICK_MS, Doorway

CONTACT, BEAM, EXIT = Sense.CONTACT, Sense.BEAM, Sense.EXIT_BUTTON
IN, OUT = Sense.TURNED_IN, Sense.TURNED_OUT
FIRE = frozenset({Sense.FIRE_NC, Sense.FIRE_NO})
ENTERED, LEFT, ANNULLED = EventType.PASSAGE_ENTERED, EventType.PASSAGE_LEFT, EventType.VISIT_ANNULLED


def doorway(kind, *senses, **settings):
    return Doorway(DoorSetup(kind, frozenset(senses), **settings))


@pytest.fixture
def turnstile():
    return doorway(DoorKind.TURNSTILE, IN, OUT, *FIRE)


# which sensor counts


@pytest.mark.parametrize(
    ("kind", "senses", "by"),
    [
        (DoorKind.STRIKE, {CONTACT, BEAM}, BEAM), (DoorKind.STRIKE, {CONTACT}, CONTACT),
        (DoorKind.STRIKE, {EXIT}, None),
        (DoorKind.TURNSTILE, {IN, BEAM, CONTACT}, IN), (DoorKind.TURNSTILE, {OUT, BEAM}, BEAM),
        (DoorKind.INTERLOCK, {IN, BEAM, CONTACT}, CONTACT),
    ],
)  # fmt: skip
def test_the_best_of_what_is_wired_counts_who_comes_in(kind, senses, by):
    assert counting(DoorSetup(kind, frozenset(senses)), Direction.ENTRY) is by


def test_who_goes_out_is_counted_by_the_other_feedback():
    setup = DoorSetup(DoorKind.LANE, frozenset({IN, OUT, BEAM}))
    assert counting(setup, Direction.EXIT) is OUT
    assert counting(DoorSetup(DoorKind.LANE, frozenset({IN, BEAM})), Direction.EXIT) is BEAM


def test_each_who_may_go_is_counted_once_and_whoever_follows_leaves_by_the_button():
    door = doorway(DoorKind.STRIKE, CONTACT, BEAM, EXIT)
    door.pulse(EXIT)
    door.admit("v1")
    door.sense(CONTACT)
    door.pulse(BEAM)
    door.pulse(BEAM)
    door.pulse(BEAM)
    assert door.told(LEFT) == [("", {"exit_button": True, "by": "beam"})] * 2
    assert door.told(ENTERED) == [("v1", {"by": "beam"})]


def test_a_feedback_counts_its_own_way_only():
    lane = doorway(DoorKind.LANE, IN, OUT)
    lane.admit("out", direction=Direction.EXIT)
    lane.admit("in")
    lane.pulse(IN)
    assert (lane.told(ENTERED), lane.told(LEFT)) == ([("in", {"by": "turned_in"})], [])
    lane.after(lane.setup.passage_ms)
    assert [visit for visit, _ in lane.told(ANNULLED)] == ["out"]


# who follows


def test_who_turns_the_turnstile_in_time_is_at_somebodys_heels_and_later_forces_it(turnstile):
    for late, alarm in ((TAIL_MS - TICK_MS, "tailgating"), (TAIL_MS, "door_forced")):
        door = doorway(DoorKind.TURNSTILE, IN, OUT)
        door.admit("v1")
        door.sense(IN)
        door.sense(IN, active=False)
        door.after(late)
        door.pulse(IN)
        assert door.alarms == {alarm}
        assert door.told(ENTERED) == [("v1", {"by": "turned_in"}), ("", {"extra": True})]


def test_a_beam_without_a_contact_counts_a_follower_in_time_and_nobody_later():
    door = doorway(DoorKind.STRIKE, BEAM)
    door.admit("v1")
    door.pulse(BEAM)
    door.after(TAIL_MS)
    door.pulse(BEAM)
    assert (door.alarms, door.inside) == (set(), 1)
    door.admit("v2")
    door.pulse(BEAM)
    door.pulse(BEAM)
    assert (door.alarms, door.inside) == ({"tailgating"}, 3)


def test_nobody_has_ended_a_passage_before_the_first_one_has():
    door = doorway(DoorKind.TURNSTILE, IN, OUT)
    door.pulse(IN)
    assert door.alarms == {"door_forced"}


def test_a_follower_through_a_forced_door_is_counted_without_another_alarm():
    door = doorway(DoorKind.STRIKE, CONTACT, BEAM)
    door.sense(CONTACT)
    for _ in range(2):
        door.pulse(BEAM)
    assert (door.alarms, door.inside) == ({"door_forced"}, 2)


@pytest.mark.parametrize(("direction", "kind", "inside"), [(Direction.ENTRY, ENTERED, 1), (Direction.EXIT, LEFT, -1)])
def test_a_follower_goes_the_doors_own_way(direction, kind, inside):
    door = doorway(DoorKind.STRIKE, CONTACT, BEAM, direction=direction)
    door.sense(CONTACT)
    door.pulse(BEAM)
    assert (door.told(kind), door.inside) == ([("", {"extra": True})], inside)


# ways that are free


@pytest.mark.parametrize("direction", Direction)
def test_who_goes_freely_goes_the_doors_own_way_and_flees_outwards(direction):
    def free(open_it):
        door = doorway(DoorKind.STRIKE, CONTACT, BEAM, *FIRE, direction=direction)
        open_it(door)
        door.sense(CONTACT)
        door.pulse(BEAM)
        assert not door.alarms & {"door_forced", "tailgating"}
        return [one.type for one in door.events if one.type in (ENTERED, LEFT)]

    own = [ENTERED if direction is Direction.ENTRY else LEFT]
    assert free(lambda door: door.run_as(Mode.FREE_PASSAGE)) == own
    assert free(lambda door: door.put(HoldOpen(active=True))) == own
    assert free(lambda door: door.fire()) == [LEFT]
    assert free(lambda door: (door.sense(Sense.FIRE_NC), door.after(1_000))) == [LEFT]


def test_the_wrong_way_is_wrong_at_a_door_for_coming_in_only(turnstile):
    turnstile.pulse(OUT)
    assert (turnstile.alarms, turnstile.told(LEFT)) == ({"wrong_direction"}, [("", {"wrong_direction": True})])
    leaving = doorway(DoorKind.TURNSTILE, IN, OUT, direction=Direction.EXIT)
    leaving.pulse(OUT)
    assert (leaving.alarms, leaving.told(LEFT)) == ({"door_forced"}, [("", {"extra": True})])


def test_in_maintenance_nobody_is_counted(turnstile):
    turnstile.run_as(Mode.MAINTENANCE)
    turnstile.pulse(IN)
    turnstile.pulse(OUT)
    assert (turnstile.inside, turnstile.alarms) == (0, set())


# the first person in


@pytest.mark.parametrize(("direction", "held"), [(Direction.ENTRY, True), (Direction.EXIT, False)])
def test_the_first_person_in_is_one_who_comes_in(direction, held):
    lane = doorway(DoorKind.LANE, IN, OUT)
    lane.put(HoldOpen(active=True, first_person=True))
    lane.admit("v1", direction=direction)
    lane.pulse(IN if direction is Direction.ENTRY else OUT)
    assert lane.gate.door.held_open is held


def test_who_comes_in_before_the_schedule_begins_is_no_first_person(turnstile):
    turnstile.admit("v1")
    turnstile.pulse(IN)
    turnstile.put(HoldOpen(active=True, first_person=True))
    assert not turnstile.gate.door.held_open
