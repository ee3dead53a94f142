"""What the centre says on its way to the gate process: commands in order, and never more than the gate can take."""

import pytest

from kiosk.api.messages import CommandOffer
from kiosk.testing.centre_keys import KEYS, STORE, STRANGER
from kiosk.verify import receipt
from kiosk.verify.receipt import Receipt
from mqtt_bridge.downlink import BURST, COMMANDS, PER_S, Downlink
from mqtt_bridge.session import Received
from mqtt_bridge.topics import KioskAddress

ADDRESS = KioskAddress("local", "main", "gate-1")


class Gate:
    """A line to a gate process that notes what it is told, while it is there."""

    def __init__(self):
        self.told, self.is_there = [], True

    def send(self, message, _now, _fd=None):
        if self.is_there:
            self.told.append(message)
        return self.is_there


class Broker:
    """A session that notes which messages were acknowledged."""

    def __init__(self):
        self.acked = []

    def ack(self, message):
        self.acked.append(message.mid)


@pytest.fixture
def line():
    gate, broker = Gate(), Broker()
    return Downlink(ADDRESS, gate, KEYS, list), gate, broker


def command(mid):
    return Received(ADDRESS.command("open"), b"signed %d" % mid, mid, 1)


def test_a_command_is_acknowledged_once_the_gate_has_it(line):
    downlink, gate, broker = line
    gate.is_there = False
    downlink.take(command(1), broker)
    downlink.offer(broker, 1.0)
    assert broker.acked == []
    gate.is_there = True
    downlink.offer(broker, 1.1)
    assert broker.acked == [1]
    assert [(type(offer), offer.command) for offer in gate.told] == [(CommandOffer, b"signed 1")]


def test_a_flood_of_commands_is_handed_on_in_a_measured_way_and_the_rest_passed_over(line):
    downlink, gate, broker = line
    for mid in range(1, 1001):
        downlink.take(command(mid), broker)
    downlink.offer(broker, 1.0)
    downlink.offer(broker, 1.0)
    assert len(gate.told) == BURST
    downlink.offer(broker, 1.0 + 4 / PER_S)
    assert len(gate.told) == BURST + 4
    downlink.offer(broker, 3.0)
    assert len(gate.told) == COMMANDS
    assert len(broker.acked) == 1000, "what was passed over does not come again"


def test_the_centres_receipt_is_read_and_a_strangers_is_not(line):
    downlink, gate, broker = line
    good = Received(ADDRESS.ack, receipt.sign(Receipt("e1", 7), STORE, ADDRESS.ack), 1, 1)
    forged = Received(ADDRESS.ack, receipt.sign(Receipt("e1", 9), STRANGER, ADDRESS.ack), 2, 1)
    assert [downlink.take(message, broker) for message in (good, forged)] == [Receipt("e1", 7), None]
    assert (broker.acked, gate.told) == ([1, 2], [])


@pytest.mark.parametrize("topic", ["gk/1/local/main/other/down/cmd/open", "gk/1/local/main/gate-1/up/presence", "x\0"])
def test_what_is_not_for_this_kiosk_is_passed_over(line, topic):
    downlink, gate, broker = line
    assert downlink.take(Received(topic, b"x", 5, 1), broker) is None
    downlink.offer(broker, 1.0)
    assert (broker.acked, gate.told) == ([5], [])
