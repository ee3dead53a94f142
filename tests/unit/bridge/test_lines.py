"""The two connections as one, and how they are made again."""

import pytest

from kiosk.api.messages import CommandResult
from mqtt_bridge.connecting import AWAY_MAX_S, REFUSED_MAX_S, Backoff
from mqtt_bridge.lines import GRACE_S, Hearing, Lines
from mqtt_bridge.results import MOST, Results
from mqtt_bridge.session import Acked, Down, Received, Up

LIMITS = Up(20, 4000)
COMMAND = Received("gk/1/a/b/c/down/cmd/open", b"signed", 1, 1)


class ScriptedSession:
    """What `Lines` needs of a session: what happens is put in by hand."""

    def __init__(self):
        self.happened = []
        self.is_up = False
        self.hurried = 0
        self.closed = False

    def happen(self, *happenings):
        for happening in happenings:
            self.is_up = isinstance(happening, Up) or (self.is_up and not isinstance(happening, Down))
        self.happened += happenings

    def take(self):
        happened, self.happened = self.happened, []
        return happened

    def step(self, now):
        pass

    def hurry(self):
        self.hurried += 1

    def close(self):
        self.closed = True


@pytest.fixture
def parts():
    up, down = ScriptedSession(), ScriptedSession()
    return Lines(up, down), up, down


def test_events_may_go_as_soon_as_both_connections_are_there_whichever_comes_first(parts):
    lines, up, down = parts
    up.happen(LIMITS)
    assert (lines.take(0.0), lines.is_up) == ([], False)
    down.happen(Up())
    assert (lines.take(0.1), lines.is_up) == ([LIMITS, Hearing()], True)
    assert (down.hurried, up.hurried) == (1, 1)


def test_without_the_second_connection_they_go_after_a_moment_of_grace(parts):
    lines, up, down = parts
    up.happen(LIMITS)
    down.happen(Down("not_authorised"))
    assert lines.take(0.0) == [Hearing("not_authorised")]
    assert lines.take(GRACE_S - 0.1) == []
    assert lines.take(GRACE_S) == [LIMITS]
    assert lines.take(GRACE_S + 1) == []


def test_a_second_connection_that_goes_and_comes_back_says_so_and_ends_nothing(parts):
    lines, up, down = parts
    up.happen(LIMITS)
    down.happen(Up())
    lines.take(0.0)
    down.happen(Down("lost"))
    up.happen(Acked(3, 0))
    assert (lines.take(1.0), lines.is_up) == ([Acked(3, 0), Hearing("lost")], True)
    down.happen(Up(session_present=True), COMMAND)
    assert lines.take(2.0) == [Hearing(kept=True), COMMAND]


def test_the_first_connection_alone_decides_whether_events_may_go(parts):
    lines, up, down = parts
    up.happen(LIMITS)
    down.happen(Up())
    lines.take(0.0)
    up.happen(Down("lost"))
    down.happen(COMMAND)
    assert (lines.take(1.0), lines.is_up) == ([Down("lost"), COMMAND], False)
    up.happen(LIMITS)
    assert lines.take(2.0) == [LIMITS]
    lines.close()
    assert up.closed
    assert down.closed


def test_a_broker_that_is_away_is_tried_again_every_few_seconds_however_long_it_is_away():
    backoff = Backoff(lambda: 1.0)
    assert [backoff.away_s() for _ in range(8)] == pytest.approx([0.5, 1, 2, 4] + [AWAY_MAX_S] * 4)
    assert backoff.refused_s() == pytest.approx(0.5), "an outage says nothing of a broker that is there again"


def test_a_broker_that_would_not_have_the_connection_is_left_alone_for_longer():
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.refused_s() for _ in range(9)]
    assert waits == pytest.approx([0.5, 1, 2, 4, 8, 16, 32, REFUSED_MAX_S, REFUSED_MAX_S])
    backoff.reset()
    assert backoff.refused_s() == pytest.approx(0.5)


def test_kiosks_that_lost_the_broker_together_come_back_evenly_spread():
    def wait(chance):
        backoff = Backoff(lambda: chance)
        return [backoff.away_s() for _ in range(6)][-1]

    waits = [wait(number / 100) for number in range(101)]
    assert (waits[0], waits[50], waits[100]) == pytest.approx((0.05, AWAY_MAX_S / 2, AWAY_MAX_S), abs=0.05)


def result(number, state="done"):
    return CommandResult(id=f"{number:02x}", command="open", state=state)


def test_results_go_in_order_and_again_where_the_connection_ended_before_the_answer():
    results = Results()
    for number in range(3):
        results.add(result(number))
    for mid in (1, 2):
        results.sent(mid)
    results.answered(1)
    results.answered(77)
    results.disconnected()
    results.answered(2)
    found = []
    while (one := results.next()) is not None:
        found.append(one.id)
        results.sent(10 + len(found))
    assert found == ["01", "02"]


def test_results_that_nobody_takes_are_bounded_and_the_newest_stay():
    results = Results()
    for number in range(MOST + 10):
        results.add(result(number))
    assert results.next() == result(10)
    results.sent(1)
    results.add(result(200))
    results.disconnected()
    assert results.next() == result(11)
