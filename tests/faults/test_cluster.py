"""Three RabbitMQ nodes and two consumers, killed with -9 by turns: nothing is lost, nothing is stored twice.

By name only: `scripts/test cluster`. The moments are seeded; each kill waits until all is up again, since a cluster of
three promises to bear the loss of one.
"""

import contextlib
import os
from functools import partial

import pika
import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from kiosk.testing.fault_stage import seconds_until
from kiosk.testing.fault_table import FaultRun, report
from kiosk.testing.needed import needed
from kiosk.testing.rabbit import Consumers, RabbitCluster
from kiosk.testing.rabbit_stage import KIOSKS, RATE, SETTLE_S, RabbitStage
from mqtt_bridge.central.rabbit_node import RabbitMissingError, find_rabbitmq

needed(find_rabbitmq, RabbitMissingError)

pytestmark = pytest.mark.system
KILLS = int(os.environ.get("KIOSK_KILLS", "4"))
GAP_S = 10.0
"""Within which something is confirmed again after a node's death."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with RabbitCluster(tmp_path_factory.mktemp("cluster")) as cluster:
        yield cluster


@pytest.fixture
def play(cluster, tmp_path):
    with contextlib.closing(Consumers(tmp_path, cluster.amqp)) as consumers:
        play = RabbitStage(cluster.nodes, consumers)
        yield play
        play.close()


@pytest.mark.parametrize(
    ("name", "kill"), [("node killed", RabbitStage.kill_node), ("consumer killed", RabbitStage.kill_consumer)]
)
def test_one_after_another_dies_and_nothing_is_lost(play, name, kill):
    run = play.suffer(f"cluster of 3, {name}", KILLS, partial(kill, play), seed=6)
    assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
    assert run.sent > KILLS * KIOSKS * RATE, "there was no load to speak of"
    assert run.longest_gap_s <= GAP_S
    assert play.consumers.rows("SELECT * FROM findings") == []
    upto = sorted((kiosk.address.kiosk, kiosk.count) for kiosk in play.kiosks)
    assert play.consumers.rows("SELECT kiosk, upto FROM cursors ORDER BY kiosk") == upto


def test_a_classic_queue_would_have_lost_what_the_broker_acknowledged(cluster):
    """The control: while the queue's only node is away, the broker acknowledges what nobody keeps."""
    first, second, _ = cluster.nodes
    with contextlib.closing(pika.BlockingConnection(pika.ConnectionParameters(port=first.ports.amqp))) as line:
        channel = line.channel()
        for queue, kind in [("control.classic", "classic"), ("control.quorum", "quorum")]:
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": kind})
            channel.queue_bind(queue, "amq.topic", "control.#")
    first.kill()
    acknowledged = published_and_acknowledged(second.ports.mqtt, 200)
    first.start()
    with contextlib.closing(pika.BlockingConnection(pika.ConnectionParameters(port=second.ports.amqp))) as line:
        channel = line.channel()
        kept = {
            queue: channel.queue_declare(queue, durable=True, passive=True).method.message_count
            for queue in ("control.classic", "control.quorum")
        }
    report(FaultRun("control: classic queue", 1, acknowledged, kept["control.classic"],
                    acknowledged - kept["control.classic"], 0, 0.0))  # fmt: skip
    assert acknowledged == kept["control.quorum"] == 200
    assert kept["control.classic"] < 200


def published_and_acknowledged(port, count):
    """Publish so many messages at QoS 1 and return how many the broker has acknowledged."""
    client = Client(CallbackAPIVersion.VERSION2, client_id="control", protocol=MQTTProtocolVersion.MQTTv311)
    acknowledged = []
    client.on_publish = lambda *arguments: acknowledged.append(arguments[2])
    client.connect("127.0.0.1", port)
    client.loop_start()
    for number in range(count):
        client.publish("control/x", str(number), qos=1)
    with contextlib.suppress(TimeoutError):
        seconds_until(lambda: len(acknowledged) == count, SETTLE_S)
    client.disconnect()
    client.loop_stop()
    return len(acknowledged)
