"""The table of precedence: of two causes that are there at once the one that stands above decides (DESIGN §4)."""

from dataclasses import replace
from itertools import combinations

import pytest

from kiosk.domain.door_io import DoorKind, DoorSetup, DoorState, HoldOpen, Mode
from kiosk.domain.door_state import MS, Cause, Door, Opening
from kiosk.domain.door_table import HOLD_MS, PRECEDENCE, Verdict, decide
from kiosk.domain.lines import Sense
from kiosk.domain.situation import Direction

NOW = 10_000 * MS
FIRE = {Sense.FIRE_NC, Sense.FIRE_NO}
RELEASING = {
    Cause.FIRE, Cause.FREE_PASSAGE, Cause.EXIT_BUTTON, Cause.SELF_TEST, Cause.COMMAND, Cause.SCHEDULE, Cause.ADMISSION,
}  # fmt: skip
MODES = {Cause.FREE_PASSAGE: Mode.FREE_PASSAGE, Cause.LOCKDOWN: Mode.LOCKDOWN, Cause.MAINTENANCE: Mode.MAINTENANCE}
ORDER = [
    Cause.FIRE, Cause.FREE_PASSAGE, Cause.EXIT_BUTTON, Cause.LOCKDOWN, Cause.SELF_TEST, Cause.MAINTENANCE,
    Cause.OUT_OF_ORDER, Cause.COMMAND, Cause.SCHEDULE, Cause.ADMISSION, Cause.NOTHING,
]  # fmt: skip
"""Free egress and fire, the exit button, what locks, and only then what lets in."""
_MODES = {*MODES, Cause.OUT_OF_ORDER}
TOGETHER = [
    pair
    for pair in combinations(ORDER, 2)
    if len(_MODES & set(pair)) < 2 and (Cause.SELF_TEST not in pair or not (_MODES - {Cause.MAINTENANCE}) & set(pair))
]
"""The door is run in one mode at a time, and a relay is tried in maintenance only."""


def with_cause(door, cause):
    """Return the door, with a cause there as well."""
    if cause is Cause.FIRE:
        return replace(door, active=door.active | FIRE)
    if cause in MODES:
        return replace(door, mode=MODES[cause])
    if cause is Cause.OUT_OF_ORDER:
        return door.with_leaf(replace(door.leaves[0], state=DoorState.FAULT))
    if cause is Cause.SCHEDULE:
        return replace(door, hold=HoldOpen(active=True))
    if cause is Cause.NOTHING:
        return door
    if cause is Cause.SELF_TEST:
        return replace(door.with_leaf(replace(door.leaves[0], tried_until_ns=NOW + 1)), mode=Mode.MAINTENANCE)
    opening = Opening(cause, "v", Direction.ENTRY, 3_000, until_ns=NOW + 1)
    return replace(door, openings=(*door.openings, opening))


@pytest.fixture
def door():
    return Door.of(DoorSetup(DoorKind.STRIKE, frozenset(FIRE)))


@pytest.mark.parametrize("cause", ORDER)
def test_a_cause_that_is_there_alone_decides(door, cause):
    door = with_cause(door, cause)
    rule, until = decide(door, door.leaves[0], NOW)
    assert (rule.cause, rule.verdict is Verdict.RELEASES) == (cause, cause in RELEASING)
    granted_once = {Cause.EXIT_BUTTON, Cause.SELF_TEST, Cause.COMMAND, Cause.ADMISSION}
    assert until == (NOW + 1 if cause in granted_once else NOW + HOLD_MS * MS)


@pytest.mark.parametrize(("above", "below"), TOGETHER)
def test_of_two_causes_the_one_above_decides(door, above, below):
    for first, second in ((above, below), (below, above)):
        both = with_cause(with_cause(door, first), second)
        assert decide(both, both.leaves[0], NOW)[0].cause is above


def test_a_grant_is_over_at_its_moment(door):
    granted = with_cause(door, Cause.ADMISSION)
    assert decide(granted, door.leaves[0], NOW + 1)[0].cause is Cause.NOTHING


def test_nothing_but_fire_and_the_exit_button_releases_before_it_is_on_record():
    at_once = {rule.cause for rule in PRECEDENCE if rule.verdict is Verdict.RELEASES and not rule.recorded_before}
    assert at_once == {Cause.FIRE, Cause.EXIT_BUTTON}
    assert not any(rule.recorded_before for rule in PRECEDENCE if rule.verdict is Verdict.LOCKS), "locking never waits"


def test_what_is_for_one_person_releases_one_leaf_and_all_else_is_for_every_leaf():
    one = {rule.cause for rule in PRECEDENCE if not rule.every_leaf}
    assert one == {Cause.EXIT_BUTTON, Cause.SELF_TEST, Cause.COMMAND, Cause.ADMISSION}


def test_a_magnet_stays_released_behind_an_open_door_for_the_cause_that_opened_it_alone(door):
    magnet = Door.of(DoorSetup(DoorKind.MAGNETIC_LOCK, frozenset({Sense.CONTACT})))
    leaf = replace(magnet.leaves[0], state=DoorState.OPEN, is_open=True, cause=Cause.COMMAND)
    rule, until = decide(magnet.with_leaf(leaf), leaf, NOW)
    assert (rule.cause, until) == (Cause.COMMAND, NOW + HOLD_MS * MS)
    held = replace(leaf, state=DoorState.HELD)
    assert decide(magnet.with_leaf(held), held, NOW)[0].cause is Cause.NOTHING


def test_a_strike_latches_behind_an_open_door_but_for_who_leaves(door):
    leaf = replace(door.leaves[0], state=DoorState.OPEN, is_open=True)
    for cause, decides in ((Cause.ADMISSION, Cause.NOTHING), (Cause.EXIT_BUTTON, Cause.EXIT_BUTTON)):
        assert decide(with_cause(door, cause).with_leaf(leaf), leaf, NOW)[0].cause is decides


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.LOCKDOWN, Mode.OUT_OF_ORDER])
def test_a_test_of_a_relay_ends_with_maintenance(door, mode):
    tried = replace(with_cause(door, Cause.SELF_TEST), mode=mode)
    assert decide(tried, tried.leaves[0], NOW)[0].verdict is Verdict.LOCKS
