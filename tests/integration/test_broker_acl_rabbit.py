"""The broker's files, `firmware_config/brokers`, on the real RabbitMQ, as test_broker_acl.py on mosquitto.

RabbitMQ ends a connection at what it denies. So each forbidden thing is done on a connection of its own, and then
something that is permitted, to see that it arrives and the other did not.
"""

import contextlib
import shutil
from datetime import UTC, datetime

import pytest

from kiosk.testing.fleet import Fleet
from kiosk.testing.mqtt_party import Party, SilenceError
from kiosk.testing.needed import needed
from kiosk.testing.rabbit_tls import TlsNode, lay_out
from mqtt_bridge.central import rabbit_node as rabbit
from mqtt_bridge.central.child import free_port
from mqtt_bridge.central.provisioning.rabbit_users import definitions
from mqtt_bridge.client_ids import ClientIds
from mqtt_bridge.topics import KioskAddress

needed(rabbit.find_rabbitmq, rabbit.RabbitMissingError)

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed"),
]

BASE = "gk/1/local/main"
ONE, TWO = (KioskAddress("local", "main", name) for name in ("gate-1", "gate-2"))


class Node(TlsNode):
    """A node with the repository's files; `mqtts` is its port for kiosks."""

    def __init__(self, folder):
        self.mqtts = free_port()
        ports = rabbit.Ports(free_port(), free_port(), free_port())
        super().__init__(folder, "rabbitmq.conf", (8883, self.mqtts), ports=ports)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    fleet = Fleet(tmp_path_factory.mktemp("rabbit"), datetime.now(UTC))  # noqa: TID251 - TLS goes by the real clock
    said = definitions([ONE, TWO])
    # Who sees whatever arrives.
    said["users"].append({"name": "watch", "password_hash": "", "tags": ""})
    said["permissions"].append({"user": "watch", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"})
    lay_out(fleet, said)
    return fleet


@pytest.fixture(scope="module")
def node(fleet):
    with Node(fleet.folder) as node:
        yield node


@pytest.fixture(scope="module")
def papers(fleet):
    return {name: fleet.kiosk(name) for name in ("gate-1", "gate-2", "watch")}


@pytest.fixture
def line(node, papers):
    """Return how a kiosk connects: by its name, with its own client ids or another's."""

    def connected(kiosk, subscribe=(), *, client_id="", **more):
        ids = ClientIds.of(KioskAddress("local", "main", kiosk), papers[kiosk].key.read_bytes())
        return Party(node.mqtts, papers[kiosk], client_id or ids.up, subscribe, **more)

    return connected


def denied(party, topic, **more):
    """Say something on a connection of its own, and make sure that the broker ends it."""
    with party:
        party.say(topic, b"forged", **more)
        assert not party.is_open


def denied_subscription(party):
    """Subscribe, and make sure that the broker ends the connection, or does not even begin with it."""
    with pytest.raises(SilenceError, match=r"closed|refused"):
        party.connect()


def test_a_kiosk_speaks_in_its_own_name_only(line):
    with line("watch", ["#"], client_id="watch") as watch:
        for topic in (
            f"{BASE}/gate-2/up/evt/visit.admitted",
            f"{BASE}/gate-2/up/presence",
            "gk/1/hue/main/gate-1/up/evt/visit.admitted",
            # RabbitMQ makes dots of slashes: these would arrive as the topics above.
            f"{BASE}/gate-2/up/evt/visit.admitted".replace("/", "."),
            f"{BASE}.gate-2/up/evt/visit.admitted",
            f"{BASE}/gate-1/down/ack",
            f"{BASE}/gate-2/down/cmd/open",
            "elsewhere",
        ):
            denied(line("gate-1"), topic)
        denied(line("gate-1"), f"{BASE}/gate-2/up/presence", retain=True)
        with line("gate-1") as one:
            one.say(f"{BASE}/gate-1/up/evt/admitted", b"true")
            watch.hear(b"true")
    assert watch.heard == [(f"{BASE}/gate-1/up/evt/admitted", b"true")]


def test_a_will_is_no_way_around(line):
    with line("watch", [f"{BASE}/#"], client_id="watch") as watch:
        for kiosk in ("gate-1", "gate-2"):
            party = line(kiosk, will=f"{BASE}/gate-2/up/presence")
            with contextlib.suppress(SilenceError):
                party.connect()
                party.vanish()
            party.leave()
        watch.hear(b"will")
        with line("gate-2") as two:
            two.say(f"{BASE}/gate-2/up/presence", b"last")
            watch.hear(b"last")
    assert [payload for _, payload in watch.heard] == [b"will", b"last"]


@pytest.mark.parametrize(
    "topic", ["#", "gk/1/#", f"{BASE}/+/down/#", f"{BASE}/gate-2/down/#", f"{BASE}/gate-2/down/cfg/policy",
              f"{BASE}/gate-1/#", f"{BASE}/gate-1/up/#", f"{BASE}/gate-2/down".replace("/", ".") + "/#"],
)  # fmt: skip
def test_a_kiosk_hears_nothing_that_is_for_another(line, topic):
    denied_subscription(line("gate-1", [topic]))


def test_a_kiosk_hears_what_is_for_it(line):
    with line("gate-1", [f"{BASE}/gate-1/down/#"]) as one, line("watch", client_id="watch") as centre:
        centre.say(f"{BASE}/gate-1/down/ack", b"true")
        one.hear(b"true")


def test_a_session_is_its_own_kiosks(line, papers):
    """Who knows another's client id can have no queue by it; who does not know it throws nobody off."""
    ids = ClientIds.of(ONE, papers["gate-1"].key.read_bytes())
    session = line("gate-1", [f"{BASE}/gate-1/down/#"], client_id=ids.down, keep_session=True)
    with session:
        pass
    with line("watch", client_id="watch") as centre:
        centre.say(f"{BASE}/gate-1/down/ack", b"kept")
    denied_subscription(line("gate-2", [f"{BASE}/gate-2/down/#"], client_id=ids.down, keep_session=True))
    with session:
        session.hear(b"kept")
        for guess in ("gk1.local.main.gate-1", "gk1.local.main.gate-1.down", "gate-1"):
            with line("gate-2", client_id=guess):
                pass
        assert session.is_open


@pytest.mark.parametrize("who", ["nobody", "stranger", "broker", "unknown"])
def test_who_does_not_prove_a_name_is_not_let_in(fleet, node, line, who):
    """Without a certificate, with one of another authority, one for a server, one of a kiosk that is no user."""
    strange = {"stranger": lambda: fleet.stranger("gate-1"), "unknown": lambda: fleet.kiosk("gate-9")}
    papers = strange.get(who, getattr(fleet, who, None))()
    with pytest.raises((OSError, SilenceError)):
        Party(node.mqtts, papers, "x").connect()
    with line("gate-1"):
        pass


def test_what_is_withdrawn_is_not_let_in_from_that_moment(fleet, node):
    papers = fleet.kiosk("gate-1")
    with Party(node.mqtts, papers, "x"):
        pass
    fleet.withdraw([papers])
    try:
        with pytest.raises((OSError, SilenceError)):
            Party(node.mqtts, papers, "x").connect()
        with Party(node.mqtts, fleet.kiosk("gate-1"), "x"):
            pass
    finally:
        fleet.withdraw([])
