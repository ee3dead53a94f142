"""When the process may start anew without anybody at the door noticing."""

from dataclasses import replace

import pytest

from kiosk.domain.door_io import DoorSetup
from kiosk.domain.gate import MS, CodeSeen, Committed, Gate, HelpAsked, Judged, RelayMoved, Tick
from kiosk.domain.lines import Sense
from kiosk.testing.playbook import ADMIT, DENY, PULSE, Play


@pytest.fixture
def play():
    return Play()


def test_at_rest_nobody_would_notice(play):
    assert play.gate.is_quiet
    play.put(Tick())
    assert play.gate.is_quiet


def test_from_the_first_code_to_the_end_of_the_way_through_somebody_is_served(play):
    play.put(CodeSeen("v1"))
    assert not play.gate.is_quiet, "a code was read"
    play.put(Judged("v1", ADMIT))
    assert not play.gate.is_quiet, "an admission waits for its record"
    play.put(Committed(1), RelayMoved(released=True, at_ns=2_000 * MS))
    assert not play.gate.is_quiet, "the door is released"
    play.put(RelayMoved(released=False, at_ns=5_000 * MS))
    play.after(PULSE).put(Tick())
    assert play.gate.is_quiet


@pytest.mark.parametrize("happens", [[CodeSeen("v1"), Judged("v1", DENY)], [HelpAsked()]])
def test_whoever_reads_an_answer_is_served(play, happens):
    play.put(*happens)
    assert not play.gate.is_quiet


@pytest.mark.parametrize("changes", [{"exit_ns": 1}, {"active": frozenset({Sense.FIRE_NC, Sense.FIRE_NO})}])
def test_nobody_is_kept_from_going(changes):
    gate = Gate.of(DoorSetup())
    assert not replace(gate, door=replace(gate.door, **changes)).is_quiet
