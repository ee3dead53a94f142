"""Consumers side by side on a real RabbitMQ: what kiosks publish over MQTT is shared, stored once and confirmed."""

import contextlib
import time

import pika
import pytest

from kiosk.testing.bridge_stage import MQTT, Stage
from kiosk.testing.fake_kiosk import FakeKiosk
from kiosk.testing.needed import needed
from kiosk.testing.rabbit import Consumers
from mqtt_bridge.central.amqp_line import DEAD, DELIVERY_LIMIT, QUEUE, Access, AmqpLine
from mqtt_bridge.central.child import free_port
from mqtt_bridge.central.line import Address
from mqtt_bridge.central.rabbit_node import RabbitMissingError, RabbitNode, find_rabbitmq
from mqtt_bridge.session import Down, Received, Up
from mqtt_bridge.waker import Waker

needed(find_rabbitmq, RabbitMissingError)

pytestmark = pytest.mark.system
WAIT_S = 60


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with RabbitNode(tmp_path_factory.mktemp("rabbit")) as node:
        yield node


@pytest.fixture
def centre(node, tmp_path):
    with contextlib.closing(Consumers(tmp_path, f"127.0.0.1:{node.ports.amqp}")) as consumers:
        yield consumers


@pytest.fixture
def kiosk(node):
    with contextlib.ExitStack() as stack:

        def started(name, count):
            kiosk = FakeKiosk(name, [node.ports.mqtt], count)
            stack.callback(kiosk.stop)
            kiosk.start()
            return kiosk

        yield started


@pytest.fixture
def channel(node):
    with contextlib.closing(pika.BlockingConnection(pika.ConnectionParameters(port=node.ports.amqp))) as connection:
        yield connection.channel()


def test_two_consumers_share_what_two_kiosks_send_and_both_kiosks_are_told(centre, kiosk):
    consumers = [centre.start(), centre.start()]
    for sender in [kiosk("gate-1", 1500), kiosk("gate-2", 1500)]:
        sender.await_confirmed(1500, WAIT_S)
    assert centre.rows("SELECT kiosk, count(*), max(seq) FROM events GROUP BY kiosk") == [
        ("gate-1", 1500, 1500),
        ("gate-2", 1500, 1500),
    ]
    assert centre.rows("SELECT * FROM findings") == []
    assert [centre.stop(consumer) for consumer in consumers] == [0, 0]


def test_the_real_bridge_speaks_mqtt_3_1_1_with_it(centre, node, tmp_path):
    centre.start()
    with contextlib.closing(Stage(tmp_path)) as stage:
        gate = stage.gate()
        gate.append(300)
        stage.bridge(node.ports.mqtt, MQTT + "version = 311\n")
        gate.await_confirmed(300)
        assert stage.numbers() == list(range(1, 301))
    presence = dict(centre.rows("SELECT name, payload FROM kiosk_state WHERE name = 'presence'"))
    assert b'"online"' in presence["presence"]


def test_what_a_killed_consumer_had_goes_to_the_other(centre, kiosk):
    doomed, _ = centre.start(), centre.start()
    sender = kiosk("gate-3", 3000)
    sender.await_confirmed(500, WAIT_S)
    doomed.kill()
    sender.await_confirmed(3000, WAIT_S)
    assert centre.rows("SELECT count(*), max(seq) FROM events") == [(3000, 3000)]


def test_a_node_that_is_killed_keeps_what_it_had_and_everybody_comes_back(centre, node, kiosk):
    centre.start()
    sender = kiosk("gate-4", 3000)
    sender.await_confirmed(500, WAIT_S)
    node.kill()
    node.start()
    sender.await_confirmed(3000, WAIT_S)
    assert centre.rows("SELECT count(*), max(seq) FROM events") == [(3000, 3000)]


def test_a_poisoned_message_goes_to_the_dead_letters_and_blocks_nothing(centre, channel, kiosk):
    centre.start()
    for key in ("gk.1.local.main.gate-5.up.evt.visit.admitted", "gk.1.local.main.gate-5.up.evt.x.y.z"):
        channel.basic_publish("amq.topic", key, b"\xff not an event")
    kiosk("gate-5", 10).await_confirmed(10, WAIT_S)
    assert centre.rows("SELECT topic, code FROM dead_letters ORDER BY topic") == [
        ("gk/1/local/main/gate-5/up/evt/visit.admitted", "json"),
        ("gk/1/local/main/gate-5/up/evt/x.y.z", "json"),
    ]


def test_the_newest_word_of_a_kiosk_on_its_health_is_kept(centre, channel, kiosk):
    centre.start()
    for temperature in (40, 41):
        payload = b'{"temperature_c": %d}' % temperature
        channel.basic_publish("amq.topic", "gk.1.local.main.gate-7.up.tele.health", payload)
    kiosk("gate-7", 1).await_confirmed(1, WAIT_S)
    newest = centre.rows("SELECT place, name, payload FROM kiosk_state")
    assert newest == [("local/main/gate-7", "tele/health", b'{"temperature_c": 41}')]


def test_a_message_that_consumers_die_of_is_set_aside(centre, channel):
    centre.stop(centre.start())
    channel.queue_purge(DEAD)
    channel.basic_publish("amq.topic", "gk.1.local.main.gate-6.up.evt.a", b"deadly")
    channel.basic_publish("amq.topic", "gk.1.local.main.gate-6.up.evt.b", b"harmless")
    survived = []
    for method, _, body in channel.consume(QUEUE, inactivity_timeout=WAIT_S):
        if body == b"deadly":
            channel.basic_nack(method.delivery_tag, requeue=True)
            survived.append("again")
            continue
        channel.basic_ack(method.delivery_tag)
        if len(survived) > DELIVERY_LIMIT:
            break
        channel.basic_publish("amq.topic", "gk.1.local.main.gate-6.up.evt.b", b"harmless")
    channel.cancel()
    end = time.monotonic() + WAIT_S
    while (found := channel.basic_get(DEAD, auto_ack=True)[2]) is None and time.monotonic() < end:
        pass
    assert (len(survived), found) == (DELIVERY_LIMIT + 1, b"deadly")


def happenings(line, waker, until):
    """Drive a line until a happening of this kind has come; return all."""
    found, end = [], time.monotonic() + WAIT_S
    while not any(isinstance(happening, until) for happening in found) and time.monotonic() < end:
        line.step(time.monotonic())
        line.wait(0.5)
        found += line.take()
    return found


@pytest.fixture
def open_line():
    with contextlib.ExitStack() as stack:

        def opened(*nodes, access=None):
            waker = Waker()
            line = AmqpLine(nodes, access or Access(), jitter=lambda: 0.0, waker=waker)
            stack.callback(waker.close)
            stack.callback(line.close)
            return line, waker

        yield opened


def test_the_next_node_is_tried_when_one_does_not_answer(node, open_line):
    line, waker = open_line(Address("127.0.0.1", free_port()), Address("127.0.0.1", node.ports.amqp))
    assert happenings(line, waker, Up) == [Down("refused"), Up()]
    assert line.where == f"127.0.0.1:{node.ports.amqp}"


def test_a_wrong_password_is_said(node, open_line):
    line, waker = open_line(Address("127.0.0.1", node.ports.amqp), access=Access(password="wrong"))
    assert happenings(line, waker, Down) == [Down("not_authorised")]


def test_what_was_not_acknowledged_is_given_to_the_next_consumer(node, open_line, channel):
    first, waker = open_line(Address("127.0.0.1", node.ports.amqp))
    happenings(first, waker, Up)
    channel.queue_purge(QUEUE)
    for text in (b"1", b"2"):
        channel.basic_publish("amq.topic", "gk.1.a.b.c.up.evt.x", text)
    heard = happenings(first, waker, Received)
    while len(heard) < 2:
        heard += happenings(first, waker, Received)
    first.ack(heard[:1])
    first.close()
    second, waker = open_line(Address("127.0.0.1", node.ports.amqp))
    again = [happening for happening in happenings(second, waker, Received) if isinstance(happening, Received)]
    assert [(message.topic, message.payload) for message in again] == [("gk/1/a/b/c/up/evt/x", b"2")]
    second.ack(again)
