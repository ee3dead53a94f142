"""One RabbitMQ node and two consumers: either is killed with -9 at seeded moments. Three nodes are test_cluster.py."""

import contextlib
import os
from functools import partial

import pytest

from kiosk.testing.needed import needed
from kiosk.testing.rabbit import Consumers
from kiosk.testing.rabbit_stage import KIOSKS, RATE, RabbitStage
from mqtt_bridge.central.rabbit_node import RabbitMissingError, RabbitNode, find_rabbitmq

needed(find_rabbitmq, RabbitMissingError)

pytestmark = pytest.mark.system
KILLS = int(os.environ.get("KIOSK_KILLS", "5"))
START_S = 60.0
"""What a node alone may take to be there again: until then there is nobody to confirm anything."""


@pytest.fixture
def stage(tmp_path):
    with contextlib.ExitStack() as stack:
        node = stack.enter_context(RabbitNode(tmp_path / "node"))
        amqp = f"{node.host}:{node.ports.amqp}"
        consumers = stack.enter_context(contextlib.closing(Consumers(tmp_path, amqp)))
        yield stack.enter_context(contextlib.closing(RabbitStage([node], consumers)))


@pytest.mark.parametrize(
    ("name", "kill", "gap_s"),
    [("node killed", RabbitStage.kill_node, START_S), ("consumer killed", RabbitStage.kill_consumer, 10.0)],
)
def test_whoever_dies_nothing_is_lost_and_nothing_is_stored_twice(stage, name, kill, gap_s):
    run = stage.suffer(f"RabbitMQ, {name}", KILLS, partial(kill, stage), seed=7)
    assert (run.lost, run.repeated, run.stored) == (0, 0, run.sent)
    assert run.sent > KILLS * KIOSKS * RATE / 2, "there was no load to speak of"
    assert run.longest_gap_s <= gap_s
    assert stage.consumers.rows("SELECT * FROM findings") == []
    upto = sorted((kiosk.address.kiosk, kiosk.count) for kiosk in stage.kiosks)
    assert stage.consumers.rows("SELECT kiosk, upto FROM cursors ORDER BY kiosk") == upto
