"""What is told beside the events: the real bridge and a real broker; only the gate process is a stand-in."""

import functools
import http.client
import json
import socket
import threading
import time

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.api.messages import Telemetry
from kiosk.api.telemetry import Link
from kiosk.testing.bridge_stage import MQTT, Stage
from kiosk.testing.broker import BrokerMissingError, find_mosquitto, free_port
from kiosk.testing.needed import needed
from kiosk.testing.telemetry import DOOR, HEALTH, admitted, told
from mqtt_bridge.presence import Presence, State, after, decode_presence

needed(find_mosquitto, BrokerMissingError)

pytestmark = pytest.mark.system

BASE = "gk/1/local/main/gate-1"
PRESENCE = f"{BASE}/up/presence"
SHOWN = "entrance-kiosk/local/main/gate-1"
CONFIG = "homeassistant/device/entrance_kiosk_local_main_gate-1/config"
HOME = "[home_assistant]\nport = {port}\ntls = false\n"


class Listener:
    """A client of the broker that keeps what it hears, until it is closed."""

    def __init__(self, port, *topics):
        self.heard = []
        self._news = threading.Condition()
        self.client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
        self.client.on_message = self._hear
        self.client.connect("127.0.0.1", port)
        for topic in topics:
            self.client.subscribe(topic, qos=1)
        self.client.loop_start()

    def _hear(self, _client, _data, message):
        with self._news:
            self.heard.append((message.topic, message.payload, message.retain))
            self._news.notify_all()

    def of(self, topic):
        """Return the payloads that have come on a topic."""
        return [payload for where, payload, _ in self.heard if where == topic]

    def await_of(self, topic, count=1):
        """Wait for payloads on a topic and return them."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.of(topic)) >= count, 15), self.heard
        return self.of(topic)

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def stage(tmp_path):
    stage = Stage(tmp_path)
    yield stage
    stage.close()


@pytest.fixture
def listen():
    """Return a function that listens at a broker's port."""
    listeners = []

    def begin(port, *topics):
        listeners.append(Listener(port, *topics))
        return listeners[-1]

    yield begin
    for listener in listeners:
        listener.close()


def test_the_gates_figures_and_the_lines_own_reach_the_centre_and_the_door_does_not(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    centre = listen(broker.port, f"{BASE}/up/#")
    stage.bridge(broker.port)
    gate.await_link("up")
    gate.tell(told(DOOR))
    gate.tell(admitted())
    gate.tell(told(HEALTH))
    (health,) = centre.await_of(f"{BASE}/up/tele/health")
    assert json.loads(health) == HEALTH.model_dump(mode="json")
    # At once on the connection's being there, and again within ten seconds.
    link = Link.model_validate_json(centre.await_of(f"{BASE}/up/tele/link")[-1])
    assert (link.link, link.reconnects, link.dead_letters) == ("up", 0, 0)
    assert 5 < link.memory_process_mb < 500
    assert {topic.rpartition("/")[2] for topic, _, _ in centre.heard} == {"presence", "health", "link"}
    assert not any(retained for topic, _, retained in centre.heard if "/tele/" in topic)


def test_figures_of_an_outage_are_not_told_later(stage, listen):
    gate = stage.gate()
    port = free_port()
    stage.bridge(port)
    gate.await_link("down")
    gate.tell(told(HEALTH))
    broker = stage.broker(port=port)
    centre = listen(broker.port, f"{BASE}/up/#")
    gate.await_link("up")
    gate.tell(Telemetry(name="health", data={"after": 1}))
    assert centre.await_of(f"{BASE}/up/tele/health") == [b'{"after":1}']


# Presence


def test_each_connection_begins_with_a_retained_birth_of_its_own(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    stage.bridge(broker.port)
    gate.await_link("up")
    first = listen(broker.port, PRESENCE)
    (kept,) = first.await_of(PRESENCE)
    assert first.heard[0][2]
    first.close()
    # A broker that comes back without its memory has forgotten what was retained: the birth comes with the CONNACK.
    broker.kill()
    broker.start()
    again = listen(broker.port, PRESENCE)
    (birth,) = again.await_of(PRESENCE)
    before, now = decode_presence(kept), decode_presence(birth)
    assert (before.state, now.state) == (State.ONLINE, State.ONLINE)
    assert before.session != now.session


def test_a_bridge_that_is_killed_and_back_again_is_not_taken_for_lost(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    centre = listen(broker.port, PRESENCE)
    bridge = stage.bridge(broker.port)
    gate.await_link("up")
    bridge.kill()
    stage.bridge(broker.port)
    words = [decode_presence(word) for word in centre.await_of(PRESENCE, 2)]
    assert len({word.session for word in words}) == 2
    assert functools.reduce(after, words, None).state is State.ONLINE


def test_a_will_of_an_older_connection_that_comes_late_is_no_news(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    centre = listen(broker.port, PRESENCE)
    # An older connection of the same kiosk, which the broker has not yet given up.
    older = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    older.will_set(PRESENCE, Presence(State.LOST, "older").encode(), 1, retain=True)
    older.connect("127.0.0.1", broker.port)
    older.loop_start()
    older.publish(PRESENCE, Presence(State.ONLINE, "older").encode(), 1, retain=True).wait_for_publish(10)
    stage.bridge(broker.port)
    centre.await_of(PRESENCE, 2)
    older.socket().shutdown(socket.SHUT_RDWR)
    words = [decode_presence(word) for word in centre.await_of(PRESENCE, 3)]
    older.loop_stop()
    assert [word.state for word in words] == [State.ONLINE, State.ONLINE, State.LOST]
    assert functools.reduce(after, words, None) == words[1]
    gate.await_link("up")


# The kiosk's own machine


def test_home_assistant_is_told_without_any_centre_and_again_when_it_asks(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    home = listen(broker.port, "homeassistant/#", f"{SHOWN}/#")
    bridge = stage.bridge(broker.port, HOME)
    gate.await_link("off")
    gate.tell(told(DOOR))
    assert len(json.loads(home.await_of(CONFIG)[0])["components"]) == 15
    assert json.loads(home.await_of(f"{SHOWN}/door")[0]) == DOOR.model_dump(mode="json")
    gate.tell(admitted())
    assert home.await_of(f"{SHOWN}/visit") == [b'{"event_type": "admitted"}']
    home.client.publish("homeassistant/status", "online")
    assert len(home.await_of(CONFIG, 2)) == len(home.await_of(f"{SHOWN}/door", 2)) == 2
    # An event is told once: whoever was not there has missed it.
    assert len(home.of(f"{SHOWN}/visit")) == 1
    assert stage.stop(bridge)[0] == 0
    assert decode_presence(home.await_of(f"{SHOWN}/presence", 2)[-1]).state is State.STOPPED


def test_the_discovery_message_is_kept_by_the_broker(stage, listen):
    gate, broker = stage.gate(), stage.broker()
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    first = listen(broker.port, "homeassistant/device/#")
    first.await_of(CONFIG)
    late = listen(broker.port, "homeassistant/device/#")
    late.await_of(CONFIG)
    assert late.heard[0][2]


@pytest.mark.parametrize("topic", [f"{SHOWN}/door/set", "homeassistant/status", f"{BASE}/down/cmd/open"])
def test_whatever_is_said_on_the_local_broker_opens_nothing(stage, listen, topic):
    gate, broker = stage.gate(), stage.broker()
    home = listen(broker.port, f"{SHOWN}/#")
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    home.await_of(f"{SHOWN}/presence")
    for payload in ("open", "OPEN", "online", '{"command":"open"}'):
        home.client.publish(topic, payload, qos=1)
    gate.tell(told(DOOR))
    home.await_of(f"{SHOWN}/door")
    # FakeGate ends the test at anything that a bridge may not say; and it was offered no command.
    assert gate.commands == []


def test_nothing_is_read_there_but_that_home_assistant_has_started(stage, listen):
    gate, broker = stage.gate(), stage.broker(settings=("log_type subscribe",))
    stage.bridge(broker.port, HOME)
    gate.await_link("off")
    # What it announces, it announces once its subscription is granted.
    listen(broker.port, CONFIG).await_of(CONFIG)
    subscribed = [line for line in broker.log_file.read_text().splitlines() if ": entrance_kiosk" in line]
    said = [line.split(": ", 1)[-1] for line in subscribed]
    assert said == ["entrance_kiosk_local_main_gate-1 1 homeassistant/status"]


def test_a_local_broker_that_is_not_there_holds_nothing_up(stage):
    gate, broker = stage.gate(), stage.broker()
    gate.append(20)
    stage.centre(broker.port)
    stage.bridge(broker.port, MQTT + HOME.format(port=free_port()))
    gate.await_confirmed(20)


def test_prometheus_is_answered_on_loopback(stage):
    gate, port = stage.gate(), free_port()
    bridge = stage.bridge(1, f"[metrics]\nport = {port}\n")
    gate.await_link("off")
    gate.tell(told(DOOR))
    end = time.monotonic() + 10
    while "kiosk_people_inside 17" not in (text := _scrape(port)):
        assert time.monotonic() < end, text
    assert "kiosk_link_up 0" in text
    assert stage.stop(bridge)[0] == 0


def _scrape(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_settings_that_cannot_be_used_are_one_sentence(stage, listen):
    broker = stage.broker()
    for section in (f"[metrics]\nport = {broker.port}\n", '[home_assistant]\npassword_file = "missing"\n',
                    '[home_assistant]\nhost = "example.org"\ntls = false\n', "[metrics]\nport = 80\n"):  # fmt: skip
        bridge = stage.bridge(1, section)
        bridge.wait(10)
        status, _, err = stage.stop(bridge)
        assert (status, len(err.splitlines())) == (2, 1), err
