"""The centre at a RabbitMQ with the files of this repository: by certificate, with the permissions of `definitions`."""

import contextlib
import shutil
import ssl
import time
from datetime import UTC, datetime

import pytest

from kiosk.testing.fleet import Fleet
from kiosk.testing.needed import needed
from kiosk.testing.rabbit_tls import TlsNode, lay_out
from mqtt_bridge.central.amqp_line import Access, AmqpLine
from mqtt_bridge.central.child import free_port
from mqtt_bridge.central.line import Address
from mqtt_bridge.central.provisioning.rabbit_users import definitions
from mqtt_bridge.central.rabbit_node import RabbitMissingError, find_rabbitmq
from mqtt_bridge.session import Acked, Down, Up
from mqtt_bridge.topics import KioskAddress
from mqtt_bridge.waker import Waker

needed(find_rabbitmq, RabbitMissingError)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed"),
]

GATE = KioskAddress("local", "main", "gate-1")
WAIT_S = 30


class Node(TlsNode):
    """A node with the repository's files; `amqps` is its port for consumers."""

    def __init__(self, folder):
        self.amqps = free_port()
        more = ["ssl_cert_login_from = common_name"]
        super().__init__(folder, "rabbitmq-centre.conf", (5671, self.amqps), more=more)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory.mktemp("rabbit"), datetime.now(UTC))  # noqa: TID251 - TLS goes by the real clock
    lay_out(fleet, definitions([GATE]))
    return fleet


@pytest.fixture(scope="module")
def node(fleet):
    with Node(fleet.folder) as node:
        yield node


@pytest.fixture
def line(node):
    with contextlib.ExitStack() as stack:

        def opened(papers, access=None):
            tls = ssl.create_default_context(cafile=papers.ca)
            if papers.certificate:
                tls.load_cert_chain(papers.certificate, papers.key)
            waker = Waker()
            stack.callback(waker.close)
            made = AmqpLine(
                [Address("localhost", node.amqps)], access or Access(user="", tls=tls), jitter=lambda: 0.0, waker=waker
            )
            stack.callback(made.close)
            return made

        yield opened


def first(line, kinds):
    """Drive a line until something of these kinds has happened; return it."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        line.step(time.monotonic())
        line.wait(0.5)
        for happening in line.take():
            if isinstance(happening, kinds):
                return happening
    raise TimeoutError


def test_a_consumer_comes_in_by_its_certificate_and_confirms_to_kiosks(fleet, line):
    centre = line(fleet.centre())
    assert first(centre, (Up, Down)) == Up()
    mid = centre.publish(GATE.ack, b"receipt")
    assert first(centre, (Acked, Down)) == Acked(mid, 0)


def test_a_consumer_cannot_speak_for_a_kiosk(fleet, line):
    centre = line(fleet.centre())
    assert first(centre, (Up, Down)) == Up()
    centre.publish(GATE.presence, b"forged")
    assert first(centre, (Acked, Down)) == Down("amqp_403")


def test_a_kiosk_is_no_consumer(fleet, line):
    assert first(line(fleet.kiosk("gate-1")), (Up, Down)) == Down("amqp_403")


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_without_a_certificate_of_the_fleet_nobody_gets_in(fleet, line, who):
    papers = fleet.nobody() if who == "nobody" else fleet.stranger("gate-1")
    # With TLS 1.3 the refusal may come after the handshake, wherever that finds us.
    assert first(line(papers), (Up, Down)) in {Down("tls"), Down("protocol"), Down("lost")}
