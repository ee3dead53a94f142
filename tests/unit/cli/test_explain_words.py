"""What `kiosk explain` says of anti-passback."""

from datetime import UTC, datetime

import pytest

from kiosk.app.explain import Findings
from kiosk.cli.explain_words import lines
from kiosk.domain.events import ClockConfidence, Event, EventType
from kiosk.domain.situation import Direction, Situation, Stay
from kiosk.verify.replay import Inputs

NOW = datetime(2026, 7, 3, 9, tzinfo=UTC)


def said(language="en", stay=None, **data):
    data = {"rule": "guests", "reasons": [], "verdict": "valid", **data}
    event = Event("e", 7, "k", "b", EventType.VISIT_ADMITTED, "v", "t", ClockConfidence.SYNCED, 0, data, "", "0")
    found = Findings(event, True, ())
    found.inputs = Inputs((), Situation(NOW, ClockConfidence.SYNCED, stay=stay))
    return [line.strip() for line in lines(found, language)]


def test_an_admission_that_anti_passback_let_through_says_so():
    assert "inside already, by this kiosk's count: let in with an alarm" in said(passback="soft")
    assert "whether the person was inside already could not be told" in said(passback="unknown")
    assert "không rõ người này đã ở bên trong hay chưa" in said("vi", passback="unknown")


@pytest.mark.parametrize(("stay", "line"), [
    (Stay(Direction.ENTRY, 3900), "last seen to go in, 1 h 5 min before"),
    (Stay(Direction.EXIT, -60), "last seen to go out, 0 s before"),
])  # fmt: skip
def test_the_kept_inputs_say_where_the_person_was_last_seen_to_go(stay, line):
    assert line in said(stay=stay)


def test_a_policy_without_it_is_not_spoken_of():
    assert not [line for line in said() if "last seen" in line or "inside" in line]


def test_a_word_that_no_gate_wrote_is_passed_over():
    assert said(passback=["x"]) == said()
