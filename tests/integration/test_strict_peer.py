"""The real bridge and the real centre with a broker between them that goes by the letter, or breaks it."""

from collections import Counter

import pytest

from kiosk.testing.bridge_stage import Stage
from kiosk.testing.strict_peer import Misdeed, StrictPeer

pytestmark = pytest.mark.system


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def once(wanted, *numbers):
    """Answer the events that arrive as these numbers with `wanted`, all others with success."""
    return lambda event: wanted if event.number in numbers else 0


def run(stage, peer, count=40):
    """Let `count` events through the peer until the gate knows that the centre has them all."""
    gate = stage.gate()
    gate.append(count)
    stage.centre(peer.port)
    stage.bridge(peer.port)
    gate.await_confirmed(count)
    assert stage.numbers() == list(range(1, count + 1))
    assert stage.rows("SELECT * FROM findings") == []
    return gate


@pytest.mark.parametrize("receive_maximum", [1, 2, 3])
def test_a_small_receive_maximum_is_kept_to_and_events_arrive_in_order(stage, receive_maximum):
    with StrictPeer(receive_maximum=receive_maximum) as peer:
        gate = run(stage, peer)
        assert peer.violations == []
        assert [int(event.payload.split(b'"seq":')[1].split(b",")[0]) for event in peer.arrived] == list(range(1, 41))
        assert [health.link for health in gate.health if health.link != "down"] == ["up"]


@pytest.mark.parametrize(
    "answer",
    [0x87, 0x97, Misdeed.LOSE_ANSWER, Misdeed.LOSE_EVENT, Misdeed.CLOSE, Misdeed.GARBAGE],
    ids=["not_authorised", "quota", "lost_answer", "lost_event", "closed", "garbage"],
)
def test_what_goes_wrong_with_one_event_loses_none_and_doubles_none(stage, answer):
    with StrictPeer(answer=once(answer, 7, 20)) as peer:
        run(stage, peer)
        assert peer.violations == []
        assert len(peer.arrived) > 40, "nothing was sent again: the misdeed did not happen"


def test_without_a_subscriber_it_waits_and_then_all_arrives(stage):
    with StrictPeer() as peer:
        gate = stage.gate()
        gate.append(10)
        stage.bridge(peer.port)
        gate.await_link("up", "no_subscriber")
        assert gate.sent == []
        stage.centre(peer.port)
        gate.await_confirmed(10)
        assert peer.violations == []


def test_a_peer_that_stops_reading_is_left_for_a_new_connection(stage):
    with StrictPeer(answer=once(Misdeed.DEAF, 5)) as peer:
        run(stage, peer)
        assert Counter(one.client for one in peer.connects)["gk1.local.main.gate-1"] == 2


def test_the_peer_finds_out_who_sends_more_than_it_may(stage):
    """The control: a peer that is told of ReceiveMaximum 1 only after the client has heard 3."""
    with StrictPeer(receive_maximum=3) as peer:
        gate = stage.gate()
        gate.append(10)
        stage.centre(peer.port)
        stage.bridge(peer.port)
        gate.await_confirmed(10)
        peer.receive_maximum = 1
        gate.append(10)
        gate.await_confirmed(20)
        assert peer.violations[0] == 0x93
