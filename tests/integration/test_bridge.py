"""The real bridge, a real broker and the real centre; only the gate process is a stand-in."""

import json
import socket
import threading
import time

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.testing.bridge_stage import Stage
from kiosk.testing.broker import BrokerError, BrokerMissingError, Mosquitto, PortBusyError, find_mosquitto, free_port
from kiosk.testing.centre_keys import STORE, STRANGER
from kiosk.testing.fake_gate import FakeGate
from kiosk.testing.needed import needed
from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


def test_events_are_stored_exactly_once_and_confirmed(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(450)
    centre = stage.centre(broker.port)
    bridge = stage.bridge(broker.port)
    gate.await_confirmed(450)
    gate.append()
    gate.await_confirmed(451)
    gate.await_sent(451)
    assert stage.numbers() == list(range(1, 452))
    assert stage.rows("SELECT * FROM findings") == stage.rows("SELECT * FROM dead_letters") == []
    assert gate.sent == sorted(gate.sent)
    assert {stored.epoch for stored in gate.stored} == {"e1"}
    assert max(fetch.limit for fetch in gate.fetches) <= 200
    record = json.loads(stage.rows("SELECT record FROM events WHERE seq = 7")[0][0])
    assert record == gate.journal[6].model_dump()
    assert stage.stop(bridge)[0] == stage.stop(centre)[0] == 0


def test_a_broker_that_is_killed_loses_nothing_and_nothing_is_stored_twice(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(3000)
    gate.await_confirmed(300)
    for _ in range(2):
        broker.kill()
        gate.append(10)
        time.sleep(0.2)
        broker.start()
    gate.await_confirmed(3020)
    assert stage.numbers() == list(range(1, 3021))
    assert stage.rows("SELECT * FROM findings") == []


def test_the_gate_hears_that_the_centre_has_more_than_an_old_copy_of_its_journal(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(10)
    gate.await_confirmed(10)
    gate.stop()
    gate.put_back(5)
    gate.start()
    gate.await_confirmed(10)
    assert gate.stored[-1] == Receipt("e1", 10)


def test_a_bridge_and_a_centre_that_are_killed_lose_nothing(stage):
    gate, broker = stage.gate(), stage.broker()
    centre, bridge = stage.centre(broker.port), stage.bridge(broker.port)
    gate.append(3000)
    for upto in (300, 1000):
        gate.await_confirmed(upto)
        bridge.kill()
        centre.kill()
        centre, bridge = stage.centre(broker.port), stage.bridge(broker.port)
    gate.await_confirmed(3000)
    assert stage.numbers() == list(range(1, 3001))
    assert stage.rows("SELECT * FROM findings") == []


def test_a_puback_is_no_proof_while_the_centre_is_away(stage):
    gate, broker = stage.gate(), stage.broker()
    centre = stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append()
    gate.await_confirmed(1)
    stage.stop(centre)
    gate.append(200)
    gate.await_sent(201)
    assert gate.confirmed == 1
    stage.centre(broker.port)
    gate.await_confirmed(201)
    assert stage.numbers() == list(range(1, 202))


def test_without_any_subscriber_nothing_counts_as_sent_until_the_centre_comes(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(50)
    stage.bridge(broker.port)
    gate.await_link("up", "no_subscriber")
    assert (gate.sent, gate.stored) == ([], [])
    stage.centre(broker.port)
    gate.await_confirmed(50)
    gate.await_link("up", "")


def test_the_line_is_down_without_a_broker_and_up_when_it_comes(stage):
    gate = stage.gate()
    port = free_port()
    gate.append(5)
    bridge = stage.bridge(port)
    gate.await_link("down", "refused")
    broker = stage.broker(port=port)
    stage.centre(port)
    gate.await_link("up")
    gate.await_confirmed(5)
    broker.stop()
    gate.await_link("down")
    assert stage.stop(bridge)[0] == 0


def test_the_gate_process_may_go_and_come_back_with_the_same_or_a_new_journal(stage):
    broker = stage.broker()
    bridge = stage.bridge(broker.port)
    stage.centre(broker.port)
    first = FakeGate(stage.path)
    with first:
        first.append(120)
        first.await_confirmed(120)
    with first:
        first.append(30)
        first.await_confirmed(150)
        assert first.connections == 2
    with FakeGate(stage.path, epoch="e2") as second:
        second.append(3)
        second.await_confirmed(3)
        assert {stored.epoch for stored in second.stored} == {"e2"}
    assert stage.rows("SELECT epoch, count(*) FROM events GROUP BY epoch") == [("e1", 150), ("e2", 3)]
    assert stage.rows("SELECT * FROM findings") == []
    assert bridge.poll() is None


def test_a_journal_that_is_replaced_while_the_gate_runs_is_noticed(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(20)
    gate.await_confirmed(20)
    gate.replace_journal("e2")
    gate.append(2)
    gate.await_confirmed(2)
    gate.replace_journal("e3")
    gate.append(40)
    gate.await_confirmed(40)
    assert stage.rows("SELECT epoch, max(seq), count(*) FROM events GROUP BY epoch") == [
        ("e1", 20, 20),
        ("e2", 2, 2),
        ("e3", 40, 40),
    ]


def test_a_word_of_the_centre_that_the_gate_could_not_keep_is_said_again(stage):
    gate, broker = stage.gate(), stage.broker()
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.append(5)
    gate.await_confirmed(5)
    gate.confirmed = 0
    gate.append(0)
    gate.await_confirmed(5)


def test_without_a_centre_in_the_settings_the_line_is_off(stage):
    gate = stage.gate()
    gate.append()
    bridge = stage.bridge()
    gate.await_link("off")
    assert gate.fetches == []
    assert stage.stop(bridge)[0] == 0


def test_a_gate_of_another_name_is_not_served(stage):
    gate, broker = stage.gate(kiosk="gate-2"), stage.broker()
    gate.append()
    stage.bridge(broker.port)
    gate.await_link("up", "wrong_kiosk")
    assert gate.fetches == []


def test_a_small_receive_maximum_is_respected(stage):
    # This broker ends the connection with 0x93 where more are on their way.
    gate, broker = stage.gate(), stage.broker(settings=("max_inflight_messages 3",))
    gate.append(100)
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.await_confirmed(100)
    assert [health.link for health in gate.health if health.link != "down"] == ["up"]


def test_an_event_that_is_too_large_for_the_broker_is_stood_in_for_and_reported(stage):
    gate, broker = stage.gate(), stage.broker(settings=("max_packet_size 4000",))
    gate.append(3)
    gate.append(1, data={"note": "x" * 5000})
    gate.append(60)
    stage.centre(broker.port)
    stage.bridge(broker.port)
    gate.await_confirmed(64)
    gate.await_link("up", "unsendable")
    assert stage.numbers() == list(range(1, 65))
    assert gate.dead == {4: "too_large"}


class Listener:
    """A client of the broker that keeps what it hears and may speak."""

    def __init__(self, port, topic):
        self.heard = []
        self._news = threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", port)
        self.client.subscribe(topic, qos=1)
        self.client.loop_start()

    def _hear(self, _client, _data, message):
        with self._news:
            self.heard.append((message.topic, json.loads(message.payload), message.retain))
            self._news.notify_all()

    def await_count(self, count):
        with self._news:
            assert self._news.wait_for(lambda: len(self.heard) >= count, 10), self.heard

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


def test_presence_is_born_and_ends_and_impossible_acknowledgements_change_nothing(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(2)
    listener = Listener(broker.port, "gk/1/local/main/gate-1/up/#")
    try:
        bridge = stage.bridge(broker.port)
        listener.await_count(3)
        (topic, birth, _), *events = listener.heard
        assert topic == "gk/1/local/main/gate-1/up/presence"
        assert birth["state"] == "online"
        assert [event["id"] for _, event, _ in events] == ["gate-1:e1:1", "gate-1:e1:2"]
        gate.await_sent(2)
        topic = "gk/1/local/main/gate-1/down/ack"
        other = receipt.sign(Receipt("e2", 1), STORE, topic)
        for payload in (other, b"junk", receipt.sign(Receipt("e1", 2), STRANGER, topic)):
            listener.client.publish(topic, payload, qos=1)
        listener.client.publish(topic, receipt.sign(Receipt("e1", 1), STORE, topic), qos=1)
        gate.await_confirmed(1)
        assert [(stored.epoch, stored.upto) for stored in gate.stored] == [("e1", 1)]
        assert stage.stop(bridge)[0] == 0
        listener.await_count(4)
        assert listener.heard[-1][1] == {"state": "stopped", "session": birth["session"]}
    finally:
        listener.close()


@pytest.mark.parametrize(
    "words",
    [b"\xff" * 64, b"\x20\x02\x00\x87", b"HTTP/1.1 400 Bad Request\r\n\r\n", b""],
    ids=["noise", "cut_short", "http", "silence"],
)
def test_a_peer_that_is_no_broker_is_left_and_tried_again(stage, words):
    gate = stage.gate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        bridge = stage.bridge(listener.getsockname()[1])
        for _ in range(2):
            peer, _ = listener.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(words)
        gate.await_link("down")
        assert bridge.poll() is None
        assert stage.stop(bridge)[0] == 0


def test_settings_that_cannot_be_used_are_one_sentence_and_status_2(stage):
    for mqtt in ("[mqtt]\nprot = {port}\n", '[mqtt]\nport = {port}\nca_file = "missing.pem"\n'):
        status, out, err = stage.stop(_ended(stage.bridge(1, mqtt)))
        assert (status, out, len(err.splitlines())) == (2, "", 1)


def _ended(process):
    process.wait(10)
    return process


def test_a_busy_port_and_a_broker_that_does_not_start_are_clean_errors(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortBusyError):
        Mosquitto(tmp_path, port=taken.getsockname()[1]).start()
    with pytest.raises(BrokerError, match="last words"):
        Mosquitto(tmp_path, settings=("no_such_setting 1",)).start()
