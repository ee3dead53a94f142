"""The real bridge and the real centre with a broker between them that goes by the letter, or breaks it."""

import time
from collections import Counter

import pytest

from kiosk.testing.bridge_stage import MQTT, Stage
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
        assert peer.wronged == [7, 20]


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


def test_mqtt_311_delivers_as_well_without_any_word_of_what_was_not_taken(stage):
    with StrictPeer(answer=once(0x87, 7)) as peer:
        gate = stage.gate()
        gate.append(150)
        stage.centre(peer.port)
        stage.bridge(peer.port, MQTT + "version = 311\n")
        gate.await_confirmed(150)
        assert stage.numbers() == list(range(1, 151))
        lines = {one.client: one for one in peer.connects if one.client.startswith("gk1.")}
        up, down = lines["gk1.local.main.gate-1"], lines["gk1.local.main.gate-1.down"]
        assert (up.level, up.clean, down.level, down.clean) == (4, True, 4, False)
        assert peer.wronged == [7]


def test_what_the_kiosk_asks_for_on_each_of_its_two_connections(stage):
    with StrictPeer() as peer:
        run(stage, peer, 1)
        lines = {one.client: one for one in peer.connects if one.client.startswith("gk1.")}
        up, down = lines["gk1.local.main.gate-1"], lines["gk1.local.main.gate-1.down"]
        assert (up.level, up.clean, up.expiry_s, up.will) == (5, True, 60, "gk/1/local/main/gate-1/up/presence")
        assert (down.level, down.clean, down.expiry_s, down.will) == (5, False, 24 * 3600, "")


def test_without_the_second_connection_events_go_and_are_said_to_be_unconfirmed_until_it_comes(stage):
    with StrictPeer(refuse={".down": 0x87}) as peer:
        gate = stage.gate()
        gate.append(20)
        stage.centre(peer.port)
        stage.bridge(peer.port)
        gate.await_link("up", "unconfirmed")
        gate.await_sent(20)
        assert (stage.numbers(), gate.confirmed) == (list(range(1, 21)), 0)
        peer.refuse = {}
        gate.await_confirmed(20)
        gate.await_link("up", "")


def test_two_bridges_of_one_name_put_each_other_out_ever_more_seldom(stage, tmp_path):
    with StrictPeer() as peer:
        gate = stage.gate()
        stage.centre(peer.port)
        stage.bridge(peer.port)
        gate.await_link("up", "")
        (tmp_path / "double").mkdir()
        double = Stage(tmp_path / "double")
        try:
            double.gate().append(1)
            double.bridge(peer.port)
            gate.await_link("down", "taken_over")
            time.sleep(4)
            names = Counter(one.client for one in peer.connects)
            assert names["gk1.local.main.gate-1"] <= 12
        finally:
            double.close()
        gate.append(5)
        gate.await_confirmed(5)


@pytest.mark.parametrize("answer", [0x95, 0x99], ids=["too_large", "payload_format"])
def test_what_is_refused_for_good_is_stood_in_for_and_everything_is_confirmed(stage, answer):
    def refuse_the_large(event):
        return answer if b"yyyy" in event.payload else 0

    with StrictPeer(answer=refuse_the_large) as peer:
        dead_among_others(stage, peer, "yyyy" * 10)
        assert peer.violations == []


def test_what_is_too_large_for_the_broker_is_never_sent_and_stood_in_for(stage):
    with StrictPeer(maximum_packet=1500) as peer:
        gate = dead_among_others(stage, peer, "x" * 5000)
        assert peer.violations == []
        assert gate.dead == {4: "too_large"}
        assert max(event.size for event in peer.arrived) <= 1500


def test_a_broker_that_takes_not_even_the_stand_in_blocks_nothing_and_is_reported(stage):
    def refuse_4(event):
        return 0x99 if b'"id":"gate-1:e1:4"' in event.payload else 0

    with StrictPeer(answer=refuse_4) as peer:
        gate = stage.gate()
        gate.append(40)
        stage.centre(peer.port)
        stage.bridge(peer.port)
        gate.await_confirmed(3)
        gate.await_link("up", "unsendable")
        end = time.monotonic() + 10
        while len(stage.numbers()) < 39 and time.monotonic() < end:
            time.sleep(0.05)
        assert stage.numbers() == [*range(1, 4), *range(5, 41)]
        assert (gate.confirmed, gate.dead) == (3, {4: "puback_0x99"})


def dead_among_others(stage, peer, note):
    """Let 3 events, one with this note, and 30 more go; all have to be confirmed, the one by what stands in for it."""
    gate = stage.gate()
    gate.append(3)
    gate.append(1, data={"note": note})
    gate.append(30)
    stage.centre(peer.port)
    stage.bridge(peer.port)
    gate.await_confirmed(34)
    gate.await_link("up", "unsendable")
    assert stage.rows("SELECT seq, kind FROM findings") == [(4, "dead")]
    assert list(gate.dead) == [4]
    (record,) = stage.rows("SELECT hash, record FROM events WHERE seq = 4")
    assert record[0] == gate.journal[3].hash
    assert note not in record[1]
    return gate
